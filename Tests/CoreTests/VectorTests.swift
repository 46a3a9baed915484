import Accounting
import FixedPoint
import Testing
import Trading

@testable import Core

/// Published vectors of the formulas, by their ids.
@Suite("Formula vectors")
struct VectorTests {
  private func near(_ value: Rate, _ expected: Rate, _ tolerance: Rate) -> Bool {
    (value - expected).magnitude <= tolerance
  }

  @Test("A01 funding payment")
  func payment() {
    #expect(Funding.payment(quantity: "-1.25", mark: "60123.4", rate: "0.0001") == "7.515425")
  }

  @Test("A09, A11 annualisation")
  func annualisation() {
    #expect(Annualising.simple("0.0001", intervalHours: 8) == "0.1095")
    #expect(Annualising.simple("0.0000125", intervalHours: 1) == "0.1095")
    let tolerance: Rate = "0.00000000000001"
    #expect(
      near(Annualising.compounded("0.0001", intervalHours: 8), "0.115713962791686636", tolerance))
    #expect(
      near(
        Annualising.compounded("0.0000125", intervalHours: 1), "0.115719307370848542", tolerance))
  }

  @Test("A13 realised rate over intervals that change")
  func realized() {
    let prints: [(Rate, Int)] = [
      ("0.0001", 8), ("0.0003", 8), ("0.0002", 4), ("-0.00005", 4), ("0.00004", 1), ("0.00006", 1),
    ]
    let settlements = prints.map {
      FundingRate(settlesAt: .distantPast, intervalHours: $0.1, rate: $0.0)
    }
    #expect(Annualising.realized(settlements) == "0.219")
    #expect(Annualising.realized([]) == nil)
  }

  @Test("C01 break-even")
  func breakEven() {
    let cost = CarryCost(spotFee: "0.001", perpFee: "0.0005", spread: .zero, slippage: .zero)
    #expect(cost.roundTrip == "0.003")
    #expect(cost.breakEvenSettlements(ratePerSettlement: "0.0001") == 30)
    #expect(cost.breakEvenSettlements(ratePerSettlement: .zero) == nil)
    #expect(cost.breakEvenAnnualRate(holdingDays: 30) == "0.0365")
  }

  @Test("C08 moving average with span 21 at eight hours")
  func movingAverage() {
    let forecast = FundingForecast(span: 21)
    let rates: [Rate] = ["0.0001", "0.0002", "-0.0001", "0.0004"]
    let expected: [Rate] = [
      "0.0001", "0.000109090909090909", "0.000090082644628099", "0.000118256949661908",
    ]
    for count in 1...4 {
      let settlements = rates.prefix(count).map {
        FundingRate(settlesAt: .distantPast, intervalHours: 8, rate: $0)
      }
      let perSettlement = forecast.annualized(settlements)?.times(8)
        .divided(by: 8760, rounding: .halfEven)
      // The vector is printed with 18 places; the hourly form rounds once more.
      #expect(near(perSettlement ?? .zero, expected[count - 1], "0.000000000000000001"))
    }
  }

  @Test("The moving average forgets by elapsed time, not by count")
  func elapsedTime() {
    let forecast = FundingForecast(span: 21)
    let tolerance: Rate = "0.00000000000000001"
    #expect(near(forecast.retained(afterHours: 8), Rate(20).divided(by: Rate(22)), tolerance))
    for (short, count) in [(4, 2), (2, 4), (1, 8)] {
      let compounded = forecast.retained(afterHours: short).power(count)
      #expect(near(compounded, forecast.retained(afterHours: 8), tolerance))
    }
    // A constant hourly rate has the same mean whatever the interval.
    for hours in [1, 2, 4, 8] {
      let settlements = (0..<50).map { _ in
        FundingRate(
          settlesAt: .distantPast, intervalHours: hours,
          rate: Rate("0.0000125").times(hours))
      }
      #expect(forecast.annualized(settlements) == "0.1095")
    }
  }

  @Test("D05 hedge net of the fee in base")
  func hedge() {
    let hedge = Sizing.hedge(bought: "1", feeInBase: "0.001", perpLot: "0.001")
    #expect(hedge.spot == "0.999")
    #expect(hedge.hedge == "0.999")
    #expect(hedge.dust == .zero)
  }

  @Test("E01, E03, E05 no-trade bands")
  func bands() {
    let tolerance: Rate = "0.000000000000001"
    let proportional = RebalanceBand.proportional(cost: "30", noise: "0.02", penalty: "1296")
    #expect(near(proportional, "0.024037492838456806", tolerance))
    let fixed = RebalanceBand.fixed(cost: "2", noise: "0.02", penalty: "1296")
    #expect(near(fixed, "0.052169486002442911", tolerance))
    let hedge = RebalanceBand.whalleyWilmott(
      cost: "0.001", price: "100", gamma: "0.02", riskAversion: "0.5")
    #expect(near(hedge, "0.049324241486609402", tolerance))
  }

  @Test("F01, F05, F07 liquidation, top-up, largest leverage")
  func margin() {
    func tier(_ rate: Rate) -> [MarginTier] {
      [MarginTier(floor: .zero, maintenanceRate: rate, deduction: .zero, maximumLeverage: "100")]
    }
    let tolerance: Rate = "0.000000000001"
    let first = Liquidation.price(
      margin: "30000", quantity: "1", entry: "60000", tiers: tier("0.005"))
    #expect((first - "89552.238805970149253731").magnitude <= "0.000000000001")
    let buffer = Liquidation.distance(liquidation: first, mark: "60000")
    #expect(near(buffer, "0.492537313432835821", tolerance))
    let second = Liquidation.price(
      margin: "812.5", quantity: "1.3", entry: "3120", tiers: tier("0.01"))
    #expect((second - "2995.049504950495049505").magnitude <= "0.000000000001")
    #expect(
      near(
        Liquidation.distance(liquidation: second, mark: "2755.5"), "0.086935040809470169",
        tolerance))
    let topUp = Liquidation.topUp(
      margin: "812.5", quantity: "1.3", entry: "3120", mark: "2755.5", buffer: "0.1",
      tiers: tier("0.01"))
    #expect(topUp == "47.26865")
    let leverage = Liquidation.maximumLeverage(buffer: "0.25", maintenanceRate: "0.01", cap: "5")
    #expect(near(leverage, "3.809523809523809524", "0.000000000000001"))
  }

  @Test("H01 equal slices of whole lots")
  func slices() {
    let sliced = Sizing.slices("1.0007", count: 4, lot: "0.001")
    #expect(sliced.slices == ["0.25", "0.25", "0.25", "0.25"])
    #expect(sliced.residual == "0.0007")
    #expect(Sizing.clip(of: "0.1", clip: "0.04", lot: "0.001") == "0.034")
    #expect(Sizing.clip(of: "0.03", clip: "0.04", lot: "0.001") == "0.03")
  }

  @Test("J03 capital of a carry")
  func capital() {
    #expect(Sizing.capital(notional: "50000", leverage: "2") == "75000")
  }
}
