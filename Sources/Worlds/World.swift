import Core
import FixedPoint
import Simulation
import Trading

/// Engine, venues, database and everything that can go wrong, in one thread, under one seed, in
/// virtual time.
///
/// The engine is the product's own, to the byte. Around it stands what a live process has around it:
/// a network that loses and delays, venues that halt, a database that goes away, a machine that
/// stands still. An oracle looks at every step. The same seed gives the same world.
public struct World: Sendable {
  /// What a stretch of time is for.
  enum Phase: Hashable, Sendable {
    /// Nothing goes wrong yet.
    case calm
    /// Faults strike.
    case storm
    /// Faults are over: all has to come to rest.
    case heal
    /// Everything is unwound.
    case closing
  }

  /// Something that happens at a moment.
  enum Occurrence: Sendable {
    case tick
    case settlement(place: Int, stamp: Timestamp)
    case arrival(Letter)
    case reading(Reading)
    case streamed(process: Int, VenueEvent)
    case answers(process: Int, [VenueEvent])
    case lookup(Letter)
    case turn(process: Int)
    case act(process: Int, [Action])
    case check(process: Int)
    case pulse(process: Int)
    case tend(process: Int)
    case start
    case begin(Fault, storm: Int)
    case end(Fault, place: Int)
    case meddle(Fault)
    case link(venue: Int, isUp: Bool)
    case contractEnds(place: Int)
    case script(Command.Request)
    case scriptOver
    case deleverage(pair: Int)
    case phase(Phase)
    case quiet
    case adopt
    case command(storm: Int)
  }

  /// The seed.
  public let seed: UInt64
  let setting: WorldSetting
  let fixedPlan: FaultPlan?
  private let days: Int
  /// What this world is for, when it is no storm.
  let drill: Drill?
  /// Whether the drill's message was struck.
  var isStruck = false
  /// Steps of the process that stored or did something, and those within the script of a drill.
  var processSteps = 0
  var scriptSteps = 0

  var now = WorldSetting.start
  var queue = EventQueue<Occurrence>()
  var market: WorldMarket
  var venues: [WorldVenue]
  var database = VirtualDatabase()
  var processes: [VirtualProcess] = []
  var oracle: Oracle
  var log = WorldLog()
  var tally = Tally()

  var plan = FaultPlan.none
  /// Counts the storms; a fault of an earlier one does not begin any more.
  var storm = 0
  var phase = Phase.calm
  var clockSkew = TimeSpan(nanoseconds: 0)
  var lastProcess = 0
  var lastCommand: Int64 = 0
  /// What was written down while the database was away; it outlives its process.
  var file: EmergencyFile?
  /// How many facts the oracle has seen, of those that stand.
  var notedCount = 0
  /// What the engines of all processes gave, kept for its storage.
  var outcome = Outcome()
  var isStarting = false
  /// Pairs whose contract has ended, and those that were told to end.
  var ended: Set<Int> = []
  var leaving: Set<Int> = []
  /// Instruments that do not trade as usual, by place.
  var stopped: [Int: ListingStatus] = [:]
  /// By what the price of a pair was multiplied for a while.
  var wicks: [Int: Rate] = [:]

  var faultChance: SeededRandom
  var networkChance: SeededRandom
  var operatorChance: SeededRandom

  /// Makes a world.
  ///
  /// - Parameters:
  ///   - days: how long it lasts, at least one.
  ///   - plan: what goes wrong; nil draws a plan for each storm.
  public init(seed: UInt64, days: Int, plan: FaultPlan? = nil) {
    self.init(seed: seed, days: days, plan: plan, drill: nil)
  }

  init(seed: UInt64, days: Int, plan: FaultPlan?, drill: Drill?) {
    self.seed = seed
    self.days = max(1, days)
    self.drill = drill
    fixedPlan = plan
    var settingChance = SeededRandom(seed: seed, stream: 1)
    var setting = WorldSetting(&settingChance)
    if let drill {
      setting.parameters.execution.makerSeconds = drill.isPatient ? 20 : 0
      setting.parameters.execution.sliceSeconds = 0
    }
    self.setting = setting
    market = WorldMarket(
      universe: setting.universe, prices: setting.prices,
      chance: SeededRandom(seed: seed, stream: 2),
      figureChance: SeededRandom(seed: seed, stream: 6), start: WorldSetting.start,
      history: setting.history)
    venues = setting.universe.venues.map { [setting] in
      WorldVenue(id: $0, exchange: setting.exchange(of: $0))
    }
    faultChance = SeededRandom(seed: seed, stream: 3)
    networkChance = SeededRandom(seed: seed, stream: 4)
    operatorChance = SeededRandom(seed: seed, stream: 5)
    oracle = Oracle(seed: seed, setting: setting)
    if drill != nil { now = WorldSetting.start + .hours(8) - .minutes(2) }
    queue.add(.tick, at: now)
    for place in market.paths.indices {
      let stamp = market.paths[place].nextSettlement
      queue.add(.settlement(place: place, stamp: stamp), at: stamp)
    }
    queue.add(.start, at: now + .milliseconds(1))
    if drill == nil { scheduleStorms() } else { scheduleDrill() }
  }

