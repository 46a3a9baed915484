public import FixedPoint
public import Trading

/// The standard normal law in exact decimals, so that every machine gets the same digits.
public enum NormalLaw {
  /// e to the power of a number, −40 … 40; correct to about 10⁻¹⁷ of the result and to the last
  /// places kept.
  public static func exponential(_ exponent: Rate) -> Rate {
    precondition(exponent.magnitude <= Rate(40), "Invariant: an exponent is within ±40")
    if exponent.isNegative { return Rate.one.divided(by: exponential(-exponent)) }
    // Halved until small, expanded, then squared as often.
    let small = exponent.divided(by: 64, rounding: .halfEven)
    var sum = Rate.one
    var term = Rate.one
    var count = 1
    while !term.isZero {
      term = term.times(small).divided(by: count, rounding: .halfEven)
      sum += term
      count += 1
    }
    return sum.power(64)
  }

  /// The density at a point, 1/√(2π) at its peak.
  public static func density(_ point: Rate) -> Rate {
    guard point.magnitude < limit else { return .zero }
    let half = point.squared().divided(by: 2, rounding: .halfEven)
    return exponential(-half).times(peak)
  }

  /// The probability of a value below a point, 0 … 1.
  public static func cumulative(_ point: Rate) -> Rate {
    if point.isNegative { return .one - cumulative(-point) }
    guard point < limit else { return .one }
    let density = density(point)
    if point <= Rate(3) {
      // Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …): every term has the same sign.
      let square = point.squared()
      var sum = point
      var term = point
      var odd = 3
      while !term.isZero {
        term = term.times(square).divided(by: odd, rounding: .halfEven)
        sum += term
        odd += 2
      }
      return Rate.one.divided(by: 2, rounding: .halfEven) + density.times(sum)
    }
    // Further out the series would magnify the last digit: φ(x)/(x + 1/(x + 2/(x + …))).
    var fraction = point
    for step in stride(from: 120, through: 1, by: -1) {
      fraction = point + Rate(step).divided(by: fraction)
    }
    return .one - density.divided(by: fraction)
  }

  /// The point below which a value lies with a probability; the inverse of `cumulative`.
  ///
  /// - Parameter probability: 0 … 1, both ends excluded.
  public static func quantile(_ probability: Rate) -> Rate {
    precondition(
      probability.isPositive && probability < .one, "Invariant: a probability is within 0 and 1")
    var low = -limit
    var high = limit
    while high - low > Rate(raw: 16) {
      let middle = (low + high).divided(by: 2, rounding: .halfEven)
      if cumulative(middle) < probability { low = middle } else { high = middle }
    }
    return (low + high).divided(by: 2, rounding: .halfEven)
  }

  /// Beyond this nothing is left of eighteen places.
  private static let limit: Rate = "8.9"
  private static let peak: Rate = "0.398942280401432678"
}
