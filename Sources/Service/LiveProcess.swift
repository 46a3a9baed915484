import Core
public import Store
public import Trading
import Transport
import Venues

/// The headless process in live mode: receive, decide, remember, act.
///
/// One thread and one loop, as in paper mode: it waits for sockets, the database and timers in one
/// place. While the database is away nothing grows, and facts go to a file before anything is done.
public struct LiveProcess {
  /// Why the loop ended.
  public enum Ending: Sendable {
    /// A stop was asked for and everything in motion was finished.
    case drained
    /// The moment to stop came.
    case over
  }

  /// What is in motion when a stop is asked for has this long to be finished.
  private static let longestDrain = TimeSpan.minutes(10)
  /// So many runs that failed within ten minutes are no accident.
  private static let crashLoop = 5
  /// The engine is woken at least so often: what should have been heard may be missed while every stream
  /// is silent.
  private static let pulse = TimeSpan.seconds(5)
  /// After a question that a venue did not answer.
  private static let retry = TimeSpan.seconds(5)

  private var books: LiveBooks
  private var watch: ProcessWatch
  private var engine: Engine
  private let venues: LiveVenues
  private let configuration: Configuration
  private var timers = Timers()
  private var batch: [VenueEvent] = []
  private var messages: [VenueMessage] = []
  private var isUp: [VenueID: Bool] = [:]
  private var wasOnline: [VenueID: Bool] = [:]
  private var checkAt: Timestamp
  private var wokenAt = Timestamp.distantPast
  private var now = Timestamp.distantPast
  private let output: (String) -> Void
  /// When each text was last told: what repeats is told once a minute.
  private var told: [String: ContinuousClock.Instant] = [:]

  /// Restores the engine from what was stored.
  ///
  /// - Parameters:
  ///   - venues: surveyed, and set up without problems.
  ///   - fallback: what to do without the database.
  ///   - report: takes what an operator should read.
  public init(
    database: Database, venues: LiveVenues, configuration: Configuration, fallback: Fallback,
    report: @escaping (String) -> Void
  ) throws(ProcessError) {
    guard let universe = venues.universe else {
      preconditionFailure("Invariant: venues are surveyed before a process trades there")
    }
    books = try LiveBooks(database, fallback, report: report)
    watch = ProcessWatch(haltFile: fallback.haltFile)
    self.venues = venues
    self.configuration = configuration
    output = report
    engine = Engine(
      universe: universe, parameters: configuration.parameters,
      policy: ThresholdPolicy(parameters: configuration.parameters))
    engine.recover(database.facts)
    database.forgetFacts()
    guard engine.state.orphans.isEmpty else { throw .orphans(engine.state.orphans) }
    checkAt = .distantFuture
    // The engine's time never goes back, not even over a restart.
    now = database.recoveredThrough ?? .distantPast
  }

  /// Runs until a stop is asked for, or until a moment of the venues' time.
  ///
  /// - Parameter observe: hears the venues' time and the facts stored, after each step that stored.
  public mutating func run(
    until end: Timestamp? = nil, observe: (Timestamp, Int) -> Void
  ) throws(ProcessError) -> Ending {
    var outcome = Outcome()
    for session in venues.sessions { session.openStreams() }
    tell(.start(run: Int32(books.database.run)), into: &outcome)
    if books.database.recentFailures >= Self.crashLoop {
      tell(.pause(Self.crashLoopNotice(books.database.recentFailures)), into: &outcome)
    }
    batch += statuses
    try finish(&outcome)
    checkAt = now + .minutes(Int64(configuration.live.reconcileMinutes))
    var drainEndsAt: Timestamp?
    var turn = ContinuousClock.now
    while true {
      advanceClock()
      try books.tend()
      for change in watch.look(booksArePresent: books.isPresent) {
        change.notice.map(output)
        tell(change, into: &outcome)
      }
      if drainEndsAt == nil, StopSignal.isRaised || end.map({ now >= $0 }) == true {
        drainEndsAt = now + Self.longestDrain
        output("draining: what is in motion is finished, for at most ten minutes")
        tell(.drain, into: &outcome)
      }
      if let drainEndsAt {
        if engine.isQuiet { break }
        guard now < drainEndsAt else {
          try close(&outcome)
          throw .stuck(engine.state.carries.compactMap { $0 }.filter(\.state.isInMotion).map(\.id))
        }
      }
      try finish(&outcome)
      // One at a time: what the first allowed is done before the second may forbid it.
      for command in engine.isReady ? try books.commands() : [] {
        tell(.command(command), into: &outcome)
        try finish(&outcome)
      }
      try books.beat(drainEndsAt == nil ? "running" : "draining")
      let before = books.stored
      wait()
      try books.confirm(since: turn)
      turn = .now
      try step(&outcome)
      if books.stored != before { observe(now, books.stored) }
    }
    try close(&outcome)
    return StopSignal.isRaised ? .drained : .over
  }

  private static func crashLoopNotice(_ failures: Int) -> String {
    "\(failures) runs failed within ten minutes; look at their messages, then harvester resume"
  }

  /// What does not trade as usual at the start; later only changes are heard.
  private var statuses: [VenueEvent] {
    venues.listings.sorted { $0.key < $1.key }.flatMap(\.value).flatMap { listing in
      [(listing.spot.id, listing.spotStatus), (listing.perp.id, listing.perpStatus)].compactMap {
        id, status in
        status == .trading
          ? nil : venues.universe?.index(of: id).map { .statusChanged($0, status) }
      }
    }
  }

