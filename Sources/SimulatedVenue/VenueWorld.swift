import FixedPoint
import Simulation
public import Trading
public import Wire

/// Everything behind the ports: venues, their common clock, keys and faults.
///
/// It belongs to one thread and has no clock of its own: whoever runs it calls `advance`.
public final class VenueWorld {
  /// In the order in which they were made.
  public private(set) var venues: [Venue] = []
  /// The time of the market; it never goes back.
  public private(set) var now: Timestamp
  /// The market ends here: nothing happens by itself any more, requests are answered all the same.
  public let until: Timestamp
  /// What goes wrong.
  public var faults: FaultPlan
  /// Who may sign requests.
  public private(set) var keys: [APIKey] = []
  /// Follows the faster of market clock and machine clock; for rate limits, so that a limit is never
  /// stricter than the venue's, whatever the speed.
  public internal(set) var meterTime: Timestamp

  private var schedule = Schedule()
  private var beat: TimeSpan?
  private var nextBeat = Timestamp.distantFuture

  /// Makes an empty world.
  ///
  /// - Parameters:
  ///   - start: the first moment.
  ///   - until: the moment after the market's last.
  ///   - beat: how often books are confirmed though no price moved; nil for never.
  public init(
    start: Timestamp, until: Timestamp = .distantFuture, faults: FaultPlan = FaultPlan(seed: 1),
    beat: TimeSpan? = nil
  ) {
    now = start
    meterTime = start
    self.until = until
    self.faults = faults
    self.beat = beat
    if let beat { nextBeat = start + beat }
  }

  /// The venue of that name; nil when there is none.
  public func venue(_ id: VenueID) -> Venue? { venues.first { $0.id == id } }

  /// The key of that name; nil when nobody has it.
  public func key(_ name: String) -> APIKey? { keys.first { $0.name == name } }

  /// Lets somebody in.
  public func add(_ key: APIKey) { keys.append(key) }

  /// Opens a venue with an account on it.
  public func add(_ plan: VenuePlan) -> Venue {
    let venue = Venue(plan, in: self)
    venues.append(venue)
    return venue
  }

  /// Does something at a moment, after the market's ticks of that moment; also after `until`.
  public func schedule(at time: Timestamp, _ action: @escaping () -> Void) {
    schedule.add(max(time, now), action)
  }

  /// Does something so much later.
  public func schedule(after span: TimeSpan, _ action: @escaping () -> Void) {
    schedule(at: now + span, action)
  }

  /// When something happens next by itself; nil when nothing will.
  public var nextTime: Timestamp? {
    var next = nextBeat
    for venue in venues { next = min(next, venue.nextTick ?? .distantFuture) }
    if next >= until { next = .distantFuture }
    next = min(next, schedule.nextTime ?? .distantFuture)
    return next < .distantFuture ? next : nil
  }

  /// Lets everything happen up to and including a moment, in order, and moves the clock there.
  ///
  /// A moment that is not after `now` changes nothing. Of several beats on the way only the last
  /// one happens: nobody could have seen the others.
  public func advance(to time: Timestamp) {
    if let beat, nextBeat < min(time, until) {
      let missed = (min(time, until) - nextBeat).nanoseconds / beat.nanoseconds
      nextBeat = nextBeat + beat.times(missed)
    }
    while let next = nextTime, next <= time {
      now = max(now, next)
      if next < until { for venue in venues { venue.playTicks(of: next) } }
      if nextBeat <= next, next < until {
        for venue in venues { venue.confirmBooks() }
        nextBeat = next + (beat ?? .days(36_500))
      }
      while let action = schedule.take(until: next) { action() }
    }
    now = max(now, time)
    meterTime = max(meterTime, now)
  }
}

/// A key that requests are signed with.
public struct APIKey: Sendable {
  /// As it stands in a header.
  public let name: String
  /// What signs.
  public let secret: Secret
  /// The public key of an Ed25519 pair as PEM, where the key is one; else signatures are HMAC.
  public let publicKey: String?
  /// May read the account.
  public var mayRead: Bool
  /// May trade spot.
  public var mayTradeSpot: Bool
  /// May trade perpetuals.
  public var mayTradePerpetuals: Bool
  /// May move assets between wallets.
  public var mayTransfer: Bool
  /// May take money out.
  public var mayWithdraw: Bool
  /// Whether it is bound to addresses.
  public var isBoundToAddress: Bool
  /// When it ends; nil when it does not.
  public var expiresAt: Timestamp?

  /// States a key that may trade and not withdraw.
  public init(name: String, secret: Secret, publicKey: String? = nil) {
    self.name = name
    self.secret = secret
    self.publicKey = publicKey
    mayRead = true
    mayTradeSpot = true
    mayTradePerpetuals = true
    mayTransfer = true
    mayWithdraw = false
    isBoundToAddress = true
    expiresAt = nil
  }
}

/// What is to be done later, in order of time and then of asking.
struct Schedule {
  private var entries: [(at: Timestamp, action: () -> Void)] = []

  /// When something is due next; nil when nothing is.
  var nextTime: Timestamp? { entries.last?.at }

  /// Adds something; the entries are kept latest first, so that the next one is taken from the end.
  mutating func add(_ time: Timestamp, _ action: @escaping () -> Void) {
    let place = entries.firstPlace { $0.at <= time }
    entries.insert((time, action), at: place)
  }

  /// Takes what is due by a moment; nil when nothing is.
  mutating func take(until time: Timestamp) -> (() -> Void)? {
    guard let last = entries.last, last.at <= time else { return nil }
    return entries.removeLast().action
  }
}
