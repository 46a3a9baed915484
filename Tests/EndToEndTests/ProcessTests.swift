import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// Starting, stopping and starting again.
  @Suite struct Lifetime {
    /// Four recorded hours per second: slow enough to be met at work.
    private func started(_ books: Books) throws -> Program {
      let market = try RecordedMarket.shared.get()
      let program = try market.run(books, "--speed", "14400")
      try until("the process trades") {
        guard program.isRunning else { throw TestFailure("it ended: \(program.errors)") }
        return try books.facts() > 20
      }
      return program
    }

    @Test func aSecondProcessIsRefusedAndTheFirstGoesOn() throws {
      let books = try Books()
      let first = try started(books)
      let second = try RecordedMarket.shared.get().run(books).wait()
      #expect(second.code == 1)
      #expect(second.output == "")
      let run = try books.rows("SELECT run_id, pid, host FROM report.daemon")
      #expect(run.count == 1)
      #expect(run[0][1] == String(first.number))
      #expect(second.errors.contains("run \(run[0][0]), process \(run[0][1]) on \(run[0][2])"))
      let fresh = try RecordedMarket.shared.get().run(books, "--fresh", "--yes").wait()
      #expect(fresh.code == 1, "\(fresh.errors)")
      let facts = try books.facts()
      try until("the first goes on") { try books.facts() > facts }
      #expect(first.isRunning)
      first.signal(SIGTERM)
      #expect(try first.wait().code == 0)
      #expect(try books.faults() == [])
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func aSignalDrainsAndTheNextRunGoesOn(signal: Int32) throws {
      let market = try RecordedMarket.shared.get()
      let books = try Books()
      let first = try started(books)
      first.signal(signal)
      let drained = try first.wait()
      #expect(drained.code == 0)
      #expect(drained.output == "")
      #expect(drained.errors.contains("drained"))
      #expect(try books.value("SELECT state FROM report.daemon") == "stopped")
      #expect(try books.faults() == [])
      let inMotion =
        "SELECT count(*) FROM report.carry WHERE state NOT IN ('open', 'closed', 'refused')"
      #expect(try books.value(inMotion) == "0")
      let facts = try books.facts()
      #expect(facts < 500)

      let second = try market.run(books).wait()
      #expect(second.code == 0)
      #expect(second.errors.contains("\(facts) facts recovered"))
      #expect(second.errors.contains("the market is over"))
      #expect(try books.faults() == [])
    }

    /// Many small orders: the stop comes while the carry is being opened.
    @Test func whatIsInMotionIsFinishedFirst() throws {
      let market = try RecordedMarket.shared.get()
      let books = try Books()
      let program = try market.run(
        books, "--speed", "1", "--set", "execution.clip_notional=100", "--set",
        "sizing.notional=20000")
      try until("an order traded") {
        guard program.isRunning else { throw TestFailure("it ended: \(program.errors)") }
        guard try books.facts() > 0 else { return false }
        return try books.value("SELECT count(*) FROM report.leg_fill") != "0"
      }
      program.signal(SIGTERM)
      #expect(try program.wait().code == 0)
      #expect(try books.faults() == [])
      let carries = try books.rows("SELECT state, abs(delta) < 0.01 FROM report.carry")
      #expect(!carries.isEmpty)
      #expect(carries.allSatisfy { $0 == ["open", "t"] }, "\(carries)")
    }

    @Test func aFinishedMarketSaysSoAndAddsNothing() throws {
      let books = try Books(copyOf: try History.books.get())
      let trades =
        "SELECT count(*) FROM journal.record "
        + "WHERE kind NOT IN ('started', 'compared', 'marked', 'valued')"
      let before = try books.value(trades)
      let equity = try books.rows("SELECT * FROM report.equity_daily ORDER BY day")
      let again = try RecordedMarket.shared.get().run(books, to: History.to).wait()
      #expect(again.code == 0)
      #expect(again.output == "")
      #expect(again.errors.contains("the market is over"))
      #expect(try books.faults() == [])
      #expect(try books.rows("SELECT * FROM report.equity_daily ORDER BY day") == equity)
      // That a run began is a fact, that its account agrees, and what it is worth; nothing happened.
      #expect(try books.value(trades) == before)
    }

    /// A process that lost its database ends at once, and the next one goes on.
    @Test func withoutItsDatabaseTheProcessEnds() throws {
      let market = try RecordedMarket.shared.get()
      let books = try Books()
      let isWriter = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
      for (victim, facts) in [(isWriter, 10), ("true", 20), (isWriter, 200), ("true", 300)] {
        let program = try market.run(
          books, "--speed", "1000000", "--set", "execution.clip_notional=250")
        let before = try books.facts()
        try until("\(facts) facts more are stored") {
          guard program.isRunning else { throw TestFailure("it ended: \(program.errors)") }
          return try books.facts() >= before + facts
        }
        _ = try books.rows(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND backend_type = 'client backend'
            AND pid <> pg_backend_pid() AND \(victim)
          """)
        let ending = try program.wait()
        #expect(ending.code == 69, "\(ending.errors)")
        #expect(ending.output == "")
        #expect(ending.errors.contains("error: "))
        #expect(!ending.errors.contains(".swift"))
      }
      let last = try market.run(books, "--set", "execution.clip_notional=250").wait()
      #expect(last.code == 0, "\(last.errors)")
      #expect(try books.faults() == [])
    }

    @Test func anotherMarketOnTheSameBooksIsRefused() throws {
      let books = try Books(copyOf: try History.books.get())
      let before = try books.fingerprint()
      let other = try Program.run(
        "run", "--database-url", books.url, "--seed", "3", "--to", "2024-01-02")
      #expect(other.code == 78)
      #expect(other.errors.contains("use another database, or --fresh"))
      #expect(try books.fingerprint() == before)
    }

    @Test func freshBeginsAnew() throws {
      let books = try Books(copyOf: try History.books.get())
      let market = try RecordedMarket.shared.get()
      let unconfirmed = try market.run(books, to: "2024-01-03", "--fresh").wait()
      #expect(unconfirmed.code == 1)
      #expect(unconfirmed.errors.contains("--yes"))
      let fresh = try market.run(books, to: "2024-01-03", "--fresh", "--yes").wait()
      #expect(fresh.code == 0, "\(fresh.errors)")
      #expect(try books.value("SELECT max(run_id) FROM report.daemon") == "1")
      #expect(try books.faults() == [])
    }
  }
}
