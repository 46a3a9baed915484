import Accounting
public import FixedPoint
public import Trading

/// What a hedge ratio is estimated from.
extension PriceTrail {
  /// The short per unit of spot with the smallest variance of both together: cov(spot, perp) over
  /// var(perp) of hourly returns; nil with fewer moves than it takes.
  public func minimumVarianceRatio(fewest: Int) -> Rate? {
    let samples = samples
    let moves = zip(samples, samples.dropFirst()).map { before, after in
      (
        after.mids.spot.ratio(to: before.mids.spot) - .one,
        after.mids.perp.ratio(to: before.mids.perp) - .one
      )
    }
    guard let (covariance, _, variance) = Self.moments(moves, fewest), variance.isPositive else {
      return nil
    }
    return covariance.divided(by: variance)
  }

  /// The correlation of changes of the funding rate with returns of the perpetual, −1 … 1; nil with
  /// fewer moves than it takes.
  public func fundingCorrelation(fewest: Int) -> Rate? {
    let samples = samples
    let moves = zip(samples, samples.dropFirst()).compactMap { before, after -> (Rate, Rate)? in
      guard let earlier = before.rate, let later = after.rate else { return nil }
      return (later - earlier, after.mids.perp.ratio(to: before.mids.perp) - .one)
    }
    guard let (covariance, first, second) = Self.moments(moves, fewest),
      first.isPositive, second.isPositive
    else { return nil }
    let scale = first.root(2).times(second.root(2))
    guard scale.isPositive else { return nil }
    return max(-Rate.one, min(.one, covariance.divided(by: scale)))
  }

  /// Mean products of deviations: covariance and both variances.
  private static func moments(
    _ moves: [(Rate, Rate)], _ fewest: Int
  ) -> (covariance: Rate, first: Rate, second: Rate)? {
    guard moves.count >= fewest else { return nil }
    func mean(_ values: [Rate]) -> Rate {
      values.reduce(.zero, +).divided(by: values.count, rounding: .halfEven)
    }
    let (first, second) = (mean(moves.map(\.0)), mean(moves.map(\.1)))
    let apart = moves.map { ($0.0 - first, $0.1 - second) }
    return (
      mean(apart.map { $0.0.times($0.1) }), mean(apart.map { $0.0.squared() }),
      mean(apart.map { $0.1.squared() })
    )
  }
}
