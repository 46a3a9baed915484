import FixedPoint
import Simulation
import Testing
import Trading

@testable import SimulatedVenue

@Suite("Prices, candles and funding of a simulated venue")
struct VenueMarketTests {
  private static let start = Timestamp(milliseconds: 1_704_067_200_000)

  /// A made-up market of one pair from a day before the start to two days after.
  private static func world(beat: TimeSpan? = nil) -> (VenueWorld, Venue) {
    let pair = Bench.bitcoin
    let series = MarketGenerator.generate(
      seed: 5, markets: [(pair.spot, pair.perp, "30000")], from: start - .days(1), days: 3,
      interval: .hours(1))
    let world = VenueWorld(start: start, until: start + .days(2), beat: beat)
    let venue = world.add(
      VenuePlan(
        id: "test", layout: .separate, pairs: [pair], series: series,
        range: start..<(start + .days(2)), deposits: [], models: Bench.models,
        rules: Bench.rules()))
    return (world, venue)
  }

  @Test("Hourly candles are the recorded bars, before and after the start")
  func candles() throws {
    let (world, venue) = Self.world()
    world.advance(to: Self.start + .hours(10) + .minutes(30))
    let bars = try #require(venue.plan.series.first).spot.bars
    let candles = venue.candles(Bench.spot, interval: .hours(1), limit: 20)
    #expect(candles.count == 20)
    #expect(candles.last?.opensAt == Self.start + .hours(10) && candles.last?.isClosed == false)
    for candle in candles.dropLast() {
      let bar = try #require(bars.first { $0.opensAt == candle.opensAt })
      #expect(candle.open == bar.open && candle.high == bar.high && candle.low == bar.low)
      #expect(candle.isClosed && candle.volume.isPositive)
    }
    for (one, next) in zip(candles, candles.dropFirst()) {
      #expect(next.opensAt == one.opensAt + .hours(1))
    }
  }

  @Test("Finer and coarser candles fit each other")
  func scales() throws {
    let (world, venue) = Self.world()
    world.advance(to: Self.start + .hours(8))
    for instrument in [Bench.spot, Bench.perp] {
      let coarse = venue.candles(
        instrument, interval: .hours(4), from: Self.start - .hours(8), to: Self.start + .hours(8),
        limit: 10)
      #expect(coarse.count == 4)
      for candle in coarse {
        let fine = venue.candles(
          instrument, interval: .minutes(5), from: candle.opensAt,
          to: candle.opensAt + .hours(4), limit: 100)
        #expect(fine.count == 48)
        #expect(fine.map(\.high).max() == candle.high && fine.map(\.low).min() == candle.low)
        #expect(fine.first?.open == candle.open)
      }
    }
    let ticker = try #require(venue.ticker(Bench.spot))
    #expect(ticker.low <= ticker.last && ticker.last <= ticker.high)
    #expect(venue.candles(Bench.spot, interval: .minutes(1), limit: 0).isEmpty)
  }

  @Test("The rate that is told is the rate that settles, and history reaches back")
  func funding() throws {
    let (world, venue) = Self.world()
    world.advance(to: Self.start + .hours(1))
    let told = venue.funding(Bench.perp)
    #expect(told.nextSettlement == Self.start + .hours(8) && told.intervalHours == 8)
    let before = venue.settlements(Bench.perp, limit: 1000)
    #expect(before.count > 100 && before.allSatisfy { $0.rate.settlesAt <= venue.now })
    world.advance(to: Self.start + .hours(8))
    let settled = try #require(venue.settlements(Bench.perp, limit: 1).first)
    #expect(settled.rate.settlesAt == told.nextSettlement && settled.rate.rate == told.rate)
    #expect(
      venue.settlements(Bench.perp, from: Self.start, to: Self.start + .hours(8), limit: 5).count
        == 1)
  }

  @Test("Update ids only grow, also without a move, and stop with the market")
  func updates() throws {
    let (world, venue) = Self.world(beat: .seconds(1))
    var last: Int64 = 0
    var quotes = 0
    for second in 1...120 {
      world.advance(to: Self.start + .seconds(Int64(second)))
      for event in venue.takeEvents() {
        guard case .quote(let instrument) = event.change else { continue }
        quotes += 1
        let ids = venue.updateIDs(instrument)
        #expect(ids.current > ids.previous)
        last = max(last, ids.current)
      }
    }
    #expect(quotes >= 240 && last >= 240)
    world.advance(to: Self.start + .days(2))
    _ = venue.takeEvents()
    world.advance(to: Self.start + .days(3))
    #expect(venue.takeEvents().isEmpty && world.nextTime == nil)
    #expect(world.now == Self.start + .days(3))
  }

  @Test("What is scheduled happens in order of time, then of asking")
  func schedule() {
    let world = VenueWorld(start: Self.start)
    var said: [String] = []
    world.schedule(after: .seconds(2)) { said.append("b") }
    world.schedule(after: .seconds(1)) {
      said.append("a")
      world.schedule(after: .seconds(1)) { said.append("d") }
    }
    world.schedule(after: .seconds(2)) { said.append("c") }
    world.advance(to: Self.start + .seconds(1))
    #expect(said == ["a"])
    world.advance(to: Self.start + .seconds(9))
    #expect(said == ["a", "b", "c", "d"])
  }
}
