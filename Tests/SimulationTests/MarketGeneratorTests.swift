import FixedPoint
import Testing
import Trading

@testable import Simulation

@Suite("Made-up markets")
struct MarketGeneratorTests {
  static let start = Timestamp(milliseconds: 1_735_689_600_000)

  private func markets() -> [(spot: Instrument, perp: Instrument, startPrice: Price)] {
    let instruments = Desk.universe().instruments
    return (0..<4).map { place in
      var (spot, perp) = (instruments[0], instruments[1])
      let symbol = Symbol("S\(place)")
      spot.id = InstrumentID(venue: "test", market: .spot, symbol: symbol)
      perp.id = InstrumentID(venue: "test", market: .perp, symbol: symbol)
      return (spot, perp, "30000")
    }
  }

  private func generate(
    _ seed: UInt64, days: Int = 60, interval: TimeSpan = .hours(1)
  ) -> [PairSeries] {
    MarketGenerator.generate(
      seed: seed, markets: markets(), from: Self.start, days: days, interval: interval)
  }

  @Test("The same seed gives the same markets; another seed and another place give others")
  func seeds() {
    let first = generate(1, days: 5)
    #expect(first == generate(1, days: 5))
    #expect(first != generate(2, days: 5))
    #expect(first[0].spot != first[1].spot)
    let alone = MarketGenerator.generate(
      seed: 1, markets: [markets()[0]], from: Self.start, days: 5, interval: .hours(1))
    #expect(alone == [first[0]])
  }

  @Test("Bars are whole, on the tick and without gaps", arguments: [UInt64(1), 2, 3])
  func bars(seed: UInt64) throws {
    for series in generate(seed) {
      let mark = try #require(series.mark)
      for leg in [series.spot, series.perp, mark] {
        #expect(leg.bars.count == 60 * 24)
        #expect(leg.bars.first?.opensAt == Self.start)
        for (bar, next) in zip(leg.bars, leg.bars.dropFirst()) {
          #expect(next.opensAt - bar.opensAt == .hours(1) && next.open == bar.close)
        }
        #expect(
          leg.bars.allSatisfy {
            $0.high >= max($0.open, $0.close) && $0.low <= min($0.open, $0.close)
              && $0.low.isPositive
              && [$0.open, $0.high, $0.low, $0.close].allSatisfy {
                $0.isMultiple(of: "0.1")
              }
          })
      }
      #expect(series.spot.bars.first?.open == "30000")
    }
  }

  @Test("The basis stays within tens of basis points and spot moves like a coin")
  func shape() {
    for series in generate(4, days: 120) {
      let spots = series.spot.bars
      var sum = Rate.zero
      for (spot, perp) in zip(spots, series.perp.bars) {
        let basis = (perp.close - spot.close).ratio(to: spot.close)
        #expect(basis.magnitude < Rate.basisPoints(60))
        sum += basis
      }
      let mean = sum.divided(by: spots.count, rounding: .halfEven)
      #expect(mean.magnitude < Rate.basisPoints(12))
      // Variance of hourly returns, annualised: a volatility between 35 and 110 %.
      var squares = Rate.zero
      for bar in spots { squares += (bar.close - bar.open).ratio(to: bar.open).squared() }
      let variance = squares.times(8760).divided(by: spots.count, rounding: .halfEven)
      #expect(variance > "0.1225" && variance < "1.21")
    }
  }

  @Test("Funding settles on whole hours, from 45 days before, and follows the premium")
  func funding() throws {
    for (place, series) in generate(5, days: 120).enumerated() {
      let hours = place == 3 ? 4 : 8
      let first = try #require(series.funding.first)
      #expect(first.rate.settlesAt == Self.start - .days(45) + .hours(Int64(hours)))
      #expect(series.funding.count == 165 * 24 / hours)
      for (one, next) in zip(series.funding, series.funding.dropFirst()) {
        #expect(next.rate.settlesAt - one.rate.settlesAt == .hours(Int64(hours)))
        #expect(one.rate.rate.isMultiple(of: "0.00000001"))
        #expect(one.rate.rate.magnitude <= "0.00375")
      }
      // The mean closing premium of the interval, where the rate is off the formula's flat part.
      for settled in series.funding where settled.rate.settlesAt >= Self.start + .days(1) {
        let perEight = settled.rate.rate.times(8).divided(by: hours, rounding: .halfEven)
        let until = Int((settled.rate.settlesAt - Self.start).nanoseconds / 3_600_000_000_000)
        var premium = Rate.zero
        for bar in until - hours..<until {
          let spot = series.spot.bars[bar].close
          premium += (series.perp.bars[bar].close - spot).ratio(to: spot)
        }
        premium = premium.divided(by: hours, rounding: .halfEven)
        if perEight > Rate.basisPoints(3) { #expect(premium > Rate.basisPoints(3)) }
        if perEight < Rate.basisPoints(-2) { #expect(premium < Rate.basisPoints(-2)) }
      }
    }
  }

  @Test("There are good and bad times")
  func regimes() {
    var isHot = false
    var isNegative = false
    for series in generate(6, days: 200) {
      let perDay = 24 / (series.funding.first?.rate.intervalHours ?? 8)
      for week in stride(from: 0, to: series.funding.count - 7 * perDay, by: 7 * perDay) {
        var sum = Rate.zero
        for settled in series.funding[week..<week + 7 * perDay] { sum += settled.rate.rate }
        let annual = sum.times(365).divided(by: 7, rounding: .halfEven)
        if annual > "0.2" { isHot = true }
        if annual.isNegative { isNegative = true }
        #expect(annual.magnitude < "1.5")
      }
    }
    #expect(isHot && isNegative)
  }

  @Test("Bars longer than the funding interval still settle every time")
  func longBars() {
    let series = generate(7, days: 30, interval: .days(1))
    #expect(series.map(\.spot.bars.count) == [30, 30, 30, 30])
    #expect(series.map(\.funding.count) == [225, 225, 225, 450])
  }

  @Test("A generated market plays through the feed")
  func feed() {
    let markets = markets()
    let universe = Universe(pairs: markets.map { (spot: $0.spot, perp: $0.perp) })
    var feed = BarFeed(
      series: generate(8, days: 10), universe: universe, from: Self.start,
      to: Self.start + .days(10))
    var ticks: [MarketTick] = []
    var last = Timestamp.distantPast
    while let time = feed.nextTime {
      #expect(time > last)
      last = time
      feed.next(into: &ticks)
    }
    #expect(feed.barsPlayed == 4 * 2 * 240 && feed.markStandIns == 0)
    // Three moments per bar and the close of the last one; the settlement at the start is played, the one at the end is not.
    #expect(ticks.count == 4 * 2 * (240 * 3 + 1) + 3 * 30 + 60)
  }
}
