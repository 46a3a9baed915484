import Core
public import FixedPoint
public import Trading

/// How far a Sharpe ratio survives that it is the best of many that were tried.
///
/// Source: Bailey and López de Prado 2014, *The Deflated Sharpe Ratio*.
public enum DeflatedSharpe {
  /// The probability, 0 … 1, that the true Sharpe ratio is above the one that the best of so many
  /// rules without any edge would show.
  ///
  /// - Parameters:
  ///   - equity: of the chosen rule, at equal distances.
  ///   - trials: how many rules were tried; at least 1.
  ///   - variance: of the Sharpe ratios of all trials, per period; nil takes that of an estimate
  ///     from one sample, 1 / (n − 1).
  /// - Returns: nil of fewer than ten returns or without variation.
  public static func probability(
    equity: [Notional], trials: Int, variance: Rate? = nil
  ) -> Rate? {
    let returns = Performance.scaledReturns(equity)
    guard returns.count >= 10, let shape = Shape(returns) else { return nil }
    let count = returns.count
    let spread = (variance ?? Rate.one.divided(by: count - 1, rounding: .halfEven)).root(2)
    let distance = shape.sharpe - spread.times(expectedMaximum(of: trials))
    // The error of an estimated ratio grows with skew to the left and with fat tails.
    let error =
      Rate.one - shape.skewness.times(shape.sharpe)
      + (shape.kurtosis - .one).divided(by: 4, rounding: .halfEven).times(shape.sharpe.squared())
    guard error.isPositive else { return nil }
    let score = distance.times(Rate(count - 1).root(2)).divided(by: error.root(2))
    return NormalLaw.cumulative(min(max(score, Rate(-8)), Rate(8)))
  }

  /// The largest of so many independent standard normal values, on average:
  /// (1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e)).
  static func expectedMaximum(of trials: Int) -> Rate {
    guard trials > 1 else { return .zero }
    let gamma: Rate = "0.577215664901532861"
    let share = Rate.one.divided(by: trials, rounding: .halfEven)
    let first = NormalLaw.quantile(.one - share)
    let second = NormalLaw.quantile(.one - share.divided(by: NormalLaw.exponential(.one)))
    return (Rate.one - gamma).times(first) + gamma.times(second)
  }

  /// Moments of returns that are scaled up.
  private struct Shape {
    /// Mean over deviation, per period.
    let sharpe: Rate
    let skewness: Rate
    /// Three of a normal law.
    let kurtosis: Rate

    init?(_ returns: [Rate]) {
      let count = returns.count
      let mean = returns.reduce(.zero, +).divided(by: count, rounding: .halfEven)
      let variance = returns.reduce(Rate.zero) { $0 + ($1 - mean).squared() }
        .divided(by: count - 1, rounding: .halfEven)
      guard variance.isPositive else { return nil }
      let deviation = variance.root(2)
      let scores = returns.map { ($0 - mean).divided(by: deviation) }
      sharpe = mean.divided(by: deviation)
      skewness = scores.reduce(Rate.zero) { $0 + $1.power(3) }
        .divided(by: count, rounding: .halfEven)
      kurtosis = scores.reduce(Rate.zero) { $0 + $1.power(4) }
        .divided(by: count, rounding: .halfEven)
    }
  }
}
