import Core
import Testing
import Trading

@testable import Worlds

/// The contract of the database as the virtual one keeps it.
@Suite("The virtual database")
struct VirtualDatabaseTests {
  private static let fact = Fact(
    at: Timestamp(milliseconds: 1), .started(RunStart(run: 1)))

  @Test("One session holds the lock, and it is free as soon as that session ends")
  func lock() throws {
    var database = VirtualDatabase()
    let first = try database.connect()
    let second = try database.connect()
    #expect(try database.lock(first))
    #expect(try !database.lock(second))
    database.end(first)
    #expect(try database.lock(second))
    #expect(throws: VirtualDatabase.Failure.connectionLost) { try database.count(first) }
  }

  @Test(
    "A cut commit is stored whole or not at all", arguments: [VirtualDatabase.Cut.before, .after])
  func cut(cut: VirtualDatabase.Cut) throws {
    var database = VirtualDatabase()
    let session = try database.connect()
    _ = try database.lock(session)
    let run = try database.beginRun(session)
    #expect(throws: VirtualDatabase.Failure.connectionLost) {
      try database.commit([Self.fact, Self.fact], run: run, over: session, cut: cut)
    }
    #expect(database.records.count == (cut == .after ? 2 : 0))
    #expect(!database.isAlive(session))
  }

  @Test("An earlier run stores nothing any more")
  func epochs() throws {
    var database = VirtualDatabase()
    let session = try database.connect()
    _ = try database.lock(session)
    let first = try database.beginRun(session)
    let second = try database.beginRun(session)
    #expect(throws: VirtualDatabase.Failure.fenced) {
      try database.commit([Self.fact], run: first, over: session)
    }
    try database.commit([Self.fact], run: second, over: session)
    database.isReadOnly = true
    #expect(throws: VirtualDatabase.Failure.readOnly) {
      try database.commit([Self.fact], run: second, over: session)
    }
    database.stop()
    #expect(throws: VirtualDatabase.Failure.connectionLost) { try database.connect() }
    database.start()
    let later = try database.connect()
    #expect(try database.count(later) == 1)
  }
}
