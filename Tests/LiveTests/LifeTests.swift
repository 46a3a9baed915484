import FixedPoint
import TestKit
import Testing
import Trading
import Wire

extension LiveRuns {
  /// Carries from their opening to their end, at both venues.
  @Suite struct Life {
    /// By command: opened, held over settlements, made smaller, closed.
    @Test func openedByCommandAndHeld() throws {
      let simulator = try Simulator(Simulator.past)
      let desk = try LiveDesk(simulator, clock: "venue", settings: ["automation.open_carries=no"])
      try desk.run()
      for venue in LiveDesk.venues {
        try desk.open("BTCUSDT", at: venue)
        try desk.open("ETHUSDT", at: venue, notional: "3000")
      }
      try simulator.pass(until: "2024-01-11T00:10:00Z")
      try desk.wait("three settlements of four carries are paid") {
        try desk.books.value("SELECT count(*) FROM report.funding_payment") == "12"
      }
      try desk.expectBooksAreTrue()
      // Two years behind the clock on the wall, and nothing is late.
      #expect(try desk.books.rows("SELECT kind, detail FROM report.alert").isEmpty)
      #expect(try desk.books.value("SELECT count(DISTINCT venue) FROM report.comparison") == "2")

      try desk.order("unwind", "1", "--fraction", "0.5", "--yes")
      try desk.wait("half is left") {
        try desk.books.value(
          "SELECT count(*) FROM report.carry WHERE carry_id = 1 AND state = 'open' "
            + "AND abs(perp_quantity) BETWEEN 0.04 AND 0.042") == "1"
      }
      try desk.expectBooksAreTrue()
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
      #expect(try desk.books.value("SELECT count(*) FROM report.leg_fill") != "0")
    }

    /// By its own decision, as soon as the settled history says so.
    @Test func openedByDecision() throws {
      let simulator = try Simulator(Simulator.past)
      let desk = try LiveDesk(
        simulator, clock: "venue",
        settings: [
          "entry.minimum_history_hours=8", "entry.minimum_annual_rate=0.01",
          "exit.maximum_annual_rate=-0.5", "entry.horizon_days=365", "sizing.notional=4000",
        ])
      try desk.run()
      try simulator.pass(until: "2024-01-10T16:10:00Z")
      try desk.wait("carries are open") {
        try desk.books.value("SELECT count(*) FROM report.carry WHERE state = 'open'") == "4"
      }
      #expect(
        try desk.books.value("SELECT min(open_reason) FROM report.carry") != "opened by command")
      try simulator.pass(until: "2024-01-11T08:10:00Z")
      try desk.stop()
      try desk.expectBooksAreTrue()
      #expect(try desk.books.value("SELECT count(*) >= 8 FROM report.funding_payment") == "t")
    }

    /// A rise of the price brings the short near its liquidation: collateral follows, by transfer
    /// where wallets are separate.
    @Test func collateralFollowsThePrice() throws {
      let simulator = try Simulator(
        Simulator.past + ["--set", "binance.balances=spot:USDT=100000,futures:USDT=1350"])
      let desk = try LiveDesk(
        simulator, clock: "venue",
        settings: ["automation.open_carries=no", "sizing.leverage=4"])
      try desk.run()
      for venue in LiveDesk.venues { try desk.open("BTCUSDT", at: venue) }
      for venue in LiveDesk.venues { try simulator.move("BTCUSDT", by: "0.1", at: venue) }
      try desk.wait("collateral was added at both venues") {
        try LiveDesk.venues.allSatisfy { venue in
          let position = try simulator.truth(venue)["positions"]?.elements.first
          let margin: Amount = position?["margin"]?.decimal() ?? .zero
          return margin > "1600"
        }
      }
      try desk.wait("the transfer is booked") {
        try desk.books.value(
          "SELECT count(*) FROM ledger.entry WHERE kind = 'transfer' AND venue = 'binance'") != "0"
      }
      try desk.expectBooksAreTrue()
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
    }

    /// The venue closes a part of the short: spot follows, and the legs match again.
    @Test func aDeleveragedShortIsMatched() throws {
      let simulator = try Simulator(Simulator.past)
      let desk = try LiveDesk(
        simulator, clock: "venue",
        settings: ["automation.open_carries=no"])
      try desk.run()
      try desk.open("ETHUSDT", at: "binance")
      try simulator.fault([
        "kind": "adl", "venue": "binance", "symbol": "ETHUSDT", "fraction": "0.4",
      ])
      try desk.wait("spot followed the short") {
        try desk.books.value(
          "SELECT count(*) FROM report.carry WHERE state = 'open' AND perp_quantity > -1.2 "
            + "AND abs(delta) < 0.01") == "1"
      }
      try desk.expectBooksAreTrue()
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
    }
  }
}
