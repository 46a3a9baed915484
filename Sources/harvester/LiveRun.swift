import Foundation
import Service
import Store
import Trading
import Transport

extension RunCommand {
  /// Trades at real venues until a stop is asked for, or `--until` is reached by the venues' clock.
  func runLive(_ loaded: ConfigurationLoader.Loaded) throws {
    guard loaded.configuration.mode == "live" else {
      throw Failure(
        .refused,
        "the configuration says mode \(loaded.configuration.mode); "
          + "live trading needs mode: live there as well (\(loaded.file))")
    }
    if fresh { throw Failure(.usage, "--fresh is for paper accounts; live books are kept") }
    var venues = try LiveSetup.surveyed(loaded.configuration)
    let (connection, hasWaited) = try connectAlone()
    // What was seen before a long wait is old.
    if hasWaited { venues = try LiveSetup.surveyed(loaded.configuration) }
    try migrate(connection)
    let problems = try Self.serverProblems(connection)
    guard problems.isEmpty else {
      throw Failure(.unavailable, problems.joined(separator: "\n"))
    }
    let fallback = Fallback(
      conninfo: try common.conninfo(),
      emergencyFolder: Project.path(loaded.configuration.live.emergencyFolder),
      haltFile: Project.path(loaded.configuration.live.haltFile))
    let database = try takeOver(
      connection, loaded, pins: LiveSetup.pins(loaded.configuration),
      emergencyFolder: fallback.emergencyFolder)
    if let leftOver = database.leftOver { Output.note("warning: \(leftOver)") }
    // Nothing is changed at a venue before this process is the only one.
    venues.checkModes(setting: true)
    try LiveSetup.require(venues)
    for warning in venues.warnings { Output.note("warning: \(warning)") }
    StopSignal.listen()
    let watch = ProgressLine()
    do throws(ProcessError) {
      var process = try LiveProcess(
        database: database, venues: venues, configuration: loaded.configuration,
        fallback: fallback
      ) { Output.note("\(Date.now.formatted(.iso8601)) \($0)") }
      Output.note("run \(database.run): live, \(LiveSetup.summary(venues))")
      let ending = try process.run(until: until?.value) { now, facts in
        watch.update(now, "\(facts) facts stored")
      }
      watch.clear()
      Output.note(ending == .drained ? "drained" : "stopped at \(until?.value.description ?? "")")
    } catch {
      watch.clear()
      try? database.beat("failed")
      throw failure(error)
    }
  }
}

/// What every command that talks to venues does first.
enum LiveSetup {
  /// Conversations with the venues of the configuration, not open yet.
  static func sessions(_ configuration: Configuration) throws -> [any AnyVenueSession] {
    // From here on memory holds secrets: no core of it is written.
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    do throws(ConfigurationError) {
      return try VenueSessions.make(
        configuration, environment: ProcessInfo.processInfo.environment)
    } catch {
      throw Failure(.badConfiguration, error.description)
    }
  }

  /// Venues that were looked at and can be traded at.
  static func surveyed(_ configuration: Configuration) throws -> LiveVenues {
    var venues = LiveVenues(try sessions(configuration), configuration)
    venues.survey()
    try require(venues)
    return venues
  }

  /// A database belongs to the accounts it was begun with, by their addresses.
  static func pins(_ configuration: Configuration) -> [(key: String, value: String)] {
    configuration.live.traded.map { venue in
      ("address of \(venue)", configuration.live[venue]?.spotREST ?? "")
    }
  }

  static func summary(_ venues: LiveVenues) -> String {
    venues.sessions.map { session in
      let symbols = (venues.listings[session.venue] ?? []).map(\.perp.id.symbol.rawValue)
      return "\(session.venue) \(symbols.joined(separator: ","))"
    }
    .joined(separator: ", ")
  }

  /// Refuses when anything is not as it must be.
  static func require(_ venues: LiveVenues) throws {
    guard venues.problems.isEmpty else {
      throw Failure(
        venues.checks.contains(where: \.isUnavailable) ? .unavailable : .refused,
        (venues.problems + ["harvester doctor shows everything"]).joined(separator: "\n"))
    }
  }
}
