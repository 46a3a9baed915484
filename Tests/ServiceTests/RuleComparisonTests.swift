import Backtest
import Core
import FixedPoint
import Service
import Testing
import Trading

/// The plain rules beside the shipped one, over three generated weeks.
@Suite("Rules side by side")
struct RuleComparisonTests {
  private static let from = Timestamp(milliseconds: 1_704_067_200_000)
  private static let to = from + .days(20)

  private static func market(_ fees: MarketChoice.Fees = .taker) throws -> PaperMarket {
    var choice = MarketChoice(
      source: .generated(seed: 3), venues: ["binance"], symbols: ["BTCUSDT"], from: from,
      to: to, interval: "1h")
    choice.fees = fees
    return try PaperMarket(
      choice,
      instruments: InstrumentsFile(path: "\(ConfigurationTests.folder)/instruments.yaml"))
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.paper.deposit = "16000"
    return configuration
  }

  @Test func figuresOfEachRule() throws {
    let results = RuleComparison(try Self.market(), Self.configuration).run()
    #expect(results.map(\.rule) == ["shipped", "hold_through", "50_25", "8_2", "cash"])
    let byRule = Dictionary(uniqueKeysWithValues: results.map { ($0.rule, $0) })
    let cash = try #require(byRule["cash"])
    #expect(cash.summary.entries == 0)
    // 4 % of 16 000 over 20 days.
    let interest = cash.summary.netGain
    #expect((interest - "35.068493150684932").magnitude <= "0.01")
    #expect(cash.excessSharpe == nil)
    let held = try #require(byRule["hold_through"])
    #expect(held.summary.entries == 1 && held.summary.exits == 0)
    #expect(held.summary.idle.interest < cash.summary.idle.interest)
    for result in results {
      #expect(result.summary.unexplained.isZero, "\(result.rule)")
      // Funding at the mark, fills at other prices: foresight is beaten by no more than the basis.
      #expect(result.summary.netGain <= result.optimum + result.summary.profit.basis.magnitude)
      #expect(result.trials == 5)
    }
  }

  @Test func bothSidesOfASplitAreRunApart() throws {
    let market = try Self.market()
    let middle = Self.from + .days(10)
    let results = RuleComparison(market, Self.configuration, split: middle, trials: 40).run()
    #expect(results.count == 10)
    #expect(Set(results.map(\.period)) == ["before", "after"])
    let alone = BacktestRun.run(market.within(middle..<Self.to), Self.configuration)
    let after = try #require(results.first { $0.period == "after" && $0.rule == "shipped" })
    #expect(after.summary.finalEquity == alone.finalEquity)
    #expect(after.trials == 40)
  }

  @Test func feesAreThoseAskedFor() throws {
    func costs(_ fees: MarketChoice.Fees) throws -> Notional {
      let configuration = Self.configuration
      let profit = BacktestRun.run(
        try Self.market(fees).within(Self.from..<Self.from + .days(1)), configuration,
        policy: FixedRulePolicy(
          .holdThrough, name: "hold", parameters: configuration.parameters)
      ).profit
      return profit.spotFees + profit.perpFees
    }
    let taker = try costs(.taker)
    let maker = try costs(.maker)
    let trip = try costs(.roundTrip("0.003"))
    // One way of 10 000: 15 bp, 12 bp and half of 30 bp, give or take a lot.
    for (fees, expected): (Notional, Notional) in [(taker, "15"), (maker, "12"), (trip, "15")] {
      #expect((fees - expected).magnitude <= "0.25")
    }
  }

  /// Binance and Hyperliquid quote in different assets and know different symbols.
  private static func twoVenues(_ symbols: [Symbol]) throws -> PaperMarket {
    try PaperMarket(
      MarketChoice(
        source: .generated(seed: 3), venues: ["binance", "hyperliquid"], symbols: symbols,
        from: from, to: to, interval: "1h"),
      instruments: InstrumentsFile(path: "\(ConfigurationTests.folder)/instruments.yaml"))
  }

  @Test func severalVenuesHaveAnAccountEach() throws {
    let market = try Self.twoVenues(["BTCUSDT", "HYPE"])
    #expect(market.names == ["binance BTCUSDT", "hyperliquid HYPE"])
    var configuration = Self.configuration
    configuration.paper.deposit = "32000"
    let results = RuleComparison(market, configuration).run()
    for result in results {
      let summary = result.summary
      #expect(summary.initialEquity == "32000" && summary.unexplained.isZero, "\(result.rule)")
      let moments = summary.equity.map(\.at)
      #expect(zip(moments, moments.dropFirst()).allSatisfy(<), "\(result.rule)")
    }
    let cash = try #require(results.first { $0.rule == "cash" })
    #expect((cash.summary.netGain - "70.136986301369864").magnitude <= "0.01")
    let held = try #require(results.first { $0.rule == "hold_through" })
    #expect(held.summary.entries == 2)
    let alone = BacktestRun.run(
      try Self.market(), Self.configuration,
      policy: FixedRulePolicy(
        .holdThrough, name: "hold", parameters: Self.configuration.parameters))
    // What the one venue earned is in it: the other's funding is the rest.
    #expect(held.summary.payments > alone.payments)
    #expect(held.summary.profit.funding != alone.profit.funding)
  }

  @Test func everyNameAndEveryVenueMustMeanSomething() throws {
    #expect(throws: PaperMarketError.self) { try Self.twoVenues(["BTCUSDT"]) }
    #expect(throws: PaperMarketError.self) { try Self.twoVenues(["BTCUSDT", "HYPE", "NONE"]) }
    #expect(try Self.twoVenues([]).universe.pairs.count == 7)
  }
}
