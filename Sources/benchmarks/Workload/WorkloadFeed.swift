import FixedPoint
import Simulation
import Trading

/// Plays the workload's minutes: the bars of all symbols come before the next minute.
///
/// The close is known at its bar's time, and funding settles there at the perpetual's close.
struct WorkloadFeed: MarketFeed {
  /// How far one symbol is.
  private struct Cursor {
    let spot: InstrumentIndex
    let perp: InstrumentIndex
    var bar: Int
    var settlement: Int
    let part: RecordedMarkets.Part
  }

  private(set) var nextTime: Timestamp?
  private var nextMillisecond: Int64
  private let bars: [MinuteBar]
  private let funding: [SettledRate]
  private var cursors: [Cursor]

  /// - Parameter markets: one part per pair of the universe, in its order.
  init(_ markets: RecordedMarkets, universe: Universe) {
    bars = markets.bars
    funding = markets.funding
    cursors = zip(markets.parts, universe.pairs).map { part, pair in
      Cursor(
        spot: pair.spot, perp: pair.perp, bar: part.bars.lowerBound,
        settlement: part.funding.lowerBound, part: part)
    }
    nextMillisecond = cursors.map { markets.bars[$0.bar].time }.min() ?? .max
    nextTime = Timestamp(milliseconds: nextMillisecond)
  }

  mutating func next(into ticks: inout [MarketTick]) {
    var following = Int64.max
    for place in cursors.indices {
      let cursor = cursors[place]
      guard cursor.bar < cursor.part.bars.upperBound else { continue }
      let bar = bars[cursor.bar]
      if bar.time == nextMillisecond {
        play(bar, place, into: &ticks)
        if cursor.bar + 1 < cursor.part.bars.upperBound {
          following = min(following, bars[cursor.bar + 1].time)
        }
      } else {
        following = min(following, bar.time)
      }
    }
    nextMillisecond = following
    nextTime = following == .max ? nil : Timestamp(milliseconds: following)
  }

  private mutating func play(_ bar: MinuteBar, _ place: Int, into ticks: inout [MarketTick]) {
    let cursor = cursors[place]
    let (spot, perp) = (Price(hundredths: bar.spot), Price(hundredths: bar.perp))
    let next = cursor.settlement
    if next < cursor.part.funding.upperBound, funding[next].time == bar.time {
      ticks.append(.funding(cursor.perp, FundingRate(funding[next]), mark: perp))
      cursors[place].settlement += 1
    }
    ticks.append(.price(cursor.spot, spot, mark: spot))
    ticks.append(.price(cursor.perp, perp, mark: perp))
    cursors[place].bar += 1
  }

  func fundingHistory(
    of instrument: InstrumentIndex, since: Timestamp, until: Timestamp
  ) -> [FundingRate] {
    guard let cursor = cursors.first(where: { $0.perp == instrument }) else { return [] }
    return funding[cursor.part.funding].map { FundingRate($0) }
      .filter { since <= $0.settlesAt && $0.settlesAt < until }
  }
}

extension Price {
  /// Makes a price from a count of 0.01.
  init(hundredths: Int32) { self.init(raw: Int128(hundredths) * 10_000_000_000_000_000) }
}

extension FundingRate {
  /// The workload settles every 8 hours.
  init(_ settled: SettledRate) {
    self.init(
      settlesAt: Timestamp(milliseconds: settled.time), intervalHours: 8,
      rate: Rate(raw: Int128(settled.rate) * 10_000_000_000))
  }
}
