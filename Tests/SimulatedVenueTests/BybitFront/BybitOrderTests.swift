import FixedPoint
import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("Bybit front: orders")
struct BybitOrderTests {
  @Test("An order is only acknowledged at first; what became of it comes later, in order")
  func lifeCycle() throws {
    let bench = BybitBench()
    let socket = bench.open("/v5/private")
    bench.login(on: socket)
    bench.say(
      ["op": "subscribe", "req_id": "r", "args": ["order", "execution", "position", "wallet"]],
      on: socket)
    let greeting = try bench.frames()
    #expect(greeting.map { $0["success"] } == [true, true])
    #expect(greeting.last?["req_id"] == "r")

    let answer = try bench.post(
      "/v5/order/create", BybitBody.market("linear", "Sell", "0.010", link: "life-1"))
    let id = try #require(answer["result"]?["orderId"]?.text)
    #expect(answer["result"]?["orderLinkId"] == "life-1")
    let query = "category=linear&orderId=\(id)"
    #expect(try bench.get("/v5/order/realtime", query).rows.isEmpty)

    bench.advance(.milliseconds(10))
    let row = try bench.row("/v5/order/realtime", query)
    #expect(row["orderStatus"] == "Filled" && row["avgPrice"] == "29997")
    #expect(row["cumExecQty"] == "0.010" && row["cumExecValue"] == "299.97")
    #expect(row["cumFeeDetail"] == ["USDT": "0.149985"])
    #expect(row["tpslMode"] == "")

    let frames = try bench.frames()
    #expect(
      frames.map { $0["topic"]?.text } == ["order", "execution", "order", "wallet", "position"])
    #expect(frames[0]["data"]?[0]?["orderStatus"] == "New")
    #expect(frames[1]["data"]?[0]?["execFee"] == "0.149985")
    #expect(frames[2]["data"]?[0]?["orderStatus"] == "Filled")
    #expect(frames[3]["data"]?[0]?["coin"]?[0]?["walletBalance"] == "199999.850015")
    #expect(frames[4]["data"]?[0]?["side"] == "Sell")

