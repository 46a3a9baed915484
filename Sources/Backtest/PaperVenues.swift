public import Core
public import Simulation
public import Trading

/// Simulated venues in virtual time: the market plays, the exchanges answer, the clock is theirs.
///
/// Time moves only when the engine asks for the next batch, so decisions, stores and actions keep
/// the same order at any speed.
public struct PaperVenues: Sendable {
  /// The simulated exchanges, one per venue.
  public private(set) var exchanges: [SimulatedExchange]
  /// Which exchange lists each instrument, by place in the universe.
  private let exchangeOfInstrument: [Int]
  private var feed: any MarketFeed
  private let universe: Universe
  /// The moment of the last batch.
  public private(set) var now: Timestamp
  private var playedThrough: Timestamp
  private var answers: [VenueEvent] = []
  private var ticks: [MarketTick] = []
  private var wakes: [Timestamp] = []

  /// Joins exchanges and a market.
  ///
  /// - Parameters:
  ///   - exchanges: one for each venue of the universe.
  ///   - start: the moment before the market's first tick.
  public init(
    exchanges: [SimulatedExchange], feed: any MarketFeed, universe: Universe, start: Timestamp
  ) {
    self.exchanges = exchanges
    exchangeOfInstrument = universe.instruments.map { instrument in
      guard let place = exchanges.firstIndex(where: { $0.venue == instrument.id.venue }) else {
        preconditionFailure("Invariant: every venue of the universe has an exchange")
      }
      return place
    }
    self.feed = feed
    self.universe = universe
    now = start
    playedThrough = start - TimeSpan(nanoseconds: 1)
  }

  /// The moment of a last valuation: after everything that happened, so that it has a stamp of its
  /// own in books that count microseconds.
  public var end: Timestamp { now + TimeSpan(nanoseconds: 1000) }

  /// When the next batch happens; nil when the market is over and nothing is under way.
  public var nextTime: Timestamp? {
    if !answers.isEmpty { return now }
    var next = nextArrival
    if let tick = feed.nextTime {
      next = min(next ?? tick, tick)
      if let wake = wakes.last { next = min(next ?? wake, wake) }
    }
    return next
  }

  /// Moves to the next moment and fills `batch` with what the venue says there.
  ///
  /// - Returns: false when the market is over and nothing is under way.
  public mutating func nextBatch(into batch: inout [VenueEvent]) -> Bool {
    batch.removeAll(keepingCapacity: true)
    guard let moment = nextTime else { return false }
    now = max(now, moment)
    swap(&batch, &answers)
    if batch.isEmpty { play(to: now, into: &batch) }
    while let wake = wakes.last, wake <= now { wakes.removeLast() }
    return true
  }

  /// Performs what the engine wants done.
  public mutating func perform(_ action: Action) {
    switch action {
    case .submit(let order): receive(.submit(order.request))
    case .request(.fundingHistory(let id, let since)):
      guard let instrument = universe.index(of: id) else { return }
      let known = playedThrough + TimeSpan(nanoseconds: 1)
      answers.append(
        .fundingHistory(
          instrument, feed.fundingHistory(of: instrument, since: since, until: known)))
    case .request(let request): receive(request)
    case .wake(let moment):
      // Latest first, so that the next one is taken from the end.
      let place = wakes.firstIndex { $0 <= moment } ?? wakes.endIndex
      wakes.insert(moment, at: place)
    }
  }

  /// Sends a request to its exchange at the moment of the last batch.
  public mutating func receive(_ request: VenueRequest) {
    guard let place = exchanges.firstIndex(where: { $0.venue == request.venue }) else { return }
    exchanges[place].receive(request, at: now, into: &answers)
  }

  /// Lets something happen at every exchange at the moment of the last batch; what they say comes
  /// next.
  public mutating func strike(
    _ body: (inout SimulatedExchange, Timestamp, inout [VenueEvent]) -> Void
  ) {
    for place in exchanges.indices { body(&exchanges[place], now, &answers) }
  }

  /// Lets the exchanges live through a stretch of the market again, with the requests it got then.
  ///
  /// - Parameter requests: with their moments, in the order in which they were sent.
  public mutating func replay(
    _ requests: [(at: Timestamp, request: VenueRequest)], until end: Timestamp
  ) {
    var rest = requests[...]
    var batch: [VenueEvent] = []
    while true {
      let times = [feed.nextTime, nextArrival, rest.first?.at].compactMap { $0 }
      guard let moment = times.min(), moment <= end else { break }
      now = moment
      play(to: now, into: &batch)
      while let next = rest.first, next.at <= now {
        receive(next.request)
        rest.removeFirst()
      }
      batch.removeAll(keepingCapacity: true)
      answers.removeAll(keepingCapacity: true)
    }
    now = max(now, end)
  }

  /// Tells the prices that stand now, as a venue does to a new subscriber.
  public mutating func announceQuotes() {
    for exchange in exchanges { answers += exchange.quotes.map(VenueEvent.quote) }
  }

  private mutating func play(to moment: Timestamp, into batch: inout [VenueEvent]) {
    if let tick = feed.nextTime, tick <= moment {
      ticks.removeAll(keepingCapacity: true)
      feed.next(into: &ticks)
      playedThrough = tick
      for tick in ticks {
        let place = exchangeOfInstrument[tick.instrument.position]
        exchanges[place].apply(tick, at: moment, into: &batch)
      }
    }
    for place in exchanges.indices { exchanges[place].advance(to: moment, into: &batch) }
  }

  /// When the next request reaches its exchange; nil when none is on its way.
  private var nextArrival: Timestamp? {
    var next: Timestamp?
    // By place: an exchange that is taken out to be asked would be copied at every tick.
    for place in exchanges.indices {
      if let arrival = exchanges[place].nextArrival { next = min(next ?? arrival, arrival) }
    }
    return next
  }
}
