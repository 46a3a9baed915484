public import FixedPoint
public import Trading

/// Whether a model still does what it did when it was trained.
///
/// Pure: the forecasts that the model would have made over the last two months, recomputed from the
/// settled funding and compared with what came. Prices of then are not kept, so the model is asked
/// without them, and the error is held against what it was without them on what it had not seen.
public struct DriftMonitor: Hashable, Sendable {
  /// Past forecasts that are judged, one a day.
  public static let forecasts = 60
  /// From one to the next, in steps of eight hours.
  private static let stride = 3
  /// The model is not used when its error is more than this many times that of its training.
  ///
  /// Sixty daily forecasts of a week overlap: they hold about nine weeks of news, and a mean of nine
  /// errors strays from its expectation by half without any drift.
  public static let limit: Rate = "2"

  /// The error of late over that of the training.
  public let ratio: Rate

  /// Whether the model should not be used.
  public var isTripped: Bool { ratio > Self.limit }

  /// Steps that a window needs for a model that looks so many ahead.
  public static func fewestSteps(horizon: Int) -> Int {
    FundingFeatures.fewestSteps + horizon + stride * (forecasts - 1)
  }

  /// Judges a model; nil where the window is too short or nothing is known of its training.
  public init?(_ model: BoostedForecast, over history: FundingFeatures) {
    guard let usual = model.training?.meanErrorWithoutPrices,
      history.count >= Self.fewestSteps(horizon: model.horizon)
    else { return nil }
    var sum = Rate.zero
    for place in 0..<Self.forecasts {
      let end = history.count - model.horizon - place * Self.stride
      let forecast = model.annualized(history, endingAt: end, prices: nil)
      let actual = history.mean(model.horizon, endingAt: end + model.horizon)
      sum += (forecast - actual).magnitude.divided(by: history.deviation(endingAt: end))
    }
    ratio = sum.divided(by: Self.forecasts, rounding: .halfEven).divided(by: usual)
  }
}
