public import FixedPoint
public import Trading

/// One venue with our account on it, behind the neutral vocabulary: requests in, events out.
///
/// It is a state machine without a clock: every call carries the time, which never goes back
/// between calls. Two exchanges that received the same calls are equal. Ids count up from 1.
///
/// - Prices: the recorded price is the mid, bid and ask stand around it by the spread model, and a
///   taker pays slippage beyond them. The last price stands until the next one, also in an outage.
/// - Resting orders fill whole, at their limit, as soon as a later quote reaches it, whatever the
///   depth; they expire at the first price after their deadline.
/// - Perpetuals are linear and one-way, isolated at the leverage given; `ExchangeRules` can let
///   them stand on the whole wallet, let orders walk a book and pay fees in a third asset.
/// - `fundingHistory` is answered by whoever holds the market feed; here it does nothing.
public struct SimulatedExchange: Equatable, Sendable {
  /// All executions, oldest first.
  public internal(set) var fills: [Fill] = []
  /// All funding payments, oldest first.
  public internal(set) var payments: [FundingPayment] = []

  private let listing: Listing
  /// The venue it is.
  public let venue: VenueID
  let layout: AccountLayout
  let models: ExchangeModels
  /// What it does beyond the models; may change between calls.
  public var rules: ExchangeRules
  let latency: TimeSpan

  /// By place in the universe.
  var states: [InstrumentState]
  /// By place in the universe.
  var settings: [PerpSetting]
  /// By place in the universe.
  var statuses: [ListingStatus]
  /// By place in the universe, bids before asks; empty without a book.
  var consumed: [Consumption]
  /// Places of open positions that stand on the whole wallet, rising.
  var crossPlaces: [Int] = []
  var purses: Purses
  /// In order of acceptance.
  var orders: [OrderRecord] = []
  /// Places in `orders` of those that rest, in order of acceptance.
  var resting: [Int] = []
  /// Every id ever seen; only looked up, never walked through.
  var known: [ClientOrderID: OrderStanding] = [:]
  var transfers: [PerformedTransfer] = []
  var seenTransfers: Set<Int64> = []
  private var queue: [PendingRequest] = [] {
    didSet { nextArrival = queue.first?.arrivesAt }
  }
  /// When the next queued request acts; nil when none waits.
  public private(set) var nextArrival: Timestamp?

  var universe: Universe { listing.universe }

  /// Opens an account.
  ///
  /// - Parameters:
  ///   - universe: all instruments; those of other venues are not listed here.
  ///   - venue: the venue this is.
  ///   - layout: how the account is divided.
  ///   - leverage: notional over initial margin of every perpetual position; above zero.
  ///   - models: what is assumed about trading.
  ///   - deposits: what the account starts with, in wallets of the layout.
  ///   - rules: what it does beyond the models.
  public init(
    universe: Universe, venue: VenueID, layout: AccountLayout, leverage: Rate,
    models: ExchangeModels, deposits: [Balance], rules: ExchangeRules = .paper
  ) {
    precondition(leverage.isPositive, "Invariant: leverage is above zero")
    precondition(models.latency.milliseconds >= 0, "Invariant: a request never acts in the past")
    listing = Listing(universe: universe)
    self.venue = venue
    self.layout = layout
    self.models = models
    self.rules = rules
    let setting = PerpSetting(leverage: leverage, isCross: rules.isCross)
    settings = Array(repeating: setting, count: universe.instruments.count)
    statuses = Array(repeating: .trading, count: universe.instruments.count)
    consumed = Array(
      repeating: Consumption(), count: rules.book == nil ? 0 : 2 * universe.instruments.count)
    latency = .milliseconds(Int64(models.latency.milliseconds))
    var purses = Purses(layout: layout)
    for deposit in deposits {
      precondition(purses.has(deposit.wallet), "Invariant: deposits go to wallets of the layout")
      purses[purses.place(of: deposit.asset, in: deposit.wallet)].total += deposit.total
    }
    states = universe.instruments.map { instrument in
      let wallet = layout.wallet(of: instrument.id.market)
      let quote = purses.place(of: instrument.quote, in: wallet)
      let isSpot = instrument.id.market == .spot
      return InstrumentState(
        isListed: instrument.id.venue == venue, isPerp: !isSpot,
        basePurse: isSpot ? purses.place(of: instrument.base, in: wallet) : quote,
        quotePurse: quote, models: models, grid: rules.book == nil ? .zero : instrument.tick)
    }
    self.purses = purses
  }

