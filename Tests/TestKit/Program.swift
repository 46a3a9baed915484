import Foundation
import Glibc

/// A binary of the product, started as a process of its own.
public final class Program {
  /// How a process ended.
  public struct Ending: Sendable {
    /// The exit code; 128 + n after signal n.
    public let code: Int32
    /// All of standard output.
    public let output: String
    /// All of standard error.
    public let errors: String
  }

  /// The folder of the project.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The folder of the programs: those that were built along with this test bundle, or those of
  /// another build that the environment names.
  private static let folder: URL = {
    if let path = ProcessInfo.processInfo.environment["PROGRAMS"] { return URL(filePath: path) }
    let bundle = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    return bundle.resolvingSymlinksInPath().deletingLastPathComponent()
  }()

  /// The number of the process.
  public let number: Int32
  private var ending: Int32?
  private let files = TemporaryFolder()

  /// Starts a program; it finds the files of the project by where it is itself.
  ///
  /// - Parameters:
  ///   - name: of a product, or the path of any other program.
  ///   - environment: what is set besides the search path; nothing is inherited.
  public init(
    _ name: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws {
    let program = name.hasPrefix("/") ? name : Self.folder.appending(path: name).path
    let variables = ["PATH": "/usr/bin:/bin", "HOME": files.path, "LANG": "C.UTF-8"]
      .merging(environment) { $1 }
    try files.write("output", "")
    try files.write("errors", "")
    number = try Self.spawn(
      [program] + arguments, variables.map { "\($0)=\($1)" }, into: files.path)
  }

  deinit { kill() }

  /// Whether it has not ended yet.
  public var isRunning: Bool {
    if ending != nil { return false }
    var status: Int32 = 0
    guard waitpid(number, &status, WNOHANG) == number else { return true }
    let signal = status & 0x7F
    ending = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    return false
  }

  /// What was written to standard output so far.
  public var output: String { read("output") }

  /// What was written to standard error so far.
  public var errors: String { read("errors") }

  /// Sends a signal, unless it has ended.
  public func signal(_ number: Int32) { if isRunning { Glibc.kill(self.number, number) } }

  /// Ends it without letting it know.
  public func kill() {
    guard isRunning else { return }
    Glibc.kill(number, SIGKILL)
    waitpid(number, nil, 0)
    ending = 128 + SIGKILL
  }

  /// Waits for the end; a process that outlives the deadline has failed.
  public func wait(seconds: Int = 60) throws -> Ending {
    try until("the process ends", seconds: seconds) { !isRunning }
    return Ending(code: ending ?? -1, output: output, errors: errors)
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
      throw TestFailure("\(arguments[0]) cannot be started; build the products")
    }
    return child
  }

  private func read(_ name: String) -> String {
    let data = FileManager.default.contents(atPath: "\(files.path)/\(name)") ?? Data()
    return String(decoding: data, as: UTF8.self)
  }
}

/// Why a test cannot go on.
public struct TestFailure: Error, CustomStringConvertible {
  /// In words.
  public let description: String

  /// States why.
  public init(_ description: String) { self.description = description }
}

/// Asks again and again until it is so.
public func until(_ what: String, seconds: Int = 30, _ isSo: () throws -> Bool) throws {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try !isSo() {
    guard ContinuousClock.now < deadline else {
      throw TestFailure("not within \(seconds) seconds: \(what)")
    }
    usleep(5000)
  }
}
