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
      let warned = try desk.ask("panic", "--dry-run")
      #expect(warned.code == 0 && warned.errors.contains("a process runs on the database"))
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

    /// A short that the venue does not let go keeps its spot, and only that.
    @Test func panicKeepsTheSpotThatAShortNeeds() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator, settings: ["automation.open_carries=no"])
      try desk.run()
      for venue in LiveDesk.venues { try desk.open("ETHUSDT", at: venue) }
      desk.kill()
      try simulator.deposit("1", "ETH", "spot", at: "binance")
      let short = try simulator.position("ETHUSDT", at: "binance").magnitude
      #expect(short > "0.5")

      // Each of three rounds tries once.
      try simulator.fault([
        "kind": "unavailable", "venue": "binance", "path": "/fapi/v1/order", "method": "POST",
        "count": 3,
      ])
      let panic = try desk.panic("--yes")
      #expect(panic.code == 1, "\(panic.output)")
      #expect(panic.errors.contains("ETHUSDT); run harvester panic again"), "\(panic.errors)")
      #expect(try simulator.position("ETHUSDT", at: "binance").magnitude == short)
      let kept = try simulator.balance("ETH", at: "binance")
      #expect(kept >= short && kept - short < "0.0002", "\(kept) for \(short)")
      #expect(try simulator.position("ETHUSDT", at: "bybit").isZero)
      #expect(try simulator.balance("ETH", at: "bybit") < "0.0002")

      let again = try desk.panic("--yes")
      #expect(again.code == 0, "\(again.errors)")
      #expect(try simulator.position("ETHUSDT", at: "binance").isZero)
      #expect(try simulator.balance("ETH", at: "binance") < "0.0002")
    }

    /// What is not needed to flatten may fail, and a market that cannot be read hides no other.
    @Test func panicNeedsOnlyNamesAndSteps() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator, settings: ["automation.open_carries=no"])
      try desk.run()
      for venue in LiveDesk.venues { try desk.open("ETHUSDT", at: venue) }
      desk.kill()
      for path in [
        "/fapi/v1/fundingInfo", "/fapi/v1/leverageBracket", "/fapi/v1/premiumIndex",
        "/fapi/v1/commissionRate", "/api/v3/account/commission", "/api/v3/exchangeInfo",
        "/v5/market/tickers", "/v5/account/fee-rate", "/v5/market/risk-limit",
      ] {
        try simulator.fault(["kind": "5xx", "status": "503", "path": .string(path), "count": nil])
      }
      let panic = try desk.panic("--yes")
      #expect(panic.code == 1, "\(panic.output)")
      #expect(panic.errors.contains("binance: instruments of spot cannot be read"))
      for venue in LiveDesk.venues {
        #expect(try simulator.position("ETHUSDT", at: venue).isZero)
      }
      #expect(try simulator.balance("ETH", at: "bybit") < "0.0002")
      #expect(try simulator.balance("ETH", at: "binance") > "0.5")
    }

    /// Positions of pairs that nobody configured are closed, with the spot that hedged them and no
    /// more.
    @Test func panicClosesWhatIsNotConfigured() throws {
      let simulator = try Simulator()
      let desk = try LiveDesk(simulator, settings: ["automation.open_carries=no"])
      try desk.run()
      for venue in LiveDesk.venues { try desk.open("ETHUSDT", at: venue) }
      desk.kill()
      try simulator.deposit("1", "ETH", "spot", at: "binance")
      // The deposit, give or take what lots left between the legs.
      let unhedged =
        try simulator.balance("ETH", at: "binance")
        + simulator.position("ETHUSDT", at: "binance")
      try simulator.fault([
        "kind": "5xx", "status": "503", "path": "/fapi/v1/fundingInfo", "count": nil,
      ])
      let panic = try desk.start(
        ["panic", "--yes"],
        [
          "HARVESTER_DATABASE_URL": "host=127.0.0.1 port=1",
          "HARVESTER_BINANCE_SYMBOLS": "BTCUSDT", "HARVESTER_BYBIT_SYMBOLS": "BTCUSDT",
        ], books: false
      )
      .wait(seconds: 120)
      #expect(panic.output.contains("ETHUSDT"))
      for venue in LiveDesk.venues {
        #expect(try simulator.position("ETHUSDT", at: venue).isZero)
      }
      let kept = try simulator.balance("ETH", at: "binance")
      #expect(kept >= unhedged && kept - unhedged < "0.0001", "\(kept), \(unhedged)")
      #expect(try simulator.balance("ETH", at: "bybit") < "0.0002")
      #expect(panic.code == 0, "\(panic.errors)")
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
      let refused = try desk.tryToOpen("BTCUSDT", at: "binance", notional: "3000")
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

extension Simulator {
  /// The signed position that is true at a venue.
  func position(_ symbol: String, at venue: String) throws -> Quantity {
    let row = try truth(venue)["positions"]?.elements.first { $0["symbol"]?.text == symbol }
    return try row.map { try #require($0["quantity"]?.decimal()) } ?? .zero
  }

  /// What is true of an asset where spot is held.
  func balance(_ asset: String, at venue: String) throws -> Quantity {
    let row = try truth(venue)["balances"]?.elements.first {
      $0["asset"]?.text == asset && $0["wallet"]?.text != "futures"
    }
    return try row.map { try #require($0["total"]?.decimal()) } ?? .zero
  }
}
