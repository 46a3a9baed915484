import FixedPoint
import Simulation
public import Trading

/// One venue with our account on it: what fronts translate from and to.
///
/// All quantities and prices are neutral (per one base unit); `ListedInstrument` has the scale of
/// the wire. Requests take effect at once and return the result; what happened is also collected as
/// `WorldEvent`s that the server hands to the fronts. Files: orders in `Venue+Orders.swift`, account
/// in `Venue+Account.swift`, prices in `Venue+Market.swift`, funding in `Venue+Funding.swift`,
/// contract terms and faults in `Venue+Terms.swift`.
public final class Venue {
  /// Its name.
  public let id: VenueID
  /// The instruments, pair by pair.
  public let universe: Universe
  /// How the account is divided.
  public let layout: AccountLayout
  /// The world it belongs to.
  public unowned let world: VenueWorld
  /// What was stated about it.
  public let plan: VenuePlan

  /// By place in the universe.
  public internal(set) var listings: [ListedInstrument]
  /// All executions, oldest first.
  public internal(set) var fills: [WorldFill] = []
  /// All changes of wallets, oldest first.
  public internal(set) var ledger: [LedgerEntry] = []
  /// All transfers between wallets, oldest first.
  public internal(set) var transfers: [TransferRecord] = []
  /// All orders, oldest first; those of the venue itself too.
  public internal(set) var orders: [WorldOrder] = []
  /// Closed orders that ended before this moment are gone from quick lookups (`restart`).
  public internal(set) var forgottenBefore = Timestamp.distantPast
  /// Whether long and short positions stand beside each other; only kept, never traded.
  public var isHedgeMode = false
  /// How far the venue's clock is ahead of the market's.
  public internal(set) var clockSkew = TimeSpan(nanoseconds: 0)
  /// Valid listen keys.
  public internal(set) var listenKeys = ListenKeys()

  var exchange: SimulatedExchange
  var feed: any MarketFeed
  var outbox: [WorldEvent] = []
  var recorder: Recorder
  var market: MarketRecord
  var desk: OrderDesk
  var terms: [FundingTerms]

  init(_ plan: VenuePlan, in world: VenueWorld) {
    self.plan = plan
    self.world = world
    id = plan.id
    layout = plan.layout
    universe = plan.universe
    listings = plan.listings
    exchange = plan.exchange()
    feed = plan.feed
    recorder = Recorder(universe.instruments.count)
    market = MarketRecord(plan)
    desk = OrderDesk(listings)
    terms = plan.fundingTerms
    for deposit in plan.deposits { book(deposit: deposit) }
    outbox.removeAll()
  }

  /// The market's time.
  public var now: Timestamp { world.now }
  /// The venue's own clock: what requests are judged by and frames are stamped with.
  public var clock: Timestamp { world.now + clockSkew }

  /// The instrument of a market by its name on the wire; nil when it is not listed.
  public func listing(_ market: Market, named name: String) -> ListedInstrument? {
    desk.placeOfName[WireName(market: market, name: name)].map { listings[$0] }
  }

  /// The instrument at a place.
  public func listing(_ index: InstrumentIndex) -> ListedInstrument { listings[index.position] }

  /// All instruments of a market, in universe order; those that are gone too.
  public func listings(of market: Market) -> [ListedInstrument] {
    listings.filter { $0.instrument.id.market == market }
  }

  /// Takes what happened since the last call.
  func takeEvents() -> [WorldEvent] {
    defer { outbox.removeAll(keepingCapacity: true) }
    return outbox
  }

  func tell(_ change: WorldChange) { outbox.append(WorldEvent(at: now, change: change)) }
}
