import FixedPoint
import Foundation
import Glibc
import Simulation
import Testing
import Trading

extension EndToEnd {
  /// Commands to a process that trades, through the database.
  @Suite struct Operator {
    @Test func scanRanksEveryPair() throws {
      let desk = try Desk()
      let pairs = try desk.json("scan") as? [[String: Any]] ?? []
      #expect(Set(pairs.compactMap { $0["symbol"] as? String }) == ["BTCUSDT", "ETHUSDT"])
      // At one venue nothing lies across venues.
      for pair in pairs { #expect(pair["spot_venue"] as? String == "binance") }
      for pair in pairs { #expect((pair["gates"] as? [[String: Any]])?.isEmpty == false) }
      #expect(try desk.ask("scan").output.contains("BTCUSDT"))
      #expect(try desk.ask("scan", "--format", "csv").output.hasPrefix("symbol,venue,spot_venue,"))
      try desk.close()
    }

    @Test func aPlanIsOpenedUnwoundInPartAndThenWhole() throws {
      let desk = try Desk()
      _ = try desk.ask("unwind", "--all", "--yes")
      try desk.waitUntilFlat()
      #expect(try desk.ask("plan", "ETHUSDT", "--notional", "5000").output.contains("break-even"))
      let plan = try #require(
        try desk.json("plan", "ETHUSDT", "--notional", "5000") as? [String: Any])
      let number = try #require(plan["plan_id"] as? Int)
      #expect(number == 2)
      let details = try #require(plan["plan"] as? [String: Any])
      for key in ["notional", "liquidation_price", "round_trip_cost", "quantity", "joint_lot"] {
        #expect(details[key] is String, "\(key)")
      }
      let opened = try desk.carry("open", "--plan", "\(number)")
      #expect(opened["state"] == "open")
      #expect(opened["perp_quantity"] == "-\(details["quantity"] as? String ?? "")")
      let id = try #require(opened["carry_id"])

      let half = try desk.carry("unwind", id, "--fraction", "0.5", "--yes")
      #expect(half["state"] == "open")
      let whole = try Quantity(try #require(opened["perp_quantity"])[...])
      let rest = try Quantity(try #require(half["perp_quantity"])[...])
      #expect((rest.times(2) - whole).magnitude <= "0.001")
      #expect(try desk.books.value("SELECT count(*) > 0 FROM report.rebalance") == "t")

      let closed = try desk.carry("unwind", id, "--yes")
      #expect(closed["state"] == "closed")
      #expect(closed["close_reason"] == "unwound by command")
      #expect(closed["delta"] == "0")
      try desk.close()
    }

    @Test func openTakesASizeAndRefusesTheImpossible() throws {
      let desk = try Desk()
      let dry = try desk.ask("open", "ETHUSDT", "--notional", "3000", "--dry-run")
      #expect(dry.code == 0 && dry.output.contains("liquidation"))
      let carries = "SELECT count(*) FROM report.carry"
      let before = try desk.books.value(carries)
      for (arguments, reason) in Self.refusals {
        let ending = try Program(arguments + ["--database-url", desk.books.url]).wait()
        let code: Int32 = arguments.contains("--fraction") ? 64 : 1
        #expect(ending.code == code, "\(arguments): \(ending.errors)")
        #expect(ending.output == "", "\(arguments)")
        #expect(ending.errors.hasPrefix("error: "), "\(arguments)")
        #expect(ending.errors.contains(reason), "\(arguments): \(ending.errors)")
      }
      #expect(try desk.books.value(carries) == before)

      let held = try desk.carry("open", "ETHUSDT", "--quantity", "1.5", "--hold")
      #expect(held["state"] == "open")
      #expect(held["perp_quantity"] == "-1.5")
      let twice = try desk.ask("open", "ETHUSDT", "--notional", "3000")
      #expect(twice.code == 1 && twice.errors.contains("open already"))
      try desk.close()
    }

    private static let refusals: [([String], String)] = [
      (["open", "DOGEUSDT", "--notional", "100"], "BTCUSDT on binance"),
      (["open", "ETHUSDT", "--venue", "kraken", "--notional", "100"], "kraken"),
      (["open", "ETHUSDT", "--notional", "-5"], "above zero (-5)"),
      (["open", "ETHUSDT", "--notional", "0"], "above zero (0)"),
      (["open", "ETHUSDT", "--notional", "0.000000000000000001"], "minimum"),
      (["open", "ETHUSDT", "--notional", "170000000000000000000"], "larger than the limit"),
      (["open", "ETHUSDT", "--quantity", "170000000000000000000"], "larger than the limit"),
      (["open", "ETHUSDT", "--quantity", "-170000000000000000000"], "above zero"),
      (["open", "ETHUSDT", "--quantity", "0.0000001"], "minimum"),
      (["plan", "ETHUSDT", "--notional", "1"], "minimum"),
      (["open", "--plan", "99"], "no such plan (99)"),
      (["unwind", "99", "--yes"], "no open carry (99)"),
      (["unwind", "1", "--yes"], "no open carry (1)"),
      (["unwind", "4", "--yes", "--fraction", "0"], "not a fraction"),
      (["unwind", "4", "--yes", "--fraction", "-0.5"], "not a fraction"),
      (["unwind", "4", "--yes", "--fraction", "1.000000000000000001"], "not a fraction"),
      (["rebalance", "99"], "no open carry (99)"),
    ]

    @Test func pauseForbidsOnlyNewExposure() throws {
      let desk = try Desk()
      #expect(try desk.ask("pause").code == 0)
      let refused = try desk.ask("open", "ETHUSDT", "--notional", "3000")
      #expect(refused.code == 1 && refused.errors.contains("harvester resume"))
      let closed = try desk.carry("unwind", "4", "--yes")
      #expect(closed["state"] == "closed")
      #expect(try desk.ask("resume").code == 0)
      #expect(try desk.carry("open", "ETHUSDT", "--notional", "3000")["state"] == "open")
      try desk.close()
    }

    /// A pause outlives the process.
    @Test func aPauseIsRemembered() throws {
      let desk = try Desk()
      #expect(try desk.ask("pause").code == 0)
      try desk.restart()
      #expect(try desk.ask("open", "ETHUSDT", "--notional", "3000").code == 1)
      #expect(try desk.ask("resume").code == 0)
      #expect(try desk.ask("open", "ETHUSDT", "--notional", "3000").code == 0)
      try desk.close()
    }

    @Test func rebalanceAndReadingCommands() throws {
      let desk = try Desk()
      let dry = try desk.ask("rebalance", "4", "--dry-run")
      #expect(
        dry.code == 0 ? dry.output.contains("would") : dry.errors.contains("nothing to correct"))

      let status = try desk.ask("status")
      #expect(status.output.contains("process \(desk.process.number)"))
      #expect(status.output.contains("running"))
      let carries = try desk.json("status") as? [[String: Any]] ?? []
      #expect(carries.map { $0["carry_id"] as? Int } == [4])
      #expect(carries.allSatisfy { $0["received_funding"] is String && $0["delta"] is String })

      let bySymbol = try desk.json("explain", "btcusdt", "--limit", "5") as? [[String: Any]] ?? []
      #expect(bySymbol.count == 5)
      let times = bySymbol.compactMap { $0["at"] as? String }
      #expect(times == times.sorted(by: >))
      #expect(bySymbol.allSatisfy { ($0["inputs"] as? [[String: Any]])?.isEmpty == false })
      #expect(try desk.ask("explain", "4").output.contains("must be"))
      let unknown = try desk.ask("explain", "NOSUCH")
      #expect(unknown.code == 1 && unknown.output == "" && unknown.errors.contains("NOSUCH"))
      try desk.close()
    }

    @Test func withoutAProcessCommandsAreUnavailable() throws {
      let books = try Books(copyOf: try History.books.get())
      let before = try books.fingerprint()
      for arguments in [
        ["scan"], ["plan", "ETHUSDT", "--notional", "100"],
        ["open", "ETHUSDT", "--notional", "100"],
        ["open", "--plan", "1"], ["unwind", "4", "--yes"], ["unwind", "--all", "--yes"],
        ["rebalance", "4"], ["pause"], ["resume"],
      ] {
        let ending = try Program(arguments + ["--database-url", books.url]).wait()
        #expect(ending.code == 69, "\(arguments)")
        #expect(ending.output == "")
        #expect(ending.errors.contains("harvester run"))
      }
      #expect(try books.fingerprint() == before)
    }

    @Test func aQueuedCommandWaitsAndAnExpiredOneIsLeftOut() throws {
      let books = try Books(copyOf: try History.books.get())
      let url = ["--database-url", books.url]
      let late = try Program(
        ["open", "ETHUSDT", "--notional", "3000", "--queue", "1"] + url
      ).wait()
      #expect(late.code == 0 && late.output == "")
      let kept = try Program(["plan", "ETHUSDT", "--notional", "3000", "--queue", "600"] + url)
        .wait()
      #expect(kept.code == 0)
      try until("the first is too old") {
        try books.value("SELECT clock_timestamp() > min(expires_at) FROM control.command") == "t"
      }
      let desk = try Desk(books)
      let statuses = "SELECT status FROM control.command ORDER BY command_id"
      try until("both are answered") { try books.rows(statuses) == [["expired"], ["done"]] }
      #expect(try books.value("SELECT count(*) FROM book.carry WHERE origin = 'command'") == "0")
      #expect(try books.value("SELECT count(*) FROM control.plan") == "1")
      try desk.close()
    }

    /// Each of many commands has its effect once although the process is killed among them.
    @Test func killedAmongCommandsEachIsAnsweredOnce() throws {
      let books = try Books(copyOf: try History.books.get())
      let connection = try books.connect()
      defer { connection.close() }
      var random = SeededRandom(seed: 5, stream: 0)
      for _ in 0..<5 {
        let desk = try Desk(books)
        let last = random.below(60)
        for place in 0..<60 {
          try connection.execute(
            """
            INSERT INTO control.command (kind, arguments, expires_at)
            VALUES ('plan', '{"plan": {"_0": {"venue": "binance", "symbol": "ETHUSDT",
              "notional": "3000"}}}', clock_timestamp() + interval '1 hour')
            """)
          if place == last { desk.process.signal(SIGKILL) }
        }
        #expect(try desk.process.wait().code == 128 + SIGKILL)
      }
      let desk = try Desk(books)
      try until("all are answered") {
        try books.value("SELECT count(*) FROM control.command WHERE status = 'queued'") == "0"
      }
      #expect(try books.value("SELECT count(*) FROM control.plan") == "300")
      #expect(try books.value("SELECT max(plan_id) FROM control.plan") == "300")
      try desk.close()
    }
  }
}

/// A process over copied books with an operator in front of it.
final class Desk {
  let books: Books
  private(set) var process: Program