  /// Takes a request, which acts after the latency: at once when that is zero.
  public mutating func receive(
    _ request: VenueRequest, at time: Timestamp, into events: inout [VenueEvent]
  ) {
    if latency.nanoseconds == 0 { return perform(request, at: time, into: &events) }
    let pending = PendingRequest(arrivesAt: time + latency, request: request)
    var place = queue.count
    while place > 0, queue[place - 1].arrivesAt > pending.arrivesAt { place -= 1 }
    queue.insert(pending, at: place)
  }

  /// Performs every queued request that arrives by a moment.
  ///
  /// Each acts at its own arrival, in order of arrival and then of sending. Call this before a
  /// tick that comes after `nextArrival`.
  public mutating func advance(to time: Timestamp, into events: inout [VenueEvent]) {
    while let arrival = nextArrival, arrival <= time {
      perform(queue.removeFirst().request, at: arrival, into: &events)
    }
  }

  /// Lets something happen in the market; ticks of instruments not listed here are ignored.
  ///
  /// A price gives a quote, then fills of resting orders, then a liquidation when the mark has
  /// reached the liquidation price. A settlement pays the position held at that moment.
  public mutating func apply(
    _ tick: MarketTick, at time: Timestamp, into events: inout [VenueEvent]
  ) {
    switch tick {
    case .price(let instrument, let price, let mark):
      let place = instrument.position
      guard states[place].isListed else { return }
      let isQuiet = states[place].see(price, mark: mark, at: time)
      let quote = states[place].quote(of: instrument)
      events.append(.quote(quote))
      if !crossPlaces.isEmpty { liquidateCross(at: time, into: &events) }
      if isQuiet { return }
      matchResting(place, bid: quote.bid, ask: quote.ask, at: time, into: &events)
      if states[place].isLiquidated(at: mark) { liquidate(place, at: time, into: &events) }
    case .funding(let instrument, let rate, let mark):
      settle(instrument, rate, mark: mark, into: &events)
    case .figures(let instrument, let turnover, let listedAt):
      guard states[instrument.position].isListed else { return }
      events.append(
        .figures(instrument, MarketFigures(turnover: turnover, listedAt: listedAt)))
    }
  }

  /// The prices that stand now, in universe order; none of an instrument without a price yet.
  public var quotes: [Quote] {
    states.indices.lazy.filter { !states[$0].price.isZero }
      .map { states[$0].quote(of: InstrumentIndex($0)) }
  }

  private mutating func perform(
    _ request: VenueRequest, at time: Timestamp, into events: inout [VenueEvent]
  ) {
    switch request {
    case .submit(let order): submit(order, at: time, into: &events)
    case .cancel(let id, _): cancel(id, into: &events)
    case .query(let id, _): report(id, into: &events)
    case .transfer(let transfer): move(transfer, at: time, into: &events)
    case .adjustMargin(let instrument, let amount):
      adjustMargin(of: instrument, by: amount, into: &events)
    case .snapshot(let venue, let since):
      if venue == self.venue { events.append(.snapshot(snapshot(since: since))) }
    case .fundingHistory: break
    }
  }
}

/// A request on its way.
private struct PendingRequest: Equatable, Sendable {
  let arrivesAt: Timestamp
  let request: VenueRequest
}

/// The universe, compared by what it lists.
private struct Listing: Equatable, Sendable {
  let universe: Universe

  static func == (left: Self, right: Self) -> Bool {
    left.universe === right.universe || left.universe.instruments == right.universe.instruments
  }
}