  private mutating func scheduleStorms() {
    var moment = now + .hours(2)
    let end = now + .days(Int64(days)) - .hours(2)
    while moment < end {
      queue.add(.phase(.storm), at: moment)
      moment = moment + .hours(Int64(2 + faultChance.below(5)))
      queue.add(.phase(.heal), at: moment)
      moment = moment + Self.healing
    }
    queue.add(.phase(.closing), at: moment + .milliseconds(1))
    self.end = moment + .hours(1)
  }

  var end = Timestamp.distantFuture

  /// How long a world has to come to rest when faults are over.
  static let healing = TimeSpan.minutes(45)
  /// By when the comparison after a storm must be made.
  var restBy = WorldSetting.start

  /// Lives to the end, or to the first broken invariant.
  public mutating func run() -> WorldResult {
    let mostSteps = mostSteps
    while oracle.violation == nil, let moment = queue.nextTime, moment <= end,
      let next = queue.next()
    {
      now = max(now, next.at)
      oracle.step += 1
      oracle.now = now
      let isLost = oracle.step > mostSteps
      oracle.require(!isLost, "P2", "no end after \(mostSteps) steps")
      happen(next.element)
    }
    if oracle.violation == nil {
      now = end
      oracle.now = now
      checkQuiescence()
      oracle.checkClosed(self)
    }
    tally.steps = oracle.step
    tally.facts = database.records.count
    tally.simulated = now - WorldSetting.start
    tally.nakedNotionalSeconds = oracle.nakedNotionalSeconds
    return WorldResult(
      seed: seed, digest: log.digest, violation: oracle.violation, tally: tally,
      lastEvents: oracle.violation == nil ? [] : log.lines)
  }

  /// A day has some ten thousand steps; far more of them go round in circles.
  private var mostSteps: Int { (days + 1) * 50_000 }

  private mutating func happen(_ occurrence: Occurrence) {
    switch occurrence {
    case .tick: tick()
    case .settlement(let place, let stamp): settle(place, stamp)
    case .arrival(let letter): arrive(letter)
    case .reading(let reading): read(reading)
    case .streamed(let process, let event): streamArrives(process, event)
    case .answers(let process, let events): for event in events { hear(process, event) }
    case .lookup(let letter): look(up: letter)
    case .turn(let process): turn(process)
    case .act(let process, let actions): act(process, actions)
    case .check(let process): check(process)
    case .pulse(let process): pulse(process)
    case .tend(let process): tend(process)
    case .start: start()
    case .begin(let fault, let storm): begin(fault, storm)
    case .end(let fault, let place): end(fault, place)
    case .meddle(let fault): strikeNow(fault)
    case .link(let venue, let isUp): setLink(venue, isUp: isUp)
    case .contractEnds(let place): endContract(place)
    case .script(let request): ask(request)
    case .scriptOver: scriptSteps = processSteps
    case .deleverage(let pair): deleverage(pair)
    case .phase(let phase): enter(phase)
    case .quiet: compareAtRest()
    case .adopt: adoptBreaks()
    case .command(let storm): command(storm)
    }
  }

  // MARK: - Market

  private mutating func tick() {
    market.advance()
    announcePrices()
    oracle.watchOrders(self)
    queue.add(.tick, at: now + WorldMarket.step)
  }

  /// Lets every instrument have its price.
  mutating func announcePrices() {
    for place in market.paths.indices where !ended.contains(place) {
      let pair = setting.universe.pairs[place]
      let prices = market.prices(place)
      let venue = venueIndex(pair.venue)
      var events: [VenueEvent] = []
      venues[venue].exchange.apply(
        .price(pair.spot, prices.spot, mark: prices.spot), at: now, into: &events)
      venues[venue].exchange.apply(
        .price(pair.perp, prices.perp, mark: prices.mark), at: now, into: &events)
      if let figures = market.figures(place) {
        events.append(.figures(pair.spot, MarketFigures(turnover: figures.turnover)))
        events.append(.figures(pair.perp, figures))
      }
      say(events, from: venue)
    }
    oracle.watchPositions(self)
  }

  private mutating func settle(_ place: Int, _ stamp: Timestamp) {
    guard market.paths[place].nextSettlement == stamp, !ended.contains(place) else { return }
    market.settle(place)
    let pair = setting.universe.pairs[place]
    let venue = venueIndex(pair.venue)
    if let settled = market.paths[place].settled.last {
      var events: [VenueEvent] = []
      venues[venue].exchange.apply(
        .funding(pair.perp, settled.rate, mark: settled.mark), at: now, into: &events)
      say(events, from: venue)
    }
    let next = market.paths[place].nextSettlement
    queue.add(.settlement(place: place, stamp: next), at: next)
  }

  func venueIndex(_ id: VenueID) -> Int {
    guard let place = venues.firstIndex(where: { $0.id == id }) else {
      preconditionFailure("Invariant: every pair's venue is in the world")
    }
    return place
  }

  /// Whether a fault strikes now.
  mutating func strikes(_ fault: Fault) -> Bool {
    let intensity = plan[fault]
    guard intensity > 0, networkChance.below(10_000) < intensity else { return false }
    tally.faults[fault, default: 0] += 1
    return true
  }
}

/// What a world came to.
public struct WorldResult: Sendable {
  /// The seed.
  public let seed: UInt64
  /// Of everything that happened.
  public let digest: UInt64
  /// The first broken invariant; nil when all held.
  public let violation: Violation?
  /// What was counted.
  public let tally: Tally
  /// The last events before a violation.
  public let lastEvents: [String]
}
