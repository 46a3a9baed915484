public import Core
import Foundation
import FixedPoint
import Trading

/// What operators ask, through a table: the table is the truth, a notification only wakes.
public enum CommandQueue {
  /// How long a command may wait for a process.
  public static let lifetimeSeconds: Int64 = 60

  /// Puts a request into the queue and returns its number.
  public static func send(
    _ request: Command.Request, lifetimeSeconds: Int64 = lifetimeSeconds,
    over connection: PostgresConnection
  ) throws(PostgresError) -> Int64 {
    let (kind, body) = try encoded(request)
    let rows = try connection.execute(
      """
      INSERT INTO control.command (kind, arguments, expires_at)
      VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3)) RETURNING command_id
      """, [.text(kind), .text(body), .integer(lifetimeSeconds)])
    return Int64(rows[0][0] ?? "") ?? 0
  }

  /// The answer to a command; nil while it waits.
  public static func answer(
    to command: Int64, over connection: PostgresConnection
  ) throws(PostgresError) -> (status: String, reply: Reply?)? {
    let rows = try connection.execute(
      "SELECT status, reply FROM control.command WHERE command_id = $1", [.integer(command)])
    guard let status = rows.first?[0], status != "queued" else { return nil }
    let reply = rows[0][1].flatMap { try? JSONDecoder().decode(Reply.self, from: Data($0.utf8)) }
    return (status, reply)
  }

  /// Takes a command back that nobody answered.
  ///
  /// - Returns: false when it was answered meanwhile.
  public static func withdraw(
    _ command: Int64, over connection: PostgresConnection
  ) throws(PostgresError) -> Bool {
    try connection.execute("SELECT control.withdraw($1)", [.integer(command)])[0][0] == "t"
  }

  /// Commands that wait, oldest first; those too old are marked so and left out.
  public static func waiting(
    over connection: PostgresConnection
  ) throws(PostgresError) -> [Command] {
    try connection.execute(
      """
      UPDATE control.command SET status = 'expired'
      WHERE status = 'queued' AND expires_at <= clock_timestamp()
      """)
    let rows = try connection.execute(
      "SELECT command_id, arguments FROM control.command WHERE status = 'queued' "
        + "ORDER BY command_id")
    var commands: [Command] = []
    for row in rows {
      let id = Int64(row[0] ?? "") ?? 0
      guard
        let request = try? JSONDecoder().decode(
          Command.Request.self, from: Data((row[1] ?? "").utf8))
      else {
        try connection.execute(
          "UPDATE control.command SET status = 'refused', reply = $2 WHERE command_id = $1",
          [.integer(id), .text(#"{"message":"unreadable arguments; use harvester to send"}"#)])
        continue
      }
      commands.append(Command(id: id, request))
    }
    return commands
  }

  private static func encoded(
    _ request: Command.Request
  ) throws(PostgresError) -> (kind: String, body: String) {
    do {
      let data = try JSONEncoder().encode(request)
      let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      return (object?.keys.first ?? "", String(decoding: data, as: UTF8.self))
    } catch {
      throw PostgresError(.protocolError, "a command has no JSON form (\(error)); report this")
    }
  }
}
