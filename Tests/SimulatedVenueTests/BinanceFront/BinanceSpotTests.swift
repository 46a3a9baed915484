import FixedPoint
import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("Spot dialogues of the Binance front")
struct BinanceSpotTests {
  private static let bid =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000"
    + "&newClientOrderId=h1-1-1s"

  @Test("A limit order rests, locks, is found by both ids, and is taken back")
  func restingOrder() {
    let desk = BinanceDesk()
    let placed = desk.ask(.post, "/api/v3/order", Self.bid).body
    #expect(placed["status"] == "NEW")
    #expect(placed["price"] == "59000.00000000")
    #expect(placed["origQty"] == "0.01000000")
    #expect(placed["fills"] == [])
    #expect(usdt(desk)?["locked"] == "590.00000000")
    let number = placed["orderId"]?.text ?? ""
    let byID = desk.ask(.get, "/api/v3/order", "symbol=BTCUSDT&orderId=\(number)").body
    let byName = desk.ask(.get, "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=h1-1-1s").body
    #expect(byID == byName)
    #expect(desk.ask(.get, "/api/v3/openOrders", "symbol=BTCUSDT").body == .array([byID]))
    #expect(desk.code(.post, "/api/v3/order", Self.bid) == -2010)
    let cancelled = desk.ask(
      .delete, "/api/v3/order", "symbol=BTCUSDT&orderId=\(number)&newClientOrderId=c1"
    ).body
    #expect(cancelled["status"] == "CANCELED")
    #expect(cancelled["origClientOrderId"] == "h1-1-1s")
    #expect(cancelled["clientOrderId"] == "c1")
    #expect(usdt(desk)?["locked"] == "0.00000000")
    #expect(desk.code(.delete, "/api/v3/order", "symbol=BTCUSDT&orderId=\(number)") == -2011)
    // The id is free again once the order is closed.
    #expect(desk.ask(.post, "/api/v3/order", Self.bid).body["status"] == "NEW")
  }

  @Test("A market buy trades at the ask and pays its fee in what it received")
  func marketBuy() {
    let desk = BinanceDesk()
    let bought = desk.ask(
      .post, "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"
    ).body
    #expect(bought["status"] == "FILLED")
    #expect(bought["cummulativeQuoteQty"] == "600.06000000")
    let fill = bought["fills"]?[0]
    #expect(fill?["price"] == "60006.00000000")
    #expect(fill?["commission"] == "0.00001000")
    #expect(fill?["commissionAsset"] == "BTC")
    #expect(usdt(desk)?["free"] == "9399.94000000")
    let held = desk.ask(.get, "/api/v3/account").body["balances"]?.elements
    #expect(held?.first { $0["asset"] == "BTC" }?["free"] == "0.00999000")
    let trade = desk.ask(.get, "/api/v3/myTrades", "symbol=BTCUSDT").body[0]
    #expect(trade?["id"]?.integer == fill?["tradeId"]?.integer)
    #expect(trade?["isBuyer"] == true)
    #expect(trade?["isMaker"] == false)
  }

  @Test(
    "Orders are refused in the venue's words",
    arguments: [
      ("side=UP&type=MARKET&quantity=1", -1117), ("side=BUY&type=STOP&quantity=1", -1116),
      ("side=BUY&type=LIMIT&quantity=1&price=60000", -1102),
      ("side=BUY&type=LIMIT&timeInForce=DAY&quantity=1&price=60000", -1115),
      ("side=BUY&type=MARKET", -1102), ("side=BUY&type=MARKET&quantity=1&price=1", -1106),
      ("side=BUY&type=MARKET&quantity=1&quoteOrderQty=1", -1128),
      ("side=BUY&type=MARKET&quantity=0.0123456789", -1111),
      ("side=BUY&type=MARKET&quantity=0.010000001", -1111),
      ("side=BUY&type=MARKET&quantity=1e-2", -1100),
      ("side=BUY&type=MARKET&quantity=0.0100001", -1013),
      ("side=BUY&type=MARKET&quantity=0.00001", -1013),
      ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=59000.001", -1013),
      ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=29999", -1013),
      ("side=BUY&type=LIMIT_MAKER&quantity=0.01&price=60100", -2010),
      ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=59000", -2010),
      ("side=BUY&type=MARKET&quantity=0.01&newClientOrderId=a%20b", -1100),
      ("side=BUY&type=MARKET&quantity=0.01&stopLimitPrice=1", -1104),
    ] as [(String, Int64)])
  func refusals(order: String, code: Int64) {
    let desk = BinanceDesk()
    #expect(desk.code(.post, "/api/v3/order", "symbol=BTCUSDT&\(order)") == code)
    #expect(desk.code(.post, "/api/v3/order/test", "symbol=BTCUSDT&\(order)") == code)
    #expect(desk.venue.orders.isEmpty)
  }

