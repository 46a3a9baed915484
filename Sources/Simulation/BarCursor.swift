import FixedPoint
import Trading

/// Where the feed stands in the history of one pair.
///
/// Times are `distantFuture` when all is played.
struct BarCursor: Sendable, BitwiseCopyable {
  private let pair: (spot: InstrumentIndex, perp: InstrumentIndex)
  private let interval: TimeSpan
  private let end: Timestamp

  /// Places of the next bars and of the next settlement.
  private var spot: Int
  private var perp: Int
  private var mark: Int
  private var settlement: Int

  /// The bars being played; nil where missing.
  private var spotBar: Bar?
  private var perpBar: Bar?
  private var markBar: Bar?
  private var opensAt = Timestamp.distantFuture
  private var isLowFirst = true
  /// The moment of the bar that comes next: 0 is the open of the next bar.
  private var phase = 0

  /// When prices come next.
  private(set) var nextPrice = Timestamp.distantFuture
  /// When funding settles next.
  private(set) var nextSettlement = Timestamp.distantFuture

  /// When anything comes next.
  var nextTime: Timestamp { min(nextPrice, nextSettlement) }

  init(pair: Pair, series: PairSeries, from: Timestamp, to: Timestamp) {
    precondition(
      series.spot.interval == series.perp.interval,
      "Invariant: bars of both legs have one length")
    self.pair = (pair.spot, pair.perp)
    interval = series.perp.interval
    end = to
    spot = series.spot.bars.firstPlace { $0.opensAt >= from }
    perp = series.perp.bars.firstPlace { $0.opensAt >= from }
    mark = series.mark?.bars.firstPlace { $0.opensAt >= from } ?? 0
    settlement = series.funding.firstPlace { $0.rate.settlesAt >= from }
    nextPrice = within(nextOpen(series))
    findSettlement(series)
  }

  /// Delivers the prices of `nextPrice` and moves on.
  mutating func play(
    _ series: PairSeries, into ticks: inout [MarketTick], _ barsPlayed: inout Int,
    _ markStandIns: inout Int
  ) {
    if phase == 0 {
      open(series, &barsPlayed, &markStandIns)
      if opensAt.floored(to: .hours(1)) == opensAt { tell(series, into: &ticks) }
    }
    if let spotBar {
      let price = price(of: spotBar)
      ticks.append(.price(pair.spot, price, mark: price))
    }
    if let perpBar {
      let price = price(of: perpBar)
      ticks.append(.price(pair.perp, price, mark: markBar.map { self.price(of: $0) } ?? price))
    }
    phase += 1
    let following = nextOpen(series)
    let own = TimeSpan(nanoseconds: interval.nanoseconds / 3).times(Int64(phase))
    let isFollowed = following == opensAt + interval && following < end
    if phase < 3, opensAt + own < following {
      nextPrice = within(opensAt + own)
    } else if phase == 3, !isFollowed {
      nextPrice = within(opensAt + interval - .seconds(1))
    } else {
      phase = 0
      nextPrice = within(following)
    }
  }

  /// Says what was known of both markets when the bars opened.
  private func tell(_ series: PairSeries, into ticks: inout [MarketTick]) {
    for (bars, place, bar, instrument) in [
      (series.spot, spot, spotBar, pair.spot), (series.perp, perp, perpBar, pair.perp),
    ] where bar != nil && !bars.turnovers.isEmpty {
      ticks.append(
        .figures(instrument, turnover: bars.turnovers[place - 1], listedAt: bars.beganAt))
    }
  }

  /// Delivers every settlement of `nextSettlement` and moves on.
  mutating func settle(
    _ series: PairSeries, into ticks: inout [MarketTick], _ markStandIns: inout Int
  ) {
    let now = nextSettlement
    while nextSettlement == now {
      let due = series.funding[settlement]
      if let mark = due.mark ?? series.mark?.open(at: now.floored(to: .hours(1))) {
        ticks.append(.funding(pair.perp, due.rate, mark: mark))
      } else if let standIn = series.perp.lastPrice(at: now.floored(to: .hours(1))) {
        markStandIns += 1
        ticks.append(.funding(pair.perp, due.rate, mark: standIn))
      }
      settlement += 1
      findSettlement(series)
    }
  }

  private mutating func open(
    _ series: PairSeries, _ barsPlayed: inout Int, _ markStandIns: inout Int
  ) {
    opensAt = nextPrice
    spotBar = series.spot.bars.take(&spot, openingAt: opensAt)
    perpBar = series.perp.bars.take(&perp, openingAt: opensAt)
    markBar = nil
    if let marks = series.mark?.bars {
      while mark < marks.count, marks[mark].opensAt < opensAt { mark += 1 }
      markBar = marks.take(&mark, openingAt: opensAt)
    }
    if let leading = perpBar ?? spotBar { isLowFirst = leading.close >= leading.open }
    barsPlayed += (spotBar == nil ? 0 : 1) + (perpBar == nil ? 0 : 1)
    if perpBar != nil, markBar == nil { markStandIns += 1 }
  }

  private func price(of bar: Bar) -> Price {
    if phase == 0 { return bar.open }
    if phase == 3 { return bar.close }
    return (phase == 1) == isLowFirst ? bar.low : bar.high
  }

  private func nextOpen(_ series: PairSeries) -> Timestamp {
    let (spots, perps) = (series.spot.bars, series.perp.bars)
    return min(
      spot < spots.count ? spots[spot].opensAt : .distantFuture,
      perp < perps.count ? perps[perp].opensAt : .distantFuture)
  }

  private mutating func findSettlement(_ series: PairSeries) {
    nextSettlement =
      settlement < series.funding.count
      ? within(series.funding[settlement].rate.settlesAt) : .distantFuture
  }

  private func within(_ time: Timestamp) -> Timestamp { time < end ? time : .distantFuture }
}

extension Array {
  /// The first place of a sorted array that satisfies a predicate which, once true, stays true.
  func firstPlace(where isReached: (Element) -> Bool) -> Int {
    var (lower, upper) = (0, count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if isReached(self[middle]) { upper = middle } else { lower = middle + 1 }
    }
    return lower
  }
}

extension [Bar] {
  /// The bar at a place when it opens at a moment; then the place moves on.
  fileprivate func take(_ place: inout Int, openingAt time: Timestamp) -> Bar? {
    guard place < count, self[place].opensAt == time else { return nil }
    place += 1
    return self[place - 1]
  }
}

extension BarSeries {
  /// The open of the bar that begins at a moment; nil when there is none.
  fileprivate func open(at time: Timestamp) -> Price? {
    let place = bars.firstPlace { $0.opensAt >= time }
    return place < bars.count && bars[place].opensAt == time ? bars[place].open : nil
  }

  /// The open of the bar that begins at a moment, else the close of the last one before.
  fileprivate func lastPrice(at time: Timestamp) -> Price? {
    if let price = open(at: time) { return price }
    let place = bars.firstPlace { $0.opensAt >= time }
    return place > 0 ? bars[place - 1].close : nil
  }
}
