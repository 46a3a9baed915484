import Foundation
import TestKit
import Trading

@testable import Core
@testable import Store

/// The steps of a script on a real server, through a proxy that cuts.
final class RealBooks {
  private struct Process {
    var connection: PostgresConnection?
    var database: Database?
    var pending: [Fact] = []
    var isLost = false
  }

  /// A stored fact with the run that stored it.
  struct Record: Equatable {
    let run: Int64
    let fact: Fact
  }

  private let server: BooksServer
  private let books: Books
  private let proxy: DatabaseProxy
  private var processes = [Process](repeating: Process(), count: 3)

  init(on server: BooksServer, copyOf template: Books) throws {
    self.server = server
    books = try Books(copyOf: template, on: server)
    proxy = try DatabaseProxy(to: books.url)
  }

  /// Removes everything.
  func end() throws {
    proxy.close()
    try books.drop()
  }

  func play(_ step: DatabaseScript.Step, facts: [Fact]) throws -> DatabaseScript.Outcome {
    do {
      return try attempt(step, facts)
    } catch let error as PostgresError {
      return try outcome(error)
    } catch let error as TakeoverError {
      return switch error {
      case .held, .overtaken: .shutOut
      case .failed(let error): try outcome(error)
      case .pinned, .unreadable, .foreign: throw error
      }
    }
  }

  private func outcome(_ error: PostgresError) throws -> DatabaseScript.Outcome {
    if error.remedy == .reconnect { return .lost }
    if error.sqlState == .readOnly { return .readOnly }
    // The table of facts refuses a run after which another one began.
    if error.sqlState == .objectNotInPrerequisiteState { return .shutOut }
    throw error
  }

  private func attempt(
    _ step: DatabaseScript.Step, _ facts: [Fact]
  ) throws -> DatabaseScript.Outcome {
    switch step {
    case .connect(let number):
      guard processes[number].connection == nil else { return .idle }
      processes[number].connection = try PostgresConnection(proxy.url)
    case .lock(let number):
      guard let connection = processes[number].connection, processes[number].database == nil
      else { return .idle }
      return try lose(number) { try Database.takeLock(connection) ? .done : .shutOut }
    case .begin(let number):
      guard let connection = processes[number].connection, processes[number].database == nil
      else { return .idle }
      return try lose(number) {
        let database = try Database(connection, Self.identity, pins: [])
        processes[number].database = database
        return .number(database.facts.count)
      }
    case .commit(let number, _, let cut): return try commit(facts, number, cut)
    case .resume(let number): return try resume(number)
    case .count(let number):
      guard let connection = processes[number].connection, !processes[number].isLost else {
        return .idle
      }
      return try lose(number) {
        guard try connection.execute("SELECT to_regclass('journal.record')")[0][0] != nil else {
          return .number(0)
        }
        let text = try connection.execute("SELECT count(*) FROM journal.record")[0][0]
        return .number(Int(text ?? "") ?? -1)
      }
    case .end(let number):
      guard let connection = processes[number].connection else { return .idle }
      connection.close()
      processes[number] = Process()
    case .endHolder:
      _ = try books.rows(
        """
        SELECT pg_terminate_backend(pid) FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND database =
          (SELECT oid FROM pg_database WHERE datname = current_database())
        """)
    case .stop: try server.crash()
    case .start: try server.start()
    case .readOnly(let isOn): try setReadOnly(isOn)
    }
    return .done
  }

  private static let identity = Database.Identity(
    mode: "live", host: "here", processID: 1, version: "1", configurationHash: "1")

  private func commit(
    _ facts: [Fact], _ number: Int, _ cut: DatabaseProxy.Cut?
  ) throws -> DatabaseScript.Outcome {
    guard let database = processes[number].database, !processes[number].isLost else {
      return .idle
    }
    processes[number].pending = facts
    cut.map { proxy.cut($0) }
    // A session that is gone already does not come to its commit.
    defer { proxy.calm() }
    return try lose(number) {
      do {
        try database.journal.commit(facts)
      } catch let error as PostgresError {
        if error.remedy != .reconnect { processes[number].pending = [] }
        throw error
      }
      processes[number].pending = []
      return .done
    }
  }

  private func resume(_ number: Int) throws -> DatabaseScript.Outcome {
    guard let database = processes[number].database,
      processes[number].isLost || !processes[number].pending.isEmpty
    else { return .idle }
    if processes[number].isLost {
      let connection = try PostgresConnection(proxy.url)
      processes[number].connection = connection
      processes[number].isLost = false
      do {
        try lose(number) { try database.takeBack(connection) }
      } catch let error as TakeoverError {
        guard case .held = error else { throw error }
        connection.close()
        processes[number] = Process()
        return .shutOut
      }
    }
    return try lose(number) {
      let settlement = try database.journal.settle(
        [processes[number].pending], after: database.journal.lastSequence)
      guard case .settled(let late) = settlement else {
        processes[number].connection?.close()
        processes[number] = Process()
        return .shutOut
      }
      processes[number].pending = []
      return .number(Int(late))
    }
  }

  private func lose<Result>(_ number: Int, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      var failure = error as? PostgresError
      if case .failed(let inner) = error as? TakeoverError { failure = inner }
      if failure?.remedy == .reconnect {
        processes[number].connection?.close()
        if processes[number].database == nil {
          processes[number] = Process()
        } else {
          processes[number].isLost = true
        }
      }
      throw error
    }
  }

  /// Every session that lives has heard of it when this returns.
  private func setReadOnly(_ isOn: Bool) throws {
    try server.setReadOnly(isOn)
    for process in processes where !process.isLost {
      guard let connection = process.connection else { continue }
      try until("a session hears of it") {
        let rows = try? connection.execute("SHOW default_transaction_read_only")
        // One that was ended hears of nothing, and finds out by itself later.
        return rows.map { $0[0][0] == (isOn ? "on" : "off") } ?? true
      }
    }
  }

  /// Waits until the server knows as many sessions as there are.
  func awaitSessions(_ count: Int) throws {
    try until("the server has \(count) sessions") {
      try books.value(
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
        """) == "\(count)"
    }
  }

  /// Everything that is stored.
  func records() throws -> [Record] {
    let connection = try books.connect()
    defer { connection.close() }
    let runs = try connection.execute("SELECT run_id FROM journal.record ORDER BY seq")
    let database = try Database(connection, Self.identity, pins: [])
    return zip(runs, database.facts).map { Record(run: Int64($0[0] ?? "") ?? 0, fact: $1) }
  }
}
