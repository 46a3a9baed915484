/// An exact decimal number with a unit: an integer count of 10⁻¹⁸.
///
/// One scale everywhere makes equality, ordering and hashing those of the integer, and matches
/// PostgreSQL's `numeric(38,18)`. The range is ±1.7 × 10²⁰. Addition and subtraction are exact and
/// stop the process on overflow; whatever can round is a named method that takes a `Rounding`.
/// The unit is a phantom type, so a price cannot be added to a quantity.
@frozen
public struct Fixed<Unit>: Hashable, Sendable, BitwiseCopyable {
  /// The number as a count of 10⁻¹⁸.
  public var raw: Int128

  /// Makes a number from its count of 10⁻¹⁸.
  @inlinable
  public init(raw: Int128) { self.raw = raw }

  /// Makes a whole number.
  @inlinable
  public init(_ whole: Int) { raw = Int128(whole) * Decimals.one }

  /// Zero.
  @inlinable
  public static var zero: Self { Self(raw: 0) }

  /// One unit.
  @inlinable
  public static var one: Self { Self(raw: Decimals.one) }

  /// The smallest step: 10⁻¹⁸.
  @inlinable
  public static var ulp: Self { Self(raw: 1) }

  /// Whether the number is zero.
  @inlinable
  public var isZero: Bool { raw == 0 }

  /// Whether the number is above zero.
  @inlinable
  public var isPositive: Bool { raw > 0 }

  /// Whether the number is below zero.
  @inlinable
  public var isNegative: Bool { raw < 0 }

  /// The number without its sign.
  @inlinable
  public var magnitude: Self { raw < 0 ? -self : self }
}

/// The scale of every `Fixed`.
public enum Decimals {
  /// Decimal places kept.
  public static let places = 18
  /// The raw value of one unit: 10¹⁸.
  @inlinable
  public static var one: Int128 { 1_000_000_000_000_000_000 }
}

extension Fixed: Comparable {
  /// By value; exact.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.raw < right.raw }
}

extension Fixed: AdditiveArithmetic {
  /// The exact sum; overflow stops the process.
  @inlinable
  public static func + (left: Self, right: Self) -> Self { Self(raw: left.raw + right.raw) }
  /// The exact difference; overflow stops the process.
  @inlinable
  public static func - (left: Self, right: Self) -> Self { Self(raw: left.raw - right.raw) }
  /// Adds exactly, in place; overflow stops the process.
  @inlinable
  public static func += (left: inout Self, right: Self) { left.raw += right.raw }
  /// Subtracts exactly, in place; overflow stops the process.
  @inlinable
  public static func -= (left: inout Self, right: Self) { left.raw -= right.raw }

  /// The number with its sign turned round.
  @inlinable
  public static prefix func - (number: Self) -> Self { Self(raw: -number.raw) }
}

extension Fixed {
  /// The number times a count: exact.
  @inlinable
  public func times(_ count: Int) -> Self { Self(raw: raw * Int128(count)) }

  /// The number divided by a count.
  @inlinable
  public func divided(by count: Int, rounding: Rounding) -> Self {
    Self(raw: rounding.quotient(raw, Int128(count)))
  }

  /// The nearest multiple of a step in the direction of `rounding`.
  ///
  /// - Parameter step: positive, same unit.
  @inlinable
  public func rounded(toMultipleOf step: Self, _ rounding: Rounding) -> Self {
    precondition(step.raw > 0, "Invariant: a step is positive")
    return Self(raw: rounding.quotient(raw, step.raw) * step.raw)
  }

  /// Whether the number is a whole multiple of a positive step.
  @inlinable
  public func isMultiple(of step: Self) -> Bool { raw % step.raw == 0 }

  /// The number at no more than so many decimal places.
  @inlinable
  public func rounded(places: Int, _ rounding: Rounding) -> Self {
    rounded(toMultipleOf: Self(raw: Decimals.power(Decimals.places - places)), rounding)
  }

  /// The same number under another unit; each use says why the change is right.
  @inlinable
  public func reinterpreted<Other>(as unit: Other.Type) -> Fixed<Other> { Fixed<Other>(raw: raw) }
}

extension Decimals {
  /// Ten to the given power, 0 … 38.
  @inlinable
  public static func power(_ exponent: Int) -> Int128 {
    precondition((0...38).contains(exponent), "Invariant: the power of ten fits 128 bits")
    var result: Int128 = 1
    for _ in 0..<exponent { result *= 10 }
    return result
  }
}
