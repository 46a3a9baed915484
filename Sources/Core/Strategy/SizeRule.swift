import FixedPoint
import Trading

/// How the notional of a carry that the engine opens is found; the configured one is never exceeded.
public enum SizeMethod: String, Hashable, Codable, Sendable, CaseIterable {
  /// The configured notional.
  case fixed
  /// A fixed part of the worth of the account.
  case fraction
  /// As much of the worth of the account as its volatility target allows, less while the basis is
  /// restless.
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
    case .fraction:
      guard let equity = view.account.equity, equity.isPositive else { return .zero }
      return min(rules.notional, equity.times(rules.fraction, .down))
    case .volatility:
      guard let equity = view.account.equity, equity.isPositive,
        let volatility = volatility(view.market), volatility.isPositive
      else { return .zero }
      let size = BetSize.notional(
        equity: equity, targetVolatility: rules.targetVolatility, volatility: volatility,
        leverage: .one, depth: rules.notional)
      return size.times(calm(view.market), .down)
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

  /// Of the price, per year: the larger of what its moves and its daily ranges say; nil while unknown.
  private func volatility(_ market: PairMarket) -> Rate? {
    let byMoves = market.gauge.variancePerHour.map { $0.times(Annualising.hoursPerYear).root(2) }
    let byRanges = market.trail.averageTrueRange.map { $0.times(Rate(365).root(2)) }
    return [byMoves, byRanges].compactMap { $0 }.max()
  }

  /// One while the basis is as calm as it should be, less in proportion to its deviation beyond that.
  private func calm(_ market: PairMarket) -> Rate {
    guard let deviation = market.trail.basisDeviation, deviation > rules.calmBasis else {
      return .one
    }
    return rules.calmBasis.divided(by: deviation, .down)
  }
}
