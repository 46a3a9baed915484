public import FixedPoint
public import Trading

/// The yardstick forecast: an exponentially weighted mean of settled funding.
///
/// Weights fall with elapsed time, not with the count of settlements, so an 8-hour market that
/// turns hourly keeps its memory. With 8-hour settlements it is the usual e ← a·x + (1 − a)·e with
/// a = 2/(span + 1). Source: span 21 (seven days) forecasts the next week best among EWMA, AR(1)
/// and last value.
public struct FundingForecast: Sendable {
  /// What one hour leaves of the weight of the past, by powers of two: 1, 2, 4 and 8 hours.
  private let decay: [Rate]

  /// Makes a forecast.
  ///
  /// - Parameter span: the usual span in settlements of eight hours; at least 1.
  public init(span: Int) {
    let eight = Rate(span - 1).divided(by: Rate(span + 1))
    let four = eight.root(2)
    let two = four.root(2)
    decay = [two.root(2), two, four, eight]
  }

  /// What remains of the weight of the past after so many hours.
  func retained(afterHours hours: Int) -> Rate {
    var result = decay[3].power(hours / 8)
    for (bit, factor) in decay.prefix(3).enumerated() where hours & (1 << bit) != 0 {
      result = result.times(factor)
    }
    return result
  }

  /// The expected rate of funding, annualised; nil without settlements.
  ///
  /// - Parameter settlements: oldest first; the same window gives the same digits, whatever was
  ///   known before it.
  public func annualized(_ settlements: some Sequence<FundingRate>) -> Rate? {
    var estimate: Rate?
    for settlement in settlements {
      let print = Annualising.simple(settlement.rate, intervalHours: settlement.intervalHours)
      guard let before = estimate else {
        estimate = print
        continue
      }
      let kept = retained(afterHours: settlement.intervalHours)
      estimate = print + (before - print).times(kept)
    }
    return estimate
  }
}
