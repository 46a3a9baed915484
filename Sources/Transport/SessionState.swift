public import Trading

/// Limits of one stream's connections.
public struct SessionLimits: Hashable, Sendable {
  /// Without a frame for this long the connection is dead, whatever TCP says.
  public var silence: TimeSpan
  /// Age at which the connection is replaced, before the venue cuts it.
  public var lifetime: TimeSpan
  /// From asking for a connection until it stands.
  public var connecting = TimeSpan.seconds(10)
  /// From then until the stream is subscribed.
  public var opening = TimeSpan.seconds(15)
  /// Between two signs of life that we send: 20 s, or less where an answer is needed earlier.
  public var heartbeat: TimeSpan
  /// Longest wait between two attempts.
  public var longestBackOff = TimeSpan.seconds(60)
  /// Attempts within `attemptWindow`, so that we are not banned for knocking.
  public var attempts = 20
  /// The window of `attempts`.
  public var attemptWindow = TimeSpan.minutes(5)

  /// The usual limits, with those of a stream.
  public init(silence: TimeSpan, lifetime: TimeSpan) {
    self.silence = silence
    self.lifetime = lifetime
    heartbeat = min(.seconds(20), TimeSpan(nanoseconds: silence.nanoseconds / 2))
  }
}

/// The life of one stream: which connections it has and what is to be done about them.
///
/// Pure: time and chance are told, and what to do is returned. Connections are numbered; while one
/// is replaced there are two, and the old one goes when the new one is subscribed.
public struct SessionState: Hashable, Sendable {
  /// Where the stream is.
  public enum Phase: Hashable, Sendable {
    /// Not begun.
    case idle
    /// A connection is being made.
    case connecting
    /// It stands and is not subscribed yet.
    case opening
    /// Subscribed.
    case live
    /// Subscribed, and a younger connection is on its way.
    case replacing
    /// The next attempt is at this moment.
    case backingOff(until: Timestamp)
    /// Closed on purpose.
    case ended
  }

  /// What to do about a connection.
  public enum Action: Hashable, Sendable {
    /// Make it.
    case connect(Int)
    /// Send a sign of life on it.
    case heartbeat(Int)
    /// Close it, with the reason.
    case close(Int, String)
  }

  /// What a connection let us hear.
  public enum Sound: Hashable, Sendable {
    /// A text or binary frame, or a ping of the venue.
    case data
    /// An answer to our ping: the peer lives, but that says nothing about its feed.
    case pong
  }

  private struct Link: Hashable, Sendable {
    enum Stage: Hashable, Sendable { case connecting, opening, live }
    var id: Int
    var stage = Stage.connecting
    var madeAt: Timestamp
    var stageSince: Timestamp
    var heardAt: Timestamp
    var heartbeatAt: Timestamp
  }

  /// The limits it keeps.
  public var limits: SessionLimits
  private var current: Link?
  private var next: Link?
  private var lastID = 0
  private var isBegun = false
  private var isEnded = false
  private var failures = 0
  private var attemptAt: Timestamp = .distantPast
  private var replaceAt: Timestamp = .distantFuture
  private var attemptTimes: [Timestamp] = []

  /// A stream that has not begun.
  public init(limits: SessionLimits) { self.limits = limits }

  /// Where it is.
  public var phase: Phase {
    if isEnded { return .ended }
    guard isBegun else { return .idle }
    guard let current else { return .backingOff(until: attemptAt) }
    switch current.stage {
    case .connecting: return .connecting
    case .opening: return .opening
    case .live: return next == nil ? .live : .replacing
    }
  }

  /// Whether events arrive.
  public var isLive: Bool { current?.stage == .live }

  /// Whether a connection is subscribed.
  public func isSubscribed(_ id: Int) -> Bool { link(id)?.stage == .live }

  // MARK: Orders

  /// Begins; the next `advance` connects.
  public mutating func begin() { isBegun = true }

  /// Ends for good.
  public mutating func end() -> [Action] {
    isEnded = true
    let open = [current, next].compactMap { $0?.id }
    current = nil
    next = nil
    return open.map { .close($0, "not needed any more") }
  }

  /// Makes a younger connection now and closes the old one when it is subscribed.
  public mutating func replace(at now: Timestamp) { replaceAt = min(replaceAt, now) }

  // MARK: What happened

  /// A connection stands, its handshake done.
  public mutating func connected(_ id: Int, at now: Timestamp) {
    let heartbeatAt = now + limits.heartbeat
    change(id) {
      $0.stage = .opening
      $0.stageSince = now
      $0.heardAt = now
      $0.heartbeatAt = heartbeatAt
    }
  }

