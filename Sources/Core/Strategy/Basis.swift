public import FixedPoint
public import Trading

/// The distance between a perpetual and its spot.
public enum Basis {
  /// (perpetual − spot) / spot, a fraction; positive: the perpetual is dearer.
  public static func of(spot: Price, perp: Price) -> Rate { perp.ratio(to: spot) - .one }

  /// The price of a perpetual over spot at which nobody gains: κ / (κ + ι − (rₐ − r_b)).
  ///
  /// - Parameters:
  ///   - anchoring: κ, how many times a year funding repays the basis.
  ///   - interest: ι, the interest part of funding, per year.
  ///   - quoteRate: rₐ, what quote units earn, per year.
  ///   - baseRate: r_b, what base units earn, per year.
  /// - Source: Ackerer, Hugonnier and Jermann 2025, linear contract, constant coefficients.
  public static func fairRatio(
    anchoring: Rate, interest: Rate, quoteRate: Rate, baseRate: Rate
  ) -> Rate {
    anchoring.divided(by: anchoring + interest - (quoteRate - baseRate))
  }

  /// How far a value lies from a window that does not contain it: (x − mean) / deviation (n − 1).
  ///
  /// Nil without two values, or without variation.
  public static func score(_ value: Rate, in window: some Collection<Rate>) -> Rate? {
    guard let moments = Moments(window), moments.deviation.isPositive else { return nil }
    return (value - moments.mean).divided(by: moments.deviation)
  }
}

/// Mean and standard deviation of a sample.
public struct Moments: Hashable, Sendable {
  /// The mean.
  public let mean: Rate
  /// The deviation with n − 1 in the denominator.
  public let deviation: Rate

  /// Measures a sample; nil of fewer than two values.
  public init?(_ sample: some Collection<Rate>) {
    guard sample.count > 1 else { return nil }
    let mean = sample.reduce(.zero, +).divided(by: sample.count, rounding: .halfEven)
    // Scaled up so that the squares of basis points keep their digits.
    let scale = 10_000
    let squares = sample.reduce(Rate.zero) { $0 + ($1 - mean).times(scale).squared() }
    let variance = squares.divided(by: sample.count - 1, rounding: .halfEven)
    self.mean = mean
    deviation = variance.root(2).divided(by: scale, rounding: .halfEven)
  }
}
