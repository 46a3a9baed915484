import FixedPoint
import Foundation
import Glibc
import Simulation
import Testing
import Trading

extension EndToEnd {
  /// A process that is killed loses nothing and does nothing twice.
  @Suite struct Crash {
    /// With larger and smaller orders, so that every stage of a carry is met.
    @Test(arguments: [(1, "1000"), (2, "250")] as [(UInt64, String)])
    func killedTenTimesTheBooksAreWhole(seed: UInt64, clip: String) throws {
      let market = try RecordedMarket.shared.get()
      let books = try Books()
      var random = SeededRandom(seed: seed, stream: 0)
      for _ in 0..<10 {
        let program = try market.run(books, "--set", "execution.clip_notional=\(clip)")
        // From the recovery itself to hundreds of facts later.
        let before = try books.facts()
        let goal = before + random.below(4) * random.below(100)
        let jitter = ContinuousClock.now + .microseconds(random.below(60_000))
        try until("\(goal) facts are stored") {
          guard program.isRunning else { return true }
          return try ContinuousClock.now > jitter && books.facts() >= goal
        }
        program.signal(SIGKILL)
        let ending = try program.wait()
        // A fast machine may be through before the tenth.
        #expect(ending.code == 128 + SIGKILL || ending.code == 0, "\(ending.errors)")
      }
      let last = try market.run(books, "--set", "execution.clip_notional=\(clip)").wait()
      #expect(last.code == 0, "\(last.errors)")
      // Some died before they were known.
      let runs = Int(try books.value("SELECT count(*) FROM report.daemon")) ?? 0
      #expect((6...11).contains(runs))
      #expect(try books.faults() == [])
      try expectEveryPayment(market, books)
      try expectEveryOrderOnce(books)
      try expectEquityAddsUp(books)
    }

    /// Compares the payments with the market's own record and the position that fills add up to.
    private func expectEveryPayment(_ market: RecordedMarket, _ books: Books) throws {
      for pair in market.series {
        let fills = try books.rows(
          """
          SELECT to_char(filled_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            CASE side WHEN 'buy' THEN quantity ELSE -quantity END
          FROM report.leg_fill WHERE symbol = '\(pair.symbol)' AND market = 'perp'
          ORDER BY filled_at
          """
        ).map { (at: try Timestamp($0[0]), quantity: try Quantity($0[1][...])) }
        let paid = try books.rows(
          """
          SELECT to_char(settled_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), position_quantity
          FROM report.funding_payment WHERE symbol = '\(pair.symbol)' ORDER BY settled_at
          """
        ).map { "\(try Timestamp($0[0])) \(try Quantity($0[1][...]))" }
        let end = try Timestamp(RecordedMarket.to)
        let due = pair.funding.map(\.rate.settlesAt).filter { $0 < end }.compactMap { moment in
          let position = fills.filter { $0.at < moment }.map(\.quantity).reduce(.zero, +)
          return position.isZero ? nil : "\(moment) \(position)"
        }
        #expect(paid == due)
        #expect(due.count > 20)
      }
    }

    /// What the venue was asked was intended before, once, and what was intended has an end.
    private func expectEveryOrderOnce(_ books: Books) throws {
      let submitted =
        "SELECT body->'submit'->'_0'->>'id' AS id FROM paper.request WHERE body ? 'submit'"
      let checks = [
        "requested twice": "SELECT id FROM (\(submitted)) AS s GROUP BY id HAVING count(*) > 1",
        "never intended":
          "SELECT id FROM (\(submitted)) AS s WHERE id NOT IN (SELECT client_order_id FROM "
          + "book.order_intent)",
        "without an end":
          "SELECT client_order_id FROM book.order_intent WHERE client_order_id NOT IN "
          + "(SELECT client_order_id FROM book.order_end)",
        "traded but never requested":
          "SELECT client_order_id FROM book.fill WHERE client_order_id NOT IN (\(submitted))",
        "ended otherwise than filled":
          "SELECT e.client_order_id FROM book.order_end AS e JOIN report.execution AS x USING "
          + "(client_order_id) WHERE e.filled_quantity <> x.filled_quantity",
        "voided but requested":
          "SELECT client_order_id FROM book.order_end WHERE outcome = 'voided' AND "
          + "client_order_id IN (\(submitted))",
        "half a carry":
          "SELECT carry_id::text FROM report.carry WHERE state IN ('open', 'closed', 'refused') "
          + "AND abs(delta) > 0.02 * greatest(spot_quantity, 0.01)",
      ]
      #expect(try books.value("SELECT count(*) FROM (\(submitted)) AS s") != "0")
      for (fault, sql) in checks { #expect(try books.rows(sql) == [], "\(fault)") }
    }

    /// Equity moves by what the carries earned and by what their dust is worth, by nothing else.
    private func expectEquityAddsUp(_ books: Books) throws {
      let rest = try books.value(
        """
        SELECT (SELECT equity FROM report.equity_daily ORDER BY day DESC LIMIT 1)
          + (SELECT amount FROM report.balance WHERE account = 'equity:opening')
          - (SELECT sum(equity_change) FROM report.carry_pnl)
          - (SELECT coalesce(sum(amount * spot_mid), 0) FROM report.balance AS b
             JOIN (SELECT DISTINCT ON (symbol) symbol, spot_mid FROM book.mark
                   ORDER BY symbol, at DESC) AS m ON m.symbol = b.asset || 'USDT'
             WHERE b.account LIKE '%:dust')
        """)
      #expect(try Notional(rest[...]) == .zero)
    }
  }
}
