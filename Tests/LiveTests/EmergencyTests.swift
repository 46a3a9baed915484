import FixedPoint
import Glibc
import TestKit
import Testing
import Trading
import Wire

extension LiveRuns {
  /// What an operator does when something is wrong.
  @Suite struct Emergencies {
    /// Everything is flattened with the process killed and the database out of reach, and the books
    /// follow when they are back.
    @Test func panicNeedsNeitherProcessNorDatabase() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator, settings: ["automation.open_carries=no"])
      try desk.run()
      for venue in LiveDesk.venues { try desk.open("ETHUSDT", at: venue) }
      try desk.open("BTCUSDT", at: "binance")
      desk.kill()

      let looked = try desk.panic("--dry-run")
      #expect(looked.code == 0, "\(looked.errors)")
      #expect(looked.output.contains("ETHUSDT") && looked.output.contains("BTCUSDT"))
      let unconfirmed = try desk.panic()
      #expect(unconfirmed.code == 1 && unconfirmed.errors.contains("--yes"))
      let panic = try desk.panic("--yes")
      #expect(panic.code == 0, "\(panic.errors)")
      for venue in LiveDesk.venues {
        let truth = try simulator.truth(venue)
        #expect(truth["positions"]?.elements.isEmpty == true)
        for balance in truth["balances"]?.elements ?? [] where balance["asset"]?.text != "USDT" {
          let left: Amount = balance["total"]?.decimal() ?? .zero
          #expect(left < "0.0002", "\(balance)")
        }
      }

      try desk.run()
      try desk.wait("the carries are closed") {
        try desk.books.value("SELECT count(*) FROM report.carry WHERE state = 'closed'") == "3"
      }
      try desk.stop()
      try desk.expectBooksAreTrue()
    }

    /// What came from outside stops trading there until somebody explains it.
    @Test func aDifferenceHaltsTheVenueUntilItIsAdopted() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator, settings: ["automation.open_carries=no"])
      try desk.run()
      try desk.open("ETHUSDT", at: "binance")
      try simulator.deposit("123.45", "USDT", "spot", at: "binance")
      let found = try desk.ask("reconcile", "--format", "json")
      #expect(found.code == 1)
      #expect(found.output.contains("\"123.45\"") && found.output.contains("spot:USDT"))

      // An account is compared after every interruption, and every quarter of an hour.
      try simulator.fault(["kind": "disconnect", "venue": "binance"])
      try desk.wait("the process found it too") {
        try desk.books.value(
          "SELECT count(*) FROM report.reconciliation_break WHERE difference = 123.45") == "1"
      }
      let refused = try desk.ask("open", "BTCUSDT", "--venue", "binance", "--notional", "3000")
      #expect(refused.code == 1, "\(refused.output)")
      try desk.open("BTCUSDT", at: "bybit")

      let listed = try JSON(Array(try desk.ask("reconcile", "--format", "json").output.utf8))
      let id = try #require(listed[0]?["id"]?.text)
      let silent = try desk.ask("reconcile", "--adopt", id)
      #expect(silent.code == 64)
      try desk.order("reconcile", "--adopt", id, "--reason", "brought in by the owner")
      try desk.wait("the halt has ended") {
        try desk.books.value(
          "SELECT count(*) FROM report.reconciliation_break WHERE resolved_at IS NULL") == "0"
          && desk.ask("reconcile").code == 0
      }
      try desk.open("BTCUSDT", at: "binance")
      try desk.unwindAll()
      try desk.stop()
      #expect(
        try desk.books.value(
          "SELECT trim_scale(sum(-amount)) FROM report.balance "
            + "WHERE account = 'equity:adjustments'") == "123.45")
      try desk.expectBooksAreTrue(adopted: 1)
    }
  }
}

extension LiveDesk {
  /// Runs `panic` with a database that does not answer.
  func panic(_ arguments: String...) throws -> Program.Ending {
    try start(
      ["panic"] + arguments, ["HARVESTER_DATABASE_URL": "host=127.0.0.1 port=1"], books: false
    )
    .wait(seconds: 120)
  }
}
