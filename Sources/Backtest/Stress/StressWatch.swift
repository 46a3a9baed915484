import Accounting
import Core
import FixedPoint
import Simulation
import Trading

/// What must hold on a bad day, looked at while it is played.
struct StressWatch: Sendable {
  private(set) var notionalBefore = Notional.zero
  /// Why carries could not be opened, in words.
  private(set) var refusals: [String] = []
  private var liquidations = 0
  private var growing = 0
  private var naked = Notional.zero
  /// Nearest that any short came to its liquidation.
  private var nearest: Rate?

  mutating func begin(_ state: EngineState, _ book: StressBook) {
    notionalBefore = Self.notional(state, book)
  }

  mutating func see(_ fact: Fact, since begin: Timestamp) {
    if case .commandEnded(let ended) = fact.body, !ended.succeeded {
      refusals.append(ended.reply.message)
    }
    guard fact.at > begin else { return }
    switch fact.body {
    case .filled(let booked) where booked.fill.cause == .liquidation: liquidations += 1
    case .intended(let intent) where intent.request.isGrowing: growing += 1
    case .exposed(let record): naked = max(naked, record.notionalSeconds)
    default: break
    }
  }

  /// Looks at every short as the venue has it, on the way.
  mutating func look(_ exchange: SimulatedExchange, _ book: StressBook) {
    for pair in book.universe.pairs {
      guard let liquidation = exchange.liquidationPrice(of: pair.perp) else { continue }
      let distance = Liquidation.distance(
        liquidation: liquidation, mark: exchange.positionState(of: pair.perp).mark)
      nearest = min(nearest ?? distance, distance)
    }
  }

  /// Value of the shorts at the mids of now, quote units.
  static func notional(_ state: EngineState, _ book: StressBook) -> Notional {
    book.holdings.indices.reduce(.zero) { sum, place in
      guard let carry = state.carries[place] else { return sum }
      return sum + book.holdings[place].mids.perp.notional(of: carry.holdings.perp.magnitude)
    }
  }

  /// Each limit with what was found.
  func limits(
    _ state: EngineState, _ exchange: SimulatedExchange, _ book: StressBook,
    _ parameters: Parameters
  ) -> [Gate] {
    var distance: Rate?
    var leverage = Rate.zero
    var delta = Rate.zero
    for (place, pair) in book.universe.pairs.enumerated() {
      if let carry = state.carries[place] {
        let lots = carry.imbalance.magnitude.ratio(to: pair.jointLot, .up)
        delta = max(delta, lots)
      }
      let position = exchange.positionState(of: pair.perp)
      guard position.quantity.isNegative else { continue }
      if let liquidation = exchange.liquidationPrice(of: pair.perp) {
        let found = Liquidation.distance(liquidation: liquidation, mark: position.mark)
        distance = min(distance ?? found, found)
      }
      let value = position.mark.notional(of: position.quantity.magnitude)
      let worth = position.margin + position.mark.notional(of: position.quantity) - position.cost
      if !position.isCross, worth.isPositive {
        leverage = max(leverage, value.ratio(to: worth, .up))
      }
    }
    var gates = [
      Gate("liquidations", Rate(liquidations), .equal, .zero, unit: "fills"),
      Gate("growing_orders", Rate(growing), .equal, .zero, unit: "orders"),
      Gate("leverage_at_end", leverage, .atMost, Parameters.hardLeverageLimit, unit: "times"),
      Gate("delta_at_end", delta, .atMost, .one, unit: "joint lots"),
      Gate(
        "naked_notional_seconds", naked.reinterpreted(as: Unit.Ratio.self), .atMost,
        parameters.execution.unhedgedBudget.reinterpreted(as: Unit.Ratio.self),
        unit: "quote × seconds"),
    ]
    if let nearest {
      gates.append(
        Gate("liquidation_distance_on_the_way", nearest, .above, .zero, unit: "of mark"))
    }
    if let distance {
      gates.append(
        Gate(
          "liquidation_distance_at_end", distance, .atLeast, Parameters.hardFloorDistance,
          unit: "of mark"))
    }
    return gates
  }
}
