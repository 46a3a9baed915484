import FixedPoint
import Trading

/// A phase of a market with its own demand for leverage.
///
/// Each has a range for the mean premium of the perpetual over spot; the annualised funding in the
/// comments follows from the formula and from how far premiums scatter.
enum MarketRegime: CaseIterable {
  /// Longs pay 25–40 % a year.
  case hot
  /// The premium stays within the formula's dead zone: about 11 % a year.
  case normal
  /// About 2 % a year.
  case flat
  /// Shorts pay about 15 % a year.
  case negative
  /// Shorts pay about 50 % a year; rare.
  case deepNegative

  /// How often it follows another, out of all weights.
  private var weight: Int {
    switch self {
    case .hot: 25
    case .normal: 40
    case .flat: 20
    case .negative: 12
    case .deepNegative: 3
    }
  }

  /// The range of the mean premium, in hundredths of a basis point.
  private var premiums: ClosedRange<Int> {
    switch self {
    case .hot: 730...865
    case .normal: 50...200
    case .flat: -390 ... -350
    case .negative: -680 ... -580
    case .deepNegative: -1200 ... -800
    }
  }

  /// Draws the mean premium for one stay in the regime.
  func premium(_ random: inout SeededRandom) -> Rate {
    let hundredths = premiums.lowerBound + random.below(premiums.count)
    return Rate.basisPoints(hundredths).divided(by: 100, rounding: .halfEven)
  }

  /// Draws the regime that follows another one; it is never the same.
  static func following(_ current: MarketRegime?, _ random: inout SeededRandom) -> MarketRegime {
    let others = allCases.filter { $0 != current }
    var choice = random.below(others.reduce(0) { $0 + $1.weight })
    for regime in others {
      choice -= regime.weight
      if choice < 0 { return regime }
    }
    preconditionFailure("Invariant: a choice lies below the sum of the weights")
  }
}
