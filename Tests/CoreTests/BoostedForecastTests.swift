import Accounting
import FixedPoint
import Testing
import Trading

@testable import Core

@Suite("Boosted forecast of funding")
struct BoostedForecastTests {
  private func settlements(_ rates: [Rate], hours: Int = 8) -> [FundingRate] {
    rates.enumerated().map { place, rate in
      FundingRate(
        settlesAt: Timestamp(milliseconds: 0) + .hours(Int64(hours * place)), intervalHours: hours,
        rate: rate)
    }
  }

  /// Four months that go up and down.
  private func waves(_ count: Int = 360) -> [Rate] {
    (0..<count).map { step in
      let phase = step % 80
      return Rate(phase < 40 ? phase - 10 : 70 - phase).divided(by: 100_000, rounding: .halfEven)
    }
  }

  /// One tree that asks for the last step and for the basis.
  private let tree = BoostedTree(nodes: [
    .split(feature: 3, below: "0.5", left: 1, right: 4, missing: 1),
    .split(feature: 8, below: "2", left: 2, right: 3, missing: 3),
    .leaf("-0.25"), .leaf("0.125"), .leaf("1"),
  ])

  private func model(error: Rate? = nil, extra: Rate = .zero) -> BoostedForecast {
    var model = BoostedForecast(
      horizon: 21, base: extra, trees: [tree],
      confidence: ConfidenceTable(fitting: [("0.1", false), ("0.2", true), ("3", true)], bins: 3),
      training: error.map {
        BoostedForecast.Training(
          trainer: "none", venue: "binance", symbols: [], from: "", until: "", forecasts: 1,
          meanError: $0, meanErrorWithoutPrices: $0)
      })
    model.name = "0123456789ab"
    return model
  }

  private func forecast(_ model: BoostedForecast) -> FundingForecast {
    FundingForecast(span: 21, model: .boosting, boosting: model)
  }

  private func trail() -> PriceTrail {
    var trail = PriceTrail()
    for hour in 0..<200 {
      let spot = Price(100 + hour % 3)
      trail.add(
        LegMids(spot: spot, perp: spot.times("1.0003", .halfEven)),
        at: Timestamp(milliseconds: 0) + .hours(Int64(hour)))
    }
    return trail
  }

  @Test(arguments: [
    (Rate?("0.4999"), Rate?("1.9999"), Rate("-0.25")), ("0.4999", "2", "0.125"), ("0.5", "0", "1"),
    ("0", nil, "0.125"), (nil, "0", "-0.25"),
  ])
  func aTreeIsWalkedThrough(last: Rate?, basis: Rate?, answer: Rate) {
    var features = [Rate?](repeating: .zero, count: FundingFeatures.names.count)
    features[3] = last
    features[8] = basis
    #expect(model().excess(features) == answer)
    #expect(model(extra: "0.5").excess(features) == answer + "0.5")
  }

  @Test func featuresAreMeasuredByTheAverageAndTheDeviation() throws {
    let history = FundingFeatures(settlements(waves()), span: 21)
    let values = history.values(endingAt: history.count, prices: trail().figures)
    #expect(values.count == FundingFeatures.names.count)
    #expect(!values.contains(nil))
    let average = try #require(FundingForecast(span: 21).annualized(settlements(waves())))
    #expect((history.average(endingAt: history.count) - average).magnitude <= Rate(raw: 100))
    #expect(values[0] == average.times(100).rounded(places: 4, .halfEven))
    #expect(values[8] == "3")
    let unpriced = history.values(endingAt: history.count, prices: nil)
    #expect(unpriced.prefix(8) == values.prefix(8))
    #expect(unpriced.dropFirst(8).allSatisfy { $0 == nil })
  }

  @Test func pricesThatNeverMovedAreUnknown() {
    var trail = PriceTrail()
    for hour in 0..<200 {
      trail.add(
        LegMids(spot: "100", perp: "100"), at: Timestamp(milliseconds: 0) + .hours(Int64(hour)))
    }
    #expect(trail.figures == nil)
  }

