import Foundation
import Glibc
import TestKit

/// A process that trades at simulated venues, its books, and an operator in front of it.
final class LiveDesk {
  static let venues = ["binance", "bybit"]

  /// What it is about, for whoever reads of a failure.
  let name: String
  let simulator: Simulator
  let books: Books
  private(set) var process: Program?
  private let folder = TemporaryFolder()
  private let config: String
  private let secrets: [String: String]
  /// What every command is told besides.
  var settings: [String]

  /// - Parameters:
  ///   - clock: `venue` where the simulator's clock does not keep the machine's time.
  ///   - settings: `key=value`, for every command.
  init(
    _ simulator: Simulator, clock: String = "system", key: String = Simulator.key,
    secret: String = Simulator.secret, settings: [String] = [], name: String = "",
    books: Books? = nil
  ) throws {
    self.name = name
    self.simulator = simulator
    self.books = try books ?? Books()
    config = try folder.write("harvester.yaml", "mode: live\nlive:\n  clock: \(clock)\n")
    var secrets: [String: String] = [:]
    for venue in Self.venues.map({ $0.uppercased() }) {
      secrets["HARVESTER_\(venue)_KEY"] = key
      secrets["HARVESTER_\(venue)_SECRET"] = secret
      secrets["HARVESTER_\(venue)_SYMBOLS"] = "BTCUSDT,ETHUSDT"
    }
    self.secrets = secrets
    // Prices of the generated market rest for an hour, and a busy machine is late.
    self.settings =
      [
        "market.stale_seconds=86400", "execution.deadline_milliseconds=3000",
        "live.emergency_folder=\(folder.path)", "live.halt_file=\(folder.path)/halt",
      ] + settings
  }

  /// While this file exists nothing grows.
  var haltFile: String { "\(folder.path)/halt" }

  /// What lies in the folder of the emergency journal, by the ends of the names.
  func emergencyFiles(_ end: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
      $0.hasPrefix("emergency-") && $0.hasSuffix(end)
    }
  }

  var environment: [String: String] { simulator.addresses.merging(secrets) { $1 } }

  /// Starts a command with this desk's configuration.
  func start(
    _ arguments: [String], _ more: [String: String] = [:], books isTold: Bool = true,
    over url: String? = nil
  ) throws -> Program {
    try Program(
      "harvester",
      arguments + ["--config", config] + (isTold ? ["--database-url", url ?? books.url] : [])
        + settings.flatMap { ["--set", $0] },
      environment: environment.merging(more) { $1 })
  }

  /// Runs a command to its end.
  func ask(_ arguments: String...) throws -> Program.Ending {
    try start(arguments).wait(seconds: 120)
  }

  /// Runs a command that has to succeed.
  @discardableResult
  func order(_ arguments: String...) throws -> String {
    let ending = try start(arguments).wait(seconds: 120)
    guard ending.code == 0 else {
      throw TestFailure("\(arguments): \(ending.errors)\n\(process?.errors ?? "")")
    }
    return ending.output
  }

  /// Starts the process and waits until it hears both venues and knows every price.
  ///
  /// - Parameter url: its way to the books, if it is another one.
  func run(_ overrides: String..., over url: String? = nil) throws {
    try follow(
      start(["run", "--mode", "live"] + overrides.flatMap { ["--set", $0] }, over: url))
  }

  /// Takes a process for the one that trades, once it does.
  func follow(_ process: Program) throws {
    self.process = process
    try until("the process runs", seconds: 120) {
      guard process.isRunning else { throw TestFailure("it ended: \(process.errors)") }
      return Self.venues.allSatisfy { process.errors.contains(" \($0): live") }
    }
    try quote()
  }

  /// Has every price said again.
  func quote() throws {
    for venue in Self.venues {
      for symbol in ["BTCUSDT", "ETHUSDT"] {
        try simulator.move(symbol, by: "0", at: venue)
      }
    }
  }

  /// Opens a carry, and waits until it is there.
  func open(_ symbol: String, at venue: String, notional: String = "5000") throws {
    let ending = try tryToOpen(symbol, at: venue, notional: notional)
    guard ending.code == 0 else {
      throw TestFailure("\(symbol): \(ending.errors)\n\(process?.errors ?? "")")
    }
    try wait("\(symbol) is open at \(venue)") {
      try state(of: symbol, at: venue) == "open"
    }
  }

  /// Asks for a carry, again while the first prices are on their way; what comes of it is seen later.
  @discardableResult
  func tryToOpen(
    _ symbol: String, at venue: String, notional: String = "5000"
  ) throws -> Program.Ending {
    let giveUp = ContinuousClock.now + .seconds(90)
    while true {
      let ending = try ask("open", symbol, "--venue", venue, "--notional", notional, "--hold")
      if !ending.errors.contains("too old"), !ending.errors.contains("offline") { return ending }
      guard ContinuousClock.now < giveUp else {
        throw TestFailure("\(symbol) at \(venue): \(ending.errors)\n\(process?.errors ?? "")")
      }
      usleep(200_000)
    }
  }

  /// Waits until no carry is in motion.
  func settle() throws {
    try wait("nothing is in motion") {
      try books.value(
        "SELECT count(*) FROM report.carry WHERE state NOT IN ('open', 'closed', 'refused')")
        == "0"
    }
  }

  /// Ends the process without letting it know.
  func kill() {
    process?.kill()
    process = nil
  }

  /// The newest carry's state; `-` when there is none.
  func state(of symbol: String, at venue: String) throws -> String {
    try books.rows(
      "SELECT state FROM report.carry WHERE symbol = '\(symbol)' AND venue = '\(venue)' "
        + "ORDER BY carry_id DESC LIMIT 1"
    ).first?[0] ?? "-"
  }

  /// Closes every carry and waits until all are flat.
  func unwindAll() throws {
    try order("unwind", "--all", "--yes")
    try waitUntilFlat()
  }

  /// Waits until every carry is closed.
  func waitUntilFlat() throws {
    try wait("every carry is closed") {
      try books.value(
        "SELECT count(*) FROM report.carry WHERE state NOT IN ('closed', 'refused')") == "0"
    }
  }

  /// Waits while the process runs.
  func wait(_ what: String, seconds: Int = 90, _ isSo: () throws -> Bool) throws {
    do {
      try until(what, seconds: seconds) {
        guard process?.isRunning != false else { throw TestFailure("it ended") }
        return try isSo()
      }
    } catch {
      throw TestFailure("\(name) \(error)\n\(process?.errors ?? "")")
    }
  }

  /// Drains the process.
  func stop() throws {
    guard let process else { return }
    process.signal(SIGTERM)
    let ending = try process.wait(seconds: 90)
    guard ending.code == 0 else { throw TestFailure("exit \(ending.code): \(ending.errors)") }
    self.process = nil
  }
}
