import Backtest
import Core
import FixedPoint
import Glibc
public import Store
public import Trading

/// The headless process in paper mode: receive, decide, remember, act.
///
/// It is one thread with one loop, and the engine belongs to that loop, so nothing else can reach it.
/// A commit that fails ends the process, because a memory ahead of its journal must not live on.
/// Between two ticks of a recorded market no time passes: a command acts at the last tick's moment.
public struct PaperProcess {
  /// Why the loop ended.
  public enum Ending: Sendable {
    /// The market is over.
    case marketOver
    /// A stop was asked for and everything in motion was finished.
    case drained
  }

  /// How far the run is, for whoever watches.
  public struct Progress: Sendable {
    /// The venue's time.
    public let now: Timestamp
    /// Facts stored so far in this run.
    public let facts: Int
  }

  /// What is in motion when a stop is asked for has this long to be finished, by the venue's time.
  private static let longestDrain = TimeSpan.hours(24)

  private var books: ProcessBooks
  private let log: PaperLog
  private var engine: Engine
  private var venues: PaperVenues
  private var pace: Pace

  /// Restores engine and venues from what was stored.
  ///
  /// - Parameter speed: virtual seconds per real second; nil is as fast as possible.
  public init(
    database: Database, log: PaperLog, market: PaperMarket, configuration: Configuration,
    speed: Int?
  ) throws(ProcessError) {
    books = try ProcessBooks(database)
    self.log = log
    engine = market.engine(configuration.parameters)
    engine.recover(database.facts)
    database.forgetFacts()
    guard engine.state.orphans.isEmpty else {
      throw .orphans(engine.state.orphans)
    }
    venues = market.venues(configuration)
    do throws(PostgresError) {
      let requests = try log.requests()
      if let last = [database.recoveredThrough, requests.last?.at].compactMap({ $0 }).max() {
        venues.replay(requests, until: last)
        venues.announceQuotes()
      }
    } catch {
      throw .store(error)
    }
    pace = Pace(speed: speed)
  }

  /// Runs until the market is over or a stop is asked for.
  public mutating func run(observe: (Progress) -> Void) throws(ProcessError) -> Ending {
    var outcome = Outcome()
    var batch: [VenueEvent] = []
    engine.handle(Event(at: venues.now, .start(run: Int32(books.database.run))), into: &outcome)
    try finish(&outcome)
    var isDraining = false
    var drainEndsAt = Timestamp.distantFuture
    while true {
      if StopSignal.isRaised, !isDraining {
        isDraining = true
        drainEndsAt = venues.now + Self.longestDrain
        engine.handle(Event(at: venues.now, .drain), into: &outcome)
      }
      guard venues.now < drainEndsAt else {
        try end(&outcome)
        throw .stuck(engine.state.carries.compactMap { $0 }.filter(\.state.isInMotion).map(\.id))
      }
      if isDraining, engine.isQuiet {
        try end(&outcome)
        return .drained
      }
      try finish(&outcome)
      for command in engine.isReady ? try books.commands() : [] {
        engine.handle(Event(at: venues.now, .command(command)), into: &outcome)
        try finish(&outcome)
      }
      guard let next = venues.nextTime else { break }
      try books.beat(isDraining ? "draining" : "running")
      if !isDraining, pace.wait(until: next, listeningTo: books.database.connection) { continue }
      guard venues.nextBatch(into: &batch) else { break }
      engine.handle(batch, at: venues.now, into: &outcome)
      try finish(&outcome)
      observe(Progress(now: venues.now, facts: books.stored))
    }
    try end(&outcome)
    return .marketOver
  }

  /// Stores the facts of a step, and only then performs its actions.
  private mutating func finish(_ outcome: inout Outcome) throws(ProcessError) {
    try books.store(outcome.facts)
    do throws(PostgresError) {
      // The venues' own memory comes before they act.
      try log.append(outcome.actions.compactMap(\.mutatingRequest), at: venues.now)
    } catch {
      throw .store(error)
    }
    for action in outcome.actions { venues.perform(action) }
    outcome.removeAll()
  }

  private mutating func end(_ outcome: inout Outcome) throws(ProcessError) {
    engine.handle(Event(at: venues.end, .finish), into: &outcome)
    try finish(&outcome)
    try books.beat("stopped", isFinal: true)
  }
}

extension Action {
  /// The request that can change something at a venue; nil for questions and timers.
  var mutatingRequest: VenueRequest? {
    switch self {
    case .submit(let order): .submit(order.request)
    case .request(let request): request.isMutating ? request : nil
    case .wake: nil
    }
  }
}

/// Why the process ends with an error.
public enum ProcessError: Error, Sendable, CustomStringConvertible {
  /// The database failed.
  case store(PostgresError)
  /// The database failed, and nothing could be kept outside of it either.
  case unkept(PostgresError, EmergencyError)
  /// Another process has the books now, or they are not what they were: nothing more may be done.
  case fenced(String)
  /// Something is open on pairs that are not traded here.
  case orphans([String])
  /// A drain took too long.
  case stuck([CarryID])

  /// What failed, and what to do about it.
  public var description: String {
    switch self {
    case .store(let error): error.description
    case .unkept(let failure, let error): "\(failure); \(error)"
    case .fenced(let why): why
    case .orphans(let list):
      "still open on pairs this process does not trade (\(list.joined(separator: ", "))); "
        + "add their symbols"
    case .stuck(let carries):
      "stopped before everything was finished (carry "
        + "\(carries.map(\.description).joined(separator: ", "))); see harvester explain"
    }
  }
}

/// Ties virtual time to real time.
struct Pace {
  private let speed: Int?
  private var anchor: (virtual: Timestamp, real: ContinuousClock.Instant)?

  init(speed: Int?) { self.speed = speed }

  /// Waits until a virtual moment is due, at most a fifth of a second, so that signals are heard.
  ///
  /// - Returns: true when it is not due yet, or when a notification came first.
  mutating func wait(until moment: Timestamp, listeningTo connection: PostgresConnection) -> Bool {
    guard let speed else { return false }
    guard let anchor else {
      self.anchor = (moment, .now)
      return false
    }
    let ahead = (moment - anchor.virtual).nanoseconds / Int64(speed)
    let due = anchor.real + .nanoseconds(ahead)
    let now = ContinuousClock.now
    if due <= now { return false }
    let milliseconds = Int32(min(200, (due - now) / .milliseconds(1))) + 1
    var descriptor = pollfd(fd: connection.fileDescriptor, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, milliseconds) > 0 || ContinuousClock.now < due
  }
}
