import FixedPoint
import Testing
import Trading

@testable import Simulation

@Suite("Bars played as ticks")
struct BarFeedTests {
  static let start = Timestamp(milliseconds: 1_700_006_400_000)  // a whole hour

  private struct Moment: Equatable {
    let at: TimeSpan
    let ticks: [MarketTick]
  }

  private func play(_ feed: inout BarFeed) -> [Moment] {
    var moments: [Moment] = []
    while let time = feed.nextTime {
      var ticks: [MarketTick] = []
      feed.next(into: &ticks)
      moments.append(Moment(at: time - Self.start, ticks: ticks))
    }
    return moments
  }

  private func bar(
    _ hour: Int64, _ open: Price, _ high: Price, _ low: Price, _ close: Price
  ) -> Bar {
    Bar(opensAt: Self.start + .hours(hour), open: open, high: high, low: low, close: close)
  }

  private func settlement(
    _ after: TimeSpan, _ rate: Rate, mark: Price? = nil
  ) -> FundingSettlement {
    FundingSettlement(
      rate: FundingRate(settlesAt: Self.start + after, intervalHours: 8, rate: rate), mark: mark)
  }

  private func series(
    spot: [Bar], perp: [Bar], mark: [Bar]?, funding: [FundingSettlement] = []
  ) -> PairSeries {
    PairSeries(
      venue: "test", symbol: "BTCUSDT", spot: BarSeries(interval: .hours(1), bars: spot),
      perp: BarSeries(interval: .hours(1), bars: perp),
      mark: mark.map { BarSeries(interval: .hours(1), bars: $0) }, funding: funding)
  }

  private func feed(
    _ series: PairSeries, from: TimeSpan = .hours(0), to: TimeSpan = .hours(100)
  ) -> BarFeed {
    BarFeed(
      series: [series], universe: Desk.universe(), from: Self.start + from, to: Self.start + to)
  }

  private func spot(_ price: Price) -> MarketTick { .price(Desk.spotIndex, price, mark: price) }
  private func perp(_ price: Price, _ mark: Price) -> MarketTick {
    .price(Desk.perpIndex, price, mark: mark)
  }

