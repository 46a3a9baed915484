import FixedPoint
import Testing
import Trading

@testable import Simulation

@Suite("Perpetuals on the simulated exchange")
struct PerpetualTests {
  static let free = Desk.universe(perpFees: Desk.fees("0", "0"))

  @Test("A fill states its profit, the wallet takes it and the fee")
  func realized() throws {
    var desk = Desk()
    desk.price(.perp, "30000")
    let opened = desk.send(.sell, "1", .perp)
    #expect(opened.names == ["accepted", "fill", "position", "filled"])
    let position = try #require(desk.exchange.positions.first)
    #expect(position.quantity == "-1" && position.cost == "-30000" && position.margin == "15000")
    #expect(desk.total(.futures, "USDT") == "99985")
    #expect(desk.free(.futures, "USDT") == "84985")

    desk.price(.perp, "29000")
    let closed = try #require(desk.send(.buy, "0.4", .perp).fills.first)
    #expect(closed.realized == "400" && closed.fee == "5.8")
    #expect(desk.total(.futures, "USDT") == "100379.2")
    #expect(desk.exchange.positions.first?.margin == "9000")
  }

  @Test("An order that is not reduce-only turns the position")
  func turn() throws {
    var desk = Desk(universe: Self.free)
    desk.price(.perp, "100")
    desk.send(.sell, "1", .perp)
    desk.price(.perp, "110")
    let fill = try #require(desk.send(.buy, "3", .perp).fills.first)
    #expect(fill.quantity == "3" && fill.realized == "-10")
    let position = try #require(desk.exchange.positions.first)
    #expect(position.quantity == "2" && position.cost == "220" && position.margin == "110")
  }

  @Test("A short is paid for a positive rate (vector A01)")
  func funding() throws {
    var desk = Desk(universe: Self.free)
    desk.price(.perp, "60000")
    desk.send(.sell, "1.25", .perp)
    let events = desk.funding("0.0001", mark: "60123.4")
    #expect(events.names == ["settled", "paid", "position"])
    let payment = try #require(desk.exchange.payments.first)
    #expect(payment.amount == "7.515425" && payment.asset == "USDT")
    #expect(payment.settledAt == desk.time)
    #expect(desk.total(.futures, "USDT") == "100007.515425")
  }

  @Test("Held at the stamp is paid; bought in the same moment afterwards is not")
  func heldAtTheStamp() {
    var desk = Desk(universe: Self.free)
    desk.price(.perp, "60000")
    #expect(desk.funding("0.0001", mark: "60000").names == ["settled"])
    desk.send(.sell, "1", .perp)
    #expect(desk.exchange.payments.isEmpty)
    desk.time = desk.time + .hours(8)
    desk.funding("0.0001", mark: "60000")
    desk.send(.buy, "1", .perp, reduceOnly: true)
    #expect(desk.exchange.payments.map(\.amount) == ["6"])
  }

  @Test("Funding that the free part cannot pay comes out of the margin")
  func fundingFromMargin() throws {
    var desk = Desk(
      universe: Self.free, deposits: [Balance(wallet: .futures, asset: "USDT", total: "500")])
    desk.price(.perp, "1000")
    desk.send(.sell, "1", .perp)
    let before = try #require(desk.exchange.positions.first?.liquidationPrice)
    desk.funding("-0.01", mark: "1000")
    let position = try #require(desk.exchange.positions.first)
    #expect(position.margin == "490")
    #expect(desk.free(.futures, "USDT") == "0" && desk.total(.futures, "USDT") == "490")
    #expect(position.liquidationPrice.map { $0 < before } == true)
  }

