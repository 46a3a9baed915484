import Accounting
import Backtest
import FixedPoint
import Simulation
import Trading

@testable import Core

/// The loop of the headless process with its journal and its request log in memory, so that it can be
/// cut anywhere: decide, commit facts, log requests, perform.
struct World {
  /// Where the process dies at the end of a step.
  enum Cut {
    /// The step is lost.
    case beforeCommit
    /// Its facts are stored, and so many of its requests reached the venue.
    case afterCommit(requests: Int)
  }

  private let setting: Setting
  private(set) var engine: Engine
  private(set) var venues: PaperVenues
  private(set) var facts: [Fact] = []
  private(set) var requests: [(at: Timestamp, request: VenueRequest)] = []
  private(set) var crashes = 0
  /// Where time did not go on because an answer led to the same question for ever.
  private(set) var stuckAt: Timestamp?
  private var run: Int32 = 0
  private var waiting: [Command] = []
  private var stepsOfMoment = 0

  init(_ setting: Setting) {
    self.setting = setting
    engine = setting.engine
    venues = setting.venues
  }

  /// Plays to the end of the market.
  ///
  /// - Parameters:
  ///   - desk: asked for commands before each step.
  ///   - cut: asked at the end of each step that stored or did something.
  ///   - observe: sees the world and what a step gave, before anything of it is performed.
  mutating func play(
    desk: (borrowing World) -> [Command] = { _ in [] }, cut: (Outcome) -> Cut? = { _ in nil },
    observe: (borrowing World, Outcome) -> Void = { _, _ in }
  ) {
    var outcome = Outcome()
    var batch: [VenueEvent] = []
    start(&outcome)
    while true {
      if !finish(&outcome, cut, observe) { continue }
      waiting += desk(self)
      for command in waiting { handle(.command(command), &outcome) }
      if !finish(&outcome, cut, observe) { continue }
      let before = venues.now
      guard venues.nextBatch(into: &batch) else { break }
      stepsOfMoment = venues.now == before ? stepsOfMoment + 1 : 0
      if stepsOfMoment > 1000 {
        stuckAt = venues.now
        return
      }
      engine.handle(batch, at: venues.now, into: &outcome)
    }
    engine.handle(Event(at: venues.end, .finish), into: &outcome)
    _ = finish(&outcome, { _ in nil }, observe)
  }

  private mutating func handle(_ kind: Event.Kind, _ outcome: inout Outcome) {
    engine.handle(Event(at: venues.now, kind), into: &outcome)
  }

  private mutating func start(_ outcome: inout Outcome) {
    run += 1
    handle(.start(run: run), &outcome)
  }

  /// - Returns: false when the process died; then the next one has started.
  private mutating func finish(
    _ outcome: inout Outcome, _ cut: (Outcome) -> Cut?,
    _ observe: (borrowing World, Outcome) -> Void
  ) -> Bool {
    let fate = outcome.facts.isEmpty && outcome.actions.isEmpty ? nil : cut(outcome)
    if case .beforeCommit = fate { return restart(&outcome) }
    facts += outcome.facts
    for case .commandEnded(let ended) in outcome.facts.map(\.body) {
      waiting.removeAll { $0.id == ended.command }
    }
    observe(self, outcome)
    let mutating = outcome.actions.compactMap(\.mutatingRequest)
    if case .afterCommit(let count) = fate {
      requests += mutating.prefix(count).map { (venues.now, $0) }
      return restart(&outcome)
    }
    requests += mutating.map { (venues.now, $0) }
    for action in outcome.actions { venues.perform(action) }
    outcome.removeAll()
    return true
  }

  private mutating func restart(_ outcome: inout Outcome) -> Bool {
    crashes += 1
    outcome.removeAll()
    engine = setting.engine
    engine.recover(facts)
    venues = setting.venues
    if let last = [facts.last?.at, requests.last?.at].compactMap({ $0 }).max() {
      venues.replay(requests, until: last)
      venues.announceQuotes()
    }
    start(&outcome)
    return false
  }
}