  init(_ given: Books? = nil) throws {
    books = try given ?? Books(copyOf: try History.books.get())
    process = try Self.start(books)
    try awaitStart()
  }

  /// A minute of the market in a second, so that plans stay fresh; opens nothing by itself.
  static func start(_ books: Books) throws -> Program {
    try RecordedMarket.shared.get().run(
      books, "--speed", "60", "--set", "automation.open_carries=no")
  }

  private func awaitStart() throws {
    try until("the process runs") {
      guard process.isRunning else { throw TestFailure("it ended: \(process.errors)") }
      // What a killed one left says that it still runs.
      return try books.rows("SELECT pid, state FROM report.daemon ORDER BY run_id DESC LIMIT 1")
        == [["\(process.number)", "running"]]
    }
  }

  func restart() throws {
    process.signal(SIGTERM)
    _ = try process.wait()
    process = try Self.start(books)
    try awaitStart()
  }

  func ask(_ arguments: String...) throws -> Program.Ending {
    try Program(arguments + ["--database-url", books.url]).wait()
  }

  func json(_ arguments: String...) throws -> Any {
    let ending = try Program(arguments + ["--database-url", books.url, "--format", "json"]).wait()
    guard ending.code == 0 else { throw TestFailure("\(arguments): \(ending.errors)") }
    return try JSONSerialization.jsonObject(with: Data(ending.output.utf8))
  }

