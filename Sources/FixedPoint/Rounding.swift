/// How an inexact result becomes an exact one.
@frozen
public enum Rounding: String, Sendable, Codable {
  /// Towards zero.
  case down
  /// Away from zero.
  case up
  /// Towards minus infinity.
  case floor
  /// Towards plus infinity.
  case ceiling
  /// To the nearest, ties to the even neighbour: the rule of the books.
  case halfEven
  /// To the nearest, ties away from zero: the rule of venues that say "round half up".
  case halfUp
}

extension Rounding {
  /// `dividend / divisor` rounded to an integer.
  @inlinable
  public func quotient(_ dividend: Int128, _ divisor: Int128) -> Int128 {
    precondition(divisor != 0, "Invariant: nothing is divided by zero")
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    if remainder == 0 { return quotient }
    let isNegative = (dividend < 0) != (divisor < 0)
    let rest = remainder.magnitude
    let isUp = movesAway(
      isNegative: isNegative, isOdd: quotient & 1 != 0, rest: rest,
      complement: divisor.magnitude - rest)
    return isUp ? quotient + (isNegative ? -1 : 1) : quotient
  }

  /// Whether a truncated magnitude must grow by one.
  ///
  /// - Parameters:
  ///   - rest: what truncation left, not zero.
  ///   - complement: what is missing to the next integer.
  @inlinable
  func movesAway(isNegative: Bool, isOdd: Bool, rest: UInt128, complement: UInt128) -> Bool {
    switch self {
    case .down: false
    case .up: true
    case .floor: isNegative
    case .ceiling: !isNegative
    case .halfEven: rest > complement || (rest == complement && isOdd)
    case .halfUp: rest >= complement
    }
  }
}

/// Products and quotients of raw values through the full 256-bit intermediate.
public enum Wide {
  /// `left × right / 10¹⁸`, rounded once.
  ///
  /// Stops the process when the result leaves the range.
  @inlinable
  public static func product(_ left: Int128, _ right: Int128, _ rounding: Rounding) -> Int128 {
    let isNegative = (left < 0) != (right < 0)
    let product = multiplied(left.magnitude, right.magnitude)
    let (quotient, remainder) =
      product.high == 0
      ? divided(product.low, by: scale) : divided(product.high, product.low, by: scale)
    if remainder == 0 { return signed(quotient, isNegative) }
    let isUp = rounding.movesAway(
      isNegative: isNegative, isOdd: quotient & 1 != 0, rest: UInt128(remainder),
      complement: UInt128(scale - remainder))
    return signed(isUp ? quotient + 1 : quotient, isNegative)
  }

  /// `dividend × 10¹⁸ / divisor`, rounded once.
  ///
  /// Stops the process when the result leaves the range.
  @inlinable
  public static func ratio(_ dividend: Int128, _ divisor: Int128, _ rounding: Rounding) -> Int128 {
    precondition(divisor != 0, "Invariant: nothing is divided by zero")
    let isNegative = (dividend < 0) != (divisor < 0)
    let scaled = multiplied(dividend.magnitude, by: scale)
    let by = divisor.magnitude
    precondition(scaled.high < by, "Invariant: a quotient stays in range")
    let (quotient, remainder) =
      scaled.high == 0
      ? scaled.low.quotientAndRemainder(dividingBy: by)
      : by.dividingFullWidth((scaled.high, scaled.low))
    if remainder == 0 { return signed(quotient, isNegative) }
    let isUp = rounding.movesAway(
      isNegative: isNegative, isOdd: quotient & 1 != 0, rest: remainder,
      complement: by - remainder)
    return signed(isUp ? quotient + 1 : quotient, isNegative)
  }

  @usableFromInline static let scale: UInt64 = 1_000_000_000_000_000_000

  /// The full product; most factors are small.
  @inlinable
  static func multiplied(_ left: UInt128, _ right: UInt128) -> (high: UInt128, low: UInt128) {
    if let small = UInt64(exactly: right) { return multiplied(left, by: small) }
    if let small = UInt64(exactly: left) { return multiplied(right, by: small) }
    return left.multipliedFullWidth(by: right)
  }

  /// A 128-bit number times a 64-bit one: two hardware products.
  @inlinable
  static func multiplied(_ number: UInt128, by factor: UInt64) -> (high: UInt128, low: UInt128) {
    let low = UInt128(UInt64(truncatingIfNeeded: number)) &* UInt128(factor)
    let middle = UInt128(UInt64(truncatingIfNeeded: number >> 64)) &* UInt128(factor) &+ (low >> 64)
    return (middle >> 64, middle << 64 | (low & UInt128(UInt64.max)))
  }

  @inlinable
  static func signed(_ magnitude: UInt128, _ isNegative: Bool) -> Int128 {
    precondition(magnitude <= UInt128(Int128.max), "Invariant: a product stays in range")
    return isNegative ? -Int128(magnitude) : Int128(magnitude)
  }

  /// A 128-bit number by a 64-bit one: two hardware divisions.
  @inlinable
  static func divided(_ number: UInt128, by divisor: UInt64) -> (UInt128, UInt64) {
    let high = UInt64(truncatingIfNeeded: number >> 64)
    let (upper, carry) = high.quotientAndRemainder(dividingBy: divisor)
    let (lower, remainder) = divisor.dividingFullWidth((carry, UInt64(truncatingIfNeeded: number)))
    return (UInt128(upper) << 64 | UInt128(lower), remainder)
  }

  /// A 256-bit number by a 64-bit one, when the quotient fits 128 bits.
  @inlinable
  static func divided(_ high: UInt128, _ low: UInt128, by divisor: UInt64) -> (UInt128, UInt64) {
    precondition(high < UInt128(divisor), "Invariant: a product stays in range")
    let third = UInt64(truncatingIfNeeded: high)
    let (upper, carry) = divisor.dividingFullWidth((third, UInt64(truncatingIfNeeded: low >> 64)))
    let (lower, remainder) = divisor.dividingFullWidth((carry, UInt64(truncatingIfNeeded: low)))
    return (UInt128(upper) << 64 | UInt128(lower), remainder)
  }
}
