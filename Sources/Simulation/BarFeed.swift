import FixedPoint
public import Trading

/// Plays recorded bars and settlements as market ticks, in time order.
///
/// Path model: each bar gives three moments. Its open comes at `opensAt`, one extreme a third of
/// the interval later and the other after two thirds; the low comes first when the bar closes at
/// or above its open, else the high. The close is the next bar's open; where no bar follows, before
/// an outage and at the end, it comes a second before the bar is over. The perpetual's bar decides the order for spot and mark too, so that both legs move together; the
/// spot bar decides where the perpetual's is missing.
///
/// - A missing bar delivers nothing: an outage. Where only the mark's is missing, the perpetual's
///   price stands in for the mark.
/// - A settlement comes at its own stamp, before the prices of the same moment. Its mark is the
///   recorded one, else the open of the mark bar that begins at the stamp floored to the hour,
///   else the open of the perpetual's bar there, else the close of the perpetual's last bar
///   before. One that precedes every bar is not played, for nobody can hold a position yet.
/// - Ticks of one moment come together, in universe order.
public struct BarFeed: MarketFeed {
  /// The time of the next ticks; nil at the end.
  public private(set) var nextTime: Timestamp?
  /// Spot and perpetual bars opened so far.
  public private(set) var barsPlayed = 0
  /// Bars and settlements so far for which a price of the perpetual stood in for the mark.
  public private(set) var markStandIns = 0

  private let series: [PairSeries]
  private var cursors: [BarCursor]
  private let placeOfInstrument: [Int?]
  private let end: Timestamp

  /// Prepares what happens in `from ..< to`.
  ///
  /// - Parameters:
  ///   - series: one history per pair, matched by venue and symbol; others are ignored, and a pair
  ///     without one is silent.
  ///   - universe: the pairs, in order.
  ///   - from: the first moment.
  ///   - to: the moment after the last.
  public init(series: [PairSeries], universe: Universe, from: Timestamp, to: Timestamp) {
    var played: [PairSeries] = []
    var cursors: [BarCursor] = []
    var places = [Int?](repeating: nil, count: universe.instruments.count)
    for pair in universe.pairs {
      guard let own = series.first(where: { $0.venue == pair.venue && $0.symbol == pair.symbol })
      else { continue }
      places[pair.perp.position] = played.count
      played.append(own)
      cursors.append(BarCursor(pair: pair, series: own, from: from, to: to))
    }
    self.series = played
    self.cursors = cursors
    placeOfInstrument = places
    end = to
    nextTime = cursors.map(\.nextTime).min().flatMap { $0 < to ? $0 : nil }
  }

  /// Appends every tick of `nextTime` and moves on.
  public mutating func next(into ticks: inout [MarketTick]) {
    guard let now = nextTime else { return }
    for place in cursors.indices where cursors[place].nextSettlement == now {
      cursors[place].settle(series[place], into: &ticks, &markStandIns)
    }
    var earliest = end
    for place in cursors.indices {
      if cursors[place].nextPrice == now {
        cursors[place].play(series[place], into: &ticks, &barsPlayed, &markStandIns)
      }
      earliest = min(earliest, cursors[place].nextTime)
    }
    nextTime = earliest < end ? earliest : nil
  }

  /// Settled rates of a perpetual in `since ..< until`, oldest first; also those before the feed
  /// begins, and none of an instrument without history.
  public func fundingHistory(
    of instrument: InstrumentIndex, since: Timestamp, until: Timestamp
  ) -> [FundingRate] {
    guard let place = placeOfInstrument[instrument.position], since < until else { return [] }
    let settlements = series[place].funding
    let lower = settlements.firstPlace { $0.rate.settlesAt >= since }
    let upper = settlements.firstPlace { $0.rate.settlesAt >= until }
    return settlements[lower..<upper].map(\.rate)
  }
}
