import FixedPoint
import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("Futures dialogues of the Binance front")
struct BinanceFuturesTests {
  private static let sell = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01"

  @Test("A short is opened, receives funding, and its income and events say the same")
  func shortAndFunding() throws {
    let desk = BinanceDesk()
    let key = desk.ask(.post, "/fapi/v1/listenKey").body["listenKey"]?.text ?? ""
    #expect(desk.open(desk.futures, "/private/ws", query: "listenKey=\(key)"))
    let placed = desk.ask(.post, "/fapi/v1/order", "\(Self.sell)&newOrderRespType=RESULT").body
    #expect(placed["status"] == "FILLED")
    #expect(placed["executedQty"] == "0.010")
    #expect(placed["avgPrice"] == nil)
    let number = placed["orderId"]?.text ?? ""
    let order = desk.ask(.get, "/fapi/v1/order", "symbol=BTCUSDT&orderId=\(number)").body
    #expect(order["avgPrice"] == "59994.0")

    let opened = desk.told(by: desk.futures)
    try #require(opened.map { $0["o"]?["x"] ?? $0["a"]?["m"] } == ["NEW", "TRADE", "ORDER"])
    #expect(opened[1]["o"]?["n"] == "0.29997000")
    #expect(opened[1]["o"]?["ps"] == "BOTH")
    #expect(opened[2]["a"]?["B"]?[0]?["wb"] == "9999.70003000")
    #expect(opened[2]["a"]?["P"]?[0]?["pa"] == "-0.010")
    #expect(opened[2]["a"]?["P"]?[0]?["ep"] == "59994.0")

    let position = desk.ask(.get, "/fapi/v3/positionRisk", "symbol=BTCUSDT").body[0]
    #expect(position?["notional"] == "-600.00000000")
    #expect(position?["unRealizedProfit"] == "-0.06000000")
    #expect(position?["isolatedMargin"] == "0")

    desk.hold(hours: 8)
    let told = desk.told(by: desk.futures).filter { $0["e"] == "ACCOUNT_UPDATE" }
    #expect(told.count == 1)
    #expect(told.first?["a"]?["m"] == "FUNDING_FEE")
    #expect(told.first?["a"]?["B"]?[0]?["bc"] == "0.06000000")
    #expect(told.first?["a"]?["P"] == [])
    let income = desk.ask(.get, "/fapi/v1/income", "incomeType=FUNDING_FEE").body
    #expect(income.elements.count == 1)
    #expect(income[0]?["income"] == "0.06000000")
    #expect(income[0]?["symbol"] == "BTCUSDT")
    #expect(income[0]?["time"] == 1_735_718_400_000)
    let rates = desk.ask(.get, "/fapi/v1/fundingRate", "symbol=BTCUSDT&limit=2", isSigned: false)
    #expect(rates.body[1]?["fundingTime"] == 1_735_718_400_000)
    #expect(rates.body[1]?["fundingRate"] == "0.00010000")
  }

