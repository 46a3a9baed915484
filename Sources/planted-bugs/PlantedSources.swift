import Foundation

/// A copy of the pure targets with every bug in it, each behind a switch, so that one build serves all.
struct PlantedSources {
  private static let targets = [
    "FixedPoint", "Trading", "Accounting", "Core", "Simulation", "Worlds",
  ]

  let root: URL
  let folder: URL

  /// Writes the copy anew; what was built before is kept.
  func write(_ bugs: [PlantedBug]) throws {
    let manager = FileManager.default
    try manager.createDirectory(
      at: folder.appendingPathComponent("Sources"), withIntermediateDirectories: true)
    for target in Self.targets {
      let copy = folder.appendingPathComponent("Sources/\(target)")
      try? manager.removeItem(at: copy)
      try manager.copyItem(at: root.appendingPathComponent("Sources/\(target)"), to: copy)
    }
    for (number, bug) in bugs.enumerated() { try plant(bug, number: number + 1) }
    try write(Self.manifest, to: "Package.swift")
    try write(Self.switchBoard, to: "Sources/FixedPoint/Planted.swift")
    try write(Self.probe, to: "Sources/probe/Probe.swift")
  }

  /// Builds the copy and returns the program.
  func build() throws -> URL {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["swift", "build", "-c", "release", "--package-path", folder.path]
    process.standardOutput = FileHandle.standardError
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw PlantingError("the copy does not build") }
    return folder.appendingPathComponent(".build/release/probe")
  }

  private func plant(_ bug: PlantedBug, number: Int) throws {
    let path = folder.appendingPathComponent("Sources/\(bug.file)")
    let text = try String(contentsOf: path, encoding: .utf8)
    guard text.components(separatedBy: bug.right).count == 2 else {
      throw PlantingError("\(bug.file) has not the code of a bug just once (\(bug.name))")
    }
    let wrong = bug.wrong.replacingOccurrences(of: "PLANTED", with: "Planted.isBug(\(number))")
    try text.replacingOccurrences(of: bug.right, with: wrong)
      .write(to: path, atomically: true, encoding: .utf8)
    try importSwitch(path)
  }

  /// Every file that asks the switch has to see it.
  private func importSwitch(_ path: URL) throws {
    let text = try String(contentsOf: path, encoding: .utf8)
    guard !text.contains("import FixedPoint") else { return }
    try "import FixedPoint\n\(text)".write(to: path, atomically: true, encoding: .utf8)
  }

  private func write(_ text: String, to name: String) throws {
    let path = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
    // A file that did not change is not built again.
    if (try? String(contentsOf: path, encoding: .utf8)) != text {
      try text.write(to: path, atomically: true, encoding: .utf8)
    }
  }

  private static let manifest = """
    // swift-tools-version: 6.2
    import PackageDescription

    let names = [\(targets.map { "\"\($0)\"" }.joined(separator: ", "))]
    let settings: [SwiftSetting] = [
      .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    ]
    let package = Package(
      name: "planted",
      targets: names.enumerated().map { place, name in
        .target(
          name: name, dependencies: names[..<place].map { .byName(name: $0) },
          swiftSettings: settings)
      } + [
        .executableTarget(
          name: "probe", dependencies: ["Worlds"], swiftSettings: settings)
      ])
    """

  private static let switchBoard = """
    /// Which bug is planted; 0 is none.
    public enum Planted {
      nonisolated(unsafe) public static var bug = 0
      @inline(never) public static func isBug(_ number: Int) -> Bool { bug == number }
    }
    """

  private static let probe = """
    import FixedPoint
    import Worlds

    @main
    enum Probe {
      /// Arguments: bug, first seed, how many. Prints the seeds that broke and what broke first.
      static func main() {
        let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        Planted.bug = numbers[0]
        for seed in numbers[1]..<(numbers[1] + numbers[2]) {
          var world = World(seed: UInt64(seed), days: 1)
          if let violation = world.run().violation { print(seed, violation.invariant) }
        }
      }
    }
    """
}

/// Why a bug cannot be planted.
struct PlantingError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
