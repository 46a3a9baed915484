import FixedPoint
import Simulation
import Trading

/// What was published: book updates, prices since the start, settlements.
struct MarketRecord {
  /// A book's newest update.
  struct Update {
    var current: Int64 = 0
    var previous: Int64 = 0
    var at = Timestamp.distantPast
  }

  /// A price that was published.
  struct Moment {
    let at: Timestamp
    let price: Price
    let mark: Price
  }

  /// By place, oldest first: recorded ones from before the start, then those that happened.
  var settled: [[FundingSettlement]]
  private var updates: [Update]
  private var updateIDs: Int64 = 0
  /// By place: prices since the start.
  private(set) var moments: [[Moment]]

  init(_ plan: VenuePlan) {
    let count = plan.universe.instruments.count
    updates = Array(repeating: Update(), count: count)
    moments = Array(repeating: [], count: count)
    settled = Array(repeating: [], count: count)
    for (place, pair) in plan.universe.pairs.enumerated() {
      guard let series = plan.series(of: place) else { continue }
      settled[pair.perp.position] = series.funding.filter {
        $0.rate.settlesAt < plan.range.lowerBound
      }
    }
  }

  func update(of instrument: InstrumentIndex) -> Update { updates[instrument.position] }

  mutating func confirm(_ instrument: InstrumentIndex, at time: Timestamp) {
    updateIDs += 1
    let place = instrument.position
    updates[place] = Update(
      current: updateIDs, previous: updates[place].current, at: time)
  }

  /// Writes a price down when it is another one.
  mutating func see(_ instrument: InstrumentIndex, _ price: Price, mark: Price, at time: Timestamp)
  {
    let last = moments[instrument.position].last
    if last?.price == price, last?.mark == mark { return }
    moments[instrument.position].append(Moment(at: time, price: price, mark: mark))
  }
}

extension VenuePlan {
  /// The history of the pair at a place; nil when there is none.
  func series(of place: Int) -> PairSeries? {
    series.first { $0.symbol == universe.pairs[place].symbol }
  }
}

extension Venue {
  /// When the market moves next; nil at its end.
  var nextTick: Timestamp? { feed.nextTime }

  /// Plays what the market does at a moment.
  func playTicks(of time: Timestamp) {
    guard let next = feed.nextTime, next <= time else { return }
    var ticks: [MarketTick] = []
    feed.next(into: &ticks)
    for tick in ticks {
      switch tick {
      case .price: see(tick)
      case .funding(let instrument, let rate, let mark):
        if terms[instrument.position].isOwnGrid { continue }
        settle(instrument, rate, mark: mark)
      case .figures: break  // The venue tells of its own candles.
      }
    }
    for listing in listings where listing.isPerp && hasPrice(listing.index) {
      // Once per batch is enough: marks and predictions are read, not carried.
      tell(.funding(listing.index))
    }
  }

  /// Lets the exchange see a price.
  func see(_ tick: MarketTick) {
    guard case .price(let instrument, let price, let mark) = tick else { return }
    let status = listing(instrument).status
    if status == .delisted { return }
    market.see(instrument, price, mark: mark, at: now)
    act(.trade) { events in exchange.apply(tick, at: now, into: &events) }
  }

  /// Confirms every book though no price moved, and fills what was refilled.
  func confirmBooks() {
    for listing in listings where hasPrice(listing.index) { confirmBook(listing.index) }
    act(.trade) { events in exchange.rematch(at: now, into: &events) }
    expireListenKeys()
  }

  /// Numbers a book anew and tells of it; a halted one stands still.
  func confirmBook(_ instrument: InstrumentIndex) {
    let status = listing(instrument).status
    if status == .halted || status == .delisted { return }
    market.confirm(instrument, at: now)
    tell(.quote(instrument))
  }
}
