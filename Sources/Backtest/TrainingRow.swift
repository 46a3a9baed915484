import Core
public import FixedPoint
public import Simulation
public import Trading

/// What a model learns from one moment.
public struct TrainingRow: Sendable {
  /// When it was known.
  public let at: Timestamp
  /// What was known, in the order of `FundingFeatures.names`.
  public let features: [Rate?]
  /// The same without prices: after a restart there are none, and the model must have seen that.
  public let featuresWithoutPrices: [Rate?]
  /// How far what came was from the average, in deviations.
  public let target: Rate
  /// The average, in deviations.
  public let average: Rate

  /// The rows of one market.
  public static func rows(
    _ series: PairSeries, over range: Range<Timestamp>, horizon: Int, window: TimeSpan
  ) -> [TrainingRow] {
    ForecastMoments(series, over: range, horizon: horizon, window: window).compactMap { moment in
      let history = FundingFeatures(moment.known, span: horizon)
      let end = history.count
      guard end >= DriftMonitor.fewestSteps(horizon: horizon) else { return nil }
      let average = history.average(endingAt: end)
      let deviation = history.deviation(endingAt: end)
      return TrainingRow(
        at: moment.at, features: history.values(endingAt: end, prices: moment.prices),
        featuresWithoutPrices: history.values(endingAt: end, prices: nil),
        target: (moment.actual - average).divided(by: deviation),
        average: average.divided(by: deviation))
    }
  }
}
