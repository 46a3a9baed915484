import Accounting
import FixedPoint
import Trading

/// The shipped policy: a smoothed forecast of settled funding, two thresholds far apart, and a
/// guardian while holding.
public struct ThresholdPolicy: Policy {
  let parameters: Parameters
  let entryRules: EntryRules
  let exitRules: ExitRules
  let timing: TimingRules
  let marginGuard: MarginGuard
  let rotation: Rotation
  /// Names the rules.
  public let version: String

  /// Makes the policy.
  public init(parameters: Parameters) {
    self.parameters = parameters
    entryRules = EntryRules(parameters: parameters)
    exitRules = ExitRules(parameters: parameters)
    timing = TimingRules(parameters: parameters)
    marginGuard = MarginGuard(parameters: parameters)
    rotation = Rotation(parameters: parameters, entryRules: entryRules)
    version = Self.version(parameters)
  }

  /// The rules and what they rest on; every other setting is known by the hash of its run.
  private static func version(_ parameters: Parameters) -> String {
    let (entry, forecast) = (parameters.entry, parameters.forecast)
    let thresholds =
      entry.thresholds == .optimal
      ? "optimal" : "in \(entry.minimumAnnualRate) out \(parameters.exit.maximumAnnualRate)"
    let model: String? =
      switch forecast.model {
      case .ewma: nil
      case .ar, .har: forecast.model.rawValue
      case .boosting: forecast.boosting.map { "boosting \($0.name)" }
      }
    return (["threshold-3", thresholds] + [model].compactMap { $0 }).joined(separator: " ")
  }

  /// Decides: margin first, then delta, then funding, the last only after a new settlement.
  public func decide(_ view: PairView) -> Decision {
    guard let carry = view.carry else {
      return view.hasNewSettlement && parameters.isAutomatic ? enter(view) : .none
    }
    if let decision = guarded(view, carry) { return decision }
    guard view.hasNewSettlement else { return .none }
    return StaleExit(rules: parameters.exit).decide(view, carry, version: version)
      ?? exit(view, carry)
  }

  /// What must be done whatever funding is: a leg that leaves the venue, margin, delta.
  func guarded(_ view: PairView, _ carry: Carry) -> Decision? {
    if view.market.spotStatus == .delisting || view.market.perpStatus == .delisting {
      let gate = Gate("market_status", view.market.status, mustBe: TradingStatus.trading.rawValue)
      return carry.state == .open
        ? .exit(view.record(.exit, "a leg is leaving the venue", [gate], version: version))
        : Decision.none
    }
    if let decision = marginGuard.decide(view, carry, version: version) { return decision }
    if let decision = rebalance(view, carry) { return decision }
    guard let (quantity, gate) = Allocation(rules: parameters.sizing).resized(view, carry) else {
      return nil
    }
    return .shrink(
      to: -quantity,
      view.record(.shrink, "prices made more of it than was meant", [gate], version: version))
  }

  private func enter(_ view: PairView) -> Decision {
    let assessment = entryRules.assess(view, wanted: nil)
    let timing = timing.entryGates(view)
    let gates = assessment.gates + timing
    if let failed = assessment.gates.first(where: { !$0.passed }) {
      return .keep(view.record(.stayOut, "no entry: \(failed.name)", gates, version: version))
    }
    if let failed = timing.first(where: { !$0.passed }) {
      return .keep(view.record(.stayOut, "not now: \(failed.name)", gates, version: version))
    }
    return .enter(
      assessment.entry, view.record(.enter, "all gates passed", gates, version: version))
  }

  private func exit(_ view: PairView, _ carry: Carry) -> Decision {
    let cost = entryRules.cost(view, of: carry.holdings.perp.magnitude)
    let stop = exitRules.stopGates(view, carry, cost: cost) ?? []
    if !stop.isEmpty, stop.allSatisfy(\.passed) {
      return .exit(
        view.record(.exit, "a round trip of funding was paid", stop, version: version))
    }
    let gates = exitRules.gates(view, carry, cost: cost) + timing.exitGates(view)
    if let failed = gates.first(where: { !$0.passed }) {
      return rotation.decide(view, carry, version: version) ?? grow(view, carry)
        ?? .keep(
          view.record(
            .hold, "no exit: \(failed.name)",
            gates + stop.filter { $0.name != "held_by_operator" } + standing(view, carry),
            version: version))
    }
    return .exit(
      view.record(.exit, "funding turned, and staying costs more", gates, version: version))
  }

