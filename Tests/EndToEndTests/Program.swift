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
  static let binary: String = {
    let bundle = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    return bundle.resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "harvester").path
  }()

  /// The number of the process.
  let number: Int32
  private var ending: Int32?
  private let folder = TemporaryFolder()

  /// Starts the program; it finds the files of the project by where it is itself.
  ///
  /// - Parameter environment: what is set besides the search path; nothing is inherited.
  init(
    _ arguments: [String], of program: String = binary, environment: [String: String] = [:]
  ) throws {
    let variables = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "LANG": "C.UTF-8"]
      .merging(environment) { $1 }
    try folder.write("output", "")
    try folder.write("errors", "")
    number = try Self.spawn(
      [program] + arguments, variables.map { "\($0)=\($1)" }, into: folder.path)
  }

  deinit {
    if isRunning {
      signal(SIGKILL)
      waitpid(number, nil, 0)
    }
  }

  var isRunning: Bool {
    if ending != nil { return false }
    var status: Int32 = 0
    guard waitpid(number, &status, WNOHANG) == number else { return true }
    let signal = status & 0x7F
    ending = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    return false
  }

  /// What was written to standard error so far.
  var errors: String { read("errors") }

  func signal(_ number: Int32) { if ending == nil { kill(self.number, number) } }

  /// Waits for the end; a process that outlives the deadline has failed.
  func wait(seconds: Int = 60) throws -> Ending {
    try until("the process ends", seconds: seconds) { !isRunning }
    return Ending(code: ending ?? -1, output: read("output"), errors: read("errors"))
  }

  /// Runs the program to its end.
  static func run(
    _ arguments: String..., environment: [String: String] = [:]
  ) throws -> Ending {
    try Program(arguments, environment: environment).wait()
  }

  private static func spawn(
    _ arguments: [String], _ environment: [String], into folder: String
  ) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "\(folder)/output", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "\(folder)/errors", O_WRONLY, 0)
    // Threads of a test run block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let words = arguments.map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for text in words + variables { free(text) } }
    var child = pid_t()
    guard posix_spawn(&child, arguments[0], &actions, &attributes, words, variables) == 0 else {
      throw TestFailure("\(arguments[0]) cannot be started; build the product")
    }
    return child
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

/// A folder that ends with its owner, at the latest with the test run.
final class TemporaryFolder: Sendable {
  let path = "\(home)/\(UUID().uuidString)"

  /// Where all of them are.
  private static let home: String = {
    let number = ProcessInfo.processInfo.processIdentifier
    atexit { TemporaryFolder.removeAll() }
    return FileManager.default.temporaryDirectory.path + "/harvester-end-to-end-\(number)"
  }()

  private static func removeAll() { try? FileManager.default.removeItem(atPath: home) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, making the folders on the way.
  func write(_ name: String, _ text: String) throws {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}
