public import FixedPoint
public import Trading

/// Funding rates on a yearly footing.
///
/// Decisions and reports use the simple form, by elapsed time.
public enum Annualising {
  /// Hours in the year of all annualised figures.
  public static let hoursPerYear = 8760

  /// A rate per interval as a simple yearly rate: rate × 8760 / hours.
  public static func simple(_ rate: Rate, intervalHours: Int) -> Rate {
    rate.times(hoursPerYear).divided(by: intervalHours, rounding: .halfEven)
  }

  /// A rate per interval as a compounded yearly rate: (1 + rate)^(8760 / hours) − 1.
  ///
  /// - Parameter intervalHours: a divisor of 8760.
  public static func compounded(_ rate: Rate, intervalHours: Int) -> Rate {
    (.one + rate).power(hoursPerYear / intervalHours) - .one
  }

  /// The simple yearly rate of several settlements: Σ rate × 8760 / Σ hours.
  ///
  /// Elapsed time, never the count of settlements: intervals change. Nil without settlements.
  public static func realized(_ settlements: [FundingRate]) -> Rate? {
    let hours = settlements.reduce(0) { $0 + $1.intervalHours }
    guard hours > 0 else { return nil }
    return simple(settlements.reduce(.zero) { $0 + $1.rate }, intervalHours: hours)
  }
}

/// The payment of one settlement.
public enum Funding {
  /// Quote units, received positive: −quantity × mark × rate.
  ///
  /// - Parameters:
  ///   - quantity: base units, short negative, as held at the stamp.
  ///   - mark: mark price of the settlement.
  ///   - rate: per interval; positive: longs pay shorts.
  /// - Returns: rounded half-even at 18 places, after an exact product of quantity and mark.
  public static func payment(quantity: Quantity, mark: Price, rate: Rate) -> Notional {
    mark.notional(of: -quantity).times(rate)
  }
}
