import FixedPoint
import Testing
import Trading
import Venues
import Wire

/// Orders: what is sent, what the answers mean, and what follows when nobody knows.
@Suite struct BinanceOrderTests {
  private let spot = BinanceBench.spotID
  private let perp = BinanceBench.perpID

  @Test func requests() {
    var bench = BinanceBench()
    func text(_ order: OrderRequest) -> String {
      BinanceBench.text(bench.begin(.request(.submit(order)))[0])
    }
    #expect(
      text(BinanceBench.order(.postOnly("50000"), .sell)) == """
        POST /api/v3/order?symbol=BTCUSDT&side=SELL&newClientOrderId=h3-17-41s\
        &newOrderRespType=FULL&type=LIMIT_MAKER&quantity=0.01&price=50000
        """)
    #expect(
      text(BinanceBench.order(.postOnly("60000"), .sell, perp)) == """
        POST /fapi/v1/order?symbol=BTCUSDT&side=SELL&newClientOrderId=h3-18-41p\
        &newOrderRespType=RESULT&type=LIMIT&quantity=0.01&price=60000&timeInForce=GTX
        """)
    // 25 000 PEPE at 0.0000025 are 25 contracts at 0.0025.
    #expect(
      text(
        BinanceBench.order(
          .immediateOrCancel("0.0000025"), .buy, perp, quantity: "25000", reduceOnly: true,
          on: BinanceBench.pepePerp)) == """
          POST /fapi/v1/order?symbol=1000PEPEUSDT&side=BUY&newClientOrderId=h3-18-41p\
          &newOrderRespType=RESULT&type=LIMIT&quantity=25&price=0.0025&timeInForce=IOC\
          &reduceOnly=true
          """)
    #expect(
      text(BinanceBench.order(.market, .sell)) == """
        POST /api/v3/order?symbol=BTCUSDT&side=SELL&newClientOrderId=h3-17-41s\
        &newOrderRespType=FULL&type=MARKET&quantity=0.01
        """)
  }

  /// What cannot be written in the venue's units is refused, and nothing is sent.
  @Test func impossibleOrder() {
    var bench = BinanceBench()
    let order = BinanceBench.order(
      .market, .buy, perp, quantity: "1.000000000000000001",
      on: BinanceBench.pepePerp)
    let answer = bench.play(.request(.submit(order))) { call in
      #expect(!call.isMutating)
      return .unknown("nothing")
    }
    guard case .orderRefused(perp, _, _)? = answer.messages.events.first else {
      Issue.record("\(answer)")
      return
    }
  }

  /// The fills are in the answer; the end comes after them.
  @Test func spotAnswer() throws {
    var bench = BinanceBench()
    let body = try BinanceFixture.json("spot_new_order_full_response.json")
    let call = bench.begin(.request(.submit(BinanceBench.order(.market, .sell))))[0]
    let reaction = bench.answer(call, body)
    #expect(reaction.calls.isEmpty)
    let events = reaction.messages.events
    #expect(events.first == .orderAccepted(spot, "28"))
    #expect(events.last == .orderFinished(spot, .filled))
    let fills = events.compactMap { if case .fill(let fill) = $0 { fill } else { nil } }
    #expect(fills.map(\.trade) == ["56", "57", "58", "59", "60"] && events.count == 7)
    #expect(
      fills[1]
        == Fill(
          instrument: BinanceBench.btc, trade: "57", order: spot, venueOrder: "28",
          at: Timestamp(milliseconds: 1_507_725_176_595), side: .sell, quantity: "5",
          price: "3999", fee: "19.995", feeAsset: "USDT", realized: .zero, liquidity: .taker,
          cause: .order))
    // The stream tells the same again: nothing is told twice.
    #expect(bench.answer(call, body).messages.events == [.orderAccepted(spot, "28")])
  }

  private func perpOrder(_ status: String, executed: String) -> JSON {
    [
      "orderId": 22_542_179, "symbol": "BTCUSDT", "clientOrderId": .string(perp.description),
      "status": .string(status), "side": "SELL", "executedQty": .string(executed),
    ]
  }
  private func trade(_ id: Int64, _ quantity: String) -> JSON {
    [
      "symbol": "BTCUSDT", "id": .number("\(id)"), "orderId": 22_542_179, "side": "SELL",
      "price": "60000.1", "qty": .string(quantity), "realizedPnl": "-1.5", "commission": "0.3",
      "commissionAsset": "BNB", "maker": true, "buyer": false, "time": 1_735_689_600_500,
    ]
  }

  /// A perpetual's answer has no fills: they are read before the end is told.
  @Test func perpAnswer() {
    var bench = BinanceBench()
    let answer = bench.play(.request(.submit(BinanceBench.order(.market, .sell, perp)))) { call in
      call.method == .post
        ? BinanceBench.ok(perpOrder("FILLED", executed: "0.010"))
        : BinanceBench.ok([trade(1, "0.004"), trade(2, "0.006")])
    }
    #expect(
      answer.calls.last == "GET /fapi/v1/userTrades?symbol=BTCUSDT&orderId=22542179&limit=1000")
    let events = answer.messages.events
    #expect(events.first == .orderAccepted(perp, "22542179") && events.count == 4)
    #expect(events.last == .orderFinished(perp, .filled))
    guard case .fill(let fill) = events[1] else { return }
    #expect(fill.realized == "-1.5" && fill.fee == "0.3" && fill.feeAsset == "BNB")
    #expect(fill.liquidity == .maker && fill.order == perp && fill.quantity == "0.004")
  }

  /// Executions that the venue does not list yet are asked for until they are there.
  @Test func lateExecutions() throws {
    var bench = BinanceBench()
    var rows: [JSON] = [trade(1, "0.004")]
    let server = { (call: Call<BinancePurpose>) -> CallOutcome in
      call.path.hasSuffix("order")
        ? BinanceBench.ok(self.perpOrder("EXPIRED", executed: "0.010"))
        : BinanceBench.ok(.array(rows))
    }
    let first = bench.play(.request(.query(perp, BinanceBench.btcPerp)), server)
    #expect(first.messages.events.count == 2)
    #expect(bench.housekeeping(after: .milliseconds(500)).isEmpty)
    rows.append(trade(2, "0.006"))
    let later = bench.housekeeping(after: .seconds(1))
    #expect(later.count == 1)
    let second = bench.play(later, server)
    #expect(second.messages.events.count == 2)
    #expect(second.messages.events.last == .orderFinished(perp, .expired))
    #expect(bench.housekeeping(after: .hours(1)).isEmpty)
  }

  /// Nobody knows: no event, one notice, one question by our id.
  @Test func unknownOutcome() {
    for outcome in [
      CallOutcome.unknown("timeout"), BinanceBench.error(-1007, "Timeout waiting", status: 503),
      BinanceBench.error(-1006, "An unexpected response"),
      .answered(HTTPResponse(status: 502)), .answered(HTTPResponse(status: 408)),
      .answered(HTTPResponse(status: 200, body: Array("<html>".utf8))),
      .answered(HTTPResponse(status: 200, body: Array("{\"orderId\":1}".utf8))),
      BinanceBench.error(
        0, "Unknown error, please check your request or try again later.", status: 503),
    ] {
      var bench = BinanceBench()
      let call = bench.begin(.request(.submit(BinanceBench.order(.market))))[0]
      let reaction = bench.dialect.finish(call, outcome, at: bench.now)
      #expect(reaction.messages.events.isEmpty && !reaction.messages.notices.isEmpty)
      #expect(
        reaction.calls.map(BinanceBench.text) == [
          "GET /api/v3/order?symbol=BTCUSDT&origClientOrderId=h3-17-41s"
        ])
      let asked = reaction.calls[0]
      #expect(
        bench.dialect.finish(
          asked, BinanceBench.error(-2013, "Order does not exist."), at: bench.now
        )
        .messages == [.event(.orderNotFound(spot))])
      // A question without an answer is not repeated by itself.
      #expect(bench.dialect.finish(asked, .unknown("x"), at: bench.now).calls.isEmpty)
    }
  }

  /// A client id that the venue knows already: the order got through, so it is looked up.
  @Test func duplicates() {
    for (code, text) in [
      (Int64(-2010), "Duplicate order sent."), (-4116, "ClientOrderId is duplicated."),
      (-4111, "ClientOrderId is duplicated."),
    ] {
      for id in [spot, perp] {
        var bench = BinanceBench()
        let call = bench.begin(.request(.submit(BinanceBench.order(.market, .sell, id))))[0]
        let reaction = bench.dialect.finish(call, BinanceBench.error(code, text), at: bench.now)
        #expect(reaction.messages.events.isEmpty && reaction.messages.notices.count == 1)
        #expect(reaction.calls.count == 1 && reaction.calls[0].path.hasSuffix("/order"))
        #expect(reaction.calls[0].method == .get && reaction.calls[0].urgency == .high)
      }
    }
  }

  /// Every order, whatever it is for, is served from the reserve; what is read of the past never is.
  @Test func urgencies() {
    var bench = BinanceBench()
    for id in [spot, perp] {
      for kind in [OrderKind.market, .postOnly("50000"), .limit("50000")] {
        for side in [Side.buy, .sell] {
          let order = BinanceBench.order(kind, side, id)
          #expect(bench.begin(.request(.submit(order)))[0].urgency == .high)
        }
      }
      let instrument = id == spot ? BinanceBench.btc : BinanceBench.btcPerp
      #expect(bench.begin(.request(.cancel(id, instrument)))[0].urgency == .high)
      #expect(bench.begin(.request(.query(id, instrument)))[0].urgency == .high)
    }
    let since = bench.now - .days(2)
    let past: Set = [
      "/api/v3/myTrades", "/fapi/v1/userTrades", "/fapi/v1/income", "/sapi/v1/asset/transfer",
      "/api/v3/allOrders", "/fapi/v1/allOrders", "/fapi/v1/fundingRate", "/fapi/v1/klines",
    ]
    var read: Set<String> = []
    let tasks: [VenueTask] = [
      .request(.snapshot("binance", since: since)),
      .request(.fundingHistory(BinanceBench.btcPerp, since: since)),
      .bars(BinanceBench.btcPerp, from: since, to: bench.now, interval: .days(1)),
    ]
    for task in tasks {
      _ = bench.play(task) { call in
        #expect((call.urgency == .low) == past.contains(call.path), "\(call.path)")
        read.insert(call.path)
        switch call.path {
        case "/fapi/v1/userTrades": return BinanceBench.ok([trade(1, "0.004")])
        case "/api/v3/account": return BinanceBench.ok(["balances": []])
        case "/fapi/v3/account": return BinanceBench.ok(["assets": []])
        case "/sapi/v1/asset/transfer": return BinanceBench.ok(["total": 0])
        default: return BinanceBench.ok([])
        }
      }
    }
    #expect(read.isSuperset(of: past.subtracting(["/api/v3/allOrders"])), "\(read.sorted())")
  }

  /// The venue's own words may repeat what was signed, or the key.
  @Test func wordsOfTheVenueShowNoKey() {
    let key = "fakeBinanceKey0001"
    for code in [Int64(-1022), -2014, -2015, -1102, -1007] {
      var bench = BinanceBench()
      _ = bench.play(.openStreams) { _ in BinanceBench.ok(["listenKey": "abcDEF123"]) }
      let call = bench.begin(.request(.submit(BinanceBench.order(.market))))[0]
      let text = "bad: apiKey=\(key)&listenKey=abcDEF123&timestamp=1"
      let reaction = bench.dialect.finish(call, BinanceBench.error(code, text), at: bench.now)
      let said = "\(reaction.messages)"
      #expect(said.contains("\(code)") && !said.contains(key) && !said.contains("abcDEF123"))
      #expect(said.contains("timestamp") == (code == -1102 || code == -1007))
    }
    let bench = BinanceBench()
    #expect(bench.dialect.masked("closed: \(key)!") == "closed: (key)!")
    var other = BinanceBench()
    let failed = other.play(.readKey) { _ in .unknown("no way to \(key)") }
    #expect(failed.messages == [.failed(.readKey, .unavailable("no way to (key)"))])
  }

  @Test func definiteRefusals() {
    let cases: [(Int64, String, Int, RefusalReason)] = [
      (-1013, "Filter failure: NOTIONAL", 400, .belowMinimumNotional),
      (-1013, "Filter failure: LOT_SIZE", 400, .invalidQuantity),
      (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE", 400, .invalidPrice),
      (-2010, "Account has insufficient balance for requested action.", 400, .insufficientBalance),
      (-2010, "Order would immediately match and take.", 400, .wouldTakeLiquidity),
      (-5022, "Due to the order could not be executed as maker", 400, .wouldTakeLiquidity),
      (-2019, "Margin is insufficient.", 400, .insufficientMargin),
      (-2022, "ReduceOnly Order is rejected.", 400, .reduceOnlyViolated),
      (-4164, "Order's notional must be no smaller than 5", 400, .belowMinimumNotional),
      (-1121, "Invalid symbol.", 400, .unknownInstrument),
      (-4400, "reduce only", 400, .marketHalted),
      (-2015, "the API key, its address or its rights are not accepted", 401, .other),
      (-1008, "Server is overloaded", 503, .other),
      (-1001, "Internal error; unable to process your request. Please try again.", 503, .other),
    ]
    for (code, text, status, reason) in cases {
      var bench = BinanceBench()
      let call = bench.begin(.request(.submit(BinanceBench.order(.market))))[0]
      let reaction = bench.dialect.finish(
        call, BinanceBench.error(code, text, status: status), at: bench.now)
      #expect(reaction.messages == [.event(.orderRefused(spot, reason, "\(code) \(text)"))])
      #expect(reaction.calls.isEmpty)
    }
    var bench = BinanceBench()
    let call = bench.begin(.request(.submit(BinanceBench.order(.market))))[0]
    let plain = HTTPResponse(status: 503, body: Array("{\"msg\":\"Service Unavailable.\"}".utf8))
    #expect(bench.dialect.finish(call, .answered(plain), at: bench.now).messages.events.count == 1)
  }

  @Test func limitsAndClock() {
    var bench = BinanceBench()
    let call = bench.begin(.request(.submit(BinanceBench.order(.market))))[0]
    for (status, wait, isBan) in [(429, "7", false), (418, "180", true)] {
      let reaction = bench.answer(
        call, ["code": .number("-1003"), "msg": "Too much request weight used"], status: status,
        headers: [HTTPHeader("Retry-After", wait), HTTPHeader("X-MBX-USED-WEIGHT-1M", "6001")])
      #expect(reaction.messages.contains(.budgetUsed("spot_rest used-weight-1m", 6001)))
      #expect(
        reaction.messages.contains(
          .slowDown(until: bench.now + .seconds(Int64(wait) ?? 0), isBan: isBan)))
    }
    var other = BinanceBench()
    let late = other.dialect.finish(
      call, BinanceBench.error(-1021, "Timestamp for this request is outside of the recvWindow."),
      at: other.now)
    #expect(late.calls.map(BinanceBench.text) == ["GET /api/v3/time"])
    guard case .orderRefused(spot, .pastDeadline, _)? = late.messages.events.first else {
      Issue.record("\(late)")
      return
    }
    let read = other.answer(late.calls[0], ["serverTime": 1_735_689_601_000])
    #expect(read.messages == [.clock(Timestamp(milliseconds: 1_735_689_601_000))])
    #expect(other.dialect.venueTime == Timestamp(milliseconds: 1_735_689_601_000))
    var unsent = BinanceBench()
    #expect(
      unsent.dialect.finish(call, .notSent("no connection"), at: unsent.now).messages
        == [.event(.orderRefused(spot, .other, "not sent: no connection"))])
  }

  @Test func cancels() throws {
    var bench = BinanceBench()
    let body = try BinanceFixture.json("spot_cancel_order_response.json")
    let done = bench.play(.request(.cancel(spot, BinanceBench.btc))) { _ in BinanceBench.ok(body) }
    #expect(done.calls == ["DELETE /api/v3/order?symbol=BTCUSDT&origClientOrderId=h3-17-41s"])
    #expect(done.messages.events.last == .orderFinished(spot, .cancelled))
    // "Unknown order sent": it may be filled, so it is looked up.
    let gone = bench.play(.request(.cancel(perp, BinanceBench.btcPerp))) { call in
      call.method == .delete
        ? BinanceBench.error(-2011, "Unknown order sent.")
        : call.path.hasSuffix("order")
          ? BinanceBench.ok(perpOrder("FILLED", executed: "0.010"))
          : BinanceBench.ok([trade(1, "0.010")])
    }
    #expect(gone.calls.count == 3 && gone.messages.events.last == .orderFinished(perp, .filled))
    let lost = bench.begin(.request(.cancel(perp, BinanceBench.btcPerp)))[0]
    #expect(bench.dialect.finish(lost, .unknown("x"), at: bench.now).calls.count == 1)
  }
}
