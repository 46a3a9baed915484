public import Trading

/// How far a venue's clock is from ours, from answers that say what it was.
///
/// A sample says that the venue's clock stood at some time between our sending and our receiving;
/// the middle is wrong by half the round trip at most. The best sample counts until drift has made
/// it worse than a newer one, or a newer one contradicts it: then a clock was set.
public struct ClockOffset: Hashable, Sendable {
  /// Venue minus us.
  public struct Estimate: Hashable, Sendable {
    /// To be added to our time.
    public let offset: TimeSpan
    /// The true offset is within this of `offset`.
    public let error: TimeSpan

    /// Whether both can be true.
    func overlaps(_ other: Self) -> Bool {
      abs(offset.nanoseconds - other.offset.nanoseconds)
        <= error.nanoseconds + other.error.nanoseconds
    }
  }

  private struct Sample: Hashable, Sendable {
    var offset: TimeSpan
    var error: TimeSpan
    var takenAt: Timestamp
  }

  /// Clocks drift apart by this many parts in a million at most.
  private static let drift: Int64 = 100
  /// A sample older than this says nothing any more.
  private static let memory = TimeSpan.minutes(30)
  private static let capacity = 16

  private var samples: [Sample] = []

  /// Knows nothing.
  public init() {}

  /// Takes a sample.
  ///
  /// - Parameters:
  ///   - sent: when the request began to leave, by our clock.
  ///   - received: when the answer had arrived, by our clock.
  ///   - venue: what the venue's clock said in between.
  ///   - resolution: of the venue's figure, which is cut off, not rounded.
  public mutating func add(
    sent: Timestamp, received: Timestamp, venue: Timestamp,
    resolution: TimeSpan = .milliseconds(1)
  ) {
    guard received >= sent else { return }
    let half = TimeSpan(nanoseconds: (received - sent).nanoseconds / 2)
    let blur = TimeSpan(nanoseconds: resolution.nanoseconds / 2)
    let new = Estimate(
      offset: (venue + blur) - (sent + half),
      error: TimeSpan(nanoseconds: half.nanoseconds + blur.nanoseconds))
    if let known = estimate(at: received), !known.overlaps(new) { samples = [] }
    samples.append(Sample(offset: new.offset, error: new.error, takenAt: received))
    if samples.count > Self.capacity { samples.removeFirst() }
  }

  /// The best estimate at a moment of our clock; nil when there is none.
  public func estimate(at now: Timestamp) -> Estimate? {
    var best: Estimate?
    for sample in samples where now - sample.takenAt <= Self.memory {
      let age = max(0, (now - sample.takenAt).nanoseconds)
      let error = sample.error.nanoseconds + age / 1_000_000 * Self.drift
      if let best, best.error.nanoseconds <= error { continue }
      best = Estimate(offset: sample.offset, error: TimeSpan(nanoseconds: error))
    }
    return best
  }
}

/// What counts as a venue's time now.
public enum VenueClockMode: String, Hashable, Sendable {
  /// Our clock plus the estimated offset: real venues.
  case system
  /// The newest time the venue said: a simulated venue whose time runs at a speed of its own.
  case venue
}

/// A venue's time, by one of the modes; never goes back in `venue` mode.
public struct VenueClock: Hashable, Sendable {
  /// How it is known.
  public let mode: VenueClockMode
  /// What was learnt from samples.
  public private(set) var offset = ClockOffset()
  private var newest: Timestamp?

  /// Starts without knowing anything.
  public init(mode: VenueClockMode) { self.mode = mode }

  /// Takes a sample, by our clock and the venue's.
  public mutating func add(sent: Timestamp, received: Timestamp, venue: Timestamp) {
    offset.add(sent: sent, received: received, venue: venue)
    hear(venue)
  }

  /// Takes a time that the venue wrote into a message.
  public mutating func hear(_ time: Timestamp?) {
    guard let time else { return }
    newest = newest.map { max($0, time) } ?? time
  }

  /// Whether `now` is the venue's own time, not ours for want of better.
  public var isKnown: Bool { newest != nil }

  /// The venue's time at a moment of our clock; our own while nothing is known.
  public func now(at local: Timestamp) -> Timestamp {
    switch mode {
    case .system: local + (offset.estimate(at: local)?.offset ?? TimeSpan(nanoseconds: 0))
    case .venue: newest ?? local
    }
  }
}
