public import FixedPoint
import Simulation
public import Trading

extension Venue {
  /// Whether there is a price yet.
  public func hasPrice(_ instrument: InstrumentIndex) -> Bool {
    !exchange.price(of: instrument).isZero
  }

  /// The best prices with what stands there; nil before the first price.
  public func top(_ instrument: InstrumentIndex) -> (bid: BookLevel, ask: BookLevel)? {
    guard hasPrice(instrument) else { return nil }
    let bids = exchange.ladder(.sell, on: instrument, depth: 1, at: now)
    let asks = exchange.ladder(.buy, on: instrument, depth: 1, at: now)
    guard let bid = bids.first, let ask = asks.first else { return nil }
    return (BookLevel(bid), BookLevel(ask))
  }

  /// The book down to a depth of at most 50; nil before the first price.
  ///
  /// An order of ours trades exactly along it: each level up to its quantity, best first.
  public func book(_ instrument: InstrumentIndex, depth: Int) -> BookView? {
    guard hasPrice(instrument) else { return nil }
    let update = market.update(of: instrument)
    return BookView(
      bids: exchange.ladder(.sell, on: instrument, depth: depth, at: now).map(BookLevel.init),
      asks: exchange.ladder(.buy, on: instrument, depth: depth, at: now).map(BookLevel.init),
      updateID: update.current, previousUpdateID: update.previous, at: update.at)
  }

  /// The newest update id of an instrument's book and the one before it on the same instrument.
  public func updateIDs(_ instrument: InstrumentIndex) -> (current: Int64, previous: Int64) {
    let update = market.update(of: instrument)
    return (update.current, update.previous)
  }

  /// The last price; zero before the first.
  public func lastPrice(_ instrument: InstrumentIndex) -> Price {
    exchange.price(of: instrument)
      .rounded(toMultipleOf: listing(instrument).instrument.tick, .halfUp)
  }

  /// The mark of a perpetual, the price of spot; zero before the first.
  public func mark(_ instrument: InstrumentIndex) -> Price { exchange.mark(of: instrument) }

  /// The index of a pair: the price of its spot leg, else of its perpetual.
  public func indexPrice(_ instrument: InstrumentIndex) -> Price {
    let own = listing(instrument)
    let price = exchange.price(of: own.isPerp ? own.partner : instrument)
    return price.isZero ? exchange.price(of: instrument) : price
  }

  /// What is open in a perpetual, one side, base units: made up and always the same.
  ///
  /// Nobody else holds positions here, and a figure that moved by itself would look like closing by
  /// force or like crowding, of which prices and funding know nothing.
  public func openInterest(_ instrument: InstrumentIndex) -> Quantity {
    listing(instrument).instrument.lot.times(34_372_381)
  }

  /// Prices over the last 24 hours; nil before the first price.
  public func ticker(_ instrument: InstrumentIndex) -> TickerView? {
    guard hasPrice(instrument) else { return nil }
    let since = now - .days(1)
    let last = lastPrice(instrument)
    let day = market.candle(
      of: instrument, from: since, to: now + TimeSpan(nanoseconds: 1), venue: self)
    return TickerView(
      last: last, open: day?.open ?? last, high: max(day?.high ?? last, last),
      low: min(day?.low ?? last, last), volume: day?.volume ?? .zero,
      quoteVolume: day?.quoteVolume ?? .zero, trades: day?.trades ?? 0, opensAt: since, at: now)
  }

  /// Buckets of prices, oldest first, with the one that is not over yet; none where no price was.
  ///
  /// - Parameters:
  ///   - interval: a divisor of a day, or whole days.
  ///   - from: buckets that begin here or later.
  ///   - to: buckets that begin before.
  ///   - limit: at most so many: the newest when `from` is nil, else the oldest.
  public func candles(
    _ instrument: InstrumentIndex, interval: TimeSpan, from: Timestamp? = nil,
    to: Timestamp? = nil, limit: Int, ofMark: Bool = false
  ) -> [Candle] {
    market.candles(
      of: instrument, interval: interval, from: from, to: min(to ?? .distantFuture, now + .ulp),
      limit: limit, ofMark: ofMark, venue: self)
  }
}

extension TimeSpan {
  /// The smallest step of time.
  static let ulp = TimeSpan(nanoseconds: 1)
}
