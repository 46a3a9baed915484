import FixedPoint
import Simulation
import Testing
import Trading

@testable import SimulatedVenue

@Suite("The account at a simulated venue")
struct VenueAccountTests {
  @Test("In cross margin the wallet stands for the position, and available falls with the loss")
  func cross() throws {
    var bench = Bench()
    _ = try bench.send(Bench.perp, .sell, "1", at: "29997")
    let position = bench.venue.position(Bench.perp)
    #expect(position.quantity == "-1" && position.entryPrice == "29997")
    #expect(position.margin.isZero && position.isCross)
    // 100000 − fee 14.9985 − loss 3 − 30000 / 10.
    #expect(bench.venue.margin(in: "USDT").available == "96982.0015")
    bench.venue.setPrice("40000", of: Bench.perp)
    let margin = bench.venue.margin(in: "USDT")
    #expect(margin.unrealized == "-10003" && margin.wallet == "99985.0015")
    #expect(margin.available == "85982.0015" && margin.maintenance == "200")
    #expect(bench.total(.futures) == "99985.0015")
  }

  @Test("A cross position is liquidated where equity meets maintenance, and never below zero")
  func liquidation() throws {
    var bench = Bench(deposits: [
      PlannedBalance(wallet: .futures, asset: "USDT", amount: "5000")
    ])
    _ = try bench.send(Bench.perp, .sell, "1", at: "29997")
    let limit = try #require(bench.venue.position(Bench.perp).liquidationPrice)
    // (5000 − 14.9985 + 29997) / 1.005.
    #expect(limit.rounded(places: 6, .halfEven) == "34807.961692")
    bench.venue.setPrice(limit.rounded(toMultipleOf: "0.1", .floor), of: Bench.perp)
    #expect(bench.venue.position(Bench.perp).quantity == "-1")
    let resting = try bench.send(Bench.perp, .buy, "0.001", at: "20000")
    bench.venue.setPrice("36000", of: Bench.perp)
    #expect(bench.venue.position(Bench.perp).quantity.isZero)
    #expect(bench.total(.futures).isZero)
    #expect(bench.venue.order(resting.number)?.state == .cancelled)
    let last = try #require(bench.venue.fills.last)
    #expect(last.fill.cause == .liquidation && last.fill.realized == "-4985.0015")
    #expect(bench.venue.orders.last?.origin == .liquidation)
    // Forced where there still is something left: the loss and a fee of 1 %.
    var second = Bench()
    _ = try second.send(Bench.perp, .sell, "1", at: "29997")
    #expect(second.venue.forceLiquidation(Bench.perp))
    let ended = try #require(second.venue.fills.last)
    #expect(ended.fill.cause == .liquidation && ended.fill.fee <= "1298")
    #expect(second.total(.futures) == "99985.0015" + ended.fill.realized.amount - ended.fill.fee)
  }

  @Test("Spot held in a unified account counts as collateral and moves the liquidation away")
  func collateral() throws {
    let rules = Bench.rules(collateral: [CollateralRate(asset: "BTC", rate: "0.9")])
    var bench = Bench(
      layout: .unified, rules: rules,
      deposits: [PlannedBalance(wallet: .unified, asset: "USDT", amount: "40000")])
    _ = try bench.send(Bench.spot, .buy, "1")
    let before = bench.venue.margin(in: "USDT").available
    #expect(before > bench.total(.unified) && bench.total(.unified) < "10000")
    _ = try bench.send(Bench.perp, .sell, "0.999")
    let limit = try #require(bench.venue.position(Bench.perp).liquidationPrice)
    #expect(limit > "150000")
    // Both legs move: the wallet could not pay the loss, the account stands all the same.
    bench.venue.setPrice("90000", of: Bench.spot)
    bench.venue.setPrice("90000", of: Bench.perp)
    #expect(bench.venue.position(Bench.perp).quantity == "-0.999")
    _ = try bench.send(Bench.perp, .buy, "0.999", reduceOnly: true)
    #expect(bench.total(.unified).isNegative)
  }

