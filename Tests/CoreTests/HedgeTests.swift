import Accounting
import FixedPoint
import Testing
import Trading

@testable import Core

/// How much is sold per unit of spot, and what that changes.
@Suite("Hedge ratios")
struct HedgeTests {
  /// Prices that move to and fro, the perpetual by a multiple of spot, with the rate beside them.
  private static func trail(perpetual: Rate, rate: (Int) -> Rate?) -> PriceTrail {
    var trail = PriceTrail()
    for hour in 0..<100 {
      let move: Rate = hour % 2 == 0 ? .zero : "0.01"
      trail.add(
        LegMids(
          spot: Price("100").times(.one + move, .down),
          perp: Price("100").times(.one + move.times(perpetual), .down)),
        rate: rate(hour), at: Timestamp(milliseconds: 0) + .hours(Int64(hour)))
    }
    return trail
  }

  @Test("The ratio of smallest variance is the beta of spot in the perpetual")
  func minimumVariance() throws {
    let same = Self.trail(perpetual: .one) { _ in nil }
    #expect(same.minimumVarianceRatio(fewest: 90) == .one)
    #expect(same.minimumVarianceRatio(fewest: 100) == nil)
    let wild = Self.trail(perpetual: "1.25") { _ in nil }
    let ratio = try #require(wild.minimumVarianceRatio(fewest: 90))
    #expect((ratio - "0.8").magnitude < "0.002")
    #expect(wild.fundingCorrelation(fewest: 90) == nil)
  }

  @Test("Funding that rises with the price correlates by one, that falls by minus one")
  func correlation() throws {
    for (sign, expected) in [(Rate.one, Rate.one), (-Rate.one, -Rate.one)] {
      let trail = Self.trail(perpetual: .one) { Rate($0 % 2).times("0.0001").times(sign) }
      let found = try #require(trail.fundingCorrelation(fewest: 90))
      #expect((found - expected).magnitude < "0.001")
    }
  }

  @Test("A ratio stays within its width and the band; unknown is neutral")
  func guarded() {
    var parameters = Parameters()
    parameters.hedge.model = .confidenceTilt
    parameters.hedge.width = "0.02"
    let pair = PairMarket(pair: Self.pair, window: .days(1))
    #expect(HedgeRule(parameters: parameters).ratio(pair, confidence: "0.5") == .one)
    parameters.hedge.model = .neutral
    #expect(HedgeRule(parameters: parameters).ratio(pair, confidence: "0.5") == .one)
  }

  @Test("Spot holds what the short calls for, and no more is hedged")
  func opened() {
    Scenario.play(
      Self.hours() + """
        open 5000           | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        fill 0.1 @ 50000    | filled
        ended filled        | ended filled · intended buy spot 0.1005 · submit
        fill 0.1005 @ 50000 | filled · booked · exposed
        ended filled        | ended filled · moved open -0.1
        wake                |
        deleveraged 0.04 @ 50000 | filled · moved reducing -0.06
        wake                     | intended sell spot 0.04019 · submit
        """
    ) {
      $0.hedge.model = .minimumVariance
      $0.hedge.minimumHours = 3
    }
  }

  /// Hours in which the perpetual moves much more than spot, so that less of it hedges.
  private static func hours() -> String {
    let moves = ["50000 50000", "50100 50500", "50000 50000", "50100 50500", "50000 50000"]
    return CarryLifeTests.begin
      + moves.map { move in
        let prices = move.split(separator: " ")
        return "+1h spot \(prices[0]) |\nperp \(prices[1]) |\n"
      }.joined()
  }

  private static let pair: Pair = {
    func instrument(_ market: Market) -> Instrument {
      Instrument(
        id: InstrumentID(venue: "test", market: market, symbol: "BTCUSDT"), base: "BTC",
        quote: "USDT", tick: "0.1", lot: "0.001", minimumQuantity: "0.001", minimumNotional: "5",
        fees: FeeSchedule(maker: "0", taker: "0", isTakenFromReceivedAsset: false),
        marginTiers: [])
    }
    return Universe(
      pairs: [(instrument(.spot), instrument(.perp))],
      venues: ["test": VenueTraits(layout: .unified)])[PairIndex(0)]
  }()
}
