public import Core
import Foundation
import Trading

/// The commit of a step: facts, their rows in the books, and replies to commands, all or nothing.
///
/// Used from the thread that owns the connection. The same connection holds the lock of the
/// database, so whoever has lost the lock can store nothing more.
public final class Journal {
  private let connection: PostgresConnection
  private let run: Int64
  private let mode: String
  private let encoder = JSONEncoder()
  private var lastSequence: Int64
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
  /// When it throws, nothing is known to be stored, and the process must not act on the facts.
  public func commit(_ facts: [Fact]) throws(PostgresError) {
    var statements: [SQLStatement] = []
    for fact in facts {
      lastSequence += 1
      let body = try json(fact.body)
      statements.append(
        (
          "INSERT INTO journal.record (seq, run_id, at, kind, version, body) "
            + "VALUES ($1, $2, $3, $4, $5, $6)",
          [
            .integer(lastSequence), .integer(run), SQLValue(fact.at), .text(fact.kind.rawValue),
            .integer(Int64(Fact.version)), .text(body),
          ]
        ))
      if case .booked(let entry) = fact.body {
        lastEntry += 1
        statements += LedgerRows.statements(entry, number: lastEntry, mode: mode)
      } else {
        statements += try bookRows(fact, body: body)
      }
    }
    try connection.commit(statements)
  }

  private func json(_ body: Fact.Body) throws(PostgresError) -> String {
    do {
      return String(decoding: try encoder.encode(body), as: UTF8.self)
    } catch {
      throw PostgresError(.protocolError, "a fact has no JSON form (\(error)); report this")
    }
  }

  private func bookRows(_ fact: Fact, body: String) throws(PostgresError) -> [SQLStatement] {
    if case .decided(let record) = fact.body {
      let gates = try json(record.gates)
      return [BookRows.decision(record, gates: gates, at: fact.at, sequence: lastSequence)]
    }
    if case .commandEnded(let ended) = fact.body {
      return [BookRows.reply(ended, reply: try json(ended.reply))]
    }
    return BookRows.statements(fact, body: body, sequence: lastSequence, mode: mode)
  }

  private func json(_ value: some Encodable) throws(PostgresError) -> String {
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw PostgresError(.protocolError, "a value has no JSON form (\(error)); report this")
    }
  }
}
