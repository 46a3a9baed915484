import Core
import FixedPoint
import Testing
import Trading

@testable import Backtest
@testable import Boosting

/// These need the library, as `make test` installs it.
@Suite("Boosted trees")
struct BoostingTests {
  /// Rows in which the target depends on two features, one of them sometimes unknown.
  private func rows(_ count: Int, seed: UInt64 = 1) -> [TrainingRow] {
    var state = seed
    func next() -> Rate {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Rate(Int(state >> 33) % 20_001 - 10_000).divided(by: 10_000, rounding: .halfEven)
    }
    return (0..<count).map { place in
      var features = FundingFeatures.names.map { _ -> Rate? in next() }
      let priced = features
      for index in 8..<features.count { features[index] = nil }
      let signal: Rate = (priced[3] ?? .zero) > "0.25" ? "0.7" : "-0.3"
      let other = (priced[8] ?? .zero).times("0.5")
      return TrainingRow(
        at: Timestamp(milliseconds: 0) + .hours(Int64(8 * place)), features: priced,
        featuresWithoutPrices: features, target: signal + other + next().times("0.1"),
        average: next())
    }
  }

  private var settings: BoostingSettings {
    var settings = BoostingSettings()
    settings.rounds = 60
    settings.depth = 4
    settings.leastRows = 5
    return settings
  }

  @Test func decimalsSayWhatTheLibrarySays() throws {
    let xgboost = try XGBoostLibrary()
    let rows = rows(1500)
    let inputs = rows.map(\.features) + rows.map(\.featuresWithoutPrices)
    let matrix = try FeatureMatrix(
      xgboost, rows: inputs, targets: rows.map(\.target) + rows.map(\.target))
    let booster = try Booster(xgboost, training: matrix, settings)
    let (base, trees) = try ModelReader.read(booster.json())
    #expect(trees.count == 60)
    let model = BoostedForecast(horizon: 21, base: base, trees: trees)
    for (input, theirs) in zip(inputs, try booster.predictions(matrix)) {
      // Sixty 32-bit additions of numbers below one.
      let apart = (model.excess(input) - (try #require(ModelReader.decimal(Double(theirs)))))
      #expect(apart.magnitude < "0.000003", "\(input)")
    }
  }

  @Test func theSameRowsGiveTheSameTrees() throws {
    let training = try WalkForwardTraining(settings, horizon: 21)
    let first = try training.fit(rows(1200))
    let second = try training.fit(rows(1200))
    #expect(first.base == second.base)
    #expect(first.trees == second.trees)
  }

  @Test func whatCanBeLearnedIsLearned() throws {
    let training = try WalkForwardTraining(settings, horizon: 21)
    let rows = rows(3000)
    let stretches = [rows[2000].at..<rows[2999].at]
    let folds = try training.folds(rows, over: stretches)
    let model = try training.model(rows, folds) { count, errors in
      BoostedForecast.Training(
        trainer: training.xgboostVersion, venue: "binance", symbols: ["BTCUSDT"], from: "",
        until: "",
        forecasts: count, meanError: errors.withPrices, meanErrorWithoutPrices: errors.without)
    }
    let account = try #require(model.training)
    #expect(account.forecasts == 978)
    // Noise alone is 0.05 on average, and half of the second feature 0.25.
    #expect(account.meanError < "0.1")
    #expect(account.meanErrorWithoutPrices > "0.2" && account.meanErrorWithoutPrices < "0.35")
    #expect(model.problem == nil)
    #expect(!model.confidence.steps.isEmpty)
  }

  /// A model of a stretch must not have seen an outcome that reaches into it.
  @Test func aFoldDoesNotSeeItsStretch() throws {
    let training = try WalkForwardTraining(settings, horizon: 21)
    var rows = rows(2200)
    let start = rows[1500].at
    let honest = try training.folds(rows, over: [start..<rows[2199].at])
    for place in rows.indices where rows[place].at + .hours(168) >= start {
      rows[place] = TrainingRow(
        at: rows[place].at, features: rows[place].features,
        featuresWithoutPrices: rows[place].featuresWithoutPrices, target: "9", average: .zero)
    }
    let other = try training.folds(rows, over: [start..<rows[2199].at])
    #expect(honest[0].model == other[0].model)
  }

  @Test func tooFewRowsAreRefused() throws {
    let training = try WalkForwardTraining(settings, horizon: 21)
    #expect(throws: BoostingError.self) { try training.fit(rows(999)) }
  }

  @Test func aMissingLibraryIsNamed() {
    let error = #expect(throws: BoostingError.self) {
      try XGBoostLibrary(names: ["libnothing.so.0"])
    }
    #expect(error?.description.contains("apt-get install libxgboost0") == true)
  }

  @Test func stretchesFollowEachOther() throws {
    let range = try Timestamp("2020-01-01")..<Timestamp("2024-07-01")
    let stretches = WalkForwardTraining.stretches(of: range, count: 6)
    #expect(stretches.count == 6)
    #expect(stretches.last?.upperBound == range.upperBound)
    for (left, right) in zip(stretches, stretches.dropFirst()) {
      #expect(left.upperBound == right.lowerBound)
    }
  }

  @Test func aBrokenModelIsNotRead() {
    #expect(throws: BoostingError.self) { try ModelReader.read("{}") }
    #expect(throws: BoostingError.self) { try ModelReader.read("nothing") }
  }

  @Test(arguments: [
    (0.0, "0"), (1e-05, "0.00001"), (-0.123456789, "-0.12345679"), (499.99995, "499.99994"),
  ])
  func thirtyTwoBitsBecomeTheirShortestDecimal(number: Double, text: String) {
    #expect(ModelReader.decimal(number)?.description == text)
  }
}
