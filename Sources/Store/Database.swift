public import Core
import Foundation
import Glibc
public import Trading

/// Why the books cannot be taken over.
public enum TakeoverError: Error, Sendable, CustomStringConvertible {
  /// Another process writes here.
  case held(String)
  /// The database is used for something else.
  case pinned(key: String, value: String, wanted: String)
  /// A stored fact cannot be read.
  case unreadable(sequence: Int64, String)
  /// An emergency journal was written by another version.
  case foreign(String)
  /// Another run wrote here since this one lost its session.
  case overtaken(String)
  /// The database failed.
  case failed(PostgresError)

  /// What stands in the way, and what to do about it.
  public var description: String {
    switch self {
    case .held(let holder):
      "another harvester writes to this database (\(holder)); stop it, or use another database"
    case .pinned(let key, let value, let wanted):
      "this database belongs to another \(key) (\(value), not \(wanted)); "
        + "use another database, or --fresh to begin anew"
    case .unreadable(let sequence, let why):
      "a stored fact cannot be read (record \(sequence): \(why)); use the version that wrote it"
    case .foreign(let path):
      "facts that wait to be stored cannot be read (\(path)); use the version that wrote them"
    case .overtaken(let by):
      "another harvester has taken over this database (\(by)); this one does nothing more"
    case .failed(let error): error.description
    }
  }
}

/// A database whose only writer is this process.
public final class Database {
  /// The connection that holds the lock and commits.
  public private(set) var connection: PostgresConnection
  /// The number of this run.
  public let run: Int64
  /// Where facts are committed.
  public let journal: Journal
  /// Every fact that was stored when the books were taken over, oldest first, until `forgetFacts()`.
  public private(set) var facts: [Fact]
  /// How many there were.
  public let recovered: Int
  /// When the newest of them happened; nil when there was none.
  public let recoveredThrough: Timestamp?
  /// What distinguishes these books from all others, wherever they are copied to.
  public let books: String
  /// Runs that ended as failed within the last ten minutes.
  public let recentFailures: Int
  /// What became of an emergency journal that an earlier run left; nil when there was none.
  public let leftOver: String?
  private var session: ServerSession

  /// Who runs and how.
  public struct Identity: Sendable {
    /// `paper` or `live`.
    public let mode: String
    /// This machine.
    public let host: String
    /// This process.
    public let processID: Int32
    /// The version of the program.
    public let version: String
    /// What distinguishes the configuration.
    public let configurationHash: String

    /// States an identity.
    public init(
      mode: String, host: String, processID: Int32, version: String, configurationHash: String
    ) {
      self.mode = mode
      self.host = host
      self.processID = processID
      self.version = version
      self.configurationHash = configurationHash
    }
  }

  /// The lock that the writer holds for as long as its session lives.
  private static let lock: Int64 = 0x4841_5256_4553_5452

  /// Takes the lock, starts a run and reads the facts back.
  ///
  /// - Parameter emergencyFolder: where an earlier run may have left facts that it could not store.
  public init(
    _ connection: PostgresConnection, _ identity: Identity, pins: [(key: String, value: String)],
    emergencyFolder: String? = nil
  ) throws(TakeoverError) {
    self.connection = connection
    do throws(PostgresError) {
      guard try Self.takeLock(connection) else {
        throw PostgresError(.unavailable, try Self.holder(connection))
      }
      session = try ServerSession(connection)
      // From here on no more than a writer needs; what is known of the session needed the login.
      try connection.assume(.writer)
    } catch  where error.kind == .unavailable {
      throw .held(error.message)
    } catch {
      throw .failed(error)
    }
    try Self.pin(connection, [("mode", identity.mode)] + pins)
    do throws(PostgresError) {
      books = try Self.identify(connection)
    } catch {
      throw .failed(error)
    }
    // Before a newer run is there, which would shut out what the earlier one left.
    leftOver =
      if let emergencyFolder {
        try EmergencyJournal.recover(
          in: emergencyFolder, books: books, mode: identity.mode, over: connection)
      } else {
        nil
      }
    do throws(PostgresError) {
      (run, recentFailures) = try Self.begin(connection, identity)
    } catch {
      throw .failed(error)
    }
    // The fence of journal.run stands: nobody else can add to what is read now.
    facts = try Self.read(connection)
    (recovered, recoveredThrough) = (facts.count, facts.last?.at)
    do throws(PostgresError) {
      let last = try connection.execute("SELECT coalesce(max(entry_id), 0) FROM ledger.entry")
      journal = Journal(
        connection: connection, run: run, mode: identity.mode, lastSequence: Int64(facts.count),
        lastEntry: Int64(last[0][0] ?? "") ?? 0)
    } catch {
      throw .failed(error)
    }
  }

