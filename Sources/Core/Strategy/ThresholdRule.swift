import FixedPoint
import Trading

/// The two yearly rates between which nothing is done.
struct ThresholdRule: Sendable {
  let parameters: Parameters
  private let average: FundingForecast

  init(parameters: Parameters) {
    self.parameters = parameters
    average = FundingForecast(span: parameters.forecast.span)
  }

  /// The thresholds that hold now.
  ///
  /// - Parameter cost: of both ways at the prices of now; nil when unknown.
  func now(_ view: PairView, cost: CarryCost?) -> (enterAbove: Rate, leaveBelow: Rate) {
    let fixed = (
      enterAbove: parameters.entry.minimumAnnualRate,
      leaveBelow: parameters.exit.maximumAnnualRate
    )
    guard parameters.entry.thresholds == .optimal, let cost,
      let optimal = optimal(view.market.funding.recent, cost: cost)
    else { return fixed }
    return optimal
  }

  /// The solution for the smoothed rate, since that is what is compared with the thresholds.
  ///
  /// Nil where the window is shorter than 120 days or does not vary.
  private func optimal(
    _ settlements: ArraySlice<FundingRate>, cost: CarryCost
  ) -> (enterAbove: Rate, leaveBelow: Rate)? {
    let steps = FundingSteps.annualized(settlements)
    guard steps.count >= HeterogeneousRegression.fewestSteps else { return nil }
    let smooth = smoothed(steps)
    guard let process = Autoregression(fitting: smooth),
      process.deviation > Self.leastDeviation, cost.roundTrip <= SwitchingRule.largestRoundTrip
    else { return nil }
    let outside = parameters.capital.cashRate(perNotionalAt: parameters.sizing.leverage)
    let rule = SwitchingRule(
      funding: process, roundTrip: cost.roundTrip,
      outsideRate: perStep(outside), points: 121)
    let rates = rule.annualized(stepHours: Self.stepHours)
    // Out of reach is not without bound: the settings' ranges end here.
    return (rates.enterAbove ?? "5", rates.leaveBelow ?? "-5")
  }

  private static let stepHours = 8
  /// A hundredth of a basis point.
  private static let leastDeviation: Rate = "0.000001"

  /// The moving average after each step, per step.
  private func smoothed(_ steps: [Rate]) -> [Rate] {
    let kept = average.retained(afterHours: Self.stepHours)
    var estimate = steps[0]
    return steps.map { step in
      estimate = step + (estimate - step).times(kept)
      return perStep(estimate)
    }
  }

  private func perStep(_ annual: Rate) -> Rate {
    annual.times(Self.stepHours).divided(by: Annualising.hoursPerYear, rounding: .halfEven)
  }
}