    let position = try bench.get("/v5/position/list", "category=linear&symbol=BTCUSDT").firstRow
    #expect(position?["size"] == "0.010" && position?["avgPrice"] == "29997")
  }

  @Test("A spot buy pays its fee in base, and a spot order has no tpslMode")
  func spot() throws {
    let bench = BybitBench()
    let answer = try bench.create(BybitBody.market("spot", "Buy", "0.1"))
    let id = try #require(answer["result"]?["orderId"]?.text)
    let row = try bench.row("/v5/order/realtime", "category=spot&orderId=\(id)")
    #expect(row["cumFeeDetail"] == ["BTC": "0.0001"])
    #expect(row["tpslMode"] == nil)
    let execution = try bench.get("/v5/execution/list", "category=spot&execType=Trade").firstRow
    #expect(execution?["feeCurrency"] == "BTC" && execution?["execFee"] == "0.0001")
    let coins = try bench.get("/v5/account/wallet-balance", "accountType=UNIFIED").firstRow?["coin"]
    let base = coins?.elements.first { $0["coin"] == "BTC" }
    #expect(base?["walletBalance"] == "0.0999")
  }

  @Test("A spot market buy counts in quote unless told otherwise")
  func quoteUnits() throws {
    let bench = BybitBench()
    try bench.create([
      "category": "spot", "symbol": "BTCUSDT", "side": "Buy", "orderType": "Market",
      "qty": "300.03",
    ])
    #expect(bench.venue.fills.map(\.fill.quantity) == ["0.01"])
  }

  @Test("Post-only that would trade: perpetuals acknowledge and cancel, spot refuses")
  func postOnly() throws {
    let bench = BybitBench()
    let body = BybitBody.limit("linear", "Buy", "0.01", at: "30100", "PostOnly", link: "po")
    #expect(try bench.create(body)["retCode"] == 0)
    let row = try bench.get("/v5/order/realtime", "category=linear&orderLinkId=po").firstRow
    #expect(row?["orderStatus"] == "Cancelled")
    #expect(row?["rejectReason"] == "EC_PostOnlyWillTakeLiquidity")
    #expect(
      try bench.code(
        "/v5/order/create", BybitBody.limit("spot", "Buy", "0.01", at: "30100", "PostOnly"))
        == 170218)
    #expect(bench.venue.fills.isEmpty)
  }

  @Test(
    "Refusals have the venue's codes",
    arguments: [
      (BybitBody.limit("linear", "Buy", "0.0123456", at: "29000"), 10001),
      (BybitBody.limit("linear", "Buy", "0.01", at: "29000.05"), 10001),
      (BybitBody.limit("linear", "Sell", "0.001", at: "29999", symbol: "NOPEUSDT"), 10001),
      (BybitBody.limit("linear", "Buy", "1000", at: "29000"), 110007),
      (BybitBody.limit("linear", "Buy", "0.01", at: "40000"), 30208),
      (BybitBody.limit("spot", "Buy", "0.0001", at: "29000"), 170140),
      (BybitBody.limit("spot", "Buy", "100", at: "29000"), 170131),
      (BybitBody.limit("spot", "Buy", "0.0123456", at: "29000"), 170137),
      (BybitBody.limit("spot", "Buy", "0.01", at: "29000.05"), 170134),
      (BybitBody.market("linear", "Sell", "0.01", reduceOnly: true), 110017),
      (BybitBody.limit("linear", "Buy", "0.01", at: "29000", link: "no blanks"), 10001),
    ] as [(JSON, Int64)])
  func refusal(_ body: JSON, _ code: Int64) throws {
    let bench = BybitBench()
    #expect(try bench.code("/v5/order/create", body) == code)
    #expect(bench.venue.orders.isEmpty)
  }

  @Test("An orderLinkId is used up for ever")
  func duplicates() throws {
    let bench = BybitBench()
    for (category, code) in [("linear", 110072), ("spot", 170141)] as [(String, Int64)] {
      let body = BybitBody.market(category, "Buy", "0.01", link: "once-\(category)")
      #expect(try bench.create(body)["retCode"] == 0)
      #expect(try bench.code("/v5/order/create", body) == code)
      // Also while the first is still on its way.
      let next = BybitBody.market(category, "Buy", "0.01", link: "twice-\(category)")
      #expect(try bench.code("/v5/order/create", next) == 0)
      #expect(try bench.code("/v5/order/create", next) == code)
      bench.advance(.days(8))
      #expect(try bench.code("/v5/order/create", body) == code)
    }
    #expect(bench.venue.fills.count == 4)
  }

  @Test("Cancels and unknown orders")
  func cancel() throws {
    let bench = BybitBench()
    let answer = try bench.create(BybitBody.limit("linear", "Sell", "0.01", at: "31000"))
    let id = try #require(answer["result"]?["orderId"])
    let body: JSON = ["category": "linear", "symbol": "BTCUSDT", "orderId": id]
    #expect(try bench.post("/v5/order/cancel", body)["result"]?["orderId"] == id)
    #expect(try bench.get("/v5/order/realtime", "category=linear&symbol=BTCUSDT").rows.count == 1)
    bench.advance(.milliseconds(10))
    #expect(try bench.get("/v5/order/realtime", "category=linear&symbol=BTCUSDT").rows.isEmpty)
    #expect(try bench.code("/v5/order/cancel", body) == 110001)
    #expect(
      try bench.code(
        "/v5/order/cancel", ["category": "spot", "symbol": "BTCUSDT", "orderLinkId": "none"])
        == 170213)
    let history = try bench.get("/v5/order/history", "category=linear").firstRow
    #expect(history?["orderStatus"] == "Cancelled" && history?["cancelType"] == "CancelByUser")
  }

  @Test("An amended order keeps its names, and its former self is not told as cancelled")
  func amend() throws {
    let bench = BybitBench()
    let socket = bench.open("/v5/private")
    bench.login(on: socket)
    bench.say(["op": "subscribe", "args": ["order.linear"]], on: socket)
    let body = BybitBody.limit("linear", "Sell", "0.01", at: "31000", link: "am-1")
    let id = try bench.createdID(body)
    _ = try bench.frames()
    let change: JSON = [
      "category": "linear", "symbol": "BTCUSDT", "orderLinkId": "am-1", "price": "30900",
      "qty": "0.02",
    ]
    #expect(try bench.post("/v5/order/amend", change)["result"]?["orderId"] == id)
    bench.advance(.milliseconds(10))
    let rows = try bench.get("/v5/order/realtime", "category=linear&symbol=BTCUSDT").rows
    #expect(rows.count == 1)
    #expect(rows[0]["orderId"] == id && rows[0]["orderLinkId"] == "am-1")
    #expect(rows[0]["price"] == "30900.0" && rows[0]["qty"] == "0.020")
    let told = try bench.frames().map { $0["data"]?[0]?["orderStatus"]?.text }
    #expect(told == ["New"])
  }

  @Test("A batch answers each order by itself")
  func batch() throws {
    let bench = BybitBench()
    let answer = try bench.post(
      "/v5/order/create-batch",
      [
        "category": "linear",
        "request": [
          BybitBody.limit("linear", "Sell", "0.01", at: "31000", link: "b1"),
          BybitBody.limit("linear", "Sell", "0.0001", at: "31000", link: "b2"),
        ],
      ])
    #expect(answer["retCode"] == 0)
    #expect(answer["retExtInfo"]?["list"]?.elements.map { $0["code"]?.integer } == [0, 10001])
    #expect(answer.rows.map { $0["orderLinkId"]?.text } == ["b1", "b2"])
  }
}
