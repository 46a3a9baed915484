import FixedPoint
public import Trading

/// The decision: a pure state machine from events to facts and actions.
///
/// It knows no clock, no chance, no input or output. Durable state changes only by facts, and every
/// fact is applied and listed in the same place, so what was done and what was stored cannot
/// differ.
public struct Engine: Sendable {
  /// How far the process has come.
  public enum Phase: Hashable, Sendable {
    /// Nothing was asked yet. → `reconciling` at start.
    case stopped
    /// Waiting for the accounts of these venues. → `running`.
    case reconciling(Set<VenueID>)
    /// Everything.
    case running
    /// No new exposure; what is in motion is finished.
    case draining
  }

  /// All that survives a restart.
  public private(set) var state: EngineState
  /// How far the process has come.
  public internal(set) var phase = Phase.stopped
  var market: MarketView
  let universe: Universe
  let policy: any Policy
  let parameters: Parameters
  let gate: RiskGate
  private var now = Timestamp.distantPast
  private var nextMidnight = Timestamp.distantPast
  var isDraining = false
  /// Orders a venue did not know, and when to ask again.
  var unresolved: [(order: ClientOrderID, at: Timestamp)] = []
  /// Places of pairs whose carries need not sit out a pause.
  var hurried: Set<Int> = []
  /// Settlements heard while it is not known what was held.
  var heldSettlements: [HeldSettlement] = []
  /// Why the process wants nothing to grow.
  var holds: Set<Hold> = []
  /// Venues whose streams are down.
  var offline: Set<VenueID> = []
  /// When an order that should have ended by itself was last asked about.
  var askedAt: [ClientOrderID: Timestamp] = [:]
  /// When the venue was asked about an order, for each question whose answer has not come.
  var questions: [ClientOrderID: [Timestamp]] = [:]
  /// Until when an order may rest in the book; what is not listed may not.
  var restsUntil: [ClientOrderID: Timestamp] = [:]
  /// When it was last asked back.
  var takenBackAt: [ClientOrderID: Timestamp] = [:]
  /// By pair, when a position that differs from what trades make it is looked into.
  var doubtedAt: [Int: Timestamp] = [:]
  /// Venues of those offline that are back and whose accounts are to be looked at first.
  var returning: Set<VenueID> = []
  /// What did not agree lately with a venue whose snapshots take time.
  var suspicions: [VenueID: Suspicion] = [:]
  /// Quote assets away from their peg that was told of, by `Pair.money`.
  var departed: Set<Int> = []
  /// When something of ours last moved at a venue.
  var stirredAt: [VenueID: Timestamp] = [:]
  /// What stood at the newest comparison.
  var standing: [VenueID: [Mismatch]] = [:]
  /// When an order may go out that had to wait for earlier ones.
  var postponedUntil = Timestamp.distantPast
  /// Transfers that an earlier process intended.
  var inherited: Set<Int64> = []
  /// When an account was last asked for, and when it is to be asked for again.
  var accountAskedAt: [VenueID: Timestamp] = [:]
  var accountDueAt: [VenueID: Timestamp] = [:]

  /// Makes an engine with empty state.
  public init(
    universe: Universe, parameters: Parameters, policy: any Policy
  ) {
    self.universe = universe
    self.parameters = parameters
    self.policy = policy
    gate = RiskGate(parameters: parameters)
    state = EngineState(universe: universe)
    market = MarketView(
      universe: universe, window: .days(Int64(parameters.forecast.windowDays)))
  }

  /// Restores durable state: the fold of all facts ever stored.
  public mutating func recover(_ facts: some Sequence<Fact>) {
    for fact in facts { state.apply(fact) }
    nextMidnight = state.valuedDay == .distantPast ? .distantPast : state.valuedDay + .days(1)
  }

  /// Whether no order works, no cash moves and no carry is in motion.
  public var isQuiet: Bool {
    phase != .stopped
      && !state.orders.keys.contains {
        guard let request = state.orders[$0]?.intent.request else { return false }
        return isReconciled(request.instrument.venue)
      }
      && !state.transfers.values.contains { isReconciled($0.venue) }
      && !state.carries.contains {
        guard let carry = $0, carry.state.isInMotion else { return false }
        return isReconciled(universe[carry.pair].venue)
      }
  }

  /// Whether operators can be served: the account is known and at least one pair has prices.
  public var isReady: Bool {
    (phase == .running || universe.venues.contains(where: isReconciled)) && !isDraining
      && market.pairs.contains(where: \.isQuoted)
  }

  /// Whether new exposure is allowed at a venue.
  func mayGrow(at venue: VenueID) -> Bool {
    !isDraining && trading(at: venue) == .active
  }

