extension Fixed {
  /// The number multiplied by itself, unit of the caller's choice.
  @inlinable
  public func squared(_ rounding: Rounding = .halfEven) -> Self {
    Self(raw: Wide.product(raw, raw, rounding))
  }

  /// The number to a whole power, each product rounded half-even.
  @inlinable
  public func power(_ exponent: Int) -> Self {
    precondition(exponent >= 0, "Invariant: a power is not negative")
    var result = Self.one
    var base = self
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result = Self(raw: Wide.product(result.raw, base.raw, .halfEven)) }
      rest >>= 1
      if rest > 0 { base = base.squared() }
    }
    return result
  }

  /// The n-th root of a number that is not negative, to about the last decimal place.
  ///
  /// Newton's method in exact decimals, so every machine gets the same digits.
  @inlinable
  public func root(_ degree: Int) -> Self {
    precondition(degree >= 1 && raw >= 0, "Invariant: roots are taken of non-negative numbers")
    if raw == 0 || degree == 1 { return self }
    // From above, the iteration falls steadily; it ends when it no longer does. The start is a
    // power of two just above the root, so that no power of it leaves the range; one at least, where
    // powers of less would be too coarse.
    let bits = 128 - raw.leadingZeroBitCount - 59
    let start = degree == 2 ? (bits + 1) >> 1 : max(0, (bits + degree - 1) / degree)
    var estimate = Self(raw: Decimals.one << start)
    while true {
      let divisor = estimate.power(degree - 1)
      let quotient = Self(raw: Wide.ratio(raw, divisor.raw, .halfEven))
      let next = (estimate.times(degree - 1) + quotient).divided(by: degree, rounding: .down)
      if next >= estimate { return estimate }
      estimate = next
    }
  }
}
