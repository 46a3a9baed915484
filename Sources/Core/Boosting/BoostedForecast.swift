public import FixedPoint
public import Trading

/// A trained model of funding: what boosted trees add to the moving average.
///
/// The trees were grown by XGBoost; here they are only walked through, in decimals, so that every
/// machine gets the same digits and no library is needed to trade. They answer in deviations of the
/// pair's own funding, not in rates: a tree cannot say more than it has seen, and regimes differ.
public struct BoostedForecast: Hashable, Sendable {
  /// The only format there is so far.
  public static let currentFormat = 1

  /// What the model was made from, and how it did on what it had not seen.
  public struct Training: Hashable, Codable, Sendable {
    /// What grew the trees, with its version.
    public let trainer: String
    /// The venue.
    public let venue: String
    /// The pairs.
    public let symbols: [String]
    /// The first day seen.
    public let from: String
    /// The day after the last one seen.
    public let until: String
    /// Forecasts of the walk forward that were compared with what came.
    public let forecasts: Int
    /// Their mean absolute error, in deviations.
    public let meanError: Rate
    /// The same where prices were kept from the model: what the drift monitor compares with.
    public let meanErrorWithoutPrices: Rate

    /// States where a model comes from.
    public init(
      trainer: String, venue: String, symbols: [String], from: String, until: String,
      forecasts: Int, meanError: Rate, meanErrorWithoutPrices: Rate
    ) {
      self.trainer = trainer
      self.venue = venue
      self.symbols = symbols
      self.from = from
      self.until = until
      self.forecasts = forecasts
      self.meanError = meanError
      self.meanErrorWithoutPrices = meanErrorWithoutPrices
    }
  }

  /// The format of the file.
  public let format: Int
  /// What the questions of the trees are about, in order.
  public let features: [String]
  /// Steps of eight hours that are forecast; also the span of the average.
  public let horizon: Int
  /// What all trees begin with, in deviations.
  public let base: Rate
  /// The trees.
  public let trees: [BoostedTree]
  /// How often the sign was right.
  public let confidence: ConfidenceTable
  /// Where it comes from; nil while it is being tried, and then nothing watches for drift.
  public let training: Training?
  /// What decisions call it: the first twelve digits of the SHA-256 of its file.
  public var name = "unnamed"

  /// States a model.
  public init(
    horizon: Int, base: Rate, trees: [BoostedTree], confidence: ConfidenceTable = .none,
    training: Training? = nil
  ) {
    format = Self.currentFormat
    features = FundingFeatures.names
    self.horizon = horizon
    self.base = base
    self.trees = trees
    self.confidence = confidence
    self.training = training
  }

  /// What the trees say, in deviations from the average.
  public func excess(_ features: [Rate?]) -> Rate {
    trees.reduce(base) { $0 + $1.value(features) }
  }

  /// The forecast after so many steps of a history, a yearly rate.
  public func annualized(
    _ history: FundingFeatures, endingAt end: Int, prices: PriceFigures?
  ) -> Rate {
    let excess = excess(history.values(endingAt: end, prices: prices))
    return history.average(endingAt: end) + excess.times(history.deviation(endingAt: end))
  }

  /// What is wrong with a model that was read; nil when it can be used.
  public var problem: String? {
    if format != Self.currentFormat {
      return "its format is \(format), not \(Self.currentFormat); train it again"
    }
    if features != FundingFeatures.names {
      return "its features are not those of this program; train it again"
    }
    guard (2...1000).contains(horizon) else { return "its horizon is not 2 … 1000 steps" }
    guard !trees.isEmpty, trees.allSatisfy({ $0.isSound(features: features.count) }) else {
      return "its trees are not whole"
    }
    guard confidence.isSound else { return "its confidence is not rising within 0 … 1" }
    guard let training, training.meanErrorWithoutPrices.isPositive else {
      return "it does not say how good it was on what it had not seen"
    }
    return nil
  }
}

extension BoostedForecast: Codable {
  /// The name is that of the file, so the file does not hold it.
  private enum CodingKeys: String, CodingKey {
    case format, features, horizon, base, trees, confidence, training
  }
}
