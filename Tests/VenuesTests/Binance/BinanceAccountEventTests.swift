import FixedPoint
import Testing
import Trading
import Venues
import Wire

/// Private events of both markets.
@Suite struct BinanceAccountEventTests {
  private let perp = BinanceBench.perpID

  private func report(
    _ kind: String, _ status: String, last: String, total: String, trade: Int = -1,
    client: String = "h3-17-41s", original: String = ""
  ) -> String {
    """
    {"subscriptionId":0,"event":{"e":"executionReport","E":1735689600300,"s":"BTCUSDT",\
    "c":"\(client)","S":"BUY","o":"LIMIT","f":"GTC","q":"1","p":"60000","x":"\(kind)",\
    "X":"\(status)","r":"NONE","i":12345678,"l":"\(last)","z":"\(total)","L":"60000.00",\
    "n":"0.00050000","N":"BNB","T":1735689600299,"t":\(trade),"m":true,"O":1,"Z":"0",\
    "C":"\(original)"}}
    """
  }

  @Test func spotOrder() throws {
    var bench = BinanceBench()
    let id = BinanceBench.spotID
    let new = try bench.receive(report("NEW", "NEW", last: "0", total: "0"), on: "spot account")
    #expect(new.messages == [.event(.orderAccepted(id, "12345678"))])
    let part = try bench.receive(
      report("TRADE", "PARTIALLY_FILLED", last: "0.4", total: "0.4", trade: 1), on: "spot account")
    guard case .fill(let fill)? = part.messages.events.last else {
      Issue.record("\(part)")
      return
    }
    #expect(fill.fee == "0.0005" && fill.feeAsset == "BNB" && fill.liquidity == .maker)
    #expect(fill.order == id && fill.side == .buy && fill.quantity == "0.4")
    // The cancel has an id of its own; the order's is in `C`.
    let end = try bench.receive(
      report(
        "CANCELED", "CANCELED", last: "0", total: "0.4", client: "web_1", original: "h3-17-41s"),
      on: "spot account")
    #expect(end.messages == [.event(.orderFinished(id, .cancelled))])
    #expect(bench.dialect.venueTime == Timestamp(milliseconds: 1_735_689_600_300))
  }