  /// Whether new exposure is allowed on a pair.
  func mayGrow(on pair: PairIndex, at now: Timestamp) -> Bool {
    mayGrow(at: universe[pair].venue) && market[pair].breaker(at: now) == nil
  }

  /// Whether a venue's streams are up and its account was looked at since.
  public func isOnline(_ venue: VenueID) -> Bool {
    isReconciled(venue) && !offline.contains(venue)
  }

  /// Permission to trade at a venue, its streams and the process considered.
  func trading(at venue: VenueID) -> TradingState {
    let permission = state.trading(at: venue)
    guard permission == .active else { return permission }
    return !holds.isEmpty ? .held : isOnline(venue) ? .active : .offline
  }

  /// Whether the account at a venue is known; one venue does not wait for another.
  func isReconciled(_ venue: VenueID) -> Bool {
    switch phase {
    case .stopped: false
    case .reconciling(let waiting): !waiting.contains(venue)
    case .running, .draining: true
    }
  }

  /// Handles one event.
  public mutating func handle(_ event: Event, into outcome: inout Outcome) {
    move(to: event.at)
    switch event.kind {
    case .venue(let event): hear(event, at: now, into: &outcome)
    case .wake: wake(into: &outcome)
    case .command(let command): obey(command, at: now, into: &outcome)
    case .start(let run): start(run: run, at: now, into: &outcome)
    case .link(let venue, let isUp):
      link(venue, isUp: isUp, at: now, into: &outcome)
    case .checkAccounts(let venue):
      check(venue.map { [$0] } ?? universe.venues, at: now, into: &outcome)
    case .hold(let hold, let isOn): self.hold(hold, isOn: isOn, at: now, into: &outcome)
    case .pause(let reason): pause(because: reason, into: &outcome)
    case .stalled: resumeAfterStall(at: now, into: &outcome)
    case .drain:
      isDraining = true
      if phase == .running { phase = .draining }
    case .finish: value(at: now, everything: true, into: &outcome)
    }
  }

  /// Handles all that a venue says at one moment, then decides.
  public mutating func handle(
    _ batch: [VenueEvent], at moment: Timestamp, into outcome: inout Outcome
  ) {
    move(to: moment)
    for place in batch.indices {
      switch batch[place] {
      case .quote(let quote): market.update(quote)
      case let event: hear(event, at: now, into: &outcome)
      }
    }
    wake(into: &outcome)
  }

  private mutating func move(to moment: Timestamp) {
    precondition(moment >= now, "Invariant: event times never decrease")
    now = moment
  }

  /// Applies a fact to the state and lists it to be stored: the only way to do either.
  mutating func record(_ body: Fact.Body, into outcome: inout Outcome) {
    let fact = Fact(at: now, body)
    if let venue = body.stirredVenue { stirredAt[venue] = now }
    state.apply(fact)
    outcome.facts.append(fact)
  }

  // MARK: - Time

  private mutating func wake(into outcome: inout Outcome) {
    guard phase != .stopped else { return }
    if !heldSettlements.isEmpty { settleHeld(into: &outcome) }
    askWhereDue(at: now, into: &outcome)
    if now >= nextMidnight, universe.venues.contains(where: isReconciled) {
      value(at: now, everything: false, into: &outcome)
      noteInterests(into: &outcome)
      nextMidnight = now.floored(to: .days(1)) + .days(1)
    }
    markPaid(at: now, into: &outcome)
    if !unresolved.isEmpty { askAgain(at: now, into: &outcome) }
    if !state.orders.isEmpty { askAboutSilent(at: now, into: &outcome) }
    if !doubtedAt.isEmpty { resolveDoubts(at: now, into: &outcome) }
    watchMarkets(at: now)
    watchPegs(at: now, into: &outcome)
    if !isDraining {
      var gauges = AccountGauges()
      if let order = orderOfEntries(at: now) {
        for pair in order { decideIfKnown(pair, &gauges, into: &outcome) }
      } else {
        // By place: walking through the list itself would take hold of it at every wake.
        for place in market.changed.indices {
          decideIfKnown(market.changed[place], &gauges, into: &outcome)
        }
      }
      if case .reconciling(let waiting) = phase {
        // What changed at a venue whose account is not known yet is weighed once it is.
        let kept = market.changed.filter { waiting.contains(universe[$0].venue) }
        market.clearChanges()
        for pair in kept { market.touch(pair) }
      } else {
        market.clearChanges()
      }
    }
    if !state.orders.isEmpty { takeBackResting(at: now, into: &outcome) }
    advanceAll(at: now, into: &outcome)
  }