extension Action {
  fileprivate var mutatingRequest: VenueRequest? {
    switch self {
    case .submit(let order): .submit(order.request)
    case .request(let request): request.isMutating ? request : nil
    case .wake: nil
    }
  }
}

/// A generated market, an account on it and the parameters of the engine.
struct Setting {
  let seed: UInt64
  var days = 20
  var symbols = 2
  var latency = 50
  var depth: Notional?
  var layout = AccountLayout.separate
  var deposit: Amount = "100000"
  var parameters = Parameters()
  /// A market of one's own instead of a generated one.
  var feed: (any MarketFeed)?

  static let start = Timestamp(milliseconds: 1_704_067_200_000)  // 2024-01-01

  init(seed: UInt64) { self.seed = seed }

  static let listings: [(spot: Instrument, perp: Instrument, startPrice: Price)] = [
    listing("BTC", "60000", tick: "0.1", lots: ("0.00001", "0.001"), minimum: "50"),
    listing("ETH", "3000", tick: "0.01", lots: ("0.0001", "0.001"), minimum: "20"),
    listing("XRP", "0.6", tick: "0.0001", lots: ("0.1", "0.1"), minimum: "5"),
  ]

  private static func listing(
    _ base: AssetID, _ price: Price, tick: Price, lots: (spot: Quantity, perp: Quantity),
    minimum: Notional
  ) -> (spot: Instrument, perp: Instrument, startPrice: Price) {
    func instrument(_ market: Market) -> Instrument {
      let isSpot = market == .spot
      let lot = isSpot ? lots.spot : lots.perp
      return Instrument(
        id: InstrumentID(venue: "test", market: market, symbol: Symbol("\(base)USDT")),
        base: base, quote: "USDT", tick: tick, lot: lot, minimumQuantity: lot,
        minimumNotional: isSpot ? "5" : minimum,
        fees: FeeSchedule(
          maker: "0.0002", taker: isSpot ? "0.001" : "0.0005", isTakenFromReceivedAsset: isSpot),
        marginTiers: isSpot
          ? []
          : [
            MarginTier(
              floor: "0", maintenanceRate: "0.005", deduction: "0", maximumLeverage: "50")
          ])
    }
    return (instrument(.spot), instrument(.perp), price)
  }

  private static let universes = [AccountLayout.separate, .unified].map { layout in
    (0...listings.count).map { count in
      Universe(
        pairs: listings.prefix(count).map { ($0.spot, $0.perp) },
        venues: ["test": VenueTraits(layout: layout)])
    }
  }

  var universe: Universe { Self.universes[layout == .unified ? 1 : 0][symbols] }

  var models: ExchangeModels {
    ExchangeModels(
      spread: SpreadModel(spotHalf: "0.00005", perpHalf: "0.00005"),
      slippage: SlippageModel(fraction: "0.0001", tickRule: .against),
      latency: LatencyModel(milliseconds: latency),
      depth: DepthModel(notional: depth, refillMilliseconds: 1000),
      charges: ChargeModel(feePlaces: 8, liquidationFee: "0.0125"))
  }

  var engine: Engine {
    Engine(
      universe: universe, parameters: parameters,
      policy: ThresholdPolicy(parameters: parameters))
  }

  /// The history of the setting, so that a world which dies often is not generated as often.
  func generated() -> Setting {
    var copy = self
    copy.feed = BarFeed(
      series: MarketGenerator.generate(
        seed: seed, markets: Array(Self.listings.prefix(symbols)), from: Self.start, days: days,
        interval: .hours(1)),
      universe: universe, from: Self.start, to: Self.start + .days(Int64(days)))
    return copy
  }

  var venues: PaperVenues {
    guard let feed else { preconditionFailure("Invariant: a market was made before it is played") }
    let exchange = SimulatedExchange(
      universe: universe, venue: "test", layout: layout, leverage: parameters.sizing.leverage,
      models: models,
      deposits: [Balance(wallet: layout.wallet(of: .spot), asset: "USDT", total: deposit)])
    return PaperVenues(exchanges: [exchange], feed: feed, universe: universe, start: Self.start)
  }
}
