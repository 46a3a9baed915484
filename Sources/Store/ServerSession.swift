/// A session as the server knows it, also after it was lost on this side.
struct ServerSession {
  private let process: Int64
  private let startedAt: String

  init(_ connection: PostgresConnection) throws(PostgresError) {
    let row = try connection.execute(
      "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()")[0]
    process = Int64(row[0] ?? "") ?? 0
    startedAt = row[1] ?? ""
  }

  /// Whether it still holds a lock; a session with the same number that began later is another one.
  func isHolding(
    _ lock: Int64, seenBy connection: PostgresConnection
  ) throws(PostgresError) -> Bool {
    try !connection.execute(
      """
      SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND pid = $1
        AND backend_start::text = $2 AND (classid::bigint << 32) | objid::bigint = $3
      """, [.integer(process), .text(startedAt), .integer(lock)]
    ).isEmpty
  }

  func end(over connection: PostgresConnection) throws(PostgresError) {
    try connection.execute("SELECT pg_terminate_backend($1::int)", [.integer(process)])
  }
}
