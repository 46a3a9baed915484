import FixedPoint
import Testing
import Trading

@testable import Simulation

@Suite("Orders on the simulated exchange")
struct OrderTests {
  @Test("A quote stands around the recorded price")
  func quote() {
    var desk = Desk(models: Desk.models(half: "0.0002"))
    let events = desk.price(.perp, "50000", mark: "50001")
    let expected = Quote(
      instrument: Desk.perpIndex, bid: "49990", ask: "50010", mark: "50001", at: desk.time)
    #expect(events == [.quote(expected)])
    #expect(expected.mid == "50000")
  }

  @Test("A taker pays half the spread and the slippage, brought to the tick against it")
  func takerPrice() throws {
    var desk = Desk(models: Desk.models(half: "0.0001", slippage: "0.0002"))
    desk.price(.spot, "50001.3")
    // 50001.3 × 1.0003 = 50016.30039, × 0.9997 = 49986.29961
    let bought = desk.send(.buy, "1", .spot)
    #expect(bought.names == ["accepted", "fill", "filled"])
    let fill = try #require(bought.fills.first)
    #expect(fill.price == "50016.4")
    #expect(fill.fee == "0.001" && fill.feeAsset == "BTC")
    #expect(fill.liquidity == .taker && fill.cause == .order && fill.realized.isZero)
    #expect(desk.total(.spot, "BTC") == "0.999")
    #expect(desk.total(.spot, "USDT") == "49983.6")

    let sold = try #require(desk.send(.sell, "0.999", .spot).fills.first)
    #expect(sold.price == "49986.2")
    // 0.999 × 49986.2 = 49936.2138; a seller's fee is in quote.
    #expect(sold.fee == "49.9362138" && sold.feeAsset == "USDT")
    #expect(desk.total(.spot, "BTC") == "0")
    #expect(desk.total(.spot, "USDT") == "99869.8775862")
  }

  @Test(
    "Nearest brings halves up",
    arguments: [("100", "100.1"), ("200.0", "200.1")] as [(Price, Price)])
  func nearest(mid: Price, bought: Price) {
    let slippage = Rate("0.00050")
    var desk = Desk(models: Desk.models(slippage: slippage, rule: .nearest))
    desk.price(.spot, mid)
    #expect(desk.send(.buy, "1", .spot).fills.first?.price == bought)
    desk.price(.spot, "100")
    // 99.95 is halfway between two ticks.
    #expect(desk.send(.sell, "0.5", .spot).fills.first?.price == "100")
  }

  @Test("Fees are rounded half-even at the places of the model")
  func feePlaces() {
    var desk = Desk(
      models: Desk.models(feePlaces: 4), universe: Desk.universe(spotFees: Desk.fees("0", "0.001")))
    desk.price(.spot, "12345.5")
    // 12.3455 × 0.001 × 10 lots: 0.01 × 12345.5 × 0.001 = 0.123455
    #expect(desk.send(.buy, "0.01", .spot).fills.first?.fee == "0.1235")
    desk.price(.spot, "10005")
    #expect(desk.send(.buy, "0.01", .spot).fills.first?.fee == "0.1")
  }

  @Test("An order to trade at once takes what stands; the rest expires")
  func depth() throws {
    var desk = Desk(models: Desk.models(depth: "10000", refill: 1000))
    desk.price(.perp, "30000")
    let events = desk.send(.sell, "1", .perp, .immediateOrCancel("29999"))
    #expect(events.names == ["accepted", "fill", "position", "expired"])
    #expect(events.fills.first?.quantity == "0.333")
    // What is left, 10 quote units, is less than a lot.
    #expect(desk.send(.sell, "0.1", .perp).names == ["accepted", "expired"])
    // The other side is untouched, and this one is whole again after the refill.
    #expect(desk.send(.buy, "0.1", .perp).outcomes == [.filled])
    desk.time = desk.time + .milliseconds(999)
    #expect(desk.send(.sell, "0.1", .perp).outcomes == [.expired])
    desk.time = desk.time + .milliseconds(1)
    #expect(desk.send(.sell, "0.333", .perp).outcomes == [.filled])
  }

