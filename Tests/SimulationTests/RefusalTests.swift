import FixedPoint
import Testing
import Trading

@testable import Simulation

@Suite("What the simulated exchange refuses")
struct RefusalTests {
  @Test("No price, no trade")
  func halted() {
    var desk = Desk()
    #expect(desk.send(.buy, "1", .spot).refusal == .marketHalted)
  }

  @Test("An instrument that is not listed")
  func unknownInstrument() {
    var desk = Desk()
    let other = InstrumentID(venue: "elsewhere", market: .spot, symbol: "BTCUSDT")
    let order = OrderRequest(
      id: ClientOrderID(run: 1, sequence: 99, carry: CarryID(1), market: .spot), instrument: other,
      side: .buy, quantity: "1", kind: .market, reduceOnly: false, deadline: .distantFuture)
    #expect(desk.receive(.submit(order)).refusal == .unknownInstrument)
  }

  @Test("An id is refused for ever once seen, also when it was refused")
  func duplicate() {
    var desk = Desk()
    desk.price(.spot, "100")
    let good = desk.order(.buy, "1", .spot)
    #expect(desk.receive(.submit(good)).outcomes == [.filled])
    #expect(desk.receive(.submit(good)).refusal == .duplicateID)
    #expect(desk.receive(.query(good.id, good.instrument)).names == ["accepted", "fill", "filled"])
    let bad = desk.order(.buy, "0.0001", .spot)
    #expect(desk.receive(.submit(bad)).refusal == .invalidQuantity)
    #expect(desk.receive(.submit(bad)).refusal == .duplicateID)
  }

  @Test("The deadline counts when the order acts, not when it is sent")
  func deadline() {
    var desk = Desk(models: Desk.models(latency: 50))
    desk.price(.spot, "100")
    let deadline = desk.time + .milliseconds(50)
    desk.send(.buy, "1", .spot, deadline: deadline)
    desk.time = desk.time + .milliseconds(1)
    desk.send(.buy, "1", .spot, deadline: deadline)
    var events: [VenueEvent] = []
    desk.exchange.advance(to: .distantFuture, into: &events)
    #expect(events.names == ["accepted", "fill", "filled", "refused"])
    guard case .orderRefused(_, .pastDeadline, let text)? = events.last else {
      Issue.record("the second order acts after its deadline")
      return
    }
    #expect(text.contains("deadline"))
  }

  @Test("Lot, minimum, tick and value")
  func filters() {
    var desk = Desk()
    desk.price(.spot, "100")
    #expect(desk.send(.buy, "0.0015", .spot).refusal == .invalidQuantity)
    #expect(desk.send(.buy, "0", .spot).refusal == .invalidQuantity)
    #expect(desk.send(.buy, "-1", .spot).refusal == .invalidQuantity)
    #expect(desk.send(.buy, "1", .spot, .limit("99.95")).refusal == .invalidPrice)
    #expect(desk.send(.buy, "1", .spot, .limit("0")).refusal == .invalidPrice)
    #expect(desk.send(.buy, "0.049", .spot).refusal == .belowMinimumNotional)
    #expect(desk.send(.buy, "0.05", .spot).outcomes == [.filled])
    // The limit counts where there is one.
    #expect(desk.send(.buy, "0.05", .spot, .limit("99")).refusal == .belowMinimumNotional)
  }

  @Test("A refusal names the value and the limit")
  func text() {
    var desk = Desk()
    desk.price(.spot, "100")
    guard case .orderRefused(_, _, let text)? = desk.send(.buy, "0.049", .spot).first else {
      Issue.record("the order is too small")
      return
    }
    #expect(text == "notional 4.9 is below the minimum 5")
  }

  @Test("Reduce-only never opens, never turns and is exempt from the minimum value")
  func reduceOnly() {
    var desk = Desk()
    desk.price(.spot, "100")
    desk.price(.perp, "100")
    #expect(desk.send(.buy, "1", .perp, reduceOnly: true).refusal == .reduceOnlyViolated)
    desk.send(.sell, "1", .perp)
    #expect(desk.send(.sell, "1", .perp, reduceOnly: true).refusal == .reduceOnlyViolated)
    #expect(desk.send(.buy, "1.001", .perp, reduceOnly: true).refusal == .reduceOnlyViolated)
    #expect(desk.send(.buy, "0.001", .perp, reduceOnly: true).outcomes == [.filled])
    #expect(desk.send(.buy, "0.999", .perp, reduceOnly: true).outcomes == [.filled])
    #expect(desk.send(.sell, "1", .spot, reduceOnly: true).refusal == .reduceOnlyViolated)
  }

  @Test("Spot spends what is free, with the fee where it is taken in quote")
  func balance() {
    let inQuote = Desk.universe(spotFees: Desk.fees("0.001", "0.001"))
    let deposit = [Balance(wallet: .spot, asset: "USDT", total: "1001")]
    var exact = Desk(universe: inQuote, deposits: deposit)
    exact.price(.spot, "1000")
    #expect(exact.send(.buy, "1.001", .spot).refusal == .insufficientBalance)
    #expect(exact.send(.buy, "1", .spot).outcomes == [.filled])
    #expect(exact.total(.spot, "USDT") == "0")
    #expect(exact.send(.sell, "1.001", .spot).refusal == .insufficientBalance)
    #expect(exact.send(.sell, "0.6", .spot, .limit("1100")).names == ["accepted"])
    #expect(exact.send(.sell, "0.5", .spot).refusal == .insufficientBalance)
    #expect(exact.send(.sell, "0.4", .spot).outcomes == [.filled])
  }

  @Test("A perpetual needs initial margin and fee from the free part")
  func margin() {
    // 1 at 1000 with leverage 2 needs 500 and a fee of 0.5.
    var short = Desk(deposits: [Balance(wallet: .futures, asset: "USDT", total: "500.4")])
    short.price(.perp, "1000")
    #expect(short.send(.sell, "1", .perp).refusal == .insufficientMargin)
    var exact = Desk(deposits: [Balance(wallet: .futures, asset: "USDT", total: "500.5")])
    exact.price(.perp, "1000")
    #expect(exact.send(.sell, "1", .perp).outcomes == [.filled])
    #expect(exact.free(.futures, "USDT") == "0")
    // Closing needs nothing: the fee comes out of what it sets free.
    #expect(exact.send(.buy, "1", .perp).outcomes == [.filled])
    #expect(exact.total(.futures, "USDT") == "499.5")
  }

  @Test("A tier limits the leverage")
  func leverage() {
    let tiers = [
      MarginTier(floor: "0", maintenanceRate: "0.01", deduction: "0", maximumLeverage: "20"),
      MarginTier(floor: "5000", maintenanceRate: "0.1", deduction: "450", maximumLeverage: "5"),
    ]
    var desk = Desk(leverage: "10", universe: Desk.universe(tiers: tiers))
    desk.price(.perp, "1000")
    #expect(desk.send(.sell, "5", .perp).refusal == .leverageTooHigh)
    #expect(desk.send(.sell, "4", .perp).outcomes == [.filled])
    #expect(desk.send(.sell, "1", .perp).refusal == .leverageTooHigh)
    #expect(desk.send(.buy, "1", .perp).outcomes == [.filled])
  }
}
