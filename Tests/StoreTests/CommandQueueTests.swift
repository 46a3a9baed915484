import TestKit
import Testing
import Trading

@testable import Core
@testable import Store

@Suite("The queue of commands")
struct CommandQueueTests {
  /// The process had read it, and commits what came of it a moment later.
  @Test("a command that is withdrawn while it is being answered does not end the process")
  func withdrawnInTheLastMoment() throws {
    let books = try Books()
    try Migrator(folder: Program.root + "/migrations").migrate(books.connect())
    let database = try Database(
      books.connect(),
      Database.Identity(
        mode: "live", host: "here", processID: 1, version: "1", configurationHash: "1"), pins: [])
    let asking = try books.connect()
    let id = try CommandQueue.send(.pause, over: asking)
    #expect(try CommandQueue.waiting(over: database.connection).map(\.id) == [id])
    #expect(try CommandQueue.withdraw(id, over: asking))
    let ended = Fact(
      at: Timestamp(milliseconds: 1_704_067_200_000),
      .commandEnded(CommandEnded(command: id, succeeded: true, reply: Reply("paused"))))
    try database.journal.commit([ended])
    #expect(try books.facts() == 1)
    #expect(try books.value("SELECT status FROM control.command") == "expired")
  }

  @Test("a command that is answered cannot be withdrawn any more")
  func answeredBefore() throws {
    let books = try Books()
    try Migrator(folder: Program.root + "/migrations").migrate(books.connect())
    let database = try Database(
      books.connect(),
      Database.Identity(
        mode: "live", host: "here", processID: 1, version: "1", configurationHash: "1"), pins: [])
    let asking = try books.connect()
    let id = try CommandQueue.send(.pause, over: asking)
    try database.journal.commit([
      Fact(
        at: Timestamp(milliseconds: 1_704_067_200_000),
        .commandEnded(CommandEnded(command: id, succeeded: true, reply: Reply("paused"))))
    ])
    #expect(try !CommandQueue.withdraw(id, over: asking))
    #expect(try CommandQueue.answer(to: id, over: asking)?.status == "done")
  }
}
