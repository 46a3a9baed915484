import ArgumentParser
import Foundation
import Service
import Store
import Trading

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the headless process.",
    discussion: """
      In paper mode it plays a recorded or generated market against a simulated venue and keeps the \
      books in PostgreSQL. In live mode it trades at the venues that the configuration gives symbols, \
      which needs --mode live and mode: live in the file; run harvester doctor before. A run that was \
      interrupted goes on where its books end. SIGTERM or Ctrl-C drains: what is in motion is \
      finished, nothing new is begun.
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var market: MarketOptions

  @Option(help: "paper or live; live needs mode: live in the file as well. (default: paper)")
  var mode: String?

  @Option(help: "Live mode: stop at this moment of the venues' time.")
  var until: Moment?

  @Option(help: "Paper mode: virtual seconds per second, or max.")
  var speed = "max"

  @Flag(help: "Begin a new paper account: erases the paper books of this database.")
  var fresh = false

  @Flag(help: "Wait while another process runs on this database, and take over when it ends.")
  var standby = false

  @Flag(help: "Do not ask before erasing.")
  var yes = false

  func run() throws {
    let loaded = try common.configuration()
    guard mode != nil || loaded.configuration.mode == "paper" else {
      throw Failure(
        .usage,
        "the configuration says mode \(loaded.configuration.mode); "
          + "say --mode live, or --mode paper, as well")
    }
    if fresh, standby { throw Failure(.usage, "--fresh and --standby exclude each other") }
    let mode = mode ?? "paper"
    guard ["paper", "live"].contains(mode) else {
      throw Failure(.usage, "not a mode (\(mode)); use paper or live")
    }
    if mode == "live" { return try runLive(loaded) }
    let pace = try virtualSpeed()
    let paper = try market.load(common, loaded)
    Output.notices(paper.notices)
    let connection = try fresh ? common.connect(creating: true) : connectAlone().connection
    if fresh { try erase(connection) }
    try migrate(connection)
    for check in try Self.serverProblems(connection) { Output.note("warning: \(check)") }
    let database = try takeOver(
      connection, loaded,
      pins: [
        ("market", paper.identity), ("beginning", paper.beginning),
        ("paper venue", Settings.paperVenue(loaded.configuration)),
      ])
    let log = PaperLog(try common.connectToBooks(as: .writer))
    let progress = ProgressLine(paper.choice.from..<paper.choice.to)
    StopSignal.listen()
    do throws(ProcessError) {
      var process = try PaperProcess(
        database: database, log: log, market: paper, configuration: loaded.configuration,
        speed: pace)
      Output.note(
        "run \(database.run): paper, \(paper.identity) to \(paper.choice.to), "
          + "\(database.recovered) facts recovered")
      let ending = try process.run { step in
        progress.update(step.now, "\(step.facts) facts stored")
      }
      progress.clear()
      Output.note(ending == .drained ? "drained" : "the market is over (\(paper.choice.to))")
    } catch {
      progress.clear()
      try? database.beat("failed")
      throw failure(error)
    }
  }

  func failure(_ error: ProcessError) -> Failure {
    switch error {
    case .store, .unkept: Failure(.unavailable, error.description)
    case .fenced: Failure(.refused, error.description)
    case .orphans: Failure(.badConfiguration, error.description)
    case .stuck: Failure(.tryAgain, error.description)
    }
  }

  private func virtualSpeed() throws -> Int? {
    if speed == "max" { return nil }
    guard let factor = Int(speed), factor > 0, factor <= 1_000_000 else {
      throw Failure(.usage, "not a speed (\(speed)); give 1 … 1000000 or max")
    }
    return factor
  }

  /// Drops the schemas of a paper account; live books are never erased by the program.
  private func erase(_ connection: PostgresConnection) throws {
    let pinned = try withDatabase { () throws(PostgresError) -> String? in
      let exists = try connection.execute("SELECT to_regclass('journal.pin')::text")[0][0]
      guard exists != nil else { return nil }
      return try connection.execute("SELECT value FROM journal.pin WHERE key = 'mode'").first?[0]
    }
    guard let pinned else { return }
    guard pinned == "paper" else {
      throw Failure(.refused, "this database holds \(pinned) books; --fresh erases only paper ones")
    }
    if try withDatabase({ () throws(PostgresError) in try Database.isHeld(connection) }) {
      throw Failure(.refused, "a harvester runs on this database; stop it before --fresh")
    }
    try Confirmation.require(yes, "Erase the paper account and its books in this database?")
    try withDatabase { () throws(PostgresError) in
      try connection.executeScript(
        """
        DROP SCHEMA IF EXISTS report, research, paper, control, book, ledger, journal, unit,
          migration CASCADE
        """)
    }
  }

  func migrate(_ connection: PostgresConnection) throws {
    do throws(MigrationError) {
      _ = try Migrator(folder: Project.path("migrations")).migrate(connection)
    } catch {
      throw Failure(.unavailable, error.description)
    }
  }

  /// What a server is not that books need.
  static func serverProblems(_ connection: PostgresConnection) throws -> [String] {
    try withDatabase { () throws(PostgresError) in
      try ServerCheck.all(over: connection).filter { !$0.isPassed }.map {
        "the server cannot be trusted with books (\($0.name) is \($0.value), not \($0.wanted)); "
          + "change it there"
      }
    }
  }

  func takeOver(
    _ connection: PostgresConnection, _ loaded: ConfigurationLoader.Loaded,
    pins: [(key: String, value: String)], emergencyFolder: String? = nil
  ) throws -> Database {
    let identity = Database.Identity(
      mode: mode ?? "paper", host: ProcessInfo.processInfo.hostName,
      processID: ProcessInfo.processInfo.processIdentifier, version: Version.text,
      configurationHash: Settings.fingerprint(loaded.configuration))
    do throws(TakeoverError) {
      return try Database(
        connection, identity, pins: pins, emergencyFolder: emergencyFolder)
    } catch {
      switch error {
      case .held, .overtaken, .unreadable, .foreign: throw Failure(.refused, error.description)
      case .pinned: throw Failure(.badConfiguration, error.description)
      case .failed: throw Failure(.unavailable, error.description)
      }
    }
  }
}

/// A question before something that cannot be undone.
enum Confirmation {
  static func require(_ isGiven: Bool, _ question: String) throws {
    if isGiven { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure(.refused, "not confirmed (\(question)); add --yes")
    }
    Output.write("\(question) [y/N] ")
    guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
      throw Failure(.refused, "not confirmed; nothing was changed")
    }
  }
}
