public import Trading
public import Venues

/// Drives one dialect over real connections, on one thread.
///
/// It sends calls and repeats those that may be, keeps streams open and the venue's clock known.
///
/// - A call that can change something is sent once, or not at all.
/// - A call that changes nothing is repeated after failures, later each time.
/// - What became of a call reaches the dialect exactly once.
public final class VenueSession<D: Dialect>: AnyVenueSession {
  var dialect: D
  let addresses: [Endpoint: String]
  let options: SessionOptions
  let http: HTTPClient
  var clock: VenueClock
  var budget: RateBudget
  var random = SystemRandom()

  var waiting: [PendingCall<D.Purpose>] = []
  var inFlight: [Int: PendingCall<D.Purpose>] = [:]
  /// Calls left of each task that is not over.
  var callsLeft: [Int: Int] = [:]
  var lastTask = 0
  var openingTask: Int?
  var sendAgainAt: Timestamp?
  /// Calls that were not sent, with the reason, to be told to the dialect.
  var refused: [(PendingCall<D.Purpose>, String)] = []

  var wantsStreams = false
  /// Whether the dialect's streams may be others than those held open.
  var mustAlign = false
  var streams: [StreamDriver] = []
  /// Sockets that said goodbye, and when we stop waiting for the answer.
  var leaving: [(socket: WebSocketClient, until: Timestamp)] = []

  var housekeepingAt: Timestamp
  var clockAt: Timestamp
  var openAgainAt: Timestamp?
  /// How often in a row private streams could not be prepared.
  var openFailures: Int64 = 0
  /// To be collected.
  var backlog: [VenueMessage] = []

  /// Makes a session without connections.
  ///
  /// - Parameter addresses: scheme, host and port of each endpoint the dialect uses, without a slash
  ///   at the end: `https://…` for REST, `wss://…` for streams.
  public init(dialect: D, addresses: [Endpoint: String], options: SessionOptions = SessionOptions())
  {
    self.dialect = dialect
    self.addresses = addresses
    self.options = options
    http = HTTPClient(options: options.transport)
    clock = VenueClock(mode: options.clock)
    budget = RateBudget(rules: options.budgets)
    housekeepingAt = options.clock == .venue ? .distantPast : LocalClock.now
    clockAt = LocalClock.now
  }

  /// The venue.
  public var venue: VenueID { dialect.venue }
  /// What it guarantees.
  public var capabilities: VenueCapabilities { dialect.capabilities }
  /// The venue's time.
  public var now: Timestamp { clock.now(at: LocalClock.now) }
  /// How well our clock is known to agree with the venue's; nil before the first answer.
  public var clockEstimate: ClockOffset.Estimate? { clock.offset.estimate(at: LocalClock.now) }
  /// Whether calls are waiting or under way.
  public var isBusy: Bool { !waiting.isEmpty || !inFlight.isEmpty }
  /// Whether every stream that there should be is subscribed.
  public var isLive: Bool {
    wantsStreams && openingTask == nil && !streams.isEmpty
      && streams.allSatisfy { $0.state.isLive } && Self.isComplete(&dialect)
  }

  /// Asks in place, without a copy of the whole dialect.
  private static func isComplete(_ dialect: inout D) -> Bool { dialect.isComplete }

  /// Hears the time of another venue of the same simulated world; real venues keep their own.
  public func follow(_ time: Timestamp) {
    if options.clock == .venue { clock.hear(time) }
  }

  /// Which instruments later messages are about.
  public func attach(_ universe: Universe, listings: [Listing]) {
    dialect.attach(universe, listings: listings)
    mustAlign = true
  }

  /// Begins a task; what comes of it is collected.
  public func perform(_ task: VenueTask) { _ = begin(task) }

  /// Does a task and returns only its messages; what else arrives meanwhile is collected later, and
  /// pings are not answered until that was acted on.
  public func performAndWait(_ task: VenueTask, atMost timeout: TimeSpan) -> [VenueMessage] {
    let end = LocalClock.now + timeout
    var own: [VenueMessage] = []
    let id = begin(task)
    while callsLeft[id] != nil {
      let left = end - LocalClock.now
      guard left > TimeSpan(nanoseconds: 0) else {
        forget(id)
        return own + [.failed(task, .unavailable("not done in time"))]
      }
      Poller.wait(for: [self], atMost: left)
      var others: [VenueMessage] = []
      turn(own: id, &own, others: &others)
      backlog += others
    }
    return own
  }

