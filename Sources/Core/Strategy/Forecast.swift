public import FixedPoint
public import Trading

/// How the funding of the coming days is forecast.
public enum ForecastModel: String, Hashable, Codable, Sendable, CaseIterable {
  /// A weighted mean that forgets: the yardstick, with nothing to fit.
  case ewma
  /// Return to a mean at one pace, fitted to the window.
  case ar
  /// A regression on the last value and on means over days and weeks, fitted to the window.
  case har
  /// What boosted trees of a model file add to the mean.
  case boosting
}

/// The expected rate of funding from what has settled.
///
/// The yardstick is an exponentially weighted mean. Its weights fall with elapsed time, not with
/// the count of settlements, so an 8-hour market that turns hourly keeps its memory. With 8-hour
/// settlements it is the usual e ← a·x + (1 − a)·e with a = 2/(span + 1). The fitted models see the
/// same window in steps of eight hours and fall back to the yardstick where it is too short to fit.
public struct FundingForecast: Sendable {
  /// Which forecast.
  public let model: ForecastModel
  /// Steps of eight hours that the fitted models look ahead.
  public let horizon: Int
  /// The trained model; without one, `boosting` is the mean.
  let boosting: BoostedForecast?
  /// What one hour leaves of the weight of the past, by powers of two: 1, 2, 4 and 8 hours.
  private let decay: [Rate]

  /// Makes a forecast.
  ///
  /// - Parameters:
  ///   - span: the usual span in settlements of eight hours; at least 1.
  ///   - horizon: steps that AR and HAR look ahead; nil: the span. The average says the same for every
  ///     horizon, a trained model has its own.
  ///   - model: which forecast.
  ///   - boosting: the trained model, where there is one.
  public init(
    span: Int, horizon: Int? = nil, model: ForecastModel = .ewma, boosting: BoostedForecast? = nil
  ) {
    self.model = model
    self.boosting = model == .boosting ? boosting : nil
    self.horizon = horizon ?? span
    let eight = Rate(span - 1).divided(by: Rate(span + 1))
    let four = eight.root(2)
    let two = four.root(2)
    decay = [two.root(2), two, four, eight]
  }

  /// Makes the forecast that settings ask for: over the planned holding time, of which a month at most
  /// is told apart from the mean.
  public init(_ parameters: Parameters) {
    let settings = parameters.forecast
    self.init(
      span: settings.span, horizon: min(3 * parameters.entry.horizonDays, Self.longest),
      model: settings.model, boosting: settings.boosting)
  }

  /// The longest horizon, steps of eight hours.
  private static let longest = 90

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
  public func annualized(_ settlements: some BidirectionalCollection<FundingRate>) -> Rate? {
    switch model {
    case .ewma: average(settlements)
    case .ar: autoregressive(FundingSteps.annualized(settlements)) ?? average(settlements)
    case .har:
      HeterogeneousRegression(fitting: FundingSteps.annualized(settlements), horizon: horizon)?
        .forecast ?? average(settlements)
    case .boosting:
      boosting == nil
        ? average(settlements) : outlook(settlements, prices: nil).annualRate
    }
  }

  func average(_ settlements: some Sequence<FundingRate>) -> Rate? {
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

  /// The mean over the horizon of a process fitted to the steps.
  private func autoregressive(_ steps: [Rate]) -> Rate? {
    guard steps.count >= HeterogeneousRegression.fewestSteps, let last = steps.last,
      let process = Autoregression(fitting: steps)
    else { return nil }
    return process.expectedSum(of: horizon, from: last).divided(by: horizon, rounding: .halfEven)
  }
}

/// Settled funding in steps of eight hours, whatever the interval was.
public enum FundingSteps {
  /// Yearly rates, oldest first; the newest step ends with the newest settlement, and hours that do
  /// not fill the oldest step are left out.
  public static func annualized(
    _ settlements: some BidirectionalCollection<FundingRate>
  ) -> [Rate] {
    var steps: [Rate] = []
    steps.reserveCapacity(settlements.count)
    var hours = 0
    var sum = Rate.zero
    for settlement in settlements.reversed() {
      hours += settlement.intervalHours
      sum += settlement.rate
      if hours >= 8 {
        steps.append(Annualising.simple(sum, intervalHours: hours))
        (hours, sum) = (0, .zero)
      }
    }
    steps.reverse()
    return steps
  }
}
