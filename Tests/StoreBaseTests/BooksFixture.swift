import FoundationEssentials
import Store
import Testing

/// The migrations of the product.
let productMigrator = Migrator(
  folder: #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/migrations")

/// Migrated once; a copy of it is made in a moment.
private let emptyBooks = Result {
  let (connection, _) = try TestServer.freshDatabase()
  defer { connection.close() }
  try productMigrator.migrate(connection)
  return try connection.value("SELECT current_database()") ?? ""
}

/// Runs a body with empty books of the product, on a connection that owns everything.
func withBooks(_ body: (PostgresConnection, String) throws -> Void) throws {
  let (connection, conninfo) = try TestServer.freshDatabase(copyOf: try emptyBooks.get())
  defer { connection.close() }
  try body(connection, conninfo)
}

extension PostgresConnection {
  /// The only value of a query.
  func value(_ sql: String) throws -> String? { try execute(sql).first?[0] }

  /// Begins a run whose last heartbeat was so many seconds ago; unless told, it stays fresh long.
  @discardableResult
  func startRun(
    _ mode: String = "live", state: String = "running", began: String = "clock_timestamp()",
    silentSeconds: Int64 = -3600
  ) throws -> Int64 {
    let rows = try execute(
      """
      INSERT INTO journal.run
        (mode, host, pid, version, config_hash, started_at, heartbeat_at, state)
      VALUES ($1, 'host', 1, '1', '', \(began),
        clock_timestamp() - make_interval(secs => $3), $2)
      RETURNING run_id
      """, [.text(mode), .text(state), .integer(silentSeconds)])
    return Int64(rows[0][0] ?? "") ?? 0
  }

  /// Adds the next record of a run; its time is an SQL expression.
  func addRecord(run: Int64, kind: String = "marked", at: String = "clock_timestamp()") throws {
    try execute(
      """
      INSERT INTO journal.record (seq, run_id, at, kind, version, body)
      SELECT coalesce(max(seq), 0) + 1, $1, \(at), $2, 1, '{"price": "1.50", "symbol": "é"}'
      FROM journal.record
      """, [.integer(run), .text(kind)])
  }

  /// What `report.verify()` finds wrong.
  func problems() throws -> [String] {
    try execute("SELECT check_name || ': ' || detail FROM report.verify() WHERE NOT ok")
      .map { $0[0] ?? "" }
  }
}

/// Expects a statement to be refused with a code.
func expectRefusal(
  _ state: String, of sql: String, over connection: PostgresConnection,
  location: SourceLocation = #_sourceLocation
) {
  do throws(PostgresError) {
    try connection.executeScript(sql)
    Issue.record("accepted: \(sql)", sourceLocation: location)
  } catch {
    #expect(error.sqlState?.rawValue == state, "\(sql): \(error)", sourceLocation: location)
  }
}
