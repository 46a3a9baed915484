public import FixedPoint
public import Trading

/// Prices of one instrument over one interval.
public struct Bar: Hashable, Sendable, BitwiseCopyable {
  /// When the interval begins.
  public let opensAt: Timestamp
  /// First price.
  public let open: Price
  /// Highest price.
  public let high: Price
  /// Lowest price.
  public let low: Price
  /// Last price.
  public let close: Price

  /// States a bar.
  public init(opensAt: Timestamp, open: Price, high: Price, low: Price, close: Price) {
    self.opensAt = opensAt
    self.open = open
    self.high = high
    self.low = low
    self.close = close
  }
}

/// Bars of one instrument in rising order; a missing bar is an outage.
public struct BarSeries: Hashable, Sendable {
  /// The length of each bar.
  public let interval: TimeSpan
  /// The bars.
  public let bars: [Bar]
  /// What was traded in the 24 hours before each bar, quote units; nil before so much is recorded,
  /// empty where volumes are not known.
  public let turnovers: [Notional?]
  /// Where the record begins, within what was asked for or before; nil where that says nothing.
  public let beganAt: Timestamp?

  /// States a series.
  public init(
    interval: TimeSpan, bars: [Bar], turnovers: [Notional?] = [], beganAt: Timestamp? = nil
  ) {
    precondition(
      turnovers.isEmpty || turnovers.count == bars.count,
      "Invariant: a turnover for every bar, or none at all")
    self.interval = interval
    self.bars = bars
    self.turnovers = turnovers
    self.beganAt = beganAt
  }
}

/// One settled funding rate with the mark price it was paid on, where it was recorded.
public struct FundingSettlement: Hashable, Sendable, BitwiseCopyable {
  /// The rate and its stamp.
  public let rate: FundingRate
  /// The mark price of the settlement.
  public let mark: Price?

  /// States a settlement.
  public init(rate: FundingRate, mark: Price?) {
    self.rate = rate
    self.mark = mark
  }
}

/// The history of both legs of one pair.
public struct PairSeries: Hashable, Sendable {
  /// The venue.
  public let venue: VenueID
  /// The pair's name: the perpetual's symbol.
  public let symbol: Symbol
  /// The spot leg.
  public let spot: BarSeries
  /// The perpetual leg.
  public let perp: BarSeries
  /// The perpetual's mark price; nil where it was not recorded, and the perpetual stands in.
  public let mark: BarSeries?
  /// Settlements in rising order, also those before the first bar: a forecast needs history.
  public let funding: [FundingSettlement]

  /// States a history.
  public init(
    venue: VenueID, symbol: Symbol, spot: BarSeries, perp: BarSeries, mark: BarSeries?,
    funding: [FundingSettlement]
  ) {
    self.venue = venue
    self.symbol = symbol
    self.spot = spot
    self.perp = perp
    self.mark = mark
    self.funding = funding
  }
}

/// One thing that happens in a market, without regard to any account.
public enum MarketTick: Hashable, Sendable, BitwiseCopyable {
  /// An instrument has a new price; for a perpetual also a new mark.
  case price(InstrumentIndex, Price, mark: Price)
  /// Funding settles at the given mark price.
  case funding(InstrumentIndex, FundingRate, mark: Price)
  /// What else is known of a market: traded in the last 24 hours, quote units, and since when.
  case figures(InstrumentIndex, turnover: Notional?, listedAt: Timestamp?)

  /// What it is about.
  public var instrument: InstrumentIndex {
    switch self {
    case .price(let instrument, _, _), .funding(let instrument, _, _),
      .figures(let instrument, _, _):
      instrument
    }
  }
}

/// Where market ticks come from, in time order.
public protocol MarketFeed: Sendable {
  /// The time of the next ticks; nil at the end.
  var nextTime: Timestamp? { get }
  /// Appends every tick of `nextTime` and moves on.
  mutating func next(into ticks: inout [MarketTick])
  /// Settled rates of a perpetual in `since ..< until`, oldest first.
  func fundingHistory(
    of instrument: InstrumentIndex, since: Timestamp, until: Timestamp
  ) -> [FundingRate]
}
