import Backtest
import FixedPoint
import Testing
import Trading

@Suite("Measures of performance")
struct PerformanceTests {
  @Test("J01 Sharpe, drawdown, simple return")
  func vector() {
    let equity: [Notional] = [
      "100000", "100012", "100030", "100021", "100045", "100060", "100058", "100081",
    ]
    let sharpe = Performance.sharpe(equity, periodsPerYear: 365) ?? .zero
    #expect((sharpe - "17.609718058463830077").magnitude <= "0.000000000001")
    #expect(
      (Performance.maximumDrawdown(equity) - "-0.000089973008097571").magnitude
        <= "0.000000000001")
    let simple = Performance.simpleAnnualReturn(equity, periodsPerYear: 365) ?? .zero
    #expect((simple - "0.042235714285714286").magnitude <= "0.000000000001")
  }

  @Test("J03 return on capital")
  func capital() {
    let rate = Performance.returnOnCapital(
      funding: "412.5", costs: "31.2", capital: "75000", days: 90)
    #expect((rate - "0.020618444444444444").magnitude <= "0.000000000000001")
  }

  @Test func noVariationHasNoSharpe() {
    #expect(Performance.sharpe(["1", "1", "1"], periodsPerYear: 365) == nil)
    #expect(Performance.sharpe([], periodsPerYear: 365) == nil)
  }
}
