public import FixedPoint
public import Trading

/// How a pair's prices were over the last week.
public struct PriceFigures: Hashable, Sendable {
  /// The newest basis, a fraction.
  public let basis: Rate
  /// The mean basis of a day.
  public let basisOfDay: Rate
  /// The mean basis of a week, or of what is known of it.
  public let basisOfWeek: Rate
  /// One standard deviation of a day's move of the perpetual, a fraction.
  public let volatilityOfDay: Rate
  /// How far the perpetual moved within a day, a fraction.
  public let moveOfDay: Rate
  /// And within a week; nil before a week is known.
  public let moveOfWeek: Rate?

  static let day = 24

  /// Measures hourly samples, oldest first; nil for less than a day, or when the price never moved:
  /// then none was recorded.
  init?(basis: [Rate], perps: [Price], week: Int) {
    guard perps.count > Self.day, let last = perps.last, let newest = basis.last,
      perps.contains(where: { $0 != last })
    else { return nil }
    let squares = zip(perps, perps.dropFirst()).reduce(Rate.zero) { sum, pair in
      sum + (pair.1.ratio(to: pair.0) - .one).times(Self.scale).squared()
    }
    let perHour = squares.divided(by: perps.count - 1, rounding: .halfEven)
    self.basis = newest
    basisOfDay = basis.suffix(Self.day).reduce(.zero, +).divided(by: Self.day, rounding: .halfEven)
    basisOfWeek = basis.reduce(.zero, +).divided(by: basis.count, rounding: .halfEven)
    volatilityOfDay = perHour.times(Self.day).root(2)
      .divided(by: Self.scale, rounding: .halfEven)
    moveOfDay = last.ratio(to: perps[perps.count - 1 - Self.day]) - .one
    moveOfWeek = perps.count >= week ? last.ratio(to: perps[0]) - .one : nil
  }

  /// Keeps the digits of squares of small moves.
  private static let scale = 10_000
}
