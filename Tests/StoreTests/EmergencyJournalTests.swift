import Foundation
import TestKit
import Testing
import Trading

@testable import Core
@testable import Store

@Suite("The emergency journal")
struct EmergencyJournalTests {
  private let folder = TemporaryFolder()
  private static let moment = Timestamp(milliseconds: 1_704_067_200_000)

  private static func facts(_ reasons: String...) -> [Fact] {
    reasons.enumerated().map { number, reason in
      Fact(
        at: moment + .milliseconds(Int64(number)),
        .tradingChanged(TradingChanged(change: .paused, venue: nil, reason: reason)))
    }
  }

  private func file(_ books: String = "books", run: Int64 = 1, base: Int64) throws
    -> EmergencyJournal
  {
    try EmergencyJournal(
      in: folder.path, EmergencyJournal.Heading(books: books, run: run, base: base))
  }

  private func take(_ books: Books) throws -> Database {
    try Migrator(folder: Program.root + "/migrations").migrate(books.connect())
    return try Database(
      books.connect(),
      Database.Identity(
        mode: "live", host: "here", processID: 1, version: "1", configurationHash: "1"),
      pins: [], emergencyFolder: folder.path)
  }

  private func names(_ end: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(end) }
  }

  @Test("what was appended is read again, up to what was torn off at the end")
  func tornTail() throws {
    let journal = try file(base: 7)
    try journal.append(Self.facts("a", "b"))
    let whole = try Data(contentsOf: URL(filePath: journal.path))
    try journal.append(Self.facts("c"))
    let all = try Data(contentsOf: URL(filePath: journal.path))
    #expect(journal.contents()?.batches == [Self.facts("a", "b"), Self.facts("c")])
    let path = try folder.write("cut", "")
    for length in 0...all.count {
      try all.prefix(length).write(to: URL(filePath: path))
      let contents = EmergencyJournal.contents(of: path)
      let expected =
        length == all.count
        ? [Self.facts("a", "b"), Self.facts("c")]
        : length >= whole.count ? [Self.facts("a", "b")] : []
      #expect(contents?.batches ?? [] == expected, "\(length)")
      if length > whole.count { #expect(contents?.heading == journal.heading) }
    }
  }

  @Test("a byte that changed ends what is believed")
  func damage() throws {
    let journal = try file(base: 0)
    for reason in ["a", "b", "c"] { try journal.append(Self.facts(reason)) }
    var bytes = try Data(contentsOf: URL(filePath: journal.path))
    let place = try #require(bytes.range(of: Data("\"b\"".utf8)))
    bytes[place.lowerBound + 1] = UInt8(ascii: "x")
    try bytes.write(to: URL(filePath: journal.path))
    let contents = try #require(journal.contents())
    #expect(contents.batches == [Self.facts("a")])
    #expect(contents.torn > 0)
  }

  @Test("a second writer finds the file there")
  func oneWriter() throws {
    let journal = try file(base: 0)
    #expect(throws: EmergencyError.self) { try file(base: 0) }
    journal.setAside(as: "stored")
    _ = try file(base: 0)
  }

  /// Writes a file whose writer is gone.
  private func leave(
    _ batches: [[Fact]], _ books: String, run: Int64, base: Int64
  ) throws -> String {
    let journal = try file(books, run: run, base: base)
    for batch in batches { try journal.append(batch) }
    return journal.path
  }

  @Test("a start stores what an earlier run left, once", arguments: [0, 1, 2])
  func replay(stored: Int) throws {
    let books = try Books()
    let first = try take(books)
    try first.journal.commit(Self.facts("before"))
    let batches = [Self.facts("a", "b"), Self.facts("c")]
    let path = try leave(batches, first.books, run: first.run, base: 1)
    let copy = try Data(contentsOf: URL(filePath: path))
    // Some of it may have been stored before the process died.
    for batch in batches.prefix(stored) { try first.journal.commit(batch) }
    first.connection.close()
    for late in [3 - [0, 2, 3][stored], 0] {
      try copy.write(to: URL(filePath: path))
      let next = try take(books)
      #expect(next.facts == Self.facts("before") + batches.joined())
      #expect(next.leftOver?.contains(": \(late) facts stored") == true, "\(next.leftOver ?? "")")
      #expect(try names(".journal") == [])
      next.connection.close()
    }
    let runs = try books.rows("SELECT DISTINCT run_id FROM journal.record")
    #expect(runs == [["\(first.run)"]])
  }

  @Test("what does not continue the books is set aside")
  func unfit() throws {
    let books = try Books()
    var last = try take(books)
    let (run, name) = (last.run, last.books)
    try last.journal.commit(Self.facts("one"))
    last.connection.close()
    last = try take(books)
    try last.journal.commit(Self.facts("two"))
    last.connection.close()
    // Later than the books; in the place of what another run wrote; of a run that never was.
    for (run, base) in [(run, 5), (run, 1), (99, 2)] as [(Int64, Int64)] {
      _ = try leave([Self.facts("x")], name, run: run, base: base)
      last = try take(books)
      #expect(last.facts == Self.facts("one") + Self.facts("two"))
      #expect(last.leftOver?.contains("set aside") == true)
      last.connection.close()
    }
    let foreign = try leave([Self.facts("x")], "other", run: run, base: 2)
    let place = EmergencyJournal.path(in: folder.path, books: name)
    try FileManager.default.moveItem(atPath: foreign, toPath: place)
    #expect(try take(books).leftOver?.contains("not of these books") == true)
    #expect(try names(".unfit").count == 4)
  }

  @Test("what another version wrote is left alone, and nothing starts before it")
  func foreign() throws {
    let books = try Books()
    let first = try take(books)
    let path = try leave([Self.facts("a")], first.books, run: first.run, base: 0)
    first.connection.close()
    let batch = #"{"base":1,"facts":[{"at":1,"kind":"of_tomorrow","body":{}}]}"#
    let known = try Data(contentsOf: URL(filePath: path))
    try (known + Data(EmergencyLine.text(Array(batch.utf8)))).write(to: URL(filePath: path))
    for _ in 0..<2 {
      do {
        _ = try take(books)
        Issue.record("it started")
      } catch let error as TakeoverError {
        #expect("\(error)".hasSuffix("use the version that wrote them"))
      }
    }
    #expect(try names(".journal").count == 1)
    #expect(try books.facts() == 0)
  }

  @Test("a writer that lives is waited for, and then shut out")
  func writer() throws {
    let books = try Books()
    let first = try take(books)
    let journal = try file(first.books, run: first.run, base: 0)
    try journal.append(Self.facts("a"))
    first.connection.close()
    let next = try take(books)
    #expect(next.facts == Self.facts("a"))
    #expect(next.leftOver?.contains("shut out") == true)
    // What it still writes is nobody's any more.
    try journal.append(Self.facts("b"))
    #expect(try names(".journal") == [])
  }

  @Test("a run goes on over a new session, but not behind another one's back")
  func takeBack() throws {
    let books = try Books()
    let first = try take(books)
    try first.journal.commit(Self.facts("a"))
    // The server believes that the old session lives: it is ended for its successor.
    try first.takeBack(books.connect())
    #expect(try first.journal.settle([Self.facts("b")], after: 1) == .settled(1))
    #expect(try first.journal.settle([Self.facts("b")], after: 1) == .settled(0))
    try first.journal.commit(Self.facts("c"))
    first.connection.close()
    let second = try take(books)
    let error = #expect(throws: TakeoverError.self) { try first.takeBack(books.connect()) }
    #expect(error?.description.contains("run \(second.run)") == true)
    try second.journal.commit(Self.facts("d"))
    second.connection.close()
    try first.takeBack(books.connect())
    #expect(
      try first.journal.settle([Self.facts("d")], after: 3) == .overtaken(by: second.run))
    #expect(try first.journal.settle([], after: 3) == .overtaken(by: nil))
    #expect(try first.journal.settle([], after: 9) == .behind(stored: 4))
  }
}
