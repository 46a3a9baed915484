import FixedPoint
import Trading

/// How the notional of a carry that the engine opens is found; the configured one is never exceeded.
public enum SizeMethod: String, Hashable, Codable, Sendable, CaseIterable {
  /// The configured notional.
  case fixed
  /// As much of the worth of the account as its volatility target allows.
  case volatility
  /// A quarter of what Kelly's rule gives for the expected funding and the loss of a venue.
  case kelly
}

/// The notional of an entry.
struct SizeRule: Sendable {
  let rules: Parameters.Sizing

  /// Quote units; zero where the rule needs something that is unknown.
  func notional(_ view: PairView, expectedAnnualRate: Rate?) -> Notional {
    switch rules.method {
    case .fixed: return rules.notional
    case .volatility:
      guard let equity = view.account.equity, equity.isPositive,
        let variance = view.market.gauge.variancePerHour
      else { return .zero }
      let yearly = variance.times(Annualising.hoursPerYear).root(2)
      guard yearly.isPositive else { return .zero }
      return BetSize.notional(
        equity: equity, targetVolatility: rules.targetVolatility, volatility: yearly,
        leverage: .one, depth: rules.notional)
    case .kelly:
      guard let equity = view.account.equity, equity.isPositive, let expectedAnnualRate,
        expectedAnnualRate.isPositive
      else { return .zero }
      let fraction = BetSize.kelly(
        probability: .one - rules.venueLossProbability,
        gain: expectedAnnualRate.divided(by: 12, rounding: .down), loss: rules.venueLoss)
      let part = BetSize.quarterKelly(fraction, cap: Parameters.hardLeverageLimit)
      return min(rules.notional, equity.times(part, .down))
    }
  }
}
