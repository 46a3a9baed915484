import FixedPoint
import Trading

extension EntryRules {
  /// The probability that funding pays the round trip within the planned holding time, 0 … 1; nil
  /// while too little is known.
  ///
  /// The mean rate over that time is taken as normal around the forecast. Its deviation is the one that
  /// a mean of n steps has whose swings s last: s·√((1 + φ) / (1 − φ) / n), s and φ of the window.
  func breakEvenProbability(_ assessment: Assessment, _ view: PairView) -> Rate? {
    guard let expected = assessment.expectedAnnualRate, let cost = assessment.cost,
      let process = Autoregression(
        fitting: FundingSteps.annualized(view.market.funding.recent))
    else { return nil }
    let days = parameters.entry.horizonDays
    let spread = (Rate.one + process.persistence).divided(by: .one - process.persistence)
      .divided(by: days * 3, rounding: .halfEven).root(2)
    let deviation = process.deviation.times(spread)
    guard deviation.isPositive else { return nil }
    let distance = (expected - cost.breakEvenAnnualRate(holdingDays: days)).divided(by: deviation)
    return NormalLaw.cumulative(distance).rounded(places: 4, .halfEven)
  }
}
