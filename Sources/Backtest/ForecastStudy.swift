public import Core
public import FixedPoint
public import Trading

/// How good a forecast was, one that always knew only what had settled.
public struct ForecastScore: Hashable, Sendable {
  /// Which forecast.
  public let model: ForecastModel
  /// Forecasts that were compared with what came.
  public private(set) var count = 0
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

  /// Adds another series' forecasts to these.
  public static func += (left: inout ForecastScore, right: ForecastScore) {
    precondition(left.model == right.model, "Invariant: scores of one model are added")
    left.count += right.count
    left.squares += right.squares
    left.squaresOfLast += right.squaresOfLast
    left.errors += right.errors
    left.hits += right.hits
  }
}

/// Forecasts made at every step of eight hours and judged by what came, fitted ones refitted each
/// time from a trailing window: out of sample by construction.
public enum ForecastStudy {
  /// Judges every model over the same moments.
  ///
  /// - Parameters:
  ///   - settlements: oldest first, history included.
  ///   - range: moments at which a forecast is made; what comes is compared within it, too.
  ///   - span: of the average, and steps of eight hours that a forecast looks ahead.
  ///   - window: settled history that a forecast may see.
  /// - Returns: one score per model, in the order of `ForecastModel.allCases`.
  public static func run(
    _ settlements: [FundingRate], over range: Range<Timestamp>, span: Int, window: TimeSpan
  ) -> [ForecastScore] {
    let forecasts = ForecastModel.allCases.map { FundingForecast(span: span, model: $0) }
    var scores = ForecastModel.allCases.map { ForecastScore($0) }
    let ahead = TimeSpan.hours(Int64(8 * span))
    var oldest = 0
    var horizon = 0
    var due = range.lowerBound
    for (place, settlement) in settlements.enumerated() {
      let now = settlement.settlesAt
      guard now >= due, now + ahead < range.upperBound else { continue }
      // A stamp some seconds late does not shift the ones after it.
      due = now.floored(to: .hours(1)) + .hours(8)
      while settlements[oldest].settlesAt <= now - window { oldest += 1 }
      while horizon + 1 < settlements.count,
        settlements[horizon + 1].settlesAt <= now + ahead + .minutes(30)
      { horizon += 1 }
      guard horizon > place else { continue }
      let known = settlements[oldest...place]
      guard let actual = Annualising.realized(Array(settlements[(place + 1)...horizon])),
        let last = FundingSteps.annualized(known.suffix(8)).last
      else { continue }
      for index in forecasts.indices {
        guard let forecast = forecasts[index].annualized(known) else { continue }
        scores[index].add(forecast: forecast, last: last, actual: actual)
      }
    }
    return scores
  }
}