  /// The only carry that a command prints, every value as text.
  func carry(_ arguments: String...) throws -> [String: String] {
    let ending = try Program(arguments + ["--database-url", books.url, "--format", "json"]).wait()
    guard ending.code == 0 else { throw TestFailure("\(arguments): \(ending.errors)") }
    let rows =
      try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [[String: Any]] ?? []
    guard rows.count == 1 else { throw TestFailure("\(arguments): \(ending.output)") }
    return rows[0].compactMapValues { ($0 as? String) ?? ($0 as? Int).map(String.init) }
  }

  func waitUntilFlat() throws {
    try until("every carry is closed") {
      try books.value("SELECT count(*) FROM report.status") == "0"
    }
  }

  /// Stops the process and looks whether everything was answered once and the books are whole.
  func close() throws {
    process.signal(SIGTERM)
    let ending = try process.wait()
    guard ending.code == 0 else { throw TestFailure(ending.errors) }
    let faults =
      try books.faults()
      + books.rows(
        """
        SELECT 'command ' || command_id, count(*)::text
        FROM control.command AS c
        LEFT JOIN journal.record AS r ON r.kind = 'command_ended'
          AND (r.body->>'command')::bigint = c.command_id
        WHERE status <> 'expired'
        GROUP BY command_id HAVING count(seq) <> 1 OR bool_or(reply IS NULL)
        """)
    guard faults.isEmpty else { throw TestFailure("\(faults)") }
  }
}
