import Accounting
import FixedPoint
import Trading

/// When to leave: wide of the entry threshold, after a minimum time, never on one negative print,
/// and only when staying is expected to cost more than leaving.
struct ExitRules: Sendable {
  let parameters: Parameters
  let forecast: FundingForecast

  init(parameters: Parameters) {
    self.parameters = parameters
    forecast = FundingForecast(span: parameters.forecast.span)
  }

  /// The gates of an exit; it is due when all of them hold.
  func gates(_ view: PairView, _ carry: Carry, cost: CarryCost) -> [Gate] {
    let held = carry.openedAt.map { (view.now - $0).hours }
    let expected = forecast.annualized(view.market.funding.recent)
    let bleed = expected.map {
      -$0.times(parameters.entry.horizonDays).divided(by: 365, rounding: .down)
    }
    let negatives = view.market.funding.recent.suffix(parameters.exit.negativeSettlements)
      .filter { $0.rate.isNegative }.count
    return [
      Gate("held_by_operator", carry.isHeldByOperator ? "yes" : "no", mustBe: "no"),
      Gate(
        "hours_held", held, .atLeast, Rate(parameters.exit.minimumHoldHours), unit: "hours"),
      Gate(
        "expected_annual_rate", expected, .below, parameters.exit.maximumAnnualRate,
        unit: "per year"),
      Gate(
        "negative_settlements_in_a_row", Rate(negatives), .atLeast,
        Rate(parameters.exit.negativeSettlements), unit: "settlements"),
      Gate("expected_bleed_over_horizon", bleed, .above, cost.oneWay, unit: "of notional"),
    ]
  }
}
