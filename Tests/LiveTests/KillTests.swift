import Glibc
import TestKit
import Testing
import Wire

extension LiveRuns {
  /// A process that is killed while it trades loses nothing and does nothing twice.
  @Suite struct Kills {
    /// At several stages of opening, holding and closing.
    @Test func killedOverAndOverTheBooksAreTrue() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(
        simulator, settings: ["automation.open_carries=no", "execution.clip_notional=500"])
      try desk.run()
      let orders = [
        ["open", "BTCUSDT", "--venue", "binance", "--notional", "5000", "--hold"],
        ["open", "ETHUSDT", "--venue", "bybit", "--notional", "5000", "--hold"],
        ["unwind", "--all", "--yes"], ["unwind", "--all", "--yes"],
      ]
      for (number, order) in orders.enumerated() {
        let before = try desk.books.facts()
        let command = try desk.start(order)
        // From the first intent to the middle of the clips.
        try desk.wait("facts of \(order[0]) are stored") {
          try desk.books.facts() >= before + 3 + 7 * number || !command.isRunning
        }
        desk.kill()
        command.kill()
        try desk.run()
      }
      try desk.settle()
      try desk.unwindAll()
      try desk.stop()
      try desk.expectBooksAreTrue()
      #expect(try desk.books.value("SELECT count(*) FROM report.leg_fill") != "0")
      #expect(try desk.books.value("SELECT count(*) FROM report.daemon") == "5")
    }
  }
}