  /// How a carry stands to what the guardian watches, each with where it would act.
  private func standing(_ view: PairView, _ carry: Carry) -> [Gate] {
    let delta = Gate(
      "delta", carry.imbalance.magnitude.reinterpreted(as: Unit.Ratio.self), .atMost,
      deltaBand(view, carry).reinterpreted(as: Unit.Ratio.self), unit: "base")
    return [
      marginGuard.gate(view), delta, Allocation(rules: parameters.sizing).driftGate(view, carry),
      StaleExit(rules: parameters.exit).gate(view, carry), rankGate(view),
    ].compactMap { $0 }
  }

  private func rankGate(_ view: PairView) -> Gate? {
    view.market.perpFigures.deleveragingRank.map {
      DeleveragingRank.gate($0, limit: parameters.margin.highestRank)
    }
  }

  private func deltaBand(_ view: PairView, _ carry: Carry) -> Quantity {
    RebalanceBand.linear(
      spot: carry.holdings.spot, fraction: parameters.rebalance.bandFraction,
      lot: view.pair.jointLot)
  }

  /// Brings a carry back to its notional when prices have made much less of it, if the missing part
  /// would be entered by itself.
  func grow(_ view: PairView, _ carry: Carry, weighsRates: Bool = true) -> Decision? {
    guard parameters.isAutomatic, carry.state == .open,
      let (quantity, gate) = Allocation(rules: parameters.sizing).missing(view, carry)
    else { return nil }
    let ofAnotherCarry = ["carry_on_pair", "since_last_exit"]
    let gates =
      entryRules.assess(view, wanted: quantity, weighsRates: weighsRates).gates
      .filter { !ofAnotherCarry.contains($0.name) } + timing.entryGates(view)
      + [rankGate(view), Allocation.marginGate(view, carry)].compactMap { $0 }
    guard gates.allSatisfy(\.passed) else { return nil }
    return .grow(
      to: carry.holdings.perp - quantity,
      view.record(.grow, "less of it is held than was meant", [gate] + gates, version: version))
  }

  /// Corrects delta once it is outside the no-trade band and large enough to trade.
  func rebalance(_ view: PairView, _ carry: Carry) -> Decision? {
    let delta = carry.imbalance
    let band = deltaBand(view, carry)
    guard delta.magnitude > band, view.now >= view.market.correctionDueAt,
      let order = correction(of: delta, view)
    else { return nil }
    let gate = Gate(
      "delta", delta.magnitude.reinterpreted(as: Unit.Ratio.self), .atMost,
      band.reinterpreted(as: Unit.Ratio.self), unit: "base")
    return .rebalance(
      order.leg, order.quantity,
      view.record(.rebalance, "delta outside the band", [gate], version: version))
  }

  /// The order that takes delta back: on the perpetual, where fees are lower, when its lot and
  /// minimum allow and it need not grow while nothing may, otherwise on spot; nil when neither does.
  func correction(of delta: Quantity, _ view: PairView) -> (leg: Market, quantity: Quantity)? {
    let onPerp = delta.magnitude.rounded(toMultipleOf: view.perp.lot, .down)
    if delta.isNegative || view.mayGrow(within: parameters.market.staleSeconds),
      view.perp.accepts(
        quantity: onPerp, at: view.market.perp.mid, reduceOnly: delta.isNegative)
    {
      return (.perp, delta.isNegative ? onPerp : -onPerp)
    }
    let onSpot = delta.magnitude.rounded(toMultipleOf: view.spot.lot, .down)
    if view.spot.accepts(quantity: onSpot, at: view.market.spot.mid, reduceOnly: false) {
      return (.spot, delta.isNegative ? onSpot : -onSpot)
    }
    return nil
  }
}
