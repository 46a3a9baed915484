import FixedPoint
import Simulation
import Testing
import Trading

@testable import SimulatedVenue

/// What holds whatever is done, over random dialogues.
@Suite("Laws of a simulated venue")
struct VenueLawTests {
  @Test("Ledger, executions and balances say the same, to the last digit", arguments: 1...24)
  func conservation(seed: UInt64) throws {
    var play = Play(seed: seed)
    for _ in 0..<250 {
      play.step()
      try play.check()
    }
    #expect(play.bench.venue.fills.count > 20)
  }

  @Test("The same acts give the same truth", arguments: [3, 4] as [UInt64])
  func repeatability(seed: UInt64) {
    var (first, second) = (Play(seed: seed), Play(seed: seed))
    for _ in 0..<150 {
      first.step()
      second.step()
    }
    #expect(first.bench.world.truth == second.bench.world.truth)
  }

  /// Somebody who trades without a plan.
  private struct Play {
    var bench: Bench
    private var chance: SeededRandom
    private var mid: Price = "30000"

    init(seed: UInt64) {
      chance = SeededRandom(seed: seed)
      let isUnified = chance.below(2) == 0
      let token = TokenFee(asset: "BNB", price: "500", spotDiscount: "0.25", perpDiscount: "0.1")
      let wallet: AccountWallet = isUnified ? .unified : .futures
      bench = Bench(
        layout: isUnified ? .unified : .separate,
        rules: Bench.rules(
          isCross: chance.below(3) > 0, best: Notional(2000 + chance.below(50_000)),
          token: chance.below(2) == 0 ? token : nil,
          collateral: isUnified ? [CollateralRate(asset: "BTC", rate: "0.9")] : []),
        leverage: Rate(1 + chance.below(20)),
        deposits: [
          PlannedBalance(wallet: wallet, asset: "USDT", amount: "50000"),
          PlannedBalance(wallet: wallet, asset: "BNB", amount: "0.1"),
          PlannedBalance(wallet: .funding, asset: "USDT", amount: "5000"),
        ])
      if !isUnified { bench.venue.deposit("30000", of: "USDT", in: .spot) }
    }

    mutating func step() {
      let venue = bench.venue
      switch chance.below(14) {
      case 0...3:
        let reach = chance.below(15) == 0 ? 1500 : 60
        mid = max(
          mid.times(.one + Rate.basisPoints(chance.below(2 * reach + 1) - reach)), "2000")
        venue.setPrice(mid.rounded(toMultipleOf: "0.1", .halfEven), of: Bench.spot)
        venue.setPrice(mid.rounded(toMultipleOf: "0.1", .halfEven), of: Bench.perp)
      case 4...8: submit()
      case 9: if let order = venue.openOrders().last { _ = try? venue.cancel(order.number) }
      case 10:
        venue.settle(
          Bench.perp,
          FundingRate(
            settlesAt: venue.now, intervalHours: 8,
            rate: Rate.basisPoints(chance.below(61) - 30)),
          mark: venue.mark(Bench.perp))
      case 11: transfer()
      case 12: venue.deleverage(Bench.perp, fraction: "0.3")
      default: try? venue.adjustMargin(of: Bench.perp, by: Notional(chance.below(2001) - 1000))
      }
      bench.world.advance(to: bench.world.now + .milliseconds(Int64(chance.below(900))))
      venue.confirmBooks()
    }

    private mutating func submit() {
      let instrument = chance.below(2) == 0 ? Bench.spot : Bench.perp
      let quantity = Quantity(1 + chance.below(600)).divided(by: 1000, rounding: .down)
      let away = Rate.basisPoints(chance.below(61) - 30)
      let limit = mid.times(.one + away).rounded(toMultipleOf: "0.1", .down)
      let forces: [TimeInForce] = [
        .goodTillCancelled, .goodTillCancelled, .immediateOrCancel, .fillOrKill, .postOnly,
      ]
      var order = bench.order(
        instrument, chance.below(2) == 0 ? .buy : .sell, quantity,
        at: chance.below(3) == 0 ? nil : limit, forces[chance.below(forces.count)],
        reduceOnly: instrument == Bench.perp && chance.below(5) == 0)
      order.isCutToPosition = chance.below(2) == 0
      order.keepsRefusal = chance.below(2) == 0
      _ = try? bench.venue.submit(order)
    }

    private mutating func transfer() {
      let wallets = AccountWallet.allCases
      _ = try? bench.venue.transfer(
        Amount(chance.below(3000)), of: "USDT", from: wallets[chance.below(4)],
        to: wallets[chance.below(4)])
    }

    /// Every wallet is the sum of its ledger; the position is the sum of its trades; what is locked
    /// belongs to open orders; what is isolated is margin; cost and profit are the cash of trades.
    func check() throws {
      let venue = bench.venue
      for balance in venue.balances {
        let entries = venue.ledger.filter {
          $0.wallet == balance.wallet && $0.asset == balance.asset
        }
        #expect(entries.reduce(Amount.zero) { $0 + $1.amount } == balance.total)
        #expect(entries.last.map { $0.balance == balance.total } ?? balance.total.isZero)
        #expect(!balance.locked.isNegative && !balance.isolated.isNegative)
        if venue.layout == .separate { #expect(!balance.total.isNegative) }
        if venue.openOrders().isEmpty { #expect(balance.locked.isZero) }
      }
      let trades = venue.fills.filter { $0.instrument == Bench.perp }.map(\.fill)
      let position = venue.position(Bench.perp)
      #expect(trades.reduce(Quantity.zero) { $0 + $1.signedQuantity } == position.quantity)
      let cash = trades.reduce(Notional.zero) { $0 - $1.price.notional(of: $1.signedQuantity) }
      let realized = trades.reduce(Notional.zero) { $0 + $1.realized }
      let spared = trades.contains { $0.cause == .liquidation }
      if !spared { #expect(realized - position.cost == cash) }
      #expect(
        venue.balance(of: "USDT", in: venue.wallet(of: .perp)).isolated == position.margin.amount)
      for order in venue.orders {
        let fills = venue.fills(of: order).map(\.fill)
        #expect(fills.reduce(Quantity.zero) { $0 + $1.quantity } == order.executed)
        #expect(order.executed <= order.quantity)
        #expect(order.state.isOpen == venue.openOrders().contains { $0.number == order.number })
        if order.state == .filled { #expect(order.executed == order.quantity) }
      }
    }
  }
}