  /// Opens the dialect's streams and keeps them open.
  public func openStreams() {
    wantsStreams = true
    openingTask = begin(.openStreams)
    if let openingTask, callsLeft[openingTask] == nil { finishOpening() }
  }

  /// Takes what has arrived: frames of streams first, then answers, then timers.
  ///
  /// A venue sends an event before or after the answer to the order that caused it; reading streams
  /// first means that what it sent first is never understood last.
  public func collect(into messages: inout [VenueMessage]) {
    var own: [VenueMessage] = []
    messages += backlog
    backlog = []
    turn(own: nil, &own, others: &messages)
    messages += backlog
    backlog = []
  }

  /// Answers the pings that were collected; called after the messages were acted on.
  public func flushPongs() {
    // A venue in lockstep must not go on while something it was to be told still waits here.
    if options.clock == .venue, !waiting.isEmpty { return }
    for stream in streams {
      for socket in stream.sockets.values { socket.flushPongs() }
    }
  }

  /// Says goodbye on every stream, waiting half a second for the answers.
  public func close() {
    wantsStreams = false
    for stream in streams { perform(stream.state.end(), on: stream) }
    streams = []
    let end = LocalClock.now + .milliseconds(500)
    while !leaving.isEmpty, LocalClock.now < end {
      Poller.wait(for: leaving.map(\.socket), atMost: end - LocalClock.now)
      seeOff()
    }
    leaving = []
  }

  /// One turn of everything.
  private func turn(own: Int?, _ ownMessages: inout [VenueMessage], others: inout [VenueMessage]) {
    readStreams(into: &others)
    for (task, messages) in finishCalls() {
      if task == own, own != nil { ownMessages += messages } else { others += messages }
    }
    if mustAlign {
      mustAlign = false
      if wantsStreams { alignStreams() }
    }
    keepHouse()
    sendCalls()
  }

  /// Timers: the dialect's own, the clock's and those of the streams.
  private func keepHouse() {
    let local = LocalClock.now
    // By the venue's clock where that is followed: its listen keys and settlements keep its time.
    let isFollowing = options.clock == .venue
    let moment = isFollowing ? clock.now(at: local) : local
    if moment >= housekeepingAt, !isFollowing || clock.isKnown {
      housekeepingAt = moment + .seconds(1)
      enqueue(dialect.housekeeping(at: clock.now(at: local)), task: nil)
    }
    if options.clock == .system, local >= clockAt {
      clockAt = local + options.clockInterval
      _ = begin(.readClock)
    }
    if let moment = openAgainAt, local >= moment {
      openAgainAt = nil
      openingTask = begin(.openStreams)
    }
    advanceStreams(at: local)
    seeOff()
  }
}

extension VenueSession {
  /// Adds the sockets of calls and streams.
  public func describe(into list: inout PollList) {
    http.describe(into: &list)
    for stream in streams {
      for socket in stream.sockets.values { socket.describe(into: &list) }
    }
    for (socket, _) in leaving { socket.describe(into: &list) }
  }

  /// Hears which sockets are ready.
  public func hear(_ list: PollList) {
    http.hear(list)
    for stream in streams {
      for socket in stream.sockets.values { socket.hear(list) }
    }
    for (socket, _) in leaving { socket.hear(list) }
  }

  /// When a timer is due.
  public var nextDeadline: Timestamp? {
    var first = Timestamp.distantFuture
    func consider(_ moment: Timestamp?) { if let moment { first = min(first, moment) } }
    consider(http.nextDeadline)
    consider(sendAgainAt)
    consider(openAgainAt)
    if options.clock == .system { first = min(first, clockAt, housekeepingAt) }
    if mustAlign || !backlog.isEmpty || !refused.isEmpty { first = .distantPast }
    for stream in streams {
      consider(stream.state.nextDeadline)
      for socket in stream.sockets.values { consider(socket.nextDeadline) }
    }
    for (socket, until) in leaving {
      consider(socket.nextDeadline)
      consider(until)
    }
    return first
  }
}
