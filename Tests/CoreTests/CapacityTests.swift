import Accounting
import FixedPoint
import Testing
import Trading

@testable import Core

/// What size, time and restless prices cost.
@Suite("Costs of size and time")
struct CapacityTests {
  @Test("Four times the size moves a market twice as far, four times the turnover half as far")
  func impact() {
    func impact(_ notional: Notional, _ turnover: Notional) -> Rate {
      CarryCost.impact(of: notional, turnover: turnover, deviation: "0.03", coefficient: "1")
    }
    #expect(impact("10000", "1000000000") == "0.000094868329805051")
    let (once, fourfold) = (impact("10000", "100000000"), impact("40000", "100000000"))
    #expect(once == "0.0003" && fourfold == "0.0006")
    #expect(impact("10000", "400000000") == "0.00015")
    #expect(impact("10000", .zero) == .zero)
  }

  @Test("A carry leaves its band more often the wilder the price and the narrower the band")
  func resizes() {
    // 60 % a year: 0.36 × 2 / 1, and 0.36 × 1.5 / 0.25.
    #expect(RebalanceBand.resizesPerYear(variance: "0.36", band: "1") == "0.72")
    #expect(RebalanceBand.resizesPerYear(variance: "0.36", band: "0.5") == "2.16")
  }

  @Test("The true range of a day reaches back to where the day before ended")
  func trueRange() {
    var trail = PriceTrail()
    for hour in 0..<49 {
      // Two days at 100 and at 110, the second with an hour at 121.
      let price: Price = hour < 24 ? "100" : hour == 30 ? "121" : "110"
      trail.add(
        LegMids(spot: price, perp: price), at: Timestamp(milliseconds: 0) + .hours(Int64(hour)))
      if hour < 24 { #expect(trail.averageTrueRange == nil) }
    }
    // (11 + 10) / 2 over 110: the first window ends at 110, the second has its high at 121.
    #expect(trail.averageTrueRange == "0.095454545454545454")
    #expect(trail.basisDeviation == .zero)
  }

  @Test("A fraction of the account is never more than the configured notional")
  func fraction() {
    for (fraction, planned): (Rate, String) in [("0.1", "0.02"), ("5", "0.1")] {
      Scenario.play(
        CarryLifeTests.begin(account: "unified USDT 10000") + """
          history 40 0.0001 |
          wake              | decided enter · planned \(planned) · intended sell perp \(planned) · submit
          """,
        set: {
          $0.sizing.method = .fraction
          $0.sizing.fraction = fraction
          $0.sizing.notional = "5000"
        })
    }
  }
}
