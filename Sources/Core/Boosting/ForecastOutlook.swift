public import FixedPoint
public import Trading

/// A forecast with what is to be known of where it comes from.
public struct ForecastOutlook: Hashable, Sendable {
  /// What became of the boosted model.
  public enum Use: Hashable, Sendable {
    /// The rate is the model's.
    case used
    /// The window is too short to tell its features or to watch it; the rate is the average.
    case windowTooShort
    /// Its error of late is too large; the rate is the average.
    case drifted
  }

  /// What there is to say when a boosted model is configured.
  public struct Boosting: Hashable, Sendable {
    /// The model's name.
    public let name: String
    /// What became of it.
    public let use: Use
    /// Its error of late over that of its training; nil where nothing can be said.
    public let drift: Rate?
    /// How probable the sign of the rate is, 0 … 1; nil where the model is not used.
    public let confidence: Rate?
  }

  /// The expected rate, annualised; nil without settlements.
  public let annualRate: Rate?
  /// Nil with every other forecast.
  public let boosting: Boosting?

  /// What decisions say of it; only the confidence can fail.
  ///
  /// - Parameter confidence: the least that is asked for; nothing is, at zero.
  func gates(atLeast confidence: Rate = .zero) -> [Gate] {
    guard let boosting else { return [] }
    let model = "boosting \(boosting.name)"
    let text =
      switch boosting.use {
      case .used: model
      case .windowTooShort: "ewma, the window is too short for \(model)"
      case .drifted: "ewma, \(model) drifted"
      }
    var gates = [Gate("forecast_model", text, mustBe: text)]
    if let drift = boosting.drift {
      // States what was found, whichever it is: drift changes the forecast and forbids nothing.
      gates.append(
        Gate(
          "forecast_drift", drift, boosting.use == .drifted ? .above : .atMost, DriftMonitor.limit,
          unit: "of the error in training"))
    }
    if boosting.confidence != nil || confidence.isPositive {
      gates.append(
        Gate(
          "forecast_confidence", boosting.confidence, .atLeast, confidence, unit: "probability"))
    }
    return gates
  }
}

extension FundingForecast {
  /// The forecast for a pair as its market is now.
  func outlook(_ market: PairMarket) -> ForecastOutlook {
    outlook(market.funding.recent, prices: boosting == nil ? nil : market.trail.figures)
  }

  /// The forecast from a window.
  ///
  /// - Parameters:
  ///   - settlements: oldest first.
  ///   - prices: of the week before; nil where unknown.
  public func outlook(
    _ settlements: some BidirectionalCollection<FundingRate>, prices: PriceFigures?
  ) -> ForecastOutlook {
    guard model == .boosting, let boosting else {
      return ForecastOutlook(annualRate: annualized(settlements), boosting: nil)
    }
    let history = FundingFeatures(settlements, span: boosting.horizon)
    let drift = DriftMonitor(boosting, over: history)
    func fallback(_ use: ForecastOutlook.Use) -> ForecastOutlook {
      ForecastOutlook(
        annualRate: average(settlements),
        boosting: .init(name: boosting.name, use: use, drift: drift?.ratio, confidence: nil))
    }
    guard history.count >= DriftMonitor.fewestSteps(horizon: boosting.horizon)
    else { return fallback(.windowTooShort) }
    if let drift, drift.isTripped { return fallback(.drifted) }
    let rate = boosting.annualized(history, endingAt: history.count, prices: prices)
    let strength = rate.magnitude.divided(by: history.deviation(endingAt: history.count))
    return ForecastOutlook(
      annualRate: rate,
      boosting: .init(
        name: boosting.name, use: .used, drift: drift?.ratio,
        confidence: boosting.confidence.probability(of: strength)))
  }
}
