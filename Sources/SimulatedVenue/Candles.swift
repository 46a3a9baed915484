import FixedPoint
import Simulation
import Trading

extension MarketRecord {
  /// Buckets of an instrument, oldest first.
  func candles(
    of instrument: InstrumentIndex, interval: TimeSpan, from: Timestamp?, to: Timestamp, limit: Int,
    ofMark: Bool, venue: Venue
  ) -> [Candle] {
    if limit <= 0 || interval.nanoseconds <= 0 { return [] }
    let last = (to - .ulp).floored(to: interval)
    let span = interval.times(Int64(limit - 1))
    let first: Timestamp
    if let from {
      let floored = from.floored(to: interval)
      first = floored == from ? floored : floored + interval
    } else {
      first = last - span
    }
    let end = min(last, first + span)
    var result: [Candle] = []
    var start = max(first, beginning(of: instrument, venue).floored(to: interval))
    while start <= end {
      if let candle = candle(
        of: instrument, from: start, to: start + interval, ofMark: ofMark, venue: venue)
      {
        result.append(candle)
      }
      start = start + interval
    }
    return result
  }

  /// The prices of a span as one bucket; nil when there was none before its end.
  func candle(
    of instrument: InstrumentIndex, from: Timestamp, to: Timestamp, ofMark: Bool = false,
    venue: Venue
  ) -> Candle? {
    var fold = CandleFold()
    let started = venue.plan.range.lowerBound
    if from < started {
      foldHistory(instrument, from, min(to, started), ofMark, venue, into: &fold)
    }
    let own = moments[instrument.position]
    let place = own.firstPlace { $0.at > from }
    if place > 0 { fold.begin(ofMark ? own[place - 1].mark : own[place - 1].price) }
    for moment in own[place...] {
      if moment.at >= to { break }
      fold.add(ofMark ? moment.mark : moment.price)
    }
    guard let prices = fold.prices else { return nil }
    let listing = venue.listing(instrument)
    let traded = Self.volume(from: from, to: min(to, max(venue.now, from + .ulp)), listing, venue)
    let volume = traded.quantity(at: prices.close, .down)
      .rounded(toMultipleOf: listing.instrument.lot, .down)
    return Candle(
      opensAt: from, open: prices.open, high: prices.high, low: prices.low, close: prices.close,
      volume: volume, quoteVolume: prices.close.notional(of: volume),
      trades: Int((to - from).nanoseconds / 1_000_000_000), isClosed: to <= venue.now)
  }

  private func beginning(of instrument: InstrumentIndex, _ venue: Venue) -> Timestamp {
    let bars = venue.plan.series(of: instrument.position / 2)?.leg(venue.listing(instrument).isPerp)
    return min(
      bars?.bars.first?.opensAt ?? .distantFuture,
      moments[instrument.position].first?.at ?? .distantFuture)
  }

  /// Folds recorded bars from before the start, each by its path: open, an extreme after a third,
  /// the other after two thirds, and the close a second before its end.
  private func foldHistory(
    _ instrument: InstrumentIndex, _ from: Timestamp, _ to: Timestamp, _ ofMark: Bool,
    _ venue: Venue, into fold: inout CandleFold
  ) {
    guard let pair = venue.plan.series(of: instrument.position / 2) else { return }
    let own = pair.leg(venue.listing(instrument).isPerp)
    let series = ofMark ? pair.mark ?? own : own
    let bars = series.bars
    var place = max(0, bars.firstPlace { $0.opensAt > from } - 1)
    let third = TimeSpan(nanoseconds: series.interval.nanoseconds / 3)
    while place < bars.count, bars[place].opensAt < to {
      let bar = bars[place]
      let isLowFirst = bar.close >= bar.open
      let path = [
        (bar.opensAt, bar.open), (bar.opensAt + third, isLowFirst ? bar.low : bar.high),
        (bar.opensAt + third.times(2), isLowFirst ? bar.high : bar.low),
        (bar.opensAt + series.interval - .seconds(1), bar.close),
      ]
      for (time, price) in path where time < to {
        if time <= from { fold.begin(price) } else { fold.add(price) }
      }
      place += 1
    }
  }

  /// Quote units made up as traded within a span: twelve times the best level per minute.
  private static func volume(
    from: Timestamp, to: Timestamp, _ listing: ListedInstrument, _ venue: Venue
  ) -> Notional {
    let best = venue.plan.rules.book?.best ?? venue.plan.models.depth.notional ?? "100000"
    let seconds = Int(max((to - from).nanoseconds, 0) / 1_000_000_000)
    return best.times(seconds).divided(by: 5, rounding: .down)
  }
}

/// Prices on their way into one bucket.
private struct CandleFold {
  private(set) var prices: (open: Price, high: Price, low: Price, close: Price)?
  private var standing: Price?

  /// The price that stands when the bucket begins.
  mutating func begin(_ price: Price) {
    if prices == nil || standing != nil {
      standing = price
      prices = (price, price, price, price)
    } else {
      add(price)
    }
  }

  /// A price within the bucket.
  mutating func add(_ price: Price) {
    standing = nil
    guard let old = prices else {
      prices = (price, price, price, price)
      return
    }
    prices = (old.open, max(old.high, price), min(old.low, price), price)
  }
}

extension PairSeries {
  func leg(_ isPerp: Bool) -> BarSeries { isPerp ? perp : spot }
}
