public import Core
import Foundation
import Trading

/// The commit of a step: facts, their rows in the books, and replies to commands, all or nothing.
///
/// Used from the thread that owns the connection. The same connection holds the lock of the
/// database, so whoever has lost the lock can store nothing more.
public final class Journal {
  /// The session that commits; another one after an outage.
  var connection: PostgresConnection
  /// The number of the run that writes.
  let run: Int64
  private let mode: String
  private let encoder = JSONEncoder()
  /// The number of the last fact known to be stored.
  public private(set) var lastSequence: Int64
  private var lastEntry: Int64

  /// Continues the journal of a database for a run that was started in it.
  init(
    connection: PostgresConnection, run: Int64, mode: String, lastSequence: Int64,
    lastEntry: Int64
  ) {
    self.connection = connection
    self.run = run
    self.mode = mode
    self.lastSequence = lastSequence
    self.lastEntry = lastEntry
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  /// Stores facts in one transaction.
  ///
  /// When it throws, nothing is known to be stored, and the process must not act on the facts: a
  /// session that was lost may have committed them. `settle` finds out.
  public func commit(_ facts: [Fact]) throws(PostgresError) {
    try append(facts)
  }

  /// Stores what is not stored yet of batches that an outage held up.
  ///
  /// The number of a fact is the key: what another run wrote under these numbers, or anything
  /// behind them, means that this run is over.
  ///
  /// - Parameter base: the last number before them.
  /// - Returns: how many facts were stored by this call.
  public func settle(
    _ batches: [[Fact]], after base: Int64
  ) throws(PostgresError) -> Settlement {
    let count = Int64(batches.joined().count)
    let row = try connection.execute(
      """
      SELECT coalesce(max(seq), 0),
        (SELECT run_id FROM journal.record WHERE seq > $1 AND seq <= $2 AND run_id <> $3
         ORDER BY seq LIMIT 1),
        EXISTS (SELECT FROM journal.run WHERE run_id = $3),
        (SELECT coalesce(max(entry_id), 0) FROM ledger.entry)
      FROM journal.record
      """, [.integer(base), .integer(base + count), .integer(run)])[0]
    let stored = Int64(row[0] ?? "") ?? 0
    if stored < base || row[2] != "t" { return .behind(stored: stored) }
    if let other = row[1] { return .overtaken(by: Int64(other) ?? 0) }
    guard stored <= base + count else { return .overtaken(by: nil) }
    lastSequence = stored
    lastEntry = Int64(row[3] ?? "") ?? 0
    var end = base
    for batch in batches {
      end += Int64(batch.count)
      if end > lastSequence {
        try append(batch.suffix(Int(end - lastSequence)))
      }
    }
    return .settled(base + count - stored)
  }

  /// How batches stand to what is stored.
  public enum Settlement: Hashable, Sendable {
    /// All of them are stored, so many of them only now.
    case settled(Int64)
    /// Another run has written since; nil when it wrote behind all of them.
    case overtaken(by: Int64?)
    /// The database is older than they are.
    case behind(stored: Int64)
  }

  private func append(_ facts: some Collection<Fact>) throws(PostgresError) {
    var statements: [SQLStatement] = []
    var sequence = lastSequence
    var entryNumber = lastEntry
    for fact in facts {
      sequence += 1
      let body = try json(fact.body)
      statements.append(
        (
          "INSERT INTO journal.record (seq, run_id, at, kind, version, body) "
            + "VALUES ($1, $2, $3, $4, $5, $6)",
          [
            .integer(sequence), .integer(run), SQLValue(fact.at), .text(fact.kind.rawValue),
            .integer(Int64(Fact.version)), .text(body),
          ]
        ))
      if case .booked(let entry) = fact.body {
        entryNumber += 1
        statements += LedgerRows.statements(entry, number: entryNumber, mode: mode)
      } else {
        statements += try bookRows(fact, body: body, sequence: sequence)
      }
    }
    try connection.commit(statements)
    lastSequence = sequence
    lastEntry = entryNumber
  }

  private func json(_ body: Fact.Body) throws(PostgresError) -> String {
    do {
      return String(decoding: try encoder.encode(body), as: UTF8.self)
    } catch {
      throw PostgresError(.protocolError, "a fact has no JSON form (\(error)); report this")
    }
  }

  private func bookRows(
    _ fact: Fact, body: String, sequence: Int64
  ) throws(PostgresError) -> [SQLStatement] {
    if case .decided(let record) = fact.body {
      let gates = try json(record.gates)
      return [BookRows.decision(record, gates: gates, at: fact.at, sequence: sequence)]
    }
    if case .commandEnded(let ended) = fact.body {
      return [BookRows.reply(ended, reply: try json(ended.reply))]
    }
    return BookRows.statements(fact, body: body, sequence: sequence, mode: mode)
  }

  private func json(_ value: some Encodable) throws(PostgresError) -> String {
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw PostgresError(.protocolError, "a value has no JSON form (\(error)); report this")
    }
  }
}
