import Accounting
import Core
import FixedPoint
import Trading

/// The workload's rules: in above one yearly rate of trailing funding, out below another, and the
/// perpetual leg follows when the legs' values drift apart.
struct WorkloadPolicy: Policy {
  /// Yearly rate above which it enters.
  let enterAbove: Rate
  /// Yearly rate below which it leaves.
  let leaveBelow: Rate
  let version: String
  private let notional: Notional = "100000"
  private let widestDrift: Notional = "500"

  init(enterAbove: Rate, leaveBelow: Rate) {
    self.enterAbove = enterAbove
    self.leaveBelow = leaveBelow
    version = "workload in \(enterAbove) out \(leaveBelow)"
  }

  func decide(_ view: PairView) -> Decision {
    guard let carry = view.carry else { return view.hasNewSettlement ? enter(view) : .none }
    if view.hasNewSettlement { return weigh(view, carry.holdings) }
    // The minute of an entry has no other trade.
    if carry.plannedAt == view.now { return .none }
    return rebalance(view, carry.holdings) ?? .none
  }

  private func enter(_ view: PairView) -> Decision {
    let gate = Gate("annual_rate", annualRate(view), .above, enterAbove, unit: "per year")
    guard gate.passed else { return .keep(record(view, .stayOut, gate)) }
    let quantity = Sizing.quantity(
      notional: notional, at: view.market.spot.mid, lot: view.pair.jointLot)
    // Every order trades whole, so the clip is out of reach.
    let entry = Decision.Entry(quantity: quantity, clip: "1000000", leverage: .one)
    return .enter(entry, record(view, .enter, gate))
  }

  private func weigh(_ view: PairView, _ holdings: CarryHoldings) -> Decision {
    let gate = Gate("annual_rate", annualRate(view), .below, leaveBelow, unit: "per year")
    if gate.passed { return .exit(record(view, .exit, gate)) }
    return rebalance(view, holdings) ?? .keep(record(view, .hold, gate))
  }

  /// The order on the perpetual that brings both legs to the same value, to the nearest lot.
  private func rebalance(_ view: PairView, _ holdings: CarryHoldings) -> Decision? {
    let price = view.market.perp.mid
    // The short's value is negative.
    let drift =
      view.market.spot.mid.notional(of: holdings.spot) + price.notional(of: holdings.perp)
    guard drift.magnitude > widestDrift else { return nil }
    let lot = view.perp.lot
    let lots = Rounding.halfUp.quotient(drift.magnitude.raw, price.notional(of: lot).raw)
    let quantity = lot.times(Int(lots))
    let gate = Gate(
      "drift", drift.magnitude.reinterpreted(as: Unit.Ratio.self), .atMost,
      widestDrift.reinterpreted(as: Unit.Ratio.self), unit: "quote")
    return .rebalance(
      .perp, drift.isPositive ? -quantity : quantity, record(view, .rebalance, gate))
  }

  /// The last three settled rates, as if the year went on like them; nil before the third.
  private func annualRate(_ view: PairView) -> Rate? {
    let settlements = view.market.funding.settlements
    guard settlements.count >= 3 else { return nil }
    return settlements.suffix(3).reduce(Rate.zero) { $0 + $1.rate }.times(365)
  }

  private func record(
    _ view: PairView, _ action: DecisionRecord.Action, _ gate: Gate
  ) -> DecisionRecord {
    view.record(action, gate.name, [gate], version: version)
  }
}
