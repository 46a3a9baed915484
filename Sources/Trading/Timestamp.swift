/// A moment: nanoseconds since 1970-01-01T00:00:00 UTC, leap seconds not counted.
@frozen
public struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// Nanoseconds since 1970, UTC.
  ///
  /// The range ends in the year 2262.
  public var nanoseconds: Int64

  /// Makes a moment from nanoseconds since 1970.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Makes a moment from milliseconds since 1970, as venues stamp them.
  @inlinable
  public init(milliseconds: Int64) { nanoseconds = milliseconds * 1_000_000 }

  /// Whether the left moment is earlier.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The moment a span later.
  @inlinable
  public static func + (left: Self, right: TimeSpan) -> Self {
    Self(nanoseconds: left.nanoseconds + right.nanoseconds)
  }

  /// The moment a span earlier.
  @inlinable
  public static func - (left: Self, right: TimeSpan) -> Self {
    Self(nanoseconds: left.nanoseconds - right.nanoseconds)
  }

  /// The time from the right moment to the left one.
  @inlinable
  public static func - (left: Self, right: Self) -> TimeSpan {
    TimeSpan(nanoseconds: left.nanoseconds - right.nanoseconds)
  }

  /// The latest multiple of a span since 1970 that is not after this moment.
  @inlinable
  public func floored(to span: TimeSpan) -> Timestamp {
    let remainder = nanoseconds % span.nanoseconds
    let below = remainder < 0 ? remainder + span.nanoseconds : remainder
    return Timestamp(nanoseconds: nanoseconds - below)
  }

  /// Before everything: the year 1716, far enough from the end of the range to be computed with.
  public static let distantPast = Timestamp(nanoseconds: -8_000_000_000_000_000_000)
  /// After everything: the year 2223.
  public static let distantFuture = Timestamp(nanoseconds: 8_000_000_000_000_000_000)
}

/// A length of time in nanoseconds; may be negative.
@frozen
public struct TimeSpan: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// Nanoseconds.
  public var nanoseconds: Int64

  /// Makes a span from nanoseconds.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// So many milliseconds.
  @inlinable
  public static func milliseconds(_ count: Int64) -> Self { Self(nanoseconds: count * 1_000_000) }
  /// So many seconds.
  @inlinable
  public static func seconds(_ count: Int64) -> Self { Self(nanoseconds: count * 1_000_000_000) }
  /// So many minutes.
  @inlinable
  public static func minutes(_ count: Int64) -> Self { seconds(count * 60) }
  /// So many hours.
  @inlinable
  public static func hours(_ count: Int64) -> Self { seconds(count * 3600) }
  /// So many days of 24 hours.
  @inlinable
  public static func days(_ count: Int64) -> Self { seconds(count * 86_400) }

  /// By length; negative spans come before zero.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The span so many times.
  @inlinable
  public func times(_ count: Int64) -> Self { Self(nanoseconds: nanoseconds * count) }

  /// The span as seconds, exactly.
  public var seconds: Rate { Rate(raw: Int128(nanoseconds) * 1_000_000_000) }

  /// The span as hours, rounded half-even at 18 places.
  public var hours: Rate { seconds.divided(by: 3600, rounding: .halfEven) }
}