  /// Lets every carry in motion take its next step.
  mutating func advanceAll(at now: Timestamp, into outcome: inout Outcome) {
    for place in state.standings.indices
    where state.standings[place]?.isInMotion == true
      && isReconciled(universe.pairs[place].venue)
    {
      advance(PairIndex(place), at: now, into: &outcome)
    }
  }

  // MARK: - Deciding

  private mutating func decideIfKnown(
    _ pair: PairIndex, _ gauges: inout AccountGauges, into outcome: inout Outcome
  ) {
    guard market[pair].isQuoted, isReconciled(universe[pair].venue) else { return }
    decide(pair, &gauges, into: &outcome)
  }

  private mutating func decide(
    _ pair: PairIndex, _ gauges: inout AccountGauges, into outcome: inout Outcome
  ) {
    market[pair].margin.note(market[pair].perp.mark)
    if let standing = state.standings[pair.position], standing != .open {
      return protect(pair, into: &outcome)
    }
    let account = hasNewSettlement(pair) ? account(of: pair, &gauges) : AccountGauge()
    switch policy.decide(view(of: pair, at: now, account: account)) {
    case .none: break
    case .keep(let record):
      if record.action == .warn { market[pair].margin.noteWarning() }
      self.record(.decided(record), into: &outcome)
    case .enter(let entry, var record):
      record.carry = CarryID(state.lastCarry + 1)
      self.record(.decided(record), into: &outcome)
      open(
        pair, entry, origin: .policy, isHeld: false, reason: record.reason, at: now, into: &outcome)
    case .exit(let record):
      self.record(.decided(record), into: &outcome)
      move(
        pair, to: .closing, perpTarget: .zero, pace: record.action == .exit ? .patient : .urgent,
        reason: record.reason, into: &outcome)
    case .shrink(let target, let record):
      market[pair].marginFailures = 0
      self.record(.decided(record), into: &outcome)
      move(
        pair, to: .reducing, perpTarget: target, purpose: .rebalance, reason: record.reason,
        into: &outcome)
    case .grow(let target, let record):
      self.record(.decided(record), into: &outcome)
      grow(pair, to: target, reason: record.reason, at: now, into: &outcome)
    case .rebalance(let leg, let quantity, let record):
      self.record(.decided(record), into: &outcome)
      correct(pair, leg, by: quantity, reason: record.reason, into: &outcome)
    case .addMargin(let amount, let transfer, let record):
      self.record(.decided(record), into: &outcome)
      addMargin(pair, amount, transfer: transfer, at: now, into: &outcome)
    }
  }

  /// Whether a settlement came in that no decision has seen.
  func hasNewSettlement(_ pair: PairIndex) -> Bool {
    guard let last = market[pair].funding.last else { return false }
    return last.settlesAt > state.decidedThrough[pair.position]
  }

  /// Adds collateral to a short whose carry is in motion, as when a leg does not trade.
  private mutating func protect(_ pair: PairIndex, into outcome: inout Outcome) {
    guard market[pair].margin.isDue(at: market[pair].perp.mark),
      let carry = state.carries[pair.position],
      case .addMargin(let amount, let transfer, let record) = MarginGuard(parameters: parameters)
        .decide(view(of: pair, at: now), carry, version: policy.version)
    else { return }
    self.record(.decided(record), into: &outcome)
    addMargin(pair, amount, transfer: transfer, at: now, into: &outcome)
  }

  /// All that a policy may know about one pair.
  ///
  /// - Parameter account: its worth; not needed but for what rests on a settlement.
  func view(
    of pair: PairIndex, at now: Timestamp, account: AccountGauge = AccountGauge()
  ) -> PairView {
    PairView(
      now: now, index: pair, universe: universe, markets: market.pairs, carries: state.carries,
      decidedThrough: state.decidedThrough[pair.position],
      lastExits: state.lastExitAt, interests: state.interests, purse: state.purses[pair.position],
      trading: trading(at: universe[pair].venue),
      account: account,
      maximumSlippage: parameters.execution.maximumSlippage)
  }
}

/// What did not agree in readings of an account that takes time to be read.
struct Suspicion: Sendable {
  /// In the newest reading.
  var mismatches: [Mismatch] = []
  /// Readings in a row that found something.
  var rounds = 0
  /// Readings that said nothing because something was under way.
  var blurred = 0
}

extension Fact.Body {
  /// The venue whose account it changes; nil when it changes none.
  fileprivate var stirredVenue: VenueID? {
    switch self {
    case .intended(let intent): intent.request.instrument.venue
    case .filled(let booked): booked.fill.instrument.venue
    case .fundingReceived(let received): received.payment.instrument.venue
    case .transferIntended(let transfer): transfer.venue
    case .booked(let entry): entry.venue
    default: nil
    }
  }
}
