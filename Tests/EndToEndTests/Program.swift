import Foundation
import Glibc

/// The binary of the product, started as a process of its own.
final class Program {
  /// How a process ended.
  struct Ending {
    /// The exit code; 128 + n after signal n.
    let code: Int32
    let output: String
    let errors: String
  }

  /// The folder of the project.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The program that was built along with this test bundle.
  private static let binary: URL = {
    let bundle = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    return bundle.resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "harvester")
  }()

  private let process = Process()
  private let folder = TemporaryFolder()

  /// Starts the program in the folder of the project.
  ///
  /// - Parameter environment: what is set besides the search path; nothing is inherited.
  init(_ arguments: [String], environment: [String: String] = [:]) throws {
    process.executableURL = Self.binary
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: Self.root)
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8"]
      .merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try file("output")
    process.standardError = try file("errors")
    try process.run()
  }

  deinit { if process.isRunning { signal(SIGKILL) } }

  /// The number of the process.
  var number: Int32 { process.processIdentifier }

  var isRunning: Bool { process.isRunning }

  /// What was written to standard error so far.
  var errors: String { read("errors") }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Waits for the end; a process that outlives the deadline is killed and counts as failed.
  func wait(seconds: Int = 60) throws -> Ending {
    try until("the process ends", seconds: seconds) { !process.isRunning }
    process.waitUntilExit()
    let isKilled = process.terminationReason == .uncaughtSignal
    return Ending(
      code: isKilled ? 128 + process.terminationStatus : process.terminationStatus,
      output: read("output"), errors: read("errors"))
  }

  /// Runs the program to its end.
  static func run(
    _ arguments: String..., environment: [String: String] = [:]
  ) throws -> Ending {
    try Program(arguments, environment: environment).wait()
  }

  private func file(_ name: String) throws -> FileHandle {
    try folder.write(name, "")
    return try FileHandle(forWritingTo: URL(filePath: "\(folder.path)/\(name)"))
  }

  private func read(_ name: String) -> String {
    let data = FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data()
    return String(decoding: data, as: UTF8.self)
  }
}

/// Why a test cannot go on.
struct TestFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Asks again and again until it is so.
func until(_ what: String, seconds: Int = 30, _ isSo: () throws -> Bool) throws {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try !isSo() {
    guard ContinuousClock.now < deadline else {
      throw TestFailure("not within \(seconds) seconds: \(what)")
    }
    usleep(5000)
  }
}

/// A folder that ends with its owner.
final class TemporaryFolder: Sendable {
  let path = FileManager.default.temporaryDirectory.path + "/harvester-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, making the folders on the way.
  func write(_ name: String, _ text: String) throws {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}