  /// Frees what nobody needs once the state was made from it.
  public func forgetFacts() { facts = [] }

  /// Goes on over a new session after the old one was lost.
  ///
  /// Throws `held` when another process has the lock. A session of ours that the server believes to
  /// live is ended first: it would hold the lock for as long as the network keeps silent.
  public func takeBack(_ connection: PostgresConnection) throws(TakeoverError) {
    do throws(PostgresError) {
      var isTaken = try Self.takeLock(connection)
      for _ in 0..<50 where !isTaken {
        let isOurs = try session.isHolding(Self.lock, seenBy: connection)
        if isOurs {
          try session.end(over: connection)
          usleep(20_000)
        }
        isTaken = try Self.takeLock(connection)
        // Ours was gone before, so this is another one.
        guard isTaken || isOurs else {
          throw PostgresError(.unavailable, try Self.holder(connection))
        }
      }
      guard isTaken else { throw PostgresError(.connectionLost, "the old session does not end") }
      session = try ServerSession(connection)
      try connection.assume(.writer)
    } catch  where error.kind == .unavailable {
      throw .held(error.message)
    } catch {
      throw .failed(error)
    }
    self.connection = connection
    journal.connection = connection
  }

  /// Takes the lock without waiting for it.
  ///
  /// The session keeps it until it ends, and may take it again.
  ///
  /// - Returns: whether it was free.
  public static func takeLock(_ connection: PostgresConnection) throws(PostgresError) -> Bool {
    try connection.execute("SELECT pg_try_advisory_lock($1)", [.integer(lock)])[0][0] == "t"
  }

  /// Starts a run.
  private static func begin(
    _ connection: PostgresConnection, _ identity: Identity
  ) throws(PostgresError) -> (run: Int64, recentFailures: Int) {
    let started = try connection.execute(
      """
      INSERT INTO journal.run
        (mode, host, pid, version, config_hash, started_at, heartbeat_at, state)
      VALUES ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp(), 'starting')
      RETURNING run_id
      """,
      [
        .text(identity.mode), .text(identity.host), .integer(Int64(identity.processID)),
        .text(identity.version), .text(identity.configurationHash),
      ])
    let run = Int64(started[0][0] ?? "") ?? 0
    // Whoever held the lock before and did not say goodbye is gone.
    try connection.execute(
      "UPDATE journal.run SET state = 'failed' "
        + "WHERE run_id < $1 AND state IN ('starting', 'running', 'draining')", [.integer(run)])
    let failures = try connection.execute(
      """
      SELECT count(*) FROM journal.run WHERE state = 'failed'
        AND coalesce(stopped_at, heartbeat_at) > clock_timestamp() - interval '10 minutes'
      """)
    return (run, Int(failures[0][0] ?? "") ?? 0)
  }

  /// A name that the books get when they are first used, and keep.
  private static func identify(
    _ connection: PostgresConnection
  ) throws(PostgresError) -> String {
    try connection.execute(
      "INSERT INTO journal.pin (key, value) VALUES ('books', gen_random_uuid()::text) "
        + "ON CONFLICT DO NOTHING")
    return try connection.execute("SELECT value FROM journal.pin WHERE key = 'books'")[0][0] ?? ""
  }

