public import FixedPoint
public import Trading

/// Measures of an equity curve, in exact decimals so that every machine prints the same digits.
public enum Performance {
  /// min over time of value / earlier peak − 1; not above zero.
  public static func maximumDrawdown(_ equity: [Notional]) -> Rate {
    var peak = equity.first ?? .zero
    var deepest = Rate.zero
    for value in equity {
      peak = max(peak, value)
      if peak.isPositive { deepest = min(deepest, value.ratio(to: peak) - .one) }
    }
    return deepest
  }

  /// Simple returns between neighbours, scaled up by a million: daily carry returns are near 10⁻⁵
  /// and their squares near 10⁻¹⁰, and so they keep twelve significant digits through the square.
  static func scaledReturns(_ equity: [Notional]) -> [Rate] {
    zip(equity, equity.dropFirst()).compactMap { before, after in
      before.isPositive ? (after.ratio(to: before) - .one).times(1_000_000) : nil
    }
  }

  /// mean / deviation (n − 1) of returns × √periods, no riskless rate; nil without variation.
  public static func sharpe(_ equity: [Notional], periodsPerYear: Int) -> Rate? {
    let scaled = scaledReturns(equity)
    guard scaled.count > 1 else { return nil }
    let mean = scaled.reduce(.zero, +).divided(by: scaled.count, rounding: .halfEven)
    let variance = scaled.reduce(Rate.zero) { $0 + ($1 - mean).squared() }
      .divided(by: scaled.count - 1, rounding: .halfEven)
    guard variance.isPositive else { return nil }
    return mean.divided(by: variance.root(2)).times(Rate(periodsPerYear).root(2))
  }

  /// Total return × periods per year / periods, not compounded.
  public static func simpleAnnualReturn(_ equity: [Notional], periodsPerYear: Int) -> Rate? {
    guard let first = equity.first, let last = equity.last, equity.count > 1, first.isPositive
    else { return nil }
    return (last.ratio(to: first) - .one).times(periodsPerYear)
      .divided(by: equity.count - 1, rounding: .halfEven)
  }

  /// (funding − costs) × 365 / days over a capital.
  public static func returnOnCapital(
    funding: Notional, costs: Notional, capital: Notional, days: Int
  ) -> Rate {
    (funding - costs).times(365).divided(by: days, rounding: .halfEven).ratio(to: capital)
  }
}