  /// An execution was missed: the end waits until it has been read.
  @Test func missedExecution() throws {
    var bench = BinanceBench()
    let last = try bench.receive(
      report("TRADE", "FILLED", last: "0.6", total: "1", trade: 2), on: "spot account")
    #expect(
      last.messages.events.count == 2
        && !last.messages.events.contains(
          .orderFinished(BinanceBench.spotID, .filled))
    )
    let ask = bench.housekeeping(after: .seconds(1))
    #expect(
      ask.map(BinanceBench.text) == [
        "GET /api/v3/order?symbol=BTCUSDT&origClientOrderId=h3-17-41s"
      ])
    func trade(_ id: Int64, _ quantity: String) -> JSON {
      [
        "symbol": "BTCUSDT", "id": .number("\(id)"), "orderId": 12_345_678, "price": "60000",
        "qty": .string(quantity), "commission": "0", "commissionAsset": "BNB",
        "time": 1_735_689_600_299, "isBuyer": true, "isMaker": true,
      ]
    }
    let read = bench.play(ask) { call in
      call.path.hasSuffix("order")
        ? BinanceBench.ok(["orderId": 12_345_678, "executedQty": "1", "status": "FILLED"])
        : BinanceBench.ok([trade(1, "0.4"), trade(2, "0.6")])
    }
    let fills = read.messages.events.compactMap {
      if case .fill(let fill) = $0 { fill.trade } else { nil }
    }
    #expect(
      fills == ["1"] && read.messages.events.last == .orderFinished(BinanceBench.spotID, .filled))
  }

  @Test func publishedSpotEvents() throws {
    var bench = BinanceBench()
    for (name, count) in [
      ("spot_execution_report_new.json", 0), ("spot_execution_report_trade.json", 1),
      ("spot_account_position.json", 0),
    ] {
      let event = try BinanceFixture.json(name)
      let frame: JSON = ["subscriptionId": 0, "event": event]
      // Orders of others: their executions are told, their lives are not.
      #expect(try bench.receive(frame.description, on: "spot account").messages.count == count)
    }
    let event = try #require(
      try BinanceFixture.json("py_ws_spot_execution_report_rejected.json")["data"])
    let ours = event.description.replacing("O-12345-test-reject", with: "h3-17-41s")
    let frame = "{\"subscriptionId\":0,\"event\":\(ours)}"
    #expect(
      try bench.receive(frame, on: "spot account").messages == [
        .event(.orderRefused(BinanceBench.spotID, .other, "REJECTED GTX_ORDER_REJECT"))
      ])
    let cut = try bench.receive(
      #"{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1735689600300}}"#,
      on: "spot account")
    #expect(cut.replies.count == 1 && cut.replies[0].contains("userDataStream.subscribe.signature"))
    guard case .resynchronise? = cut.messages.first else {
      Issue.record("\(cut)")
      return
    }
  }

  @Test func perpOrders() throws {
    var bench = BinanceBench()
    func event(_ name: String, client: String? = nil) throws -> [VenueEvent] {
      let json = try BinanceFixture.json(name)
      var text = (json["data"] ?? json).description
      if let client { text = text.replacing("\"c\":\"TEST\"", with: "\"c\":\"\(client)\"") }
      return try bench.receive(text, on: "perp account").messages.events
    }
    #expect(
      try event("usdm_order_update_new.json", client: "h3-18-41p") == [
        .orderAccepted(perp, "8886774")
      ])
    let traded = try event("usdm_order_update_trade.json", client: "h3-18-41p")
    guard case .fill(let fill)? = traded.last else {
      Issue.record("\(traded)")
      return
    }
    #expect(fill.realized == "12.34" && fill.liquidity == .maker && fill.fee == "0.01")
    #expect(fill.cause == .order && fill.order == perp && fill.trade == "12345678")
    for (name, cause) in [
      ("usdm_order_update_adl.json", Fill.Cause.autoDeleveraging),
      ("usdm_order_update_calculated.json", .liquidation),
      ("py_ws_futures_order_update_liquidation.json", .liquidation),
    ] {
      let events = try event(name)
      guard events.count == 1, case .fill(let forced)? = events.first else {
        Issue.record("\(name) \(events)")
        continue
      }
      #expect(
        forced.cause == cause && forced.order == nil && forced.instrument == BinanceBench.btcPerp)
    }
  }

  @Test func accountUpdate() throws {
    var bench = BinanceBench()
    let name = "usdm_account_update.json"
    // Rows of a hedge are not ours; the flat one is.
    let events = try bench.receive(try BinanceFixture.bytes(name), on: "perp account").messages
      .events
    #expect(events.count == 1)
    let paid = """
      {"e":"ACCOUNT_UPDATE","E":1735718402000,"T":1735718401999,"a":{"m":"FUNDING_FEE",\
      "B":[{"a":"USDT","wb":"100","cw":"0","bc":"-0.3"}],"P":[{"s":"BTCUSDT","pa":"-0.010",\
      "ep":"60000","iw":"149.7","ps":"BOTH","mt":"isolated","up":"0"}]}}
      """
    bench.now = Timestamp(milliseconds: 1_735_718_402_000)
    let position = Position(
      instrument: BinanceBench.btcPerp, quantity: "-0.01", cost: "-600", margin: "149.7",
      liquidationPrice: nil)
    // No payment from here: the event does not say whose it is.
    #expect(try bench.receive(paid, on: "perp account").messages == [.event(.position(position))])
    let due = bench.housekeeping(after: .seconds(1))
    #expect(
      due.map(BinanceBench.text) == [
        "GET /fapi/v3/positionRisk?symbol=BTCUSDT",
        "GET /fapi/v1/income?incomeType=FUNDING_FEE&startTime=1735718340000&limit=1000",
      ])
    let row: JSON = [
      "symbol": "BTCUSDT", "positionAmt": "-0.010", "entryPrice": "60000",
      "isolatedWallet": "149.7", "liquidationPrice": "70000",
    ]
    _ = bench.answer(due[0], [row])
    // From now on the limit that was read stands until it is read again.
    guard
      case .position(let next)? = try bench.receive(paid, on: "perp account").messages.events.first
    else { return }
    #expect(next.liquidationPrice == "70000")
  }
}
