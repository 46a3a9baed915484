import Accounting
import Backtest
import FixedPoint
import Simulation
import Trading

@testable import Core

/// The product's functions under the names of the published vectors.
enum QuantFormulas {
  /// Outputs that show what not to compute.
  static let counterexamples: Set<String> = ["wrong_if_8h_assumed", "check"]

  /// What the product computes for a vector; nil when it has no such formula.
  static func compute(_ vector: QuantVectors.Vector) -> [String: QuantValue]? {
    switch vector.group {
    case "funding", "annualisation", "pricing": rates(vector)
    case "threshold", "signal": signals(vector)
    case "hedge", "band": hedges(vector)
    case "margin", "sizing": margins(vector)
    case "execution", "pnl": profits(vector)
    case "metrics": metrics(vector)
    default: nil
    }
  }

  private static func rates(_ vector: QuantVectors.Vector) -> [String: QuantValue]? {
    if vector.inputs["q"] != nil, vector.inputs["mark"] != nil {
      return [
        "cash": QuantValue(
          Funding.payment(
            quantity: vector.input("q"), mark: vector.input("mark"), rate: vector.input("rate")))
      ]
    }
    if vector.inputs["N_hours"] != nil {
      let cap: Rate? = vector.inputs["cap"] is String ? vector.input("cap") : nil
      return [
        "F": QuantValue(
          fundingRate(
            premium: vector.input("P"), interest: vector.input("I"),
            intervalHours: whole(vector, "N_hours"), cap: cap))
      ]
    }
    if vector.inputs["P"] != nil {
      return ["P_avg": QuantValue(timeWeightedPremium(vector.list("P")))]
    }
    if vector.inputs["settlements"] != nil {
      let settlements = vector.rows("settlements").map {
        FundingRate(
          settlesAt: .distantPast, intervalHours: Int($0[1].raw / Decimals.one), rate: $0[0])
      }
      return ["apr": QuantValue(Annualising.realized(settlements) ?? .zero)]
    }
    if vector.inputs["interval_hours"] != nil {
      let hours = whole(vector, "interval_hours")
      return [
        "simple": QuantValue(Annualising.simple(vector.input("rate"), intervalHours: hours)),
        "compounded": QuantValue(
          Annualising.compounded(vector.input("rate"), intervalHours: hours)),
      ]
    }
    return prices(vector)
  }

  private static func prices(_ vector: QuantVectors.Vector) -> [String: QuantValue]? {
    if vector.inputs["kappa"] != nil {
      let ratio = Basis.fairRatio(
        anchoring: vector.input("kappa"), interest: vector.input("iota"),
        quoteRate: vector.input("r_a"), baseRate: vector.input("r_b"))
      return [
        "ratio": QuantValue(ratio), "basis_bp": QuantValue((ratio - .one).times(10_000)),
      ]
    }
    guard vector.inputs["F"] != nil, vector.inputs["S"] != nil else { return nil }
    let basis = Basis.of(spot: vector.input("S"), perp: vector.input("F"))
    let funding = fundingRate(
      premium: basis, interest: .basisPoints(1), intervalHours: 8, cap: nil)
    let excess = Annualising.simple(funding, intervalHours: 8) - vector.input("r")
    return [
      "basis": QuantValue(basis), "f8h": QuantValue(funding), "excess_apr": QuantValue(excess),
    ]
  }

  private static func signals(_ vector: QuantVectors.Vector) -> [String: QuantValue]? {
    if vector.inputs["hi"] != nil {
      return [
        "actions": .words(
          ThresholdVectorTests.actions(
            vector.optionals("x"), enterAbove: vector.input("hi"), leaveBelow: vector.input("lo"),
            minimumHold: vector.inputs["min_hold"] == nil ? 0 : whole(vector, "min_hold")))
      ]
    }
    if vector.inputs["span"] != nil {
      return ["ewma": .numbers(averages(vector))]
    }
    if vector.inputs["phi"] != nil {
      return expectations(vector)
    }
    if vector.inputs["C_rt"] != nil {
      let count =
        CarryCost.breakEven(
          cost: vector.input("C_rt"), ratePerSettlement: vector.input("f")) ?? 0
      let days = Rate(count * whole(vector, "interval_hours")).divided(by: Rate(24))
      let cost: Rate = vector.input("C_rt")
      return [
        "n": .number(Rate(count)), "days": .number(days),
        "min_apr_30d": .number(
          CarryCost(
            spotFee: cost.divided(by: 2, rounding: .halfEven), perpFee: .zero, spread: .zero,
            slippage: .zero
          ).breakEvenAnnualRate(holdingDays: whole(vector, "hold_days"))),
      ]
    }
    if vector.inputs["window"] != nil {
      let window: [Rate] = vector.list("window")
      guard let moments = Moments(window) else { return nil }
      return [
        "z": .number(Basis.score(vector.input("x"), in: window) ?? .zero),
        "mean": .number(moments.mean), "sd": .number(moments.deviation),
      ]
    }
    guard vector.inputs["oi0"] != nil else { return nil }
    let cascade = Cascade(
      openInterest: (vector.input("oi0"), vector.input("oi1")),
      price: (vector.input("p0"), vector.input("p1")))
    return [
      "d_oi": .number(cascade.openInterestChange), "d_p": .number(cascade.priceChange),
      "cascade": .truth(cascade.isUnderWay(fall: "0.03", move: "0.02")),
    ]
  }

  /// The moving average after each value, by way of yearly rates.
  private static func averages(_ vector: QuantVectors.Vector) -> [Rate] {
    let forecast = FundingForecast(span: whole(vector, "span"))
    let values: [Rate] = vector.list("x")
    return (1...values.count).map { count in
      let settlements = values.prefix(count).map {
        FundingRate(settlesAt: .distantPast, intervalHours: 8, rate: $0)
      }
      let annual = forecast.annualized(settlements) ?? .zero
      return annual.times(8).divided(by: 8760, rounding: .halfEven)
    }
  }

  private static func expectations(_ vector: QuantVectors.Vector) -> [String: QuantValue] {
    let process = Autoregression(mean: vector.input("mu"), persistence: vector.input("phi"))
    let rate: Rate = vector.input("f0")
    guard vector.inputs["C_rt"] != nil else {
      return ["expected_cum": .number(process.expectedSum(of: whole(vector, "n"), from: rate))]
    }
    let steps = process.stepsToRecover(vector.input("C_rt"), from: rate) ?? 0
    return [
      "n": .number(Rate(steps)),
      "expected_cum": .number(process.expectedSum(of: steps, from: rate)),
    ]
  }

  static func whole(_ vector: QuantVectors.Vector, _ name: String) -> Int {
    let value: Rate = vector.input(name)
    return Int(value.raw / Decimals.one)
  }
}
