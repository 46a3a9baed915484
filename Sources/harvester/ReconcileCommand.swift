import ArgumentParser
import Core
import Service
import Store
import Trading
import Transport

struct ReconcileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconcile",
    abstract: "Compare accounts and books, and print every difference.",
    discussion: """
      Reads only. A process that runs meanwhile may be ahead of or behind the account by what is under \
      way. A difference that the process found itself has a number, by which it can be booked: \
      --adopt <id> --reason '…' asks the process to book it against equity:adjustments. A position \
      cannot be booked; trade it away. Exit code 1 while a difference stands.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption
  @OptionGroup var wait: WaitOptions
  @Option(help: ArgumentHelp("Book this difference.", valueName: "id")) var adopt: Int64?
  @Option(help: "Why it differs; stored with the booking.") var reason: String?

  func run() throws {
    let connection = try common.connectToBooks(as: .operator)
    if let adopt { return try book(adopt, connection) }
    let loaded = try common.configuration()
    let sessions = try LiveSetup.sessions(loaded.configuration)
    var venues = LiveVenues(sessions, loaded.configuration)
    venues.survey()
    var differences: [AccountDifference] = []
    var agreeing = 0
    for session in venues.sessions {
      defer { session.close() }
      guard let snapshot = Emergency.snapshot(of: session) else {
        throw Failure(
          .unavailable, "the account cannot be read (\(session.venue)); see harvester doctor")
      }
      let found = try withDatabase { () throws(PostgresError) in
        try BooksComparison.differences(
          snapshot, layout: session.capabilities.layout, mode: "live", over: connection)
      }
      differences += found.differences
      agreeing += found.agreeing
    }
    try table(differences, connection).print(as: output.format)
    Output.note("\(agreeing) balances and positions agree")
    guard differences.isEmpty else {
      throw Failure(
        .refused, "accounts and books differ (\(differences.count)); explain each before trading on"
      )
    }
  }

  private func table(
    _ differences: [AccountDifference], _ connection: PostgresConnection
  ) throws -> Table {
    let columns = [
      Column("id", .integer), Column("venue", .text), Column("kind", .text),
      Column("subject", .text), Column("books", .number), Column("venue_value", .number, "account"),
      Column("difference", .number),
    ]
    let rows = try differences.map { difference in
      let id = try withDatabase { () throws(PostgresError) in
        try connection.execute(
          """
          SELECT max(break_id)::text FROM report.reconciliation_break
          WHERE venue = $1 AND kind = $2 AND asset_or_symbol = $3 AND difference = $4::numeric
            AND resolved_at IS NULL
          """,
          [
            .text(difference.venue.rawValue), .text(difference.kind), .text(difference.subject),
            .text(difference.difference.description),
          ])[0][0]
      }
      return [
        id, difference.venue.rawValue, difference.kind, difference.subject,
        difference.books.description, difference.venueValue.description,
        difference.difference.description,
      ]
    }
    return Table(columns, rows)
  }

  private func book(_ id: Int64, _ connection: PostgresConnection) throws {
    guard let reason, !reason.isEmpty else {
      throw Failure(.usage, "no reason for booking difference \(id); add --reason '…'")
    }
    let rows = try withDatabase { () throws(PostgresError) in
      try connection.execute(
        "SELECT venue, asset_or_symbol, difference::text FROM report.reconciliation_break "
          + "WHERE break_id = $1 AND kind = 'balance'", [.integer(id)])
    }
    guard let row = rows.first, let amount = Amount(row[2] ?? "") else {
      throw Failure(.refused, "no such difference of a balance (\(id)); see harvester reconcile")
    }
    let difference = Command.Break(
      venue: VenueID(row[0] ?? ""), subject: row[1] ?? "", difference: amount)
    let dialogue = Dialogue(connection: connection, options: wait)
    guard let reply = try dialogue.ask(.adopt(difference, reason: reason)) else { return }
    Output.note(reply.message)
  }
}
