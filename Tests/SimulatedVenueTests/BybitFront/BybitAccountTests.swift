import FixedPoint
import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("Bybit front: account, funding, contracts")
struct BybitAccountTests {
  @Test("A funding payment has opposite signs in executions and in the transaction log")
  func funding() throws {
    let bench = BybitBench()
    let socket = bench.open("/v5/private")
    bench.login(on: socket)
    bench.say(["op": "subscribe", "args": ["execution"]], on: socket)
    try bench.create(BybitBody.market("linear", "Sell", "0.1"))
    let before = bench.venue.balance(of: "USDT", in: .unified).total
    bench.venue.setInterval(hours: 1, of: Bench.perp)
    bench.venue.setRate("0.0001", of: Bench.perp)
    _ = try bench.frames()
    bench.advance(.hours(1))
    let paid = bench.venue.balance(of: "USDT", in: .unified).total - before
    #expect(paid == "0.3")

    let row = try bench.row("/v5/execution/list", "category=linear&execType=Funding")
    #expect(row["execFee"] == "-0.3" && row["execQty"] == "0.100" && row["execPrice"] == "30000.0")
    #expect(row["feeRate"] == "-0.0001" && row["side"] == "Sell")
    let log = try bench.row("/v5/account/transaction-log", "category=linear&type=SETTLEMENT")
    #expect(log["funding"] == "0.3" && log["change"] == "0.3" && log["feeRate"] == "-0.0001")
    #expect(log["cashBalance"]?.text == (before + "0.3").description)
    let told = try bench.frames().filter { $0["data"]?[0]?["execType"] == "Funding" }
    #expect(told.map { $0["data"]?[0]?["execId"] } == [row["execId"]])

    let history = try bench.get("/v5/market/funding/history", "category=linear&symbol=BTCUSDT")
    #expect(history.firstRow?["fundingRate"] == "0.0001")
    #expect(history.firstRow?["fundingRateTimestamp"]?.text == row["execTime"]?.text)
  }

