import Accounting
import FixedPoint
import Testing
import Trading

@testable import Backtest
@testable import Core

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

  @Test("What a venue loses by a liquidation is in the books and in no measure")
  func uncollected() throws {
    let begin = Timestamp(milliseconds: 1_704_067_200_000)
    let (venue, symbol): (VenueID, Symbol) = ("test", "BTCUSDT")
    let perp = InstrumentID(venue: venue, market: .perp, symbol: symbol)
    var holdings = CarryHoldings()
    holdings.mids = LegMids(spot: "100", perp: "100")
    (holdings.spot, holdings.perp, holdings.perpCost) = ("1", "-1", "-100")
    // Closed at 170 while the market stood at 180, with 50 of collateral behind it.
    let fill = Fill(
      instrument: perp, trade: "1", order: nil, venueOrder: "1", at: begin, side: .buy,
      quantity: "1", price: "170", fee: .zero, feeAsset: "USDT", realized: "-50",
      liquidity: .taker, cause: .liquidation)
    let mids = LegMids(spot: "180", perp: "180")
    let attribution = FillAttribution(
      of: fill, base: "BTC", quote: "USDT", mids: mids, isCorrective: false, holdings: holdings)
    var summary = BacktestSummary()
    summary.add(
      Fact(
        at: begin,
        .filled(
          BookedFill(
            carry: CarryID(1), fill: fill, purpose: .close, mids: mids, attribution: attribution))))
    #expect(summary.liquidations == 1)
    // 20 beyond the collateral, and 10 that the market would have asked more.
    #expect(summary.uncollected == "30")
    for (day, equity) in ["1000", "1100"].enumerated() {
      summary.add(
        Fact(
          at: begin + .days(Int64(day)),
          .valued(
            EquityRecord(venue: venue, asset: "USDT", equity: Notional(stringLiteral: equity)))))
    }
    summary.finish(at: begin + .days(1))
    #expect(summary.finalEquity == "1100")
    #expect(summary.equityWithInterest.map(\.value) == ["970", "1070"])
    #expect(summary.netGain == "1070")
  }

  @Test func noVariationHasNoSharpe() {
    #expect(Performance.sharpe(["1", "1", "1"], periodsPerYear: 365) == nil)
    #expect(Performance.sharpe([], periodsPerYear: 365) == nil)
  }
}
