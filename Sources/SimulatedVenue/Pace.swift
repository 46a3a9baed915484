public import FixedPoint
public import Trading

/// How fast the market's clock runs.
public enum Speed: Hashable, Sendable {
  /// So many seconds of the market per second of the machine.
  case times(Rate)
  /// Lockstep: the next thing happens as soon as every client has acted on the last one.
  case lockstep

  /// Reads `60`, `0.5` or `max`.
  public init?(_ text: String) {
    if text == "max" {
      self = .lockstep
    } else if let factor = Rate(text), factor.isPositive, factor <= "100000000" {
      self = .times(factor)
    } else {
      return nil
    }
  }
}

/// Where the market's clock stands by the machine's.
struct Pace {
  private(set) var speed: Speed
  private(set) var isRunning: Bool
  private var anchor: (steady: Timestamp, market: Timestamp)

  init(speed: Speed, isRunning: Bool, steady: Timestamp, market: Timestamp) {
    self.speed = speed
    self.isRunning = isRunning
    anchor = (steady, market)
  }

  /// The market's time; nil when the clock stands or does not follow the machine's.
  func marketTime(at steady: Timestamp) -> Timestamp? {
    guard isRunning, case .times(let factor) = speed else { return nil }
    let passed = Int128((steady - anchor.steady).nanoseconds) * factor.raw / Decimals.one
    return anchor.market + TimeSpan(nanoseconds: Int64(clamping: passed))
  }

  /// How long to wait, by the machine, for a moment of the market; nil for ever.
  func wait(until market: Timestamp, at steady: Timestamp) -> TimeSpan? {
    guard isRunning, case .times(let factor) = speed else { return nil }
    let left = Int128((market - anchor.market).nanoseconds) * Decimals.one / factor.raw
    let passed = Int128((steady - anchor.steady).nanoseconds)
    return TimeSpan(nanoseconds: Int64(clamping: max(left - passed, 0)))
  }

  mutating func set(
    speed: Speed? = nil, isRunning: Bool? = nil, steady: Timestamp, market: Timestamp
  ) {
    self.speed = speed ?? self.speed
    self.isRunning = isRunning ?? self.isRunning
    anchor = (steady, market)
  }
}
