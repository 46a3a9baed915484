public import FixedPoint
public import Trading

/// How far delta may drift before correcting it pays.
public enum RebalanceBand {
  /// Half-width with a cost per unit traded: (3·k·η² / 2λ)^⅓, trade to the edge.
  ///
  /// - Parameters:
  ///   - cost: k, quote per base unit traded.
  ///   - noise: η, base units per √year of drift.
  ///   - penalty: λ, quote per base² per year: risk aversion × variance × price².
  /// - Source: ergodic singular control of a drifting residual.
  public static func proportional(cost: Rate, noise: Rate, penalty: Rate) -> Rate {
    cost.times(noise.squared()).times(3).divided(by: penalty.times(2)).root(3)
  }

  /// Half-width with a cost per trade: (12·K·η² / λ)^¼, trade to zero.
  ///
  /// - Parameter cost: K, quote per trade.
  public static func fixed(cost: Rate, noise: Rate, penalty: Rate) -> Rate {
    cost.times(noise.squared()).times(12).divided(by: penalty).root(4)
  }

  /// Half-width of a hedge under proportional cost: (3/2 · cost · S · Γ² / γ)^⅓, no discounting.
  ///
  /// - Source: Whalley and Wilmott 1997.
  public static func whalleyWilmott(
    cost: Rate, price: Rate, gamma: Rate, riskAversion: Rate
  ) -> Rate {
    cost.times(price).times(gamma.squared()).times(3)
      .divided(by: riskAversion.times(2)).root(3)
  }

  /// How often a price without drift leaves the band from 1 / (1 + b) to 1 + b around where it began,
  /// beginning anew each time: σ² / ln²(1 + b), with b² / (1 + b) for the square of the logarithm.
  ///
  /// - Parameters:
  ///   - variance: σ², per year.
  ///   - band: b, above zero; up to 1 the approximation errs by 4 % at most.
  /// - Source: mean exit time of Brownian motion from a symmetric interval.
  public static func resizesPerYear(variance: Rate, band: Rate) -> Rate {
    variance.times(.one + band).divided(by: band.squared())
  }

  /// The band of a linear carry: the lot, or a fraction of the spot quantity where that is wider.
  ///
  /// The lot sets it because the delta of a linear carry does not move with price.
  public static func linear(spot: Quantity, fraction: Rate, lot: Quantity) -> Quantity {
    max(lot, spot.magnitude.times(fraction, .up))
  }
}