  @Test("The perpetual's bar orders the extremes of all three series")
  func path() {
    var feed = feed(
      series(
        // Spot rises in the falling bar of the perpetual.
        spot: [bar(0, "100", "104", "99", "103"), bar(1, "103", "103", "90", "91")],
        perp: [bar(0, "101", "105", "98", "99"), bar(1, "102", "106", "101", "102")],
        mark: [bar(0, "100.5", "104.5", "98.5", "99.5"), bar(1, "102", "107", "100", "101")]))
    #expect(
      play(&feed) == [
        Moment(at: .hours(0), ticks: [spot("100"), perp("101", "100.5")]),
        Moment(at: .minutes(20), ticks: [spot("104"), perp("105", "104.5")]),
        Moment(at: .minutes(40), ticks: [spot("99"), perp("98", "98.5")]),
        Moment(at: .hours(1), ticks: [spot("103"), perp("102", "102")]),
        Moment(at: .minutes(80), ticks: [spot("90"), perp("101", "100")]),
        Moment(at: .minutes(100), ticks: [spot("103"), perp("106", "107")]),
        // No bar follows: the last prices are the closes.
        Moment(
          at: .milliseconds(2 * 3_600_000 - 1000), ticks: [spot("91"), perp("102", "101")]),
      ])
    #expect(feed.barsPlayed == 4 && feed.markStandIns == 0)
  }

  @Test("Missing bars deliver nothing; the perpetual stands in for a missing mark")
  func gaps() {
    var feed = feed(
      series(
        spot: [bar(0, "1", "1", "1", "1"), bar(3, "3", "3", "3", "3")],
        perp: [bar(1, "5", "7", "4", "6"), bar(3, "8", "8", "8", "8")],
        mark: [bar(0, "9", "9", "9", "9"), bar(3, "9", "9", "9", "9")]))
    let moments = play(&feed)
    #expect(
      moments.map(\.at.nanoseconds).map { $0 / 60_000_000_000 } == [
        0, 20, 40, 60, 80, 100, 119, 180, 200, 220, 239,
      ])
    #expect(moments[0].ticks == [spot("1")])
    #expect(moments[4].ticks == [perp("4", "4")])
    #expect(moments[5].ticks == [perp("7", "7")])
    #expect(moments[6].ticks == [perp("6", "6")])
    #expect(moments[7].ticks == [spot("3"), perp("8", "9")])
    #expect(feed.barsPlayed == 4 && feed.markStandIns == 1)
  }

  @Test("Settlements come at their own stamp, before prices, with the best mark there is")
  func settlements() throws {
    let recorded = settlement(.hours(1), "0.0001", mark: "77")
    let late = settlement(.milliseconds(7_200_047), "0.0002")
    let unmarked = settlement(.milliseconds(10_800_003), "0.0003")
    let outage = settlement(.hours(9), "0.0004")
    var feed = feed(
      series(
        spot: [], perp: (0..<4).map { bar($0, "10", "10", "10", "11") },
        mark: [bar(1, "20", "20", "20", "20"), bar(2, "30", "30", "30", "30")],
        funding: [
          settlement(.hours(-8), "0.0009"), recorded, late, unmarked, outage,
        ]), from: .hours(1))
    let moments = play(&feed)
    #expect(moments[0].ticks.first == .funding(Desk.perpIndex, recorded.rate, mark: "77"))
    #expect(moments[0].ticks.last == perp("10", "20"))
    let others = moments.filter { $0.at >= .hours(2) && $0.ticks.count == 1 }.filter {
      if case .funding = $0.ticks[0] { true } else { false }
    }
    #expect(
      others == [
        Moment(
          at: .milliseconds(7_200_047),
          ticks: [.funding(Desk.perpIndex, late.rate, mark: "30")]),
        Moment(
          at: .milliseconds(10_800_003),
          ticks: [.funding(Desk.perpIndex, unmarked.rate, mark: "10")]),
        Moment(at: .hours(9), ticks: [.funding(Desk.perpIndex, outage.rate, mark: "11")]),
      ])
    // The fourth bar has no mark, and neither have the last two settlements.
    #expect(feed.markStandIns == 3)
  }

  @Test("Only what lies within the range is played; history goes further back")
  func range() {
    let funding = (0..<6).map { settlement(.hours(8 * Int64($0)), Rate.basisPoints($0)) }
    var feed = feed(
      series(
        spot: [], perp: (0..<40).map { bar($0, "10", "10", "10", "10") }, mark: nil,
        funding: funding), from: .hours(8), to: .minutes(981))
    let moments = play(&feed)
    #expect(moments.first?.at == .hours(8) && moments.last?.at == .minutes(980))
    // Nine bars and two settlements without a mark.
    #expect(feed.markStandIns == 11 && feed.barsPlayed == 9)
    let rates = feed.fundingHistory(
      of: Desk.perpIndex, since: Self.start, until: Self.start + .hours(24))
    #expect(rates == funding.prefix(3).map(\.rate))
    #expect(
      feed.fundingHistory(of: Desk.spotIndex, since: .distantPast, until: .distantFuture).isEmpty)
    #expect(
      feed.fundingHistory(of: Desk.perpIndex, since: Self.start, until: Self.start).isEmpty)
  }

  @Test("All pairs of a moment come together, in universe order; a pair without history is silent")
  func pairs() {
    func leg(_ market: Market, _ symbol: Symbol) -> Instrument {
      var instrument = Desk.universe().instruments[market == .spot ? 0 : 1]
      instrument.id = InstrumentID(venue: "test", market: market, symbol: symbol)
      return instrument
    }
    let universe = Universe(
      pairs: ["A", "B", "C"].map { (spot: leg(.spot, $0), perp: leg(.perp, $0)) })
    let all = ["C", "A"].map { symbol in
      PairSeries(
        venue: "test", symbol: symbol,
        spot: BarSeries(interval: .hours(1), bars: [bar(0, "1", "1", "1", "1")]),
        perp: BarSeries(interval: .hours(1), bars: [bar(0, "2", "2", "2", "2")]), mark: nil,
        funding: [settlement(.hours(0), "0.0001")])
    }
    var feed = BarFeed(
      series: all, universe: universe, from: Self.start, to: Self.start + .hours(1))
    var ticks: [MarketTick] = []
    feed.next(into: &ticks)
    let places = ticks.map { tick in
      switch tick {
      case .price(let index, _, _): index.position
      case .funding(let index, _, _): index.position + 100
      case .figures(let index, _, _): index.position + 200
      }
    }
    #expect(places == [101, 105, 0, 1, 4, 5])
  }
}