  @Test func theTreesAddToTheAverage() throws {
    let known = settlements(waves())
    let history = FundingFeatures(known, span: 21)
    let average = try #require(FundingForecast(span: 21).annualized(known))
    let outlook = forecast(model()).outlook(known, prices: nil)
    let rate = try #require(outlook.annualRate)
    let excess = model().excess(history.values(endingAt: history.count, prices: nil))
    #expect(!excess.isZero)
    #expect(
      (rate - average - excess.times(history.deviation(endingAt: history.count))).magnitude
        <= Rate(raw: 1000))
    #expect(outlook.boosting?.use == .used)
    #expect(outlook.boosting?.name == "0123456789ab")
    #expect(outlook.boosting?.confidence != nil)
  }

  @Test func aShortWindowFallsBack() {
    let few = settlements(waves(DriftMonitor.fewestSteps(horizon: 21) - 1))
    let outlook = forecast(model()).outlook(few, prices: nil)
    #expect(outlook.boosting?.use == .windowTooShort)
    #expect(outlook.annualRate == FundingForecast(span: 21).annualized(few))
    let gates = outlook.gates()
    #expect(gates.map(\.name) == ["forecast_model"])
    #expect(gates.allSatisfy { $0.passed })
    // Whoever asks for a confidence does not get an entry without one.
    #expect(
      outlook.gates(atLeast: "0.8").contains { $0.name == "forecast_confidence" && !$0.passed })
  }

  @Test func driftFallsBackAndIsTold() throws {
    let known = settlements(waves())
    let history = FundingFeatures(known, span: 21)
    let usual = try #require(DriftMonitor(model(error: .one), over: history)).ratio
    let sound = forecast(model(error: usual)).outlook(known, prices: nil)
    #expect(sound.boosting?.use == .used)
    #expect(sound.boosting?.drift.map { ($0 - .one).magnitude < "0.000001" } == true)
    let drifted = forecast(model(error: usual.divided(by: 3, rounding: .halfEven)))
      .outlook(known, prices: nil)
    #expect(drifted.boosting?.use == .drifted)
    #expect(drifted.boosting?.confidence == nil)
    #expect(drifted.annualRate == FundingForecast(span: 21).annualized(known))
    let gates = drifted.gates()
    #expect(gates.map(\.name) == ["forecast_model", "forecast_drift"])
    #expect(gates.allSatisfy { $0.passed })
    #expect(gates.first?.value == .text("ewma, boosting 0123456789ab drifted"))
  }

  @Test func confidenceRisesWithStrength() {
    var outcomes: [(strength: Rate, isRight: Bool)] = []
    for place in 0..<1200 {
      // Right more often the stronger, but for a dent in the middle.
      let isRight = place % 100 < (400..<500 ~= place ? 20 : 50 + place / 25)
      outcomes.append((Rate(place).divided(by: 100, rounding: .halfEven), isRight))
    }
    let table = ConfidenceTable(fitting: outcomes)
    #expect(table.isSound)
    #expect(table.steps.count < 12)
    #expect(table.probability(of: "0") < table.probability(of: "11.9"))
    #expect(table.probability(of: "100") == table.probability(of: "11.9"))
    #expect(ConfidenceTable.none.probability(of: "1") == "0.5")
  }

  @Test func modelsDoNotSeeTheFuture() {
    let forecast = forecast(model(error: .one))
    let known = forecast.annualized(settlements(Array(waves(400).prefix(360))))
    #expect(known == forecast.annualized(settlements(waves(400)).prefix(360)))
  }

  @Test func aModelThatIsNotWholeIsRefused() {
    #expect(model(error: .one).problem == nil)
    #expect(model().problem != nil)
    let loop = BoostedTree(nodes: [.split(feature: 0, below: "0", left: 0, right: 1, missing: 1)])
    #expect(!loop.isSound(features: 8))
    #expect(!BoostedTree(nodes: []).isSound(features: 8))
    #expect(tree.isSound(features: 9))
    #expect(!tree.isSound(features: 8))
  }

  @Test func decisionsNameTheModel() {
    var parameters = Parameters()
    #expect(!ThresholdPolicy(parameters: parameters).version.contains("boosting"))
    parameters.forecast.model = .boosting
    parameters.forecast.boosting = model()
    #expect(ThresholdPolicy(parameters: parameters).version.hasSuffix(" boosting 0123456789ab"))
  }
}
