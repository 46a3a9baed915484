public import Backtest
public import Core
public import FixedPoint
public import Trading

/// Trains models on what was known and keeps what they said of what came after.
public struct WalkForwardTraining {
  /// One stretch with the model of what was known before it.
  public struct Fold: Sendable {
    /// The stretch.
    public let range: Range<Timestamp>
    /// Its model.
    public let model: BoostedForecast
  }

  private let xgboost: XGBoostLibrary
  private let settings: BoostingSettings
  private let horizon: Int

  /// Opens the library.
  public init(_ settings: BoostingSettings, horizon: Int) throws(BoostingError) {
    xgboost = try XGBoostLibrary()
    self.settings = settings
    self.horizon = horizon
  }

  /// XGBoost with its version.
  public var xgboostVersion: String { xgboost.version }

  /// Equal stretches at the end of a range, the first beginning after two fifths of it.
  public static func stretches(of range: Range<Timestamp>, count: Int) -> [Range<Timestamp>] {
    let length = (range.upperBound - range.lowerBound).nanoseconds
    let start = length / 5 * 2
    func edge(_ place: Int) -> Timestamp {
      (range.lowerBound
        + TimeSpan(nanoseconds: start + (length - start) / Int64(count) * Int64(place)))
        .floored(to: .days(1))
    }
    return (0..<count).map { edge($0)..<($0 == count - 1 ? range.upperBound : edge($0 + 1)) }
  }

  /// A model for each stretch, of rows whose outcome was known when it began.
  public func folds(
    _ rows: [TrainingRow], over stretches: [Range<Timestamp>],
    observe: (Int) -> Void = { _ in }
  ) throws(BoostingError) -> [Fold] {
    var folds: [Fold] = []
    for stretch in stretches {
      observe(folds.count)
      let known = rows.filter { $0.at + .hours(Int64(8 * horizon)) < stretch.lowerBound }
      let (base, trees) = try fit(known)
      folds.append(
        Fold(
          range: stretch, model: BoostedForecast(horizon: horizon, base: base, trees: trees)))
    }
    return folds
  }

  /// The model to use: trained on all rows, its confidence and its usual error those of the folds.
  ///
  /// - Parameter describe: makes the account of the training from the number of forecasts and their
  ///   mean errors with and without prices.
  public func model(
    _ rows: [TrainingRow], _ folds: [Fold],
    describe: (Int, (withPrices: Rate, without: Rate)) -> BoostedForecast.Training
  ) throws(BoostingError) -> BoostedForecast {
    let (base, trees) = try fit(rows)
    let heldOut = HeldOut(rows, folds, horizon: horizon)
    guard heldOut.count > 0 else { throw .tooLittle("no stretch has a forecast to judge") }
    return BoostedForecast(
      horizon: horizon, base: base, trees: trees,
      confidence: ConfidenceTable(fitting: heldOut.outcomes),
      training: describe(heldOut.count, heldOut.meanErrors))
  }

  /// Grows trees; each row is learned with its prices and without.
  func fit(_ rows: [TrainingRow]) throws(BoostingError) -> (base: Rate, trees: [BoostedTree]) {
    guard rows.count >= 1000 else {
      throw .tooLittle(
        "\(rows.count) forecasts are too few to learn from; 1000 are needed, about a year")
    }
    let matrix = try FeatureMatrix(
      xgboost, rows: rows.map(\.features) + rows.map(\.featuresWithoutPrices),
      targets: rows.map(\.target) + rows.map(\.target))
    let booster = try Booster(xgboost, training: matrix, settings)
    return try ModelReader.read(booster.json())
  }
}

/// What the models of the folds said of the stretches that they had not seen.
struct HeldOut {
  private(set) var count = 0
  private(set) var outcomes: [(strength: Rate, isRight: Bool)] = []
  private var errors = Rate.zero
  private var errorsWithoutPrices = Rate.zero

  init(_ rows: [TrainingRow], _ folds: [WalkForwardTraining.Fold], horizon: Int) {
    let ahead = TimeSpan.hours(Int64(8 * horizon))
    for fold in folds {
      for row in rows where fold.range.contains(row.at) && row.at + ahead < fold.range.upperBound {
        let excess = fold.model.excess(row.features)
        count += 1
        errors += (excess - row.target).magnitude
        errorsWithoutPrices +=
          (fold.model.excess(row.featuresWithoutPrices) - row.target).magnitude
        let forecast = row.average + excess
        let actual = row.average + row.target
        outcomes.append((forecast.magnitude, forecast.isNegative == actual.isNegative))
      }
    }
  }

  var meanErrors: (withPrices: Rate, without: Rate) {
    (
      errors.divided(by: max(count, 1), rounding: .halfEven),
      errorsWithoutPrices.divided(by: max(count, 1), rounding: .halfEven)
    )
  }
}
