import Testing
import Trading
import Venues
import Wire

/// What it takes to trade pairs away.
@Suite struct BinanceLotsTests {
  private func lots(perps: CallOutcome? = nil) throws -> TradableLots {
    var bench = BinanceBench(attached: false)
    let spot = BinanceBench.ok(try BinanceFixture.json("spot_exchange_info.json"))
    let perp = try perps ?? BinanceBench.ok(BinanceFixture.json("perp_exchange_info.json"))
    let answer = bench.play(.lots(["BTCUSDT", "1000PEPEUSDT", "NOSUCHUSDT"])) { call in
      call.path == "/api/v3/exchangeInfo" ? spot : perp
    }
    #expect(answer.calls.count == 2)
    guard case .lots(let lots)? = answer.messages.last else {
      throw DialectError("\(answer.messages)")
    }
    return lots
  }

  @Test func bothMarkets() throws {
    let lots = try lots()
    #expect(lots.unread.isEmpty)
    #expect(lots.listings.map(\.perpName) == ["BTCUSDT", "1000PEPEUSDT"])
    #expect(lots.listings[0].spot.lot == "0.00001" && lots.listings[0].perp.lot == "0.001")
    // The smaller one of both filters, as of the day of the payload.
    #expect(lots.largest[BinanceBench.btc] == "160.64030255")
    #expect(lots.standIns.map(\.symbol) == ["1000PEPEUSDT"])
    #expect(lots.standIns.map(\.market) == [.spot])
  }

  @Test func aMarketThatIsNotReadHidesNoOther() throws {
    let lots = try lots(perps: .answered(HTTPResponse(status: 503)))
    #expect(lots.unread[.perp] != nil && lots.unread[.spot] == nil)
    #expect(lots.standIns == [BinanceBench.btcPerp])
    #expect(lots.listings.map(\.spotName) == ["BTCUSDT"])
  }

  @Test func anOrderOfSomebodyElseIsTakenBack() throws {
    var bench = BinanceBench()
    let order = OpenOrder(instrument: BinanceBench.pepePerp, id: nil, venueOrder: "77")
    let call = try #require(bench.begin(.takeBack(order)).first)
    #expect(call.method == .delete && call.path == "/fapi/v1/order" && call.isMutating)
    #expect(
      call.parameters == [Parameter("symbol", "1000PEPEUSDT"), Parameter("orderId", "77")])
    let gone = bench.answer(call, ["code": -2011, "msg": "Unknown order sent."], status: 400)
    #expect(gone.messages.isEmpty && gone.calls.isEmpty)
    let refused = bench.answer(call, ["code": -1002, "msg": "Not authorized."], status: 401)
    #expect(
      refused.messages.contains {
        if case .failed(.takeBack(order), .refused("-1002", _)) = $0 { true } else { false }
      })
  }
}
