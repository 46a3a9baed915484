import FixedPoint
import Testing
import Trading

@testable import Simulation

/// Laws that hold whatever is done, over random dialogues.
@Suite("Laws of the simulated exchange")
struct ExchangeLawTests {
  /// A dialogue of 400 acts, drawn from a seed.
  struct Dialogue {
    var desk: Desk
    var said: [VenueEvent] = []
    var isPlain = true
    private var random: SeededRandom
    private var mid: Price = "30000"
    private var orders: [OrderRequest] = []
    private let layout: AccountLayout

    init(seed: UInt64) {
      random = SeededRandom(seed: seed)
      layout = random.below(2) == 0 ? .separate : .unified
      let inBase = random.below(2) == 0
      desk = Desk(
        layout: layout, leverage: Rate(1 + random.below(25)),
        models: Desk.models(
          half: random.below(2) == 0 ? "0" : "0.0001", slippage: "0.0002",
          latency: random.below(2) * 70, depth: random.below(2) == 0 ? nil : "40000",
          feePlaces: 8),
        universe: Desk.universe(spotFees: Desk.fees("0.0008", "0.001", inBase: inBase)))
    }

    mutating func play() {
      for act in 1...400 {
        desk.time = desk.time + .milliseconds(Int64(random.below(100)))
        desk.exchange.advance(to: desk.time, into: &said)
        step(act)
        check()
      }
    }

    private mutating func step(_ act: Int) {
      switch random.below(12) {
      case 0...3:
        let reach = random.below(20) == 0 ? 800 : 80
        mid = mid.times(.one + Rate.basisPoints(random.below(2 * reach + 1) - reach))
        said += desk.price(.spot, mid)
        said += desk.price(.perp, mid.times(.one + Rate.basisPoints(random.below(21) - 10)))
      case 4...7: submit()
      case 8:
        guard !orders.isEmpty else { return }
        let order = orders[random.below(orders.count)]
        said += desk.receive(
          random.below(2) == 0
            ? .cancel(order.id, order.instrument) : .query(order.id, order.instrument))
      case 9:
        said += desk.funding(Rate.basisPoints(random.below(41) - 20), mark: mid)
      case 10:
        let amount = Notional(random.below(4001) - 2000)
        said += desk.receive(.adjustMargin(Desk.perp, amount))
      default:
        let isOut = random.below(2) == 0
        said += desk.receive(
          .transfer(
            Transfer(
              id: Int64(act), venue: "test", from: isOut ? .spot : .futures,
              to: isOut ? .futures : .spot, asset: "USDT", amount: Amount(random.below(9000)))))
      }
    }

    private mutating func submit() {
      let offset = Rate.basisPoints(random.below(61) - 30)
      let limit = mid.times(.one + offset).rounded(toMultipleOf: "0.1", .halfEven)
      let kinds: [OrderKind] = [
        .market, .limit(limit), .immediateOrCancel(limit), .postOnly(limit),
      ]
      let order = desk.order(
        random.below(2) == 0 ? .buy : .sell, Quantity("0.001").times(random.below(1500)),
        random.below(2) == 0 ? .spot : .perp, kinds[random.below(4)],
        reduceOnly: random.below(5) == 0, deadline: desk.time + .seconds(Int64(random.below(5))))
      orders.append(order)
      said += desk.receive(.submit(order))
    }

    /// Every wallet is what came in and went out, and nothing is promised twice.
    private mutating func check() {
      let exchange = desk.exchange
      var (quote, base) = (Amount("200000"), Amount.zero)
      var (realized, cash) = (Notional.zero, Notional.zero)
      for fill in exchange.fills {
        if fill.feeAsset == "USDT" { quote -= fill.fee } else { base -= fill.fee }
        if fill.instrument.market == .spot {
          base += fill.signedQuantity.amount
          quote -= fill.price.notional(of: fill.signedQuantity).amount
        } else {
          quote += fill.realized.amount
          realized += fill.realized
          cash -= fill.price.notional(of: fill.signedQuantity)
        }
        if fill.cause == .liquidation { isPlain = false }
      }
      for payment in exchange.payments { quote += payment.amount }
      let purses = exchange.purses.all
      #expect(purses.reduce(.zero) { $0 + ($1.asset == "USDT" ? $1.total : .zero) } == quote)
      #expect(purses.reduce(.zero) { $0 + ($1.asset == "BTC" ? $1.total : .zero) } == base)
      #expect(purses.allSatisfy { !$0.free.isNegative && !$0.locked.isNegative })
      let margins = exchange.positions.reduce(Notional.zero) { $0 + $1.margin }
      #expect(purses.reduce(.zero) { $0 + $1.isolated } == margins.amount)
      if exchange.resting.isEmpty { #expect(purses.allSatisfy { $0.locked.isZero }) }
      #expect(exchange.states.reduce(0) { $0 + $1.restingOrders } == exchange.resting.count)
      if isPlain {
        // Σ realised + q·mark − cost = q·mark − Σ signed quantity × price, whatever the mark.
        let cost = exchange.positions.reduce(Notional.zero) { $0 + $1.cost }
        #expect(realized - cost == cash)
      }
    }
  }

  @Test("Cash, margin and locks are conserved", arguments: UInt64(1)...24)
  func conservation(seed: UInt64) {
    var dialogue = Dialogue(seed: seed)
    dialogue.play()
    #expect(!dialogue.desk.exchange.fills.isEmpty)
  }

  @Test("The same calls give the same state and the same words", arguments: [UInt64(3), 11])
  func determinism(seed: UInt64) {
    var first = Dialogue(seed: seed)
    var second = Dialogue(seed: seed)
    first.play()
    second.play()
    #expect(first.desk.exchange == second.desk.exchange)
    #expect(first.said == second.said)
    var other = Dialogue(seed: seed + 1)
    other.play()
    #expect(first.desk.exchange != other.desk.exchange)
  }

  @Test("Trades and venue orders have ids of their own", arguments: [UInt64(5)])
  func identities(seed: UInt64) {
    var dialogue = Dialogue(seed: seed)
    dialogue.play()
    let fills = dialogue.desk.exchange.fills
    #expect(Set(fills.map(\.trade)).count == fills.count)
    #expect(fills == fills.sorted { $0.at < $1.at })
  }
}
