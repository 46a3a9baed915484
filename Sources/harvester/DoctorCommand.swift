import ArgumentParser
import Service
import Store

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check keys, clocks, modes, fees and the database before live trading.",
    discussion: """
      Changes nothing. A key that could withdraw is refused. Exit code 1 when anything is not as it \
      must be, 69 when a venue or the database does not answer.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    let loaded = try common.configuration()
    var checks = database(loaded.configuration)
    var venues = LiveVenues(try LiveSetup.sessions(loaded.configuration), loaded.configuration)
    venues.survey()
    venues.checkModes(setting: false)
    venues.checkAccounts()
    for session in venues.sessions { session.close() }
    checks += venues.checks
    let rows = checks.map { check in
      [check.venue, check.name, check.value, check.wanted, check.isPassed ? "ok" : "WRONG"]
    }
    let columns = ["venue", "check", "value", "wanted", "verdict"].map { Column($0, .text) }
    Table(columns, rows).print(as: output.format)
    let wrong = checks.filter { !$0.isPassed }.count
    guard wrong == 0 else {
      throw Failure(
        checks.contains(where: \.isUnavailable) ? .unavailable : .refused,
        "not ready (\(wrong) of \(checks.count) checks failed); see above")
    }
  }

  /// Whether the database answers and holds the books of these very accounts, or none yet.
  private func database(_ configuration: Configuration) -> [VenueCheck] {
    do {
      let connection = try common.connectToBooks(as: .writer)
      return [try books(connection, configuration)] + (try server(connection))
    } catch let failure as Failure {
      Output.note("error: \(failure.description)")
      return [
        VenueCheck(
          "database", "cannot be used", wanted: "ready", isPassed: false, isUnavailable: true)
      ]
    } catch {
      return [
        VenueCheck("database", "\(error)", wanted: "ready", isPassed: false, isUnavailable: true)
      ]
    }
  }

  private func books(
    _ connection: PostgresConnection, _ configuration: Configuration
  ) throws -> VenueCheck {
    for pin in [("mode", "live")] + LiveSetup.pins(configuration) {
      let stored = try withDatabase { () throws(PostgresError) in
        try connection.execute("SELECT value FROM journal.pin WHERE key = $1", [.text(pin.0)])
          .first?[0]
      }
      if let stored, stored != pin.1 {
        return VenueCheck(
          "database", "its \(pin.0) is \(stored)", wanted: pin.1, isPassed: false)
      }
    }
    let isHeld = try withDatabase { () throws(PostgresError) in try Database.isHeld(connection) }
    return VenueCheck(
      "database", isHeld ? "ready, a process runs on it" : "ready", wanted: "ready",
      isPassed: true)
  }

  /// Whose rights the process will have, and what the server promises.
  ///
  /// Without the role it runs as whoever connects, which works and is told.
  private func server(_ connection: PostgresConnection) throws -> [VenueCheck] {
    try withDatabase { () throws(PostgresError) in
      let role = VenueCheck(
        "database role", try connection.currentRole(), wanted: DatabaseRole.writer.rawValue,
        isPassed: true)
      return [role]
        + (try ServerCheck.all(over: connection)).map {
          VenueCheck("database \($0.name)", $0.value, wanted: $0.wanted, isPassed: $0.isPassed)
        }
    }
  }
}
