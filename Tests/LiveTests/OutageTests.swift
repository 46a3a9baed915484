import FixedPoint
import Foundation
import Glibc
import TestKit
import Testing
import Trading
import Wire

extension LiveDesk {
  /// Small orders at the operator's word, so that there is time to disturb.
  static let slow = ["automation.open_carries=no", "execution.clip_notional=500"]

  /// Asks for a carry and waits until some of its orders were decided, but not all.
  @discardableResult
  func beginToOpen(
    _ symbol: String, at venue: String, notional: String = "10000"
  ) throws -> Program {
    let request = ["open", symbol, "--venue", venue, "--notional", notional, "--hold"]
    let before = try intents()
    var command = try start(request)
    try wait("\(symbol) is being opened") {
      // The first prices may be on their way.
      if !command.isRunning { command = try start(request) }
      return try intents() >= before + 4
    }
    return command
  }

  /// Orders decided so far.
  func intents() throws -> Int {
    Int(try books.value("SELECT count(*) FROM book.order_intent")) ?? 0
  }

  /// Ends the session that holds the lock of the books, as an administrator could.
  func endSession() throws {
    _ = try books.rows(
      """
      SELECT pg_terminate_backend(pid) FROM pg_locks
      WHERE locktype = 'advisory' AND granted AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database())
      """)
  }
}

extension BooksServer {
  /// A server that the tests here take away; they run one after another.
  static let breakable = BooksServer()
}

extension Simulator {
  /// How many orders that make a carry larger have reached the venues.
  func grown() throws -> Int {
    try LiveDesk.venues.reduce(0) { sum, venue in
      let orders = try truth(venue)["orders"]?.elements ?? []
      return sum + orders.count { $0["market"]?.text == "perp" && $0["side"]?.text == "sell" }
    }
  }
}

extension LiveRuns {
  /// The database, its session or the process itself fails while it trades.
  @Suite struct Outages {
    private static let slow = LiveDesk.slow

    /// The leader's session is ended over and over while it opens and closes.
    @Test func aLostSessionIsReplacedAtOnce() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator, settings: Self.slow)
      try desk.run()
      let open = try desk.beginToOpen("BTCUSDT", at: "binance")
      for _ in 1...6 {
        try desk.endSession()
        let before = try desk.intents()
        try desk.wait("it goes on") { try desk.intents() > before }
      }
      _ = try open.wait()
      try desk.wait("the carry is open") {
        try desk.state(of: "BTCUSDT", at: "binance") == "open"
      }
      try desk.endSession()
      try desk.unwindAll()
      #expect(desk.process?.errors.contains("a new session with the database") == true)
      try desk.stop()
      try desk.expectBooksAreTrue()
      #expect(try desk.books.value("SELECT count(*) FROM report.daemon") == "1")
      #expect(desk.emergencyFiles("").isEmpty)
    }

    /// The answer to a commit is lost, with the commit done and not done.
    @Test(arguments: [DatabaseProxy.Cut.beforeCommit, .afterCommit])
    func aCommitWithoutAnswerIsLookedUp(_ cut: DatabaseProxy.Cut) throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator, settings: Self.slow, name: "\(cut)")
      let proxy = try DatabaseProxy(to: desk.books.url)
      defer { proxy.close() }
      try desk.run(over: proxy.url)
      let open = try desk.beginToOpen("ETHUSDT", at: "bybit")
      for number in 1...8 {
        proxy.cut(cut, skipping: number % 3)
        try desk.wait("the commit is cut") {
          try proxy.cuts == number || desk.state(of: "ETHUSDT", at: "bybit") == "open"
        }
      }
      _ = try open.wait()
      try desk.settle()
      #expect(proxy.cuts > 4)
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
      #expect(try desk.books.value("SELECT count(*) FROM report.daemon") == "1")
      let numbers = try desk.books.rows("SELECT count(*), max(seq) FROM journal.record")[0]
      #expect(numbers[0] == numbers[1])
    }

    /// The server crashes while one carry is open and another is being opened, and stays away.
    @Test func withoutDatabaseNothingGrowsAndNothingIsLost() throws {
      let simulator = try Simulator()
      let server = BooksServer.breakable
      let desk = try LiveDesk(simulator, settings: Self.slow, books: Books(on: server))
      try desk.run()
      try desk.open("BTCUSDT", at: "binance")
      let open = try desk.beginToOpen("ETHUSDT", at: "bybit", notional: "20000")
      try server.crash()
      open.kill()
      try desk.wait("it knows") { desk.process?.errors.contains("database is away") == true }
      sleep(1)
      let orders = try simulator.grown()
      // A leg is taken away from outside: the other one follows without a database.
      try simulator.fault([
        "kind": "adl", "venue": "binance", "symbol": "BTCUSDT", "fraction": "1",
      ])
      try until("spot follows") {
        let spot = try simulator.truth("binance")["balances"]?.elements ?? []
        return !spot.contains {
          $0["asset"]?.text == "BTC" && $0["total"]?.decimal() ?? Amount.zero > "0.001"
        }
      }
      sleep(8)
      #expect(try simulator.grown() == orders)
      #expect(desk.emergencyFiles(".journal").count == 1)
      try server.start()
      try desk.wait("it is back") { desk.process?.errors.contains("database is back") == true }
      #expect(desk.emergencyFiles(".stored").count == 1)
      try desk.settle()
      try desk.quote()
      try desk.open("BTCUSDT", at: "binance")
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
      #expect(try desk.books.value("SELECT count(*) FROM report.daemon") == "1")
    }

    /// A server that only reads, and one whose tables somebody has locked: the session and its lock
    /// stay, and the same facts are stored later.
    @Test(arguments: ["read-only", "locked"])
    func aServerThatCannotWriteIsWaitedFor(_ kind: String) throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(
        simulator, settings: LiveDesk.slow, name: kind, books: Books(on: BooksServer.breakable))
      try desk.run()
      let open = try desk.beginToOpen("BTCUSDT", at: "binance")
      let other = try desk.books.connect()
      if kind == "read-only" {
        try other.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        try other.execute("SELECT pg_reload_conf()")
      } else {
        try other.execute("BEGIN")
        try other.execute("LOCK TABLE journal.record IN ACCESS EXCLUSIVE MODE")
      }
      try desk.wait("it knows") { desk.process?.errors.contains("database is away") == true }
      let orders = try simulator.grown()
      sleep(3)
      // One may have been on its way.
      #expect(try simulator.grown() <= orders + 1)
      if kind == "read-only" {
        try other.execute("SET default_transaction_read_only = off")
        try other.execute("ALTER SYSTEM RESET default_transaction_read_only")
        try other.execute("SELECT pg_reload_conf()")
      } else {
        try other.execute("COMMIT")
      }
      other.close()
      try desk.wait("it is back") { desk.process?.errors.contains("database is back") == true }
      _ = try open.wait()
      try desk.settle()
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
      #expect(try desk.books.value("SELECT count(*) FROM report.daemon") == "1")
    }
  }
}
