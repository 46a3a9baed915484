import Accounting
import FixedPoint
import Trading

/// When to leave: wide of the entry threshold, after a minimum time, never on one negative print,
/// and only when staying is expected to cost more than leaving, what the capital would earn elsewhere
/// included.
struct ExitRules: Sendable {
  let parameters: Parameters
  let forecast: FundingForecast
  let thresholds: ThresholdRule

  init(parameters: Parameters) {
    self.parameters = parameters
    forecast = FundingForecast(parameters)
    thresholds = ThresholdRule(parameters: parameters)
  }

  /// The gates of an exit; it is due when all of them hold.
  func gates(_ view: PairView, _ carry: Carry, cost: CarryCost) -> [Gate] {
    let held = carry.openedAt.map { (view.now - $0).hours }
    let outlook = forecast.outlook(view.market)
    let expected = outlook.annualRate
    let forgone = parameters.capital.cashRate(perNotionalAt: carry.leverage)
    let bleed = expected.map {
      (forgone - $0).times(parameters.entry.horizonDays).divided(by: 365, rounding: .down)
    }
    let negatives = view.market.funding.recent.suffix(parameters.exit.negativeSettlements)
      .filter { $0.rate.isNegative }.count
    return [
      Gate("held_by_operator", carry.isHeldByOperator ? "yes" : "no", mustBe: "no"),
      Gate(
        "hours_held", held, .atLeast, Rate(parameters.exit.minimumHoldHours), unit: "hours"),
      Gate(
        "expected_annual_rate", expected, .below,
        thresholds.now(view, cost: cost).leaveBelow, unit: "per year"),
      Gate(
        "negative_settlements_in_a_row", Rate(negatives), .atLeast,
        Rate(parameters.exit.negativeSettlements), unit: "settlements"),
      Gate("expected_bleed_over_horizon", bleed, .above, cost.oneWay, unit: "of notional"),
    ] + outlook.gates()
  }

  /// The gates of an exit that no forecast can delay; nil where that is switched off.
  ///
  /// The carry has paid so many round trips of funding since its best moment.
  func stopGates(_ view: PairView, _ carry: Carry, cost: CarryCost) -> [Gate]? {
    guard parameters.exit.paidRoundTrips.isPositive, let openedAt = carry.openedAt
    else { return nil }
    let paid = view.market.funding.recent.reduce(Rate.zero) { paid, settlement in
      settlement.settlesAt > openedAt ? max(.zero, paid - settlement.rate) : .zero
    }
    return [
      Gate("held_by_operator", carry.isHeldByOperator ? "yes" : "no", mustBe: "no"),
      Gate(
        "funding_paid_since_best", paid, .above,
        cost.roundTrip.times(parameters.exit.paidRoundTrips), unit: "of notional"),
    ]
  }
}
