public import Trading
public import Venues

/// A conversation with one venue, whichever its dialect: what a process holds one of per venue.
///
/// The loop of a process: `Poller.wait`, `collect` from each session, act on the messages,
/// `flushPongs`.
public protocol AnyVenueSession: PollSource {
  /// The venue.
  var venue: VenueID { get }
  /// What it guarantees.
  var capabilities: VenueCapabilities { get }
  /// The venue's time.
  var now: Timestamp { get }
  /// How well our clock is known to agree with the venue's; nil before the first answer.
  var clockEstimate: ClockOffset.Estimate? { get }
  /// Whether every stream is subscribed.
  var isLive: Bool { get }
  /// Whether calls are waiting or under way.
  var isBusy: Bool { get }

  /// Hears the time of another venue of the same simulated world; real venues keep their own.
  func follow(_ time: Timestamp)
  /// Which instruments later messages are about.
  func attach(_ universe: Universe, listings: [Listing])
  /// Begins a task; what comes of it is collected.
  func perform(_ task: VenueTask)
  /// Does a task and returns only its messages; what else arrives meanwhile is collected later.
  /// A time-out is `failed`, and the fate of what was sent is collected later.
  func performAndWait(_ task: VenueTask, atMost timeout: TimeSpan) -> [VenueMessage]
  /// Opens the dialect's streams and keeps them open.
  func openStreams()
  /// Takes what has arrived: frames of streams first, then answers, then timers.
  func collect(into messages: inout [VenueMessage])
  /// Answers the pings that were collected; called after the messages were acted on.
  func flushPongs()
  /// Says goodbye on every stream; nothing may be asked afterwards.
  func close()
}

extension AnyVenueSession {
  /// Does a task within half a minute.
  public func performAndWait(_ task: VenueTask) -> [VenueMessage] {
    performAndWait(task, atMost: .seconds(30))
  }
}

/// How a session behaves.
public struct SessionOptions: Hashable, Sendable {
  /// Connections.
  public var transport: TransportOptions
  /// What counts as the venue's time.
  public var clock: VenueClockMode
  /// Limits of the venue.
  public var budgets: [BudgetRule]
  /// Between two readings of the venue's clock, in `system` mode.
  public var clockInterval = TimeSpan.seconds(60)
  /// How often a call that changes nothing is sent before it has failed.
  public var readAttempts = 5
  /// Calls under way at once; those of `high` urgency do not wait for it.
  public var callsAtOnce = 8

  /// States the usual behaviour.
  public init(
    transport: TransportOptions = TransportOptions(), clock: VenueClockMode = .system,
    budgets: [BudgetRule] = []
  ) {
    self.transport = transport
    self.clock = clock
    self.budgets = budgets
  }
}
