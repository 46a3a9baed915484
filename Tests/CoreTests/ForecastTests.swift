import FixedPoint
import Testing
import Trading

@testable import Core

@Suite("Forecasts of funding")
struct ForecastTests {
  private func settlements(_ rates: [Rate], hours: Int = 8) -> [FundingRate] {
    rates.enumerated().map { place, rate in
      FundingRate(
        settlesAt: Timestamp(milliseconds: 0) + .hours(Int64(hours * place)), intervalHours: hours,
        rate: rate)
    }
  }

  /// A process without noise: each step keeps nine tenths of the distance from the mean.
  private func decaying(_ count: Int) -> [Rate] {
    var distance: Rate = "0.0005"
    return (0..<count).map { step in
      if step % 40 == 0 { distance = step % 80 == 0 ? "0.0005" : "-0.0004" }
      distance = distance.times("0.9")
      return "0.0001" + distance
    }
  }

  @Test func fittedProcessIsTheOneThatMadeTheSeries() throws {
    let process = try #require(Autoregression(fitting: decaying(800)))
    #expect((process.mean - "0.0001").magnitude <= "0.00002")
    #expect((process.persistence - "0.85").magnitude <= "0.08")
    #expect(process.deviation.isPositive)
  }

  @Test func regressionReproducesALine() throws {
    // Every step is the mean of the last nine: a law within the family is found again.
    var series = (0..<70).map { Rate($0 % 7).divided(by: 100, rounding: .halfEven) }
    while series.count < 600 {
      let next = series.suffix(9).reduce(.zero, +).divided(by: 9, rounding: .halfEven)
      series.append(next + Rate(series.count % 5).divided(by: 500, rounding: .halfEven))
    }
    let fit = try #require(HeterogeneousRegression(fitting: series, horizon: 1))
    let last = series.suffix(9).reduce(Rate.zero, +).divided(by: 9, rounding: .halfEven)
    #expect((fit.forecast - last).magnitude <= "0.01")
    #expect(fit.weights.count == 4)
  }

  @Test func aConstantIsForecastByEveryModel() throws {
    for hours in [1, 4, 8] {
      let constant = settlements(
        [Rate](repeating: Rate("0.0000125").times(hours), count: 400 * 8 / hours), hours: hours)
      for model in ForecastModel.allCases {
        let value = try #require(
          FundingForecast(span: 21, model: model).annualized(constant))
        #expect((value - "0.1095").magnitude <= "0.0001", "\(model) \(hours)")
      }
    }
  }

  @Test func aShortWindowFallsBackToTheAverage() {
    let few = settlements((0..<100).map { Rate($0 % 3).divided(by: 10_000, rounding: .halfEven) })
    let average = FundingForecast(span: 21).annualized(few)
    for model in ForecastModel.allCases {
      #expect(FundingForecast(span: 21, model: model).annualized(few) == average)
    }
  }

  @Test func stepsOfEightHoursKeepTheSum() {
    let hourly = settlements(
      (0..<20).map { Rate($0).divided(by: 1_000_000, rounding: .halfEven) }, hours: 1)
    let steps = FundingSteps.annualized(hourly)
    #expect(steps.count == 2)
    let sum = steps.reduce(Rate.zero, +).times(8).divided(by: 8760, rounding: .halfEven)
    // The newest sixteen of them: 4 + 5 + … + 19 millionths.
    #expect((sum - "0.000184").magnitude <= Rate(raw: 100))
  }

  @Test func modelsDoNotSeeTheFuture() {
    let rates = decaying(500)
    for model in ForecastModel.allCases {
      let forecast = FundingForecast(span: 21, model: model)
      let known = forecast.annualized(settlements(Array(rates.prefix(450))))
      #expect(known == forecast.annualized(settlements(rates).prefix(450)))
    }
  }
}
