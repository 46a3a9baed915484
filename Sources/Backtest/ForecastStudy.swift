public import Core
public import FixedPoint
public import Simulation
public import Trading

/// How good a forecast was, one that always knew only what had settled.
public struct ForecastScore: Hashable, Sendable {
  /// Which forecast.
  public let model: ForecastModel
  /// Forecasts that were compared with what came.
  public private(set) var count = 0
  /// Those of a trained model that were the average instead: its window was too short, or it drifted.
  public private(set) var fallbacks = 0
  private var squares = Rate.zero
  private var squaresOfLast = Rate.zero
  private var errors = Rate.zero
  private var hits = 0

  init(_ model: ForecastModel) { self.model = model }

  /// 1 − Σ error² / Σ error² of the last value; positive: better than the last value.
  public var againstLast: Rate? {
    squaresOfLast.isPositive ? .one - squares.divided(by: squaresOfLast) : nil
  }

  /// The share of forecasts with the right sign; a mean of zero counts as not negative.
  public var hitRate: Rate? {
    count > 0 ? Rate(hits).divided(by: count, rounding: .halfEven) : nil
  }

  /// The mean absolute error, per year.
  public var meanError: Rate? {
    count > 0 ? errors.divided(by: count, rounding: .halfEven) : nil
  }

  mutating func add(forecast: Rate, last: Rate, actual: Rate) {
    count += 1
    squares += (forecast - actual).squared()
    squaresOfLast += (last - actual).squared()
    errors += (forecast - actual).magnitude
    if forecast.isNegative == actual.isNegative { hits += 1 }
  }

  mutating func addFallback() { fallbacks += 1 }

  /// Adds another series' forecasts to these.
  public static func += (left: inout ForecastScore, right: ForecastScore) {
    precondition(left.model == right.model, "Invariant: scores of one model are added")
    left.count += right.count
    left.fallbacks += right.fallbacks
    left.squares += right.squares
    left.squaresOfLast += right.squaresOfLast
    left.errors += right.errors
    left.hits += right.hits
  }
}

/// Forecasts made at every step of eight hours and judged by what came, fitted ones refitted each
/// time from a trailing window: out of sample by construction.
///
/// A trained model is out of sample only after the day until which it was trained.
public enum ForecastStudy {
  /// Judges every model over the same moments.
  ///
  /// - Parameters:
  ///   - series: history included.
  ///   - range: moments at which a forecast is made; what comes is compared within it, too.
  ///   - span: of the average.
  ///   - horizon: steps of eight hours that a forecast looks ahead; nil: the span.
  ///   - window: settled history that a forecast may see.
  ///   - boosting: a trained model; without one it is left out.
  /// - Returns: one score per model, in the order of `ForecastModel.allCases`.
  public static func run(
    _ series: PairSeries, over range: Range<Timestamp>, span: Int, horizon: Int? = nil,
    window: TimeSpan, boosting: BoostedForecast? = nil
  ) -> [ForecastScore] {
    let models = ForecastModel.allCases.filter { $0 != .boosting || boosting != nil }
    let forecasts = models.map {
      FundingForecast(span: span, horizon: horizon, model: $0, boosting: boosting)
    }
    var scores = models.map { ForecastScore($0) }
    for moment in ForecastMoments(series, over: range, horizon: horizon ?? span, window: window) {
      for index in forecasts.indices {
        let outlook = forecasts[index].outlook(moment.known, prices: moment.prices)
        guard let forecast = outlook.annualRate else { continue }
        scores[index].add(forecast: forecast, last: moment.last, actual: moment.actual)
        if let use = outlook.boosting?.use, use != .used { scores[index].addFallback() }
      }
    }
    return scores
  }
}
