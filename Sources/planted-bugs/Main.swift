import Foundation

/// Plants each bug in turn and counts the seeds until the oracle finds it.
@main
enum Main {
  static func main() {
    do {
      let arguments = CommandLine.arguments.dropFirst()
      try run(seeds: arguments.first.flatMap { Int($0) } ?? 200)
    } catch {
      FileHandle.standardError.write(Data("error: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func run(seeds: Int) throws {
    let root = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    let sources = PlantedSources(
      root: root, folder: root.appendingPathComponent(".build/planted"))
    try sources.write(PlantedBug.all)
    let probe = try sources.build()
    print("bug | median seeds to detection | found in | first by")
    print("--- | --- | --- | ---")
    var missed = 0
    let harmless = try detections(probe, bug: 0, seeds: seeds)
    print("none | - | \(harmless.count) of \(seeds) | \(harmless.first?.invariant ?? "-")")
    for (place, bug) in PlantedBug.all.enumerated() {
      var lives = seeds
      var found = try detections(probe, bug: place + 1, seeds: lives)
      if found.isEmpty {
        // What needs rare luck is given more of it.
        lives = 10 * seeds
        found = try detections(probe, bug: place + 1, seeds: lives)
      }
      if found.isEmpty { missed += 1 }
      let gaps = zip([-1] + found.map(\.place), found.map(\.place)).map { $1 - $0 }.sorted()
      let median = gaps.isEmpty ? "never" : "\(gaps[gaps.count / 2])"
      let invariants = Set(found.map(\.invariant)).sorted().joined(separator: " ")
      print("\(bug.name) | \(median) | \(found.count) of \(lives) | \(invariants)")
      fflush(nil)
    }
    guard missed == 0, harmless.isEmpty else {
      throw PlantingError(
        "\(missed) bugs were not found, \(harmless.count) seeds broke without one")
    }
  }

  /// The seeds that broke, counted from 0, and the invariant that broke first in each.
  private static func detections(
    _ probe: URL, bug: Int, seeds: Int
  ) throws -> [(place: Int, invariant: String)] {
    let halves = try [0, 1].map { half in
      try Probing(
        probe, bug: bug, first: 1 + half * seeds / 2,
        count: half == 0 ? seeds / 2 : seeds - seeds / 2)
    }
    return halves.flatMap { $0.result() }
  }
}

/// One run of the probe.
private struct Probing {
  private let process = Process()
  private let pipe = Pipe()

  init(_ probe: URL, bug: Int, first: Int, count: Int) throws {
    process.executableURL = probe
    process.arguments = ["\(bug)", "\(first)", "\(count)"]
    process.standardOutput = pipe
    // An invariant of the engine itself may stop the process: that is a detection too.
    process.standardError = FileHandle.nullDevice
    try process.run()
    self.first = first
  }

  private let first: Int

  func result() -> [(place: Int, invariant: String)] {
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    var found = text.split(separator: "\n").compactMap { line -> (place: Int, invariant: String)? in
      let words = line.split(separator: " ")
      guard words.count == 2, let seed = Int(words[0]) else { return nil }
      return (seed - 1, String(words[1]))
    }
    if process.terminationStatus != 0 {
      found.append(((found.last?.place ?? first - 2) + 1, "precondition"))
    }
    return found
  }
}
