import FixedPoint
import Testing
import Trading

@testable import Core

/// How likely funding pays a round trip within the planned holding time.
@Suite("Probability of breaking even")
struct BreakEvenTests {
  /// Rates that swing around 21.9 % a year by half of that, without memory.
  private static let swinging: [Rate] = (0..<60).map { $0.isMultiple(of: 2) ? "0.0001" : "0.0003" }

  private func probability(_ rates: [Rate], expected: Rate?, fee: Rate) -> Rate? {
    let (view, rules) = Self.market(rates)
    var assessment = rules.assess(view, wanted: "1")
    assessment.expectedAnnualRate = expected
    assessment.cost = CarryCost(spotFee: fee, perpFee: .zero, spread: .zero, slippage: .zero)
    return rules.breakEvenProbability(assessment, view)
  }

  private static func market(_ rates: [Rate], window: Int64 = 42) -> (PairView, EntryRules) {
    func instrument(_ market: Market) -> Instrument {
      Instrument(
        id: InstrumentID(venue: "test", market: market, symbol: "BTCUSDT"), base: "BTC",
        quote: "USDT", tick: "0.1", lot: "0.001", minimumQuantity: "0.001", minimumNotional: "5",
        fees: FeeSchedule(maker: .zero, taker: .zero, isTakenFromReceivedAsset: false),
        marginTiers: market == .spot
          ? []
          : [
            MarginTier(
              floor: .zero, maintenanceRate: "0.005", deduction: .zero, maximumLeverage: "20")
          ])
    }
    let universe = Universe(pairs: [(instrument(.spot), instrument(.perp))])
    let begin = Timestamp(milliseconds: 1_704_067_200_000)
    var market = PairMarket(pair: universe.pairs[0], window: .days(window))
    for (place, rate) in rates.enumerated() {
      market.funding.append(
        FundingRate(
          settlesAt: begin + .hours(8).times(Int64(place)), intervalHours: 8, rate: rate))
    }
    let parameters = Parameters()
    let view = PairView(
      now: begin + .days(42), index: PairIndex(0), universe: universe, markets: [market],
      carries: [nil], decidedThrough: .distantPast, lastExits: [.distantPast],
      interests: [InterestTrail()],
      purse: Purse(),
      trading: .active, account: AccountGauge(), maximumSlippage: .zero)
    return (view, EntryRules(parameters: parameters))
  }

  @Test("Optimal thresholds give way to fixed ones where a round trip is too dear to solve for")
  func dearRoundTrips() {
    let rates = (0..<400).map { Rate($0 % 7).divided(by: 10_000, rounding: .down) }
    let (view, _) = Self.market(rates, window: 150)
    var parameters = Parameters()
    parameters.entry.thresholds = .optimal
    func thresholds(_ oneWay: Rate) -> Rate {
      ThresholdRule(parameters: parameters).now(
        view, cost: CarryCost(spotFee: oneWay, perpFee: .zero, spread: .zero, slippage: .zero)
      ).enterAbove
    }
    #expect(thresholds("0.009") != parameters.entry.minimumAnnualRate)
    #expect(thresholds("0.00901") == parameters.entry.minimumAnnualRate)
    #expect(thresholds("0.01") == parameters.entry.minimumAnnualRate)
    #expect(thresholds("0.5") == parameters.entry.minimumAnnualRate)
  }

  @Test("Even odds where the forecast just pays, better above, worse below")
  func odds() throws {
    // In and out for 0.9 % in 30 days is 10.95 % a year.
    let even = probability(Self.swinging, expected: "0.1095", fee: "0.0045")
    #expect(even == "0.5")
    // s is 10.95 % and φ is nought, so the mean of 90 steps has 1.15 %: one of them is 84 %.
    let one = try #require(probability(Self.swinging, expected: "0.1211", fee: "0.0045"))
    #expect(one > "0.83" && one < "0.85")
    let below = try #require(probability(Self.swinging, expected: "0.0979", fee: "0.0045"))
    #expect((one + below - .one).magnitude <= "0.0002")
  }

  @Test("Unknown without a forecast, of few settlements and of rates that never moved")
  func unknown() {
    #expect(probability(Self.swinging, expected: nil, fee: "0.001") == nil)
    #expect(probability(["0.0001", "0.0002"], expected: "0.1", fee: "0.001") == nil)
    #expect(
      probability(Array(repeating: "0.0001", count: 60), expected: "0.1", fee: "0.001") == nil)
  }

  @Test("What a carry earns a year is net of all costs, on spot, margin and reserve")
  func net() {
    let (view, rules) = Self.market(Self.swinging)
    var assessment = rules.assess(view, wanted: "1")
    assessment.expectedAnnualRate = "0.1405"
    assessment.cost = CarryCost(spotFee: "0.001", perpFee: "0.0005", spread: .zero, slippage: .zero)
    // 14.05 % − 3.65 % for 30 bp in 30 days, over 1 + 1/2 + 1/10.
    #expect(rules.netOnCapital(assessment, view) == "0.065")
  }
}