  /// A connection is logged in and subscribed.
  public mutating func subscribed(_ id: Int, at now: Timestamp, chance: UInt64) -> [Action] {
    guard let link = link(id), link.stage != .live else { return [] }
    change(id) {
      $0.stage = .live
      $0.stageSince = now
    }
    replaceAt = link.madeAt + spread(limits.lifetime, chance)
    guard next?.id == id, let old = current else { return [] }
    current = next
    next = nil
    return [.close(old.id, "replaced")]
  }

  /// Something arrived on a connection.
  public mutating func heard(_ sound: Sound, on id: Int, at now: Timestamp) {
    if sound == .data { change(id) { $0.heardAt = now } }
  }

  /// A connection is gone; the others go on.
  public mutating func lost(_ id: Int, at now: Timestamp, chance: UInt64) {
    if next?.id == id {
      next = nil
      failures += 1
      replaceAt = now + backOff(chance)
    } else if let link = current, link.id == id {
      if link.stage == .live, now - link.stageSince >= .seconds(30) { failures = 0 }
      failures += 1
      attemptAt = now + backOff(chance)
      current = next
      next = nil
    }
  }

  /// Time has passed.
  public mutating func advance(to now: Timestamp, chance: UInt64) -> [Action] {
    guard isBegun && !isEnded else { return [] }
    var actions = overdue(at: now, chance: chance)
    if current == nil, now >= attemptAt, let id = attempt(at: now) {
      current = Link(
        id: id, madeAt: now, stageSince: now, heardAt: now, heartbeatAt: .distantFuture)
      actions.append(.connect(id))
    } else if isLive, next == nil, now >= replaceAt, let id = attempt(at: now) {
      next = Link(id: id, madeAt: now, stageSince: now, heardAt: now, heartbeatAt: .distantFuture)
      actions.append(.connect(id))
    }
    return actions
  }

  /// When `advance` has something to do.
  public var nextDeadline: Timestamp? {
    guard isBegun && !isEnded else { return nil }
    var first = min(nextDeadline(of: current), nextDeadline(of: next))
    let knock =
      attemptTimes.count < limits.attempts
      ? .distantPast : attemptTimes[0] + limits.attemptWindow
    if current == nil { first = min(first, max(attemptAt, knock)) }
    if isLive && next == nil { first = min(first, max(replaceAt, knock)) }
    return first
  }

  private func nextDeadline(of link: Link?) -> Timestamp {
    guard let link else { return .distantFuture }
    return min(deadline(of: link), link.heartbeatAt)
  }

  // MARK: Inside

  /// Closes connections that took too long or fell silent; asks for signs of life.
  private mutating func overdue(at now: Timestamp, chance: UInt64) -> [Action] {
    var actions: [Action] = []
    for link in [current, next].compactMap({ $0 }) {
      if now >= deadline(of: link) {
        lost(link.id, at: now, chance: chance)
        actions.append(.close(link.id, Self.complaint(link.stage)))
      } else if now >= link.heartbeatAt {
        let following = now + limits.heartbeat
        change(link.id) { $0.heartbeatAt = following }
        actions.append(.heartbeat(link.id))
      }
    }
    return actions
  }

  private func deadline(of link: Link) -> Timestamp {
    switch link.stage {
    case .connecting: link.stageSince + limits.connecting
    case .opening: link.stageSince + limits.opening
    case .live: link.heardAt + limits.silence
    }
  }

  private static func complaint(_ stage: Link.Stage) -> String {
    switch stage {
    case .connecting: "no connection in time"
    case .opening: "no subscription in time"
    case .live: "silent for too long"
    }
  }

  /// A new number, unless there were too many attempts lately.
  private mutating func attempt(at now: Timestamp) -> Int? {
    attemptTimes.removeAll { $0 <= now - limits.attemptWindow }
    guard attemptTimes.count < limits.attempts else { return nil }
    attemptTimes.append(now)
    lastID += 1
    return lastID
  }

  /// Half a second, doubled with every failure in a row up to the longest, less a random part of up
  /// to half so that clients that lost a venue together do not return together.
  private func backOff(_ chance: UInt64) -> TimeSpan {
    let doublings = min(failures - 1, 16)
    let full = min(TimeSpan.milliseconds(500).times(1 << Int64(doublings)), limits.longestBackOff)
    let half = full.nanoseconds / 2
    return TimeSpan(nanoseconds: full.nanoseconds - Int64(chance % UInt64(max(1, half))))
  }

  /// A span less up to a twentieth.
  private func spread(_ span: TimeSpan, _ chance: UInt64) -> TimeSpan {
    TimeSpan(
      nanoseconds: span.nanoseconds - Int64(chance % UInt64(max(1, span.nanoseconds / 20))))
  }

  private func link(_ id: Int) -> Link? {
    current?.id == id ? current : next?.id == id ? next : nil
  }

  private mutating func change(_ id: Int, _ body: (inout Link) -> Void) {
    if current?.id == id, var link = current {
      body(&link)
      current = link
    } else if next?.id == id, var link = next {
      body(&link)
      next = link
    }
  }
}
