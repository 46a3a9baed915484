import Store
import Testing

/// Absence is a row: each alert comes with its cause and goes with it.
@Suite("Alerts")
struct AlertTests {
  /// Books of a live run that began so many minutes ago and has one open, matched carry.
  private func withCarry(
    _ mode: String = "live", openMinutes: Int = 5, epoch: String = "clock_timestamp()",
    _ body: (PostgresConnection) throws -> Void
  ) throws {
    try withBooks { database, _ in
      let opened = "\(epoch) - interval '\(openMinutes) minutes'"
      let began = epoch == "clock_timestamp()" ? opened : "clock_timestamp()"
      let run = try database.startRun(mode, began: began)
      try database.addRecord(run: run, kind: "started", at: opened)
      try database.executeScript(
        """
        INSERT INTO book.carry VALUES (1, '\(mode)', 'binance', 'BTCUSDT', 'BTC', 'USDT', \(opened),
          100, 1, 'policy', 'test');
        INSERT INTO book.carry_event VALUES (1, 1, \(opened), 'open', 'test');
        INSERT INTO book.comparison VALUES (1, \(opened), 'binance', 0)
        """)
      try addFill(of: -1, at: opened, to: database)
      try close(1, at: opened, in: database)
      try body(database)
    }
  }

  /// A fill of the perpetual that leaves the carry with a position.
  private func addFill(
    of position: Int, at moment: String, to database: PostgresConnection
  ) throws {
    try database.addRecord(run: 1, kind: "filled", at: moment)
    try database.executeScript(
      """
      INSERT INTO book.fill (seq, mode, venue, market, symbol, trade_id, carry_id, filled_at, side,
        quantity, price, fee, fee_asset, fee_value, realized, liquidity, purpose, spot_mid, perp_mid,
        slippage, spot_price_pnl, perp_price_pnl, basis_pnl, directional_pnl, spot_quantity,
        perp_quantity, perp_cost)
      SELECT (SELECT max(seq) FROM journal.record), 'live', 'binance', 'perp', 'BTCUSDT', 't' || count(*), 1, \(moment), 'sell', 1, 100, 0,
        'USDT', 0, 0, 'taker', 'open', 100, 100, 0, 0, 0, 0, 0, 0, \(position), -100 FROM book.fill
      """)
  }

  /// Ends the exposure window.
  private func close(_ carry: Int, at moment: String, in database: PostgresConnection) throws {
    try database.addRecord(run: 1, kind: "exposed", at: moment)
    try database.executeScript(
      "INSERT INTO book.exposure SELECT max(seq), \(carry), m.at, m.at, 'open', 1, 1 "
        + "FROM journal.record, (SELECT \(moment) AS at) AS m GROUP BY m.at")
  }

  private func alerts(_ database: PostgresConnection) throws -> [String] {
    try database.execute("SELECT kind || ' ' || severity FROM report.alert ORDER BY 1")
      .map { $0[0] ?? "" }
  }

  private func settle(_ moment: String, in database: PostgresConnection) throws {
    try database.executeScript(
      "INSERT INTO book.settlement VALUES (1, 'live', 'binance', 'BTCUSDT', \(moment), 8, 0.0001, "
        + "-1, 100, 0.01)")
  }

  @Test("a process that does not beat; one that ended is not expected to")
  func heartbeat() throws {
    try withBooks { database, _ in
      #expect(try alerts(database).isEmpty)
      try database.startRun(silentSeconds: 0)
      #expect(try alerts(database).isEmpty)
      try database.startRun("paper", silentSeconds: 31)
      #expect(try alerts(database) == ["no_heartbeat critical"])
      try database.startRun(state: "stopped", silentSeconds: 1000)
      #expect(try alerts(database).isEmpty)
    }
  }

  @Test("a settlement that is not paid within five minutes")
  func payment() throws {
    try withCarry(openMinutes: 10) { database in
      try settle("clock_timestamp() - interval '1 minute'", in: database)
      #expect(try alerts(database).isEmpty)
      try settle("date_trunc('minute', now()) - interval '6 minutes'", in: database)
      #expect(try alerts(database) == ["no_funding_payment warning"])
      try database.executeScript(
        """
        INSERT INTO book.funding_payment
        SELECT 'binance', 'p', 'live', 'BTCUSDT', 1, settled_at, 0.01, 'USDT', now()
        FROM book.settlement ORDER BY settled_at LIMIT 1
        """)
      #expect(try alerts(database).isEmpty)
    }
  }

