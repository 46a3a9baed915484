public import Trading

/// Counts what somebody used within windows that begin on the grid of their length.
///
/// Fronts ask it with `VenueWorld.meterTime`.
public struct RateMeter: Sendable {
  /// Length of a window.
  public let window: TimeSpan
  private var openedAt = Timestamp.distantPast
  private var counts: [String: Int] = [:]

  /// Makes an empty one.
  public init(window: TimeSpan) { self.window = window }

  /// What somebody used in the window of a moment.
  public mutating func used(by name: String, at time: Timestamp) -> Int {
    turn(to: time)
    return counts[name, default: 0]
  }

  /// Adds to it.
  ///
  /// - Returns: what is used with it.
  @discardableResult
  public mutating func add(_ count: Int, by name: String, at time: Timestamp) -> Int {
    turn(to: time)
    counts[name, default: 0] += count
    return counts[name, default: 0]
  }

  /// Seconds until the next window, one at least.
  public func secondsLeft(at time: Timestamp) -> Int {
    let left = time.floored(to: window) + window - time
    return max(1, Int((left.nanoseconds + 999_999_999) / 1_000_000_000))
  }

  private mutating func turn(to time: Timestamp) {
    let start = time.floored(to: window)
    if start != openedAt {
      openedAt = start
      counts.removeAll(keepingCapacity: true)
    }
  }
}