  @Test("Funding of an isolated position names it")
  func isolatedFunding() {
    let desk = BinanceDesk(isCross: false)
    let key = desk.ask(.post, "/fapi/v1/listenKey").body["listenKey"]?.text ?? ""
    #expect(desk.open(desk.futures, "/private/ws/\(key)"))
    _ = desk.ask(.post, "/fapi/v1/order", Self.sell)
    desk.hold(hours: 8)
    let told = desk.told(by: desk.futures).filter { $0["a"]?["m"] == "FUNDING_FEE" }
    #expect(told.count == 1)
    #expect(told.first?["a"]?["P"]?[0]?["s"] == "BTCUSDT")
    #expect(told.first?["a"]?["P"]?[0]?["mt"] == "isolated")
    #expect(desk.code(.post, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED") == -4046)
    #expect(desk.code(.post, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED") == -4048)
    let add = "symbol=BTCUSDT&amount=10&type=1"
    #expect(desk.ask(.post, "/fapi/v1/positionMargin", add).body["code"] == 200)
    let moved = desk.told(by: desk.futures).last
    #expect(moved?["a"]?["m"] == "MARGIN_TRANSFER")
    let history = desk.ask(.get, "/fapi/v1/positionMargin/history", "symbol=BTCUSDT").body
    #expect(history[0]?["amount"] == "10.00000000")
    #expect(
      desk.code(.post, "/fapi/v1/positionMargin", "symbol=BTCUSDT&amount=9000&type=2") == -4051)
  }

  @Test("A contract of a thousand is traded and shown in thousands")
  func multiplier() {
    let desk = BinanceDesk()
    let mark = desk.ask(.get, "/fapi/v1/premiumIndex", "symbol=1000PEPEUSDT", isSigned: false).body
    #expect(mark["markPrice"] == "0.01000000")
    #expect(mark["indexPrice"] == "0.01000000")
    let info = desk.ask(.get, "/fapi/v1/exchangeInfo", isSigned: false).body["symbols"]?[1]
    #expect(info?["baseAsset"] == "1000PEPE")
    #expect(info?["filters"]?[0]?["tickSize"] == "0.0000001")
    #expect(info?["filters"]?[1]?["stepSize"] == "1")
    let order = "symbol=1000PEPEUSDT&side=SELL&type=LIMIT&timeInForce=IOC&quantity=2000"
    let sold = desk.ask(.post, "/fapi/v1/order", "\(order)&price=0.0099900&newOrderRespType=RESULT")
    #expect(sold.body["status"] == "FILLED")
    #expect(sold.body["executedQty"] == "2000")
    let trade = desk.ask(.get, "/fapi/v1/userTrades", "symbol=1000PEPEUSDT").body[0]
    #expect(trade?["price"] == "0.0099990")
    #expect(trade?["qty"] == "2000")
    #expect(trade?["quoteQty"] == "19.998")
    let position = desk.ask(.get, "/fapi/v3/positionRisk").body[0]
    #expect(position?["positionAmt"] == "-2000")
    #expect(position?["entryPrice"] == "0.0099990")
    let held = desk.venue.position(InstrumentIndex(3)).quantity
    #expect(held == "-2000000")
  }

  @Test(
    "Orders are refused in the venue's words",
    arguments: [
      ("side=SELL&type=STOP_MARKET&quantity=0.01", -4120),
      ("side=SELL&type=MARKET&quantity=0.0105", -1111), ("side=SELL&type=MARKET&quantity=0", -4003),
      ("side=SELL&type=MARKET&quantity=99999", -4005),
      ("side=SELL&type=MARKET&quantity=0.01&positionSide=SHORT", -4061),
      ("side=SELL&type=MARKET&quantity=0.01&reduceOnly=true", -2022),
      ("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000.05", -4014),
      ("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000.055", -1111),
      ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=63000.1", -4016),
      ("side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=56999.9", -4024),
      ("side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.01&price=60100", -5022),
      ("side=BUY&type=LIMIT&timeInForce=FOK&quantity=0.01&price=59900", -5021),
      ("side=SELL&type=LIMIT&timeInForce=GTC&quantity=50&price=60000", -2019),
      (
        "side=SELL&type=MARKET&quantity=0.01&newClientOrderId=\(String(repeating: "a", count: 37))",
        -4015
      ),
    ] as [(String, Int64)])
  func refusals(order: String, code: Int64) {
    let desk = BinanceDesk()
    #expect(desk.code(.post, "/fapi/v1/order", "symbol=BTCUSDT&\(order)") == code)
    #expect(desk.venue.orders.isEmpty)
  }

  @Test("A batch answers each order, and its ids are unique among open orders")
  func batch() {
    let desk = BinanceDesk()
    let order: JSON = [
      "symbol": "BTCUSDT", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC",
      "quantity": "0.01", "price": "61000", "newClientOrderId": "b1",
    ]
    let list = FormText.encode(JSON.array([order, order]).description)
    let placed = desk.ask(.post, "/fapi/v1/batchOrders", "batchOrders=\(list)").body
    #expect(placed[0]?["status"] == "NEW")
    #expect(placed[1]?["code"] == -4116)
    let unknown = desk.code(.delete, "/fapi/v1/order", "symbol=BTCUSDT&orderId=999999999999")
    #expect(unknown == -2011)
    #expect(desk.code(.get, "/fapi/v1/order", "symbol=BTCUSDT&orderId=999999999999") == -2013)
    #expect(
      desk.ask(.post, "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=1000").body
        == ["symbol": "BTCUSDT", "countdownTime": "1000"])
    desk.world.advance(to: BinanceDesk.start + .milliseconds(999))
    #expect(desk.venue.openOrders().count == 1)
    desk.world.advance(to: BinanceDesk.start + .milliseconds(1000))
    #expect(desk.venue.openOrders().isEmpty)
  }

  @Test("Settings that are set already say so")
  func settings() {
    let desk = BinanceDesk()
    #expect(desk.code(.post, "/fapi/v1/positionSide/dual", "dualSidePosition=false") == -4059)
    #expect(desk.code(.post, "/fapi/v1/multiAssetsMargin", "multiAssetsMargin=false") == -4171)
    #expect(desk.code(.post, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED") == -4046)
    #expect(desk.code(.post, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=126") == -4028)
    let leverage = desk.ask(.post, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=3").body
    #expect(leverage["leverage"] == 3)
    #expect(leverage["maxNotionalValue"] == "2000000000")
    let row = desk.ask(.get, "/fapi/v1/symbolConfig", "symbol=BTCUSDT").body[0]
    #expect(row?["leverage"] == 3)
    #expect(desk.code(.put, "/fapi/v1/listenKey") == -1125)
  }

  @Test("A position near its end is called for once")
  func marginCall() {
    let desk = BinanceDesk(isCross: false)
    let key = desk.ask(.post, "/fapi/v1/listenKey").body["listenKey"]?.text ?? ""
    #expect(desk.open(desk.futures, "/private/ws", query: "listenKey=\(key)&events=MARGIN_CALL"))
    _ = desk.ask(.post, "/fapi/v1/order", Self.sell)
    #expect(desk.told(by: desk.futures).isEmpty)
    desk.venue.setPrice("62000", of: InstrumentIndex(1))
    #expect(desk.ticked(by: desk.futures).isEmpty)
    // Thirty of margin less 27.06 of loss, against 2.51 of maintenance margin.
    desk.venue.setPrice("62700", of: InstrumentIndex(1))
    let calls = desk.ticked(by: desk.futures)
    #expect(calls.map { $0["e"] } == ["MARGIN_CALL"])
    #expect(calls.first?["p"]?[0]?["mm"] == "2.50800000")
    #expect(desk.ticked(by: desk.futures).isEmpty)
  }

  @Test("Figures beside the prices: what is open, a day's turnover, the queue of deleveraging")
  func figures() {
    let desk = BinanceDesk()
    let pair = "symbol=BTCUSDT"
    let open = desk.ask(.get, "/fapi/v1/openInterest", pair, isSigned: false).body
    #expect(open["symbol"] == "BTCUSDT" && open["openInterest"] == "34372.381")
    let day = desk.ask(.get, "/fapi/v1/ticker/24hr", pair, isSigned: false).body
    #expect(day["symbol"] == "BTCUSDT" && day["quoteVolume"]?.decimal(Unit.Quote.self) != nil)
    let spot = desk.ask(.get, "/api/v3/ticker/24hr", pair, isSigned: false).body
    #expect(spot["symbol"] == "BTCUSDT" && spot["quoteVolume"]?.decimal(Unit.Quote.self) != nil)
    #expect(desk.ask(.get, "/fapi/v1/adlQuantile").body == [])
    _ = desk.ask(.post, "/fapi/v1/order", Self.sell)
    let queue = desk.ask(.get, "/fapi/v1/adlQuantile").body[0]
    #expect(queue?["symbol"] == "BTCUSDT" && queue?["adlQuantile"]?["BOTH"] == 1)
  }

  @Test("A liquidation is told as the venue's own order")
  func liquidation() {
    let desk = BinanceDesk(isCross: false)
    let key = desk.ask(.post, "/fapi/v1/listenKey").body["listenKey"]?.text ?? ""
    #expect(desk.open(desk.futures, "/private/stream", query: "streams=\(key)"))
    _ = desk.ask(.post, "/fapi/v1/order", Self.sell)
    _ = desk.told(by: desk.futures)
    #expect(desk.venue.forceLiquidation(InstrumentIndex(1)))
    let told = desk.told(by: desk.futures).compactMap { $0["data"] }
    let order = told.first { $0["o"]?["x"] == "CALCULATED" }?["o"]
    #expect(order?["c"]?.text?.hasPrefix("autoclose-") == true)
    #expect(order?["X"] == "FILLED")
    #expect(told.last?["a"]?["P"]?[0]?["pa"] == "0.000")
    let forced = desk.ask(.get, "/fapi/v1/forceOrders", "autoCloseType=LIQUIDATION").body
    #expect(forced.elements.count == 1)
  }
}