  @Test("Collateral moves between wallet and position")
  func adjustMargin() throws {
    var desk = Desk(
      universe: Self.free, deposits: [Balance(wallet: .futures, asset: "USDT", total: "600")])
    #expect(desk.receive(.adjustMargin(Desk.perp, "1")).refusal == .notFound)
    #expect(desk.receive(.adjustMargin(Desk.spot, "1")).refusal == .unknownInstrument)
    desk.price(.perp, "1000")
    desk.send(.sell, "1", .perp)
    #expect(desk.receive(.adjustMargin(Desk.perp, "100.1")).refusal == .insufficientMargin)
    let added = desk.receive(.adjustMargin(Desk.perp, "100"))
    #expect(added.names == ["position"])
    #expect(desk.exchange.positions.first?.margin == "600")
    #expect(desk.free(.futures, "USDT") == "0")
    #expect(desk.receive(.adjustMargin(Desk.perp, "-100.1")).refusal == .insufficientMargin)
    // At 1010 the position must keep 505 beyond its loss of 10.
    desk.price(.perp, "1010")
    #expect(desk.receive(.adjustMargin(Desk.perp, "-85.1")).refusal == .insufficientMargin)
    #expect(desk.receive(.adjustMargin(Desk.perp, "-85")).names == ["position"])
    #expect(desk.free(.futures, "USDT") == "85")
  }

  @Test("Liquidation price in the dialogue (vector F05)")
  func liquidationPrice() throws {
    let tier = MarginTier(
      floor: "0", maintenanceRate: "0.01", deduction: "0", maximumLeverage: "20")
    var desk = Desk(leverage: "5", universe: Desk.universe(tiers: [tier]))
    desk.price(.perp, "2400")
    desk.send(.sell, "1.3", .perp)
    desk.receive(.adjustMargin(Desk.perp, "188.5"))
    let price = try #require(desk.exchange.positions.first?.liquidationPrice)
    #expect((price - "2995.049504950495049505").magnitude <= "0.000000000001")
  }

  @Test("A mark at the liquidation price closes the position and costs its margin at most")
  func liquidation() throws {
    var desk = Desk(universe: Self.free)
    desk.price(.perp, "60000")
    desk.send(.sell, "1", .perp)
    desk.send(.sell, "0.1", .perp, .limit("99000"))
    #expect(desk.price(.perp, "89552.2").names == ["quote"])
    // The price alone does not matter.
    #expect(desk.price(.perp, "89600", mark: "89552.2").names == ["quote"])
    let events = desk.price(.perp, "89552.3")
    #expect(events.names == ["quote", "fill", "position", "cancelled"])
    let fill = try #require(events.fills.first)
    #expect(fill.cause == .liquidation && fill.order == nil && fill.side == .buy)
    #expect(fill.price == "89552.3" && fill.realized == "-29552.3")
    // 1 % of the notional would be 895.523; the margin of 30000 leaves 447.7.
    #expect(fill.fee == "447.7")
    #expect(desk.exchange.positions.isEmpty)
    #expect(desk.total(.futures, "USDT") == "70000" && desk.free(.futures, "USDT") == "70000")
    #expect(desk.exchange.purses.all.allSatisfy { $0.isolated.isZero && $0.locked.isZero })
    #expect(desk.price(.perp, "99999").names == ["quote"])
  }

  @Test("A gap beyond the margin is the venue's loss")
  func gap() throws {
    var desk = Desk(universe: Self.free)
    desk.price(.perp, "60000")
    desk.send(.sell, "1", .perp)
    let fill = try #require(desk.price(.perp, "120000").fills.first)
    #expect(fill.realized == "-30000" && fill.fee == "0")
    #expect(desk.total(.futures, "USDT") == "70000")
  }

  @Test("A long is liquidated when the mark falls")
  func liquidationOfLong() throws {
    var desk = Desk(universe: Self.free)
    desk.price(.perp, "60000")
    desk.send(.buy, "1", .perp)
    // (60000 − 30000) / 0.995 = 30150.75
    #expect(desk.price(.perp, "30150.8").names == ["quote"])
    let fill = try #require(desk.price(.perp, "30150.7").fills.first)
    #expect(fill.side == .sell && fill.realized == "-29849.3" && fill.fee == "150.7")
  }
}