  @Test("a settlement that found nothing, as was learned later, expects nothing and counts nowhere")
  func correction() throws {
    try withCarry(openMinutes: 10) { database in
      try settle("date_trunc('minute', now()) - interval '6 minutes'", in: database)
      try correct(from: "-1", to: "-0.5", expected: "0.005", in: database)
      #expect(try alerts(database) == ["no_funding_payment warning"])
      #expect(
        try database.execute("SELECT settlements, notional_hours FROM book.carry_total").first?[1]
          == "400.0")
      #expect(
        try database.execute("SELECT average_notional FROM report.funding_income_daily")
          .first?[0]?.hasPrefix("50.00") == true)
      try correct(from: "-0.5", to: "0", expected: "0", in: database)
      #expect(try alerts(database).isEmpty)
      #expect(try database.execute("SELECT FROM report.funding_gap").isEmpty)
      #expect(try database.execute("SELECT FROM report.funding_income_daily").isEmpty)
      let totals = try database.execute(
        "SELECT settlements, rate_sum, funding_hours, notional_hours FROM book.carry_total "
          + "WHERE (settlements, rate_sum, funding_hours, notional_hours) = (0, 0, 0, 0)")
      #expect(totals.count == 1)
      #expect(
        try database.execute(
          "SELECT check_name FROM report.verify() WHERE NOT ok AND check_name LIKE 'book.%daily'"
        )
        .isEmpty)
    }
  }

  private func correct(
    from believed: String, to quantity: String, expected: String, in database: PostgresConnection
  ) throws {
    try database.addRecord(run: 1, kind: "settlement_corrected")
    try database.executeScript(
      "INSERT INTO book.settlement_correction SELECT (SELECT max(seq) FROM journal.record), carry_id, "
        + "settled_at, \(believed), \(quantity), \(expected) FROM book.settlement")
  }

  @Test(
    "silence: a settlement is expected an interval after the last, and eight hours after opening")
  func silence() throws {
    try withCarry(openMinutes: 484) { database in
      let found = try alerts(database)
      #expect(found == ["no_reconciliation warning"])
    }
    try withCarry(openMinutes: 486) { database in
      #expect(try alerts(database) == ["no_reconciliation warning", "no_settlement warning"])
      try settle("clock_timestamp() - interval '1 minute'", in: database)
      #expect(try alerts(database) == ["no_reconciliation warning"])
    }
    try withCarry(openMinutes: 55) { database in
      // Paid, an interval ago and more, and nothing since.
      try settle("now() - interval '486 minutes'", in: database)
      try database.executeScript(
        "INSERT INTO book.funding_payment SELECT 'binance', 'p', 'live', 'BTCUSDT', 1, settled_at, "
          + "0.01, 'USDT', now() FROM book.settlement")
      #expect(try alerts(database) == ["no_settlement warning"])
    }
  }

  @Test("an account that is not compared any more")
  func comparison() throws {
    try withCarry(openMinutes: 61) { database in
      #expect(try alerts(database) == ["no_reconciliation warning"])
      try database.addRecord(run: 1, kind: "compared")
      try database.executeScript(
        "INSERT INTO book.comparison SELECT max(seq), clock_timestamp(), 'binance', 0 FROM journal.record"
      )
      #expect(try alerts(database).isEmpty)
    }
  }

  @Test("a difference between account and books, until it is explained")
  func difference() throws {
    try withCarry { database in
      try database.executeScript(
        "INSERT INTO book.reconciliation_break (detected_at, venue, kind, asset_or_symbol, books, "
          + "venue_value, difference) VALUES (now(), 'binance', 'balance', 'spot:BTC', 1, 2, 1)")
      #expect(try alerts(database) == ["account_differs critical"])
      try database.executeScript(
        "INSERT INTO book.reconciliation_resolution VALUES (1, now(), 'adopted: test')")
      #expect(try alerts(database).isEmpty)
    }
  }

  @Test("a command that nobody answered in time")
  func command() throws {
    try withBooks { database, _ in
      try database.startRun("paper")
      try database.executeScript(
        """
        INSERT INTO control.command (kind, expires_at) VALUES
          ('pause', now() + interval '1 minute'), ('resume', now() - interval '1 second'),
          ('unwind', now() - interval '2 days')
        """)
      #expect(try alerts(database) == ["command_unanswered warning"])
      try database.execute("UPDATE control.command SET status = 'done' WHERE command_id = 2")
      #expect(try alerts(database).isEmpty)
    }
  }

  @Test("legs that do not match for more than a minute")
  func exposure() throws {
    try withCarry { database in
      try addFill(of: -2, at: "clock_timestamp() - interval '5 seconds'", to: database)
      #expect(try alerts(database).isEmpty)
      try addFill(of: -3, at: "clock_timestamp() - interval '70 seconds'", to: database)
      #expect(try alerts(database) == ["exposure_open critical"])
      // Even when the venue's clock is ahead of ours.
      try close(1, at: "now() - interval '10 minutes'", in: database)
      #expect(try alerts(database).isEmpty)
    }
  }

  @Test("a live run that is over leaves its carries unattended; a paper one cannot")
  func unattended() throws {
    try withCarry { database in
      try database.execute("UPDATE journal.run SET state = 'failed'")
      #expect(try alerts(database) == ["unattended critical"])
    }
    try withCarry("paper") { database in
      try database.execute("UPDATE journal.run SET state = 'stopped'")
      #expect(try alerts(database).isEmpty)
    }
  }

  @Test("prices that do not come, and a journal ahead of the clock")
  func pricesAndClock() throws {
    try withCarry { database in
      try database.executeScript(
        "INSERT INTO book.mark VALUES ('binance', 'BTCUSDT', now() - interval '3 hours', 1, 1, 1)")
      #expect(try alerts(database) == ["no_prices warning"])
      try database.executeScript(
        "INSERT INTO book.mark VALUES ('binance', 'BTCUSDT', now(), 1, 1, 1)")
      #expect(try alerts(database).isEmpty)
      try database.addRecord(run: 1, at: "clock_timestamp() + interval '1 hour'")
      #expect(try alerts(database) == ["clock_ahead critical"])
    }
  }

  /// Years may lie between the market and the clock on the wall.
  @Test("virtual time is judged by the journal", arguments: ["paper", "live"])
  func virtual(mode: String) throws {
    let epoch = "timestamptz '2024-01-02 00:00Z'"
    try withCarry(mode, openMinutes: 480, epoch: epoch) { database in
      try database.addRecord(run: 1, at: epoch)
      try database.addRecord(run: 1, kind: "compared", at: epoch)
      try database.executeScript(
        "INSERT INTO book.comparison SELECT max(seq), \(epoch), 'binance', 0 FROM journal.record")
      #expect(try alerts(database).isEmpty)
      try settle(epoch, in: database)
      #expect(try alerts(database).isEmpty)
      try database.addRecord(run: 1, at: "\(epoch) + interval '6 minutes'")
      #expect(try alerts(database) == ["no_funding_payment warning"])
    }
  }
}