  /// Hears everything that arrived, decides, stores, acts, and only then answers pings: a venue that
  /// waits for the answer knows that its news has been acted on.
  private mutating func step(_ outcome: inout Outcome) throws(ProcessError) {
    for session in venues.sessions {
      messages.removeAll(keepingCapacity: true)
      session.collect(into: &messages)
      advanceClock()
      for message in messages { hear(message, from: session, into: &outcome) }
      noteLink(of: session, into: &outcome)
    }
    if timers.popDue(at: now) || !batch.isEmpty || now >= wokenAt + Self.pulse {
      wokenAt = now
      engine.handle(batch, at: now, into: &outcome)
      batch.removeAll(keepingCapacity: true)
    }
    if now >= checkAt {
      checkAt = now + .minutes(Int64(configuration.live.reconcileMinutes))
      tell(.checkAccounts(nil), into: &outcome)
    }
    try finish(&outcome)
    tellOnline()
    for session in venues.sessions { session.flushPongs() }
  }

  private mutating func hear(
    _ message: VenueMessage, from session: any AnyVenueSession, into outcome: inout Outcome
  ) {
    switch message {
    case .event(let event): batch.append(event)
    case .resynchronise(let reason):
      report("\(session.venue): reading the account again (\(reason))")
      tell(.checkAccounts(session.venue), into: &outcome)
    case .failed(let task, let failure): retryLater(task, failure, at: session)
    case .termsChanged(let instrument, let terms):
      report("\(instrument): funding every \(terms.intervalHours) h from now on")
    case .notice(let text): report("\(session.venue): \(text)")
    case .slowDown(let until, let isBan):
      let seconds = (until - session.now).seconds.rounded(places: 0, .up)
      report("\(session.venue): \(isBan ? "banned" : "asked to slow down") for \(seconds) s")
    case .streamEnded(let stream, let reason):
      report("\(session.venue): stream \(stream) ended (\(reason))")
    case .clock, .key, .surveyed, .lots, .modes, .streamsChanged, .subscribed, .bars,
      .settlements, .budgetUsed:
      break
    }
  }

  /// Asks again for what the engine cannot go on without.
  private mutating func retryLater(
    _ task: VenueTask, _ failure: VenueFailure, at session: any AnyVenueSession
  ) {
    report("\(session.venue): \(failure)")
    guard case .request(let request) = task, !request.isMutating else { return }
    timers.add(now + Self.retry, .ask(session.venue, request))
  }

  private mutating func noteLink(of session: any AnyVenueSession, into outcome: inout Outcome) {
    let isLive = session.isLive
    guard isUp[session.venue] != isLive else { return }
    isUp[session.venue] = isLive
    tell(.link(session.venue, isUp: isLive), into: &outcome)
  }

  /// Says when a venue can be traded at, and when not any more.
  private mutating func tellOnline() {
    for session in venues.sessions {
      let isOnline = engine.isOnline(session.venue)
      guard wasOnline[session.venue, default: false] != isOnline else { continue }
      wasOnline[session.venue] = isOnline
      output("\(session.venue): \(isOnline ? "live" : "offline")")
    }
  }

  /// Stores the facts of a step, and only then performs its actions.
  private mutating func finish(_ outcome: inout Outcome) throws(ProcessError) {
    let isActing = outcome.actions.contains { $0.mutatingRequest != nil }
    try books.store(outcome.facts, isActing: isActing)
    for fact in outcome.facts { fact.notice.map(output) }
    for request in timers.takeAsks() { perform(request) }
    for action in outcome.actions {
      switch action {
      case .submit(let order) where order.request.isGrowing && !books.isPresent:
        // Decided while the database was there, which it is not any more.
        batch.append(.orderRefused(order.request.id, .other, "not sent: the database is away"))
      case .submit(let order): perform(.submit(order.request))
      case .request(let request): perform(request)
      case .wake(let moment): timers.add(moment, .wake)
      }
    }
    outcome.removeAll()
  }

  private mutating func report(_ text: String) {
    let now = ContinuousClock.now
    if let last = told[text], now - last < .seconds(60) { return }
    if told.count > 1000 { told = told.filter { now - $0.value < .seconds(60) } }
    told[text] = now
    output(text)
  }

  private func perform(_ request: VenueRequest) {
    venues.sessions.first { $0.venue == request.venue }?.perform(.request(request))
  }

  private mutating func tell(_ kind: Event.Kind, into outcome: inout Outcome) {
    advanceClock()
    engine.handle(Event(at: now, kind), into: &outcome)
  }

  /// The latest of the venues' times, which never goes back.
  private mutating func advanceClock() {
    for session in venues.sessions { now = max(now, session.now) }
    for session in venues.sessions { session.follow(now) }
  }

  /// Sleeps until something happens, at most a fifth of a second, so that signals are heard.
  private func wait() {
    Poller.wait(
      for: venues.sessions, also: books.descriptors,
      atMost: .milliseconds(200))
  }

  private mutating func close(_ outcome: inout Outcome) throws(ProcessError) {
    tell(.finish, into: &outcome)
    try finish(&outcome)
    for session in venues.sessions { session.close() }
    try books.beat("stopped", isFinal: true)
  }
}

extension Fact {
  /// What an operator reads of it while it happens; nil for what reports show later.
  var notice: String? {
    switch body {
    case .mismatched(let mismatch):
      "\(mismatch.venue): \(mismatch.kind) \(mismatch.subject) is \(mismatch.venueValue), "
        + "the books say \(mismatch.books); see harvester reconcile"
    case .tradingChanged(let changed):
      "\(changed.venue.map { "\($0): " } ?? "")\(changed.change.rawValue), \(changed.reason)"
    case .carryPlanned(let planned):
      "carry \(planned.carry): \(planned.quantity) \(planned.symbol) on \(planned.venue), "
        + planned.reason
    case .carryMoved(let moved):
      "carry \(moved.carry): \(moved.state.rawValue), \(moved.reason)"
    default: nil
    }
  }
}