  /// Whether a process holds the lock of a database.
  public static func isHeld(_ connection: PostgresConnection) throws(PostgresError) -> Bool {
    let rows = try connection.execute(
      """
      SELECT EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (classid::bigint << 32) | objid::bigint = $1)
      """, [.integer(lock)])
    return rows[0][0] == "t"
  }

  /// Says that the process lives, and how it is.
  public func beat(_ state: String) throws(PostgresError) {
    try connection.execute(
      """
      UPDATE journal.run SET heartbeat_at = clock_timestamp(), state = $2,
        stopped_at = CASE WHEN $2 IN ('stopped', 'failed') THEN clock_timestamp() END
      WHERE run_id = $1
      """, [.integer(run), .text(state)])
  }

  /// Who writes here, as far as it has said so.
  public static func holder(_ connection: PostgresConnection) throws(PostgresError) -> String {
    let exists = try connection.execute("SELECT to_regclass('journal.run')::text")[0][0]
    guard exists != nil else { return "it has not started yet" }
    let rows = try connection.execute(
      """
      SELECT run_id, host, pid, to_char(started_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
      FROM journal.run ORDER BY run_id DESC LIMIT 1
      """)
    guard let row = rows.first else { return "it has not started yet" }
    let values = (0..<4).map { row[$0] ?? "" }
    return "run \(values[0]), process \(values[2]) on \(values[1]), since \(values[3])"
  }

  /// Remembers what the database is used for, or refuses another use.
  private static func pin(
    _ connection: PostgresConnection, _ pins: [(key: String, value: String)]
  ) throws(TakeoverError) {
    for pin in pins {
      let stored: String?
      do throws(PostgresError) {
        try connection.execute(
          "INSERT INTO journal.pin (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
          [.text(pin.key), .text(pin.value)])
        stored = try connection.execute(
          "SELECT value FROM journal.pin WHERE key = $1", [.text(pin.key)])[0][0]
      } catch {
        throw .failed(error)
      }
      guard stored == pin.value else {
        throw .pinned(key: pin.key, value: stored ?? "", wanted: pin.value)
      }
    }
  }

  /// Reads every fact in order.
  private static func read(_ connection: PostgresConnection) throws(TakeoverError) -> [Fact] {
    let decoder = JSONDecoder()
    var facts: [Fact] = []
    while true {
      let rows: Rows
      do throws(PostgresError) {
        rows = try connection.execute(
          """
          SELECT seq, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), kind, version, body
          FROM journal.record WHERE seq > $1 ORDER BY seq LIMIT 10000
          """, [.integer(Int64(facts.count))])
      } catch {
        throw .failed(error)
      }
      if rows.isEmpty { return facts }
      for row in rows { facts.append(try fact(row, decoder)) }
    }
  }

  private static func fact(
    _ row: Rows.Row, _ decoder: JSONDecoder
  ) throws(TakeoverError) -> Fact {
    let sequence = Int64(row[0] ?? "") ?? 0
    guard row[3] == String(Fact.version), let kind = Fact.Kind(rawValue: row[2] ?? "") else {
      throw .unreadable(sequence: sequence, "kind \(row[2] ?? "") version \(row[3] ?? "")")
    }
    do {
      let body = try decoder.decode(
        StoredBody.self, from: Data((row[4] ?? "").utf8), configuration: kind)
      return Fact(at: try Timestamp(row[1] ?? ""), body.body)
    } catch {
      throw .unreadable(sequence: sequence, "\(error)")
    }
  }
}

/// A payload whose kind stands in another column.
private struct StoredBody: DecodableWithConfiguration {
  let body: Fact.Body

  init(from decoder: any Decoder, configuration kind: Fact.Kind) throws {
    body = try Fact.Body(kind: kind, from: decoder)
  }
}