  @Test("An immediate order beyond its limit does not trade")
  func limitOfImmediate() {
    var desk = Desk(models: Desk.models(slippage: "0.001"))
    desk.price(.perp, "30000")
    #expect(
      desk.send(.buy, "0.1", .perp, .immediateOrCancel("30029.9")).names == ["accepted", "expired"])
    #expect(desk.send(.buy, "0.1", .perp, .immediateOrCancel("30030")).outcomes == [.filled])
  }

  @Test("A limit rests, reserves what it needs and fills at its limit as maker")
  func resting() throws {
    var desk = Desk()
    desk.price(.spot, "50000")
    #expect(desk.send(.buy, "1", .spot, .limit("49000")).names == ["accepted"])
    #expect(desk.free(.spot, "USDT") == "51000")
    #expect(desk.price(.spot, "49000.1").names == ["quote"])
    let events = desk.price(.spot, "48900")
    #expect(events.names == ["quote", "fill", "filled"])
    let fill = try #require(events.fills.first)
    #expect(fill.price == "49000" && fill.liquidity == .maker)
    #expect(desk.free(.spot, "USDT") == "51000" && desk.total(.spot, "USDT") == "51000")
    #expect(desk.price(.spot, "48900").names == ["quote"])
  }

  @Test("A limit that trades at once takes first, then rests")
  func takesThenRests() {
    var desk = Desk(models: Desk.models(depth: "3000"))
    desk.price(.perp, "30000")
    let events = desk.send(.sell, "0.3", .perp, .limit("30000"))
    #expect(events.names == ["accepted", "fill", "position"])
    #expect(desk.price(.perp, "30000").names == ["quote", "fill", "position"])
    #expect(desk.price(.perp, "30000").names == ["quote", "fill", "position", "filled"])
    #expect(desk.exchange.positions.first?.quantity == "-0.3")
  }

  @Test("Post-only rests, or is refused when it would trade")
  func postOnly() {
    var desk = Desk(models: Desk.models(half: "0.0001"))
    desk.price(.perp, "30000")
    #expect(desk.send(.buy, "0.1", .perp, .postOnly("30003")).refusal == .wouldTakeLiquidity)
    #expect(desk.send(.sell, "0.1", .perp, .postOnly("29997")).refusal == .wouldTakeLiquidity)
    #expect(desk.send(.buy, "0.1", .perp, .postOnly("30002.9")).names == ["accepted"])
    #expect(desk.price(.perp, "29999").fills.first?.liquidity == .maker)
  }

  @Test("A deadline is for the way to the venue: what rests by then goes on resting")
  func deadlineOfResting() {
    var desk = Desk()
    desk.price(.perp, "30000")
    desk.send(.buy, "0.1", .perp, .limit("29000"), deadline: desk.time + .seconds(1))
    desk.time = desk.time + .seconds(2)
    #expect(desk.price(.perp, "28000").fills.map(\.price) == ["29000"])
  }

  @Test("A resting order trades no more at once than stands at the touch")
  func restingInParts() {
    var desk = Desk(models: Desk.models(depth: "3000"))
    desk.price(.perp, "30000")
    desk.send(.buy, "0.25", .perp, .limit("29000"))
    #expect(desk.price(.perp, "28000").fills.map(\.quantity) == ["0.103"])
    #expect(desk.price(.perp, "28000").fills.map(\.quantity) == ["0.103"])
    #expect(desk.price(.perp, "28000").fills.map(\.quantity) == ["0.044"])
  }

  @Test("A resting reduce-only order fills no more than the position, and expires when it is gone")
  func restingReduceOnly() {
    var desk = Desk()
    desk.price(.perp, "30000")
    desk.send(.sell, "1", .perp)
    desk.send(.buy, "0.8", .perp, .limit("29000"), reduceOnly: true)
    desk.send(.buy, "0.8", .perp, .limit("29000"), reduceOnly: true)
    desk.send(.buy, "0.8", .perp, .limit("29000"), reduceOnly: true)
    let events = desk.price(.perp, "29000")
    #expect(events.fills.map(\.quantity) == ["0.8", "0.2"])
    #expect(events.outcomes == [.filled, .expired, .expired])
    #expect(desk.exchange.positions.isEmpty)
  }

  @Test("A query says it all again; a cancelled order stays cancelled")
  func queryAndCancel() {
    var desk = Desk(models: Desk.models(depth: "3000"))
    desk.price(.perp, "30000")
    let order = desk.order(.sell, "0.3", .perp, .limit("30000"))
    #expect(desk.receive(.query(order.id, order.instrument)).names == ["notFound"])
    #expect(desk.receive(.cancel(order.id, order.instrument)).names == ["notFound"])
    let first = desk.receive(.submit(order))
    #expect(desk.receive(.query(order.id, order.instrument)) == Array(first.prefix(2)))
    #expect(desk.receive(.cancel(order.id, order.instrument)).names == ["cancelled"])
    let final = desk.receive(.query(order.id, order.instrument))
    #expect(final.names == ["accepted", "fill", "cancelled"])
    #expect(desk.receive(.cancel(order.id, order.instrument)) == final)
    #expect(desk.price(.perp, "30100").names == ["quote"])

    let refused = desk.order(.sell, "0.0001", .perp)
    let said = desk.receive(.submit(refused))
    #expect(said.names == ["refused"])
    #expect(desk.receive(.query(refused.id, refused.instrument)) == said)
  }

  @Test("Requests act after the latency, in order of sending")
  func latency() {
    var desk = Desk(models: Desk.models(latency: 50))
    let start = desk.time
    desk.price(.perp, "30000")
    let sale = desk.order(.sell, "0.1", .perp)
    #expect(desk.receive(.submit(sale)).isEmpty)
    desk.receive(.query(sale.id, sale.instrument))
    desk.time = start + .milliseconds(10)
    desk.receive(.cancel(sale.id, sale.instrument))
    desk.price(.perp, "31000")
    #expect(desk.exchange.nextArrival == start + .milliseconds(50))

    var events: [VenueEvent] = []
    desk.exchange.advance(to: start + .milliseconds(49), into: &events)
    #expect(events.isEmpty)
    desk.exchange.advance(to: start + .milliseconds(55), into: &events)
    #expect(
      events.names == ["accepted", "fill", "position", "filled", "accepted", "fill", "filled"])
    #expect(events.fills.first?.at == start + .milliseconds(50))
    #expect(events.fills.first?.price == "31000")
    #expect(desk.exchange.nextArrival == start + .milliseconds(60))
    desk.exchange.advance(to: start + .seconds(1), into: &events)
    #expect(desk.exchange.nextArrival == nil)
  }
}
