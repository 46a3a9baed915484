import TestKit
import Testing

extension LiveRuns {
  /// Orders that rest in the book, at both venues.
  @Suite struct Resting {
    @Test func tradedWhereThePriceComesAndTakenBackWhereNot() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(
        simulator, settings: ["automation.open_carries=no", "execution.maker_seconds=10"])
      try desk.run()
      for venue in LiveDesk.venues {
        // Nobody comes: taken back after a while, and then it takes.
        try desk.open("ETHUSDT", at: venue, notional: "3000")
        #expect(try Self.orders("ETHUSDT", venue, "outcome = 'cancelled'", desk) == 1)
        #expect(try Self.fills("ETHUSDT", venue, "perp", "taker", desk) > 0)

        try desk.quote()
        let opening = try desk.start(
          ["open", "BTCUSDT", "--venue", venue, "--notional", "5000", "--hold"])
        try desk.wait("an order rests") {
          try desk.books.value(
            "SELECT count(*) FROM book.order_ack JOIN book.order_intent USING (client_order_id) "
              + "WHERE symbol = 'BTCUSDT' AND venue = '\(venue)' AND market = 'perp'") != "0"
        }
        try simulator.move("BTCUSDT", by: "0.002", at: venue)
        try desk.wait("what rested has traded") {
          try desk.state(of: "BTCUSDT", at: venue) == "open"
        }
        #expect(try opening.wait(seconds: 60).code == 0)
        #expect(try Self.fills("BTCUSDT", venue, "perp", "maker", desk) > 0)
        #expect(try Self.fills("BTCUSDT", venue, "spot", "maker", desk) == 0)
      }
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
    }

    private static func orders(
      _ symbol: String, _ venue: String, _ condition: String, _ desk: LiveDesk
    ) throws -> Int {
      Int(
        try desk.books.value(
          "SELECT count(*) FROM book.order_end JOIN book.order_intent USING (client_order_id) "
            + "WHERE symbol = '\(symbol)' AND venue = '\(venue)' AND \(condition)")) ?? -1
    }

    private static func fills(
      _ symbol: String, _ venue: String, _ market: String, _ liquidity: String, _ desk: LiveDesk
    ) throws -> Int {
      Int(
        try desk.books.value(
          "SELECT count(*) FROM book.fill WHERE symbol = '\(symbol)' AND venue = '\(venue)' "
            + "AND market = '\(market)' AND liquidity = '\(liquidity)'")) ?? -1
    }
  }
}