  @Test("Profit of a closed position adds up in log, closed-pnl and wallet")
  func profit() throws {
    let bench = BybitBench()
    try bench.create(BybitBody.market("linear", "Sell", "0.1"))
    bench.venue.setPrice("29000", of: Bench.perp)
    try bench.create(BybitBody.market("linear", "Buy", "0.1", reduceOnly: true))
    let log = try bench.get("/v5/account/transaction-log", "category=linear&type=TRADE").rows
    #expect(log.count == 2)
    #expect(log[0]["cashFlow"] == "99.41")
    let changes = log.compactMap { $0["change"].flatMap { $0.decimal(Unit.Asset.self) } }
    #expect(
      changes.reduce(Amount.zero, +)
        == bench.venue.balance(of: "USDT", in: .unified).total - "200000")
    let closed = try bench.get("/v5/position/closed-pnl", "category=linear").firstRow
    #expect(closed?["closedSize"] == "0.100" && closed?["side"] == "Buy")
    #expect(closed?["avgEntryPrice"] == "29997" && closed?["avgExitPrice"] == "29002.9")
    let flat = try bench.get("/v5/position/list", "category=linear&symbol=BTCUSDT").firstRow
    #expect(flat?["side"] == "" && flat?["size"] == "0.000")
  }

  @Test("Contracts of a thousand are stated and traded in thousands")
  func multiplier() throws {
    let bench = BybitBench()
    let query = "category=linear&symbol=1000PEPEUSDT"
    let row = try bench.row("/v5/market/instruments-info", query)
    #expect(row["baseCoin"] == "1000PEPE" && row["priceFilter"]?["tickSize"] == "0.0000001")
    #expect(row["lotSizeFilter"]?["qtyStep"] == "1")
    let ticker = try bench.get("/v5/market/tickers", query).firstRow
    #expect(ticker?["markPrice"] == "0.0100000")
    try bench.create(
      BybitBody.limit("linear", "Sell", "1000", at: "0.0099", "IOC", symbol: "1000PEPEUSDT"))
    #expect(bench.venue.fills.map(\.fill.quantity) == ["1000000"])
    let execution = try bench.get("/v5/execution/list", query).firstRow
    #expect(execution?["execQty"] == "1000" && execution?["execPrice"] == "0.0099990")
    let position = try bench.get("/v5/position/list", query).firstRow
    #expect(position?["size"] == "1000" && position?["avgPrice"] == "0.009999")
  }

  @Test("Leverage, modes and what a unified account cannot do")
  func settings() throws {
    let bench = BybitBench()
    func leverage(_ value: String) -> JSON {
      [
        "category": "linear", "symbol": "BTCUSDT", "buyLeverage": .string(value),
        "sellLeverage": .string(value),
      ]
    }
    #expect(try bench.code("/v5/position/set-leverage", leverage("3")) == 0)
    #expect(try bench.code("/v5/position/set-leverage", leverage("3")) == 110043)
    #expect(try bench.code("/v5/position/set-leverage", leverage("1000")) == 10001)
    #expect(
      try bench.code("/v5/position/switch-mode", ["category": "linear", "mode": 0]) == 110025)
    #expect(try bench.code("/v5/position/switch-isolated", [:]) == 100028)
    #expect(try bench.code("/v5/position/switch-mode", ["category": "linear", "mode": 3]) == 0)
    let rows = try bench.get("/v5/position/list", "category=linear&symbol=BTCUSDT").rows
    #expect(rows.map { $0["positionIdx"] } == [1, 2])
    #expect(
      try bench.code("/v5/order/create", BybitBody.market("linear", "Sell", "0.01")) == 10001)
    #expect(try bench.code("/v5/position/switch-mode", ["category": "linear", "mode": 0]) == 0)
    #expect(
      try bench.get("/v5/account/info")["result"]?["marginMode"] == "REGULAR_MARGIN")
    let mode: JSON = ["setMarginMode": "ISOLATED_MARGIN"]
    #expect(try bench.code("/v5/account/set-margin-mode", mode) == 0)
    #expect(
      try bench.get("/v5/account/info")["result"]?["marginMode"] == "ISOLATED_MARGIN")
  }

  @Test("A transfer happens once, whatever is sent again")
  func transfer() throws {
    let bench = BybitBench(deposits: [
      PlannedBalance(wallet: .unified, asset: "USDT", amount: "1000"),
      PlannedBalance(wallet: .funding, asset: "USDT", amount: "50"),
    ])
    let body: JSON = [
      "transferId": "42c0cfb0-6bca-c242-bc76-4e6df6cbcb16", "coin": "USDT", "amount": "25.5",
      "fromAccountType": "FUND", "toAccountType": "UNIFIED",
    ]
    let answer = try bench.post("/v5/asset/transfer/inter-transfer", body)
    #expect(answer["result"]?["status"] == "SUCCESS")
    #expect(try bench.code("/v5/asset/transfer/inter-transfer", body) == 131214)
    let funds = try bench.get(
      "/v5/asset/transfer/query-account-coins-balance", "accountType=FUND&coin=USDT")
    #expect(funds["result"]?["balance"]?[0]?["walletBalance"] == "24.5")
    let list = try bench.get("/v5/asset/transfer/query-inter-transfer-list")
    #expect(list.rows.map { $0["amount"] } == ["25.5"])
  }

  @Test("A combination trades both legs or none, at half the fee")
  func spread() throws {
    let bench = BybitBench()
    let symbol: JSON = "BTCUSDT_BTC/USDT"
    let body: JSON = [
      "symbol": symbol, "side": "Sell", "orderType": "Market", "qty": "0.1",
      "orderLinkId": "combo-1",
    ]
    #expect(try bench.code("/v5/spread/order/create", body) == 0)
    bench.advance(.milliseconds(10))
    #expect(bench.venue.fills.map(\.fill.side) == [.buy, .sell])
    #expect(bench.venue.fills.map(\.fill.fee) == ["0.00005", "0.749925"])
    #expect(bench.venue.position(Bench.perp).quantity == "-0.1")
    #expect(bench.venue.balance(of: "BTC", in: .unified).total == "0.09995")
    let row = try bench.row("/v5/spread/execution/list", "orderLinkId=combo-1")
    #expect(row["execPrice"] == "-6" && row["legs"]?.elements.count == 2)
    let history = try bench.get("/v5/spread/order/history", "orderLinkId=combo-1").firstRow
    #expect(history?["orderStatus"] == "Filled" && history?["leg2Side"] == "Buy")

    let large: JSON = ["symbol": symbol, "side": "Sell", "orderType": "Market", "qty": "1000"]
    #expect(try bench.code("/v5/spread/order/create", large) == 110007)
    #expect(bench.venue.fills.count == 2)
  }

  @Test("In isolated margin combinations are refused")
  func isolatedSpread() throws {
    let bench = BybitBench()
    let mode: JSON = ["setMarginMode": "ISOLATED_MARGIN"]
    #expect(try bench.code("/v5/account/set-margin-mode", mode) == 0)
    let body: JSON = [
      "symbol": "BTCUSDT_BTC/USDT", "side": "Sell", "orderType": "Market", "qty": "0.1",
    ]
    #expect(try bench.code("/v5/spread/order/create", body) == 110110)
    bench.advance(.milliseconds(10))
    #expect(bench.venue.fills.isEmpty)
  }

  @Test("A combination with a limit rests until both legs give its price")
  func restingSpread() throws {
    let bench = BybitBench()
    let socket = bench.open("/v5/private")
    bench.login(on: socket)
    bench.say(["op": "subscribe", "args": ["spread.order"]], on: socket)
    let body: JSON = [
      "symbol": "BTCUSDT_BTC/USDT", "side": "Sell", "orderType": "Limit", "qty": "0.1",
      "price": "20", "orderLinkId": "combo-2",
    ]
    #expect(try bench.code("/v5/spread/order/create", body) == 0)
    bench.advance(.milliseconds(10))
    let open = try bench.row("/v5/spread/order/realtime")
    #expect(open["orderStatus"] == "New" && open["price"] == "20")
    #expect(bench.venue.fills.isEmpty)
    bench.venue.setPrice("30050", of: Bench.perp)
    bench.advance(.milliseconds(10))
    #expect(bench.venue.fills.map(\.fill.price) == ["30003", "30046.9"])
    #expect(try bench.row("/v5/spread/execution/list")["execPrice"] == "43.9")
    bench.advance(.milliseconds(10))
    let told = try bench.frames().filter { $0["topic"] == "spread.order" }
    #expect(told.map { $0["data"]?[0]?["orderStatus"]?.text } == ["New", "Filled"])
    let cancel: JSON = ["orderLinkId": "combo-2"]
    #expect(try bench.code("/v5/spread/order/cancel", cancel) == 110001)
  }
}