  @Test("Leverage and margin mode change at run time, within what is open")
  func settings() throws {
    var bench = Bench()
    try bench.venue.setCross(false, of: Bench.perp)
    try bench.venue.setLeverage("5", of: Bench.perp)
    _ = try bench.send(Bench.perp, .sell, "1")
    #expect(bench.venue.position(Bench.perp).margin == "5999.4")
    #expect(throws: OrderRefusal.self) { try bench.venue.setCross(true, of: Bench.perp) }
    #expect(throws: OrderRefusal.self) { try bench.venue.setLeverage("2", of: Bench.perp) }
    #expect(throws: OrderRefusal.self) { try bench.venue.setLeverage("51", of: Bench.perp) }
    try bench.venue.setLeverage("20", of: Bench.perp)
    try bench.venue.adjustMargin(of: Bench.perp, by: "1000")
    #expect(bench.venue.position(Bench.perp).margin == "6999.4")
    #expect(throws: OrderRefusal.self) {
      try bench.venue.adjustMargin(of: Bench.perp, by: "1000000")
    }
    #expect(bench.venue.takeEvents().contains { $0.change == .leverageChanged(Bench.perp, "20") })
  }

  @Test("Transfers go between all wallets of the account, once per key")
  func transfers() throws {
    var bench = Bench(deposits: [
      PlannedBalance(wallet: .funding, asset: "USDT", amount: "100"),
      PlannedBalance(wallet: .futures, asset: "USDT", amount: "4000"),
    ])
    let first = try bench.venue.transfer(
      "30.5", of: "USDT", from: .funding, to: .futures, key: "a")
    #expect(first.number == 1 && bench.total(.funding) == "69.5")
    #expect(bench.total(.futures) == "4030.5")
    #expect(throws: OrderRefusal.self) {
      try bench.venue.transfer("1", of: "USDT", from: .funding, to: .futures, key: "a")
    }
    #expect(throws: OrderRefusal.self) {
      try bench.venue.transfer("1", of: "USDT", from: .funding, to: .unified)
    }
    _ = try bench.send(Bench.perp, .sell, "1")
    let available = bench.venue.margin(in: "USDT").available
    #expect(bench.venue.transferable("USDT", from: .futures) == available)
    #expect(throws: OrderRefusal.self) {
      try bench.venue.transfer(available + .ulp, of: "USDT", from: .futures, to: .spot)
    }
    _ = try bench.venue.transfer(available, of: "USDT", from: .futures, to: .spot)
    #expect(bench.venue.margin(in: "USDT").available.isZero)
  }

  @Test("Fees are paid in the token at a discount while there is some, then as usual")
  func token() throws {
    let token = TokenFee(asset: "BNB", price: "500", spotDiscount: "0.25", perpDiscount: "0.1")
    var bench = Bench(
      rules: Bench.rules(token: token),
      deposits: [
        PlannedBalance(wallet: .spot, asset: "USDT", amount: "100000"),
        PlannedBalance(wallet: .spot, asset: "BNB", amount: "0.005"),
      ])
    let first = try bench.send(Bench.spot, .buy, "0.1")
    // 3000.3 × 0.001 × 0.75 / 500.
    #expect(bench.venue.fees(of: first).map(\.amount) == ["0.00450045"])
    #expect(bench.total(.spot, "BTC") == "0.1" && bench.total(.spot, "BNB") == "0.00049955")
    let second = try bench.send(Bench.spot, .buy, "0.1")
    #expect(bench.venue.fees(of: second).map(\.asset) == ["BTC"])
    #expect(bench.total(.spot, "BTC") == "0.1999")
  }

  @Test("Auto-deleveraging closes a part at mark for free; a contract's end closes all")
  func forced() throws {
    var bench = Bench()
    _ = try bench.send(Bench.perp, .sell, "1", at: "29997")
    bench.venue.setPrice("25000", of: Bench.perp)
    bench.venue.deleverage(Bench.perp, fraction: "0.4")
    let part = try #require(bench.venue.fills.last?.fill)
    #expect(part.cause == .autoDeleveraging && part.quantity == "0.4" && part.fee.isZero)
    #expect(part.price == "25000" && part.realized == "1998.8")
    bench.venue.endContract(Bench.perp, at: bench.world.now + .hours(2))
    #expect(bench.venue.listing(Bench.perp).endsAt == Bench.start + .hours(2))
    bench.world.advance(to: bench.world.now + .hours(3))
    let rest = try #require(bench.venue.fills.last?.fill)
    #expect(rest.cause == .settlement && rest.quantity == "0.6" && rest.fee == "7.5")
    #expect(bench.venue.listing(Bench.perp).status == .delisted)
    #expect(
      bench.venue.refusal(of: bench.order(Bench.perp, .sell, "0.01"))?.reason == .marketHalted)
  }

  @Test("Funding settles on the grid of a changed interval, at the rate that was told")
  func funding() throws {
    var bench = Bench()
    _ = try bench.send(Bench.perp, .sell, "1")
    #expect(bench.venue.funding(Bench.perp).nextSettlement == Bench.start + .hours(8))
    bench.venue.setInterval(hours: 4, of: Bench.perp)
    bench.venue.setRate("0.0003", of: Bench.perp)
    let told = bench.venue.funding(Bench.perp)
    #expect(told.nextSettlement == Bench.start + .hours(4) && told.rate == "0.0003")
    bench.world.advance(to: Bench.start + .hours(4))
    let paid = try #require(bench.venue.ledger.last)
    #expect(paid.kind == .funding && paid.amount == "9" && paid.at == Bench.start + .hours(4))
    #expect(paid.funding?.quantity == "-1" && paid.funding?.rate.intervalHours == 4)
    #expect(bench.venue.settlements(Bench.perp, limit: 10).map(\.rate.rate) == ["0.0003"])
    bench.world.advance(to: Bench.start + .hours(12))
    #expect(bench.venue.settlements(Bench.perp, limit: 10).count == 3)
  }
}
