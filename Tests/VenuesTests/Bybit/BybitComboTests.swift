import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: combinations")
struct BybitComboTests {
  private let combo = Combo(
    name: "BTCUSDT_BTC/USDT", tick: "0.01", lot: "0.1", minimumQuantity: "0.1",
    maximumQuantity: nil)

  @Test("an order as documented, with its deadline")
  func order() {
    let dialect = BybitFixture.dialect()
    let order = BybitComboOrder(
      link: "h3-1-1c", combo: combo, side: .sell, quantity: "0.1", kind: .postOnly("-4.5"),
      deadline: BybitFixture.now + .seconds(3))
    let request = dialect.encode(dialect.comboOrder(order), at: BybitFixture.now)
    #expect(request.path == "/v5/spread/order/create")
    #expect(request.header("X-BAPI-RECV-WINDOW") == "3000")
    #expect(
      String(decoding: request.body, as: UTF8.self)
        == #"{"symbol":"BTCUSDT_BTC/USDT","side":"Sell","orderType":"Limit","qty":"0.1","#
        + #""price":"-4.5","orderLinkId":"h3-1-1c","timeInForce":"PostOnly"}"#)
    #expect(dialect.comboCancel(link: "x").isMutating)
    #expect(dialect.comboOpenOrder(link: "x").path == "/v5/spread/order/realtime")
    #expect(dialect.comboExecutions(link: "x")["orderLinkId"] == "x")
  }

  @Test("an execution yields one in each market")
  func legs() throws {
    let dialect = BybitFixture.dialect()
    func leg(_ category: String, _ side: String, _ price: String, _ fee: String) -> String {
      #"{"symbol":"BTCUSDT","side":"\#(side)","execPrice":"\#(price)","execTime":"1744104992224","#
        + #""execType":"FutureSpread","category":"\#(category)","execQty":"2","#
        + #""execId":"\#(category)-1",\#(fee)}"#
    }
    let perp = leg("linear", "Buy", "124.1", #""execFee":"0.039712""#)
    let spot = leg(
      "spot", "Sell", "103.1152",
      #""execFee":"9","execFeeV2":"0.06186912","feeCurrency":"USDT""#)
    let row = try JSON(parsing: #"{"symbol":"BTCUSDT_BTC/USDT","legs":[\#(spot),\#(perp)]}"#)
    let fills = try dialect.comboLegs(row)
    #expect(fills.map(\.instrument) == [BybitFixture.perpBTC, BybitFixture.spotBTC])
    #expect(fills.map(\.side) == [.buy, .sell])
    #expect(fills.map(\.fee) == ["0.039712", "0.06186912"])
    #expect(fills.map(\.order) == [nil, nil])
    let half = try JSON(parsing: #"{"legs":[\#(perp)]}"#)
    #expect(throws: DialectError.self) { try dialect.comboLegs(half) }
  }
}
