/// Something that a server must be before real money depends on what it confirms.
public struct ServerCheck: Hashable, Sendable {
  /// What was looked at.
  public let name: String
  /// What was found.
  public let value: String
  /// What it has to be.
  public let wanted: String
  /// Whether that is so.
  public let isPassed: Bool

  /// The oldest major version whose features the schema uses.
  private static let oldestVersion = 15

  /// Looks at version, durability and whether a row can be written; leaves nothing behind.
  public static func all(over connection: PostgresConnection) throws(PostgresError) -> [ServerCheck]
  {
    let rows = try connection.execute(
      """
      SELECT current_setting('server_version'), current_setting('server_version_num')::int / 10000,
        current_setting('fsync'), current_setting('full_page_writes'),
        current_setting('synchronous_commit')
      """)
    let row = rows[0]
    let version = row[1].flatMap { Int($0) } ?? 0
    let durability = zip(["fsync", "full_page_writes", "synchronous_commit"], 2...).map {
      ServerCheck(
        name: $0, value: row[$1] ?? "unknown", wanted: "on",
        // Whatever else synchronous_commit may be waits for the disk of this server, too.
        isPassed: row[$1] != nil && row[$1] != "off")
    }
    return [
      ServerCheck(
        name: "server version", value: row[0] ?? "unknown", wanted: "\(oldestVersion) or newer",
        isPassed: version >= oldestVersion)
    ] + durability + [try writeProbe(connection)]
  }

  /// Adds a row and takes it back.
  private static func writeProbe(
    _ connection: PostgresConnection
  ) throws(PostgresError) -> ServerCheck {
    try connection.execute("BEGIN")
    defer { connection.rollBack() }
    do throws(PostgresError) {
      try connection.execute("INSERT INTO journal.pin (key, value) VALUES ('write probe', '')")
      return ServerCheck(name: "write probe", value: "written", wanted: "written", isPassed: true)
    } catch {
      if error.isConnectionLoss { throw error }
      return ServerCheck(
        name: "write probe", value: error.description, wanted: "written", isPassed: false)
    }
  }
}