  @Test("Filters name themselves")
  func filterNames() {
    let desk = BinanceDesk()
    let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
    let lot = desk.ask(.post, "/api/v3/order", "\(order)&quantity=0.0000105&price=59000").body
    #expect(lot == ["code": -1013, "msg": "Filter failure: LOT_SIZE"])
    let notional = desk.ask(.post, "/api/v3/order", "\(order)&quantity=0.00008&price=59000").body
    #expect(notional == ["code": -1013, "msg": "Filter failure: NOTIONAL"])
  }

  @Test("Account events come wrapped, in the order of the matching engine")
  func userEvents() throws {
    let desk = BinanceDesk()
    #expect(desk.open(desk.spot, "/ws-api/v3"))
    let time = desk.venue.clock.wholeMilliseconds
    let text = "apiKey=fakeBinanceKey0001&timestamp=\(time)"
    let signature = Signature.hmacSHA256Hex(
      text, key: Secret("fakeBinanceSecret0001abcdefghijklmnopqrstuvwxyz"))
    func subscribe(_ signature: String) -> JSON {
      [
        "id": "1", "method": "userDataStream.subscribe.signature",
        "params": [
          "timestamp": .whole(time), "apiKey": "fakeBinanceKey0001",
          "signature": .string(signature),
        ],
      ]
    }
    #expect(desk.say(subscribe("00"), to: desk.spot)[0]["error"]?["code"] == -1022)
    #expect(desk.say(subscribe(signature), to: desk.spot)[0]["result"] == ["subscriptionId": 0])
    _ = desk.ask(.post, "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01")
    let events = desk.told(by: desk.spot)
    #expect(events.allSatisfy { $0["subscriptionId"] == 0 })
    let kinds = events.compactMap { $0["event"]?["x"]?.text ?? $0["event"]?["e"]?.text }
    try #require(kinds == ["NEW", "TRADE", "outboundAccountPosition"])
    let trade = events[1]["event"]
    #expect(trade?["X"] == "FILLED")
    #expect(trade?["L"] == "60006.00000000")
    #expect(trade?["n"] == "0.00001000")
    #expect(trade?["N"] == "BTC")
    #expect(trade?["Z"] == "600.06000000")
    #expect(
      events[2]["event"]?["B"] == [
        ["a": "BTC", "f": "0.00999000", "l": "0.00000000"],
        ["a": "USDT", "f": "9399.94000000", "l": "0.00000000"],
      ])
  }

  @Test("A session opens with an Ed25519 key only, and then needs no more signatures")
  func session() throws {
    let desk = BinanceDesk { key in
      key = APIKey(name: "ed", secret: Secret(""), publicKey: Ed25519.publicPEM)
    }
    #expect(desk.open(desk.spot, "/ws-api/v3"))
    let time = desk.venue.clock.wholeMilliseconds
    let signature = try Signature.ed25519Base64(
      "apiKey=ed&timestamp=\(time)", privateKey: Secret(Ed25519.privatePEM))
    let logon: JSON = [
      "id": 1, "method": "session.logon",
      "params": ["apiKey": "ed", "signature": .string(signature), "timestamp": .whole(time)],
    ]
    #expect(desk.say(logon, to: desk.spot)[0]["result"]?["apiKey"] == "ed")
    let order: JSON = [
      "id": "x", "method": "order.place",
      "params": [
        "symbol": "BTCUSDT", "side": "SELL", "type": "MARKET", "quantity": "1",
        "timestamp": .whole(time),
      ],
    ]
    let answer = desk.say(order, to: desk.spot)[0]
    #expect(answer["id"] == "x")
    #expect(answer["status"] == 400)
    #expect(answer["error"]?["code"] == -2010)
  }

  @Test("A transfer moves USDT both ways and is found again")
  func transfers() {
    let desk = BinanceDesk()
    let path = "/sapi/v1/asset/transfer"
    let sent = desk.ask(.post, path, "type=MAIN_UMFUTURE&asset=USDT&amount=25.5").body
    let row = desk.ask(.get, path, "type=MAIN_UMFUTURE").body["rows"]?[0]
    #expect(row?["tranId"] == sent["tranId"])
    #expect(row?["status"] == "CONFIRMED")
    #expect(usdt(desk)?["free"] == "9974.50000000")
    let income = desk.ask(.get, "/fapi/v1/income", "incomeType=TRANSFER").body.elements.last
    #expect(income?["income"] == "25.50000000")
    #expect(income?["tranId"] == sent["tranId"])
    #expect(desk.code(.post, path, "type=MAIN_UMFUTURE&asset=USDT&amount=99999") == -5013)
  }

  private func usdt(_ desk: BinanceDesk) -> JSON? {
    desk.ask(.get, "/api/v3/account").body["balances"]?.elements.first { $0["asset"] == "USDT" }
  }
}

/// The first key pair of RFC 8032, section 7.1, as PEM.
private enum Ed25519 {
  static let privatePEM = pem(
    "PRIVATE",
    "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae"
      + "7f60")
  static let publicPEM = pem(
    "PUBLIC",
    "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")

  private static func pem(_ kind: String, _ hex: String) -> String {
    let text = Base64.encode(Hex.decode(hex) ?? [])
    return "-----BEGIN \(kind) KEY-----\n\(text)\n-----END \(kind) KEY-----\n"
  }
}
