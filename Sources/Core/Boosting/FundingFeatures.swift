public import FixedPoint
public import Trading

/// What a boosted model sees of a pair: settled funding in steps of eight hours, measured against its
/// own average and deviation, and prices where they are known.
///
/// Open interest is left out: recordings do not have it, and what is never seen cannot be learned.
public struct FundingFeatures: Sendable {
  /// What is told, in order; rates in percent a year, basis in hundredths of a percent, moves in
  /// percent, the rest in deviations.
  public static let names = [
    "average", "average_in_deviations", "deviation", "last", "three_days", "three_weeks",
    "average_week_before", "negative_share",
    "basis", "basis_day", "basis_week", "volatility_day", "move_day", "move_week",
  ]
  /// Steps below which nothing is told: three weeks.
  public static let fewestSteps = 63

  /// Steps that are known.
  public var count: Int { averages.count }

  private let steps: [Rate]
  private let averages: [Rate]
  private let sums: [Rate]
  private let squares: [Rate]

  private static let week = 21
  /// Two percent a year: funding that stands still has no deviation to measure by.
  private static let leastDeviation: Rate = "0.02"
  /// Beyond this a 32-bit number would not keep four places.
  private static let largest: Rate = "500"

  /// Reads a window.
  ///
  /// - Parameters:
  ///   - settlements: oldest first.
  ///   - span: of the moving average, in steps.
  public init(_ settlements: some BidirectionalCollection<FundingRate>, span: Int) {
    steps = FundingSteps.annualized(settlements)
    let kept = Rate(span - 1).divided(by: Rate(span + 1))
    var averages: [Rate] = []
    var sums = [Rate.zero]
    var squares = [Rate.zero]
    averages.reserveCapacity(steps.count)
    sums.reserveCapacity(steps.count + 1)
    squares.reserveCapacity(steps.count + 1)
    for step in steps {
      averages.append(averages.last.map { step + ($0 - step).times(kept) } ?? step)
      sums.append(sums[sums.count - 1] + step)
      squares.append(squares[squares.count - 1] + step.squared())
    }
    self.averages = averages
    self.sums = sums
    self.squares = squares
  }

  /// The moving average after so many steps, a yearly rate.
  public func average(endingAt end: Int) -> Rate { averages[end - 1] }

  /// The mean of the last few of so many steps.
  public func mean(_ length: Int, endingAt end: Int) -> Rate {
    (sums[end] - sums[end - length]).divided(by: length, rounding: .halfEven)
  }

  /// The deviation over three weeks, a yearly rate, never below two percent.
  public func deviation(endingAt end: Int) -> Rate {
    let length = Self.fewestSteps
    let mean = mean(length, endingAt: end)
    let square = (squares[end] - squares[end - length]).divided(by: length, rounding: .halfEven)
    let variance = square - mean.squared()
    return max(variance.isPositive ? variance.root(2) : .zero, Self.leastDeviation)
  }

  /// What is told after so many steps, at least `fewestSteps`, in the order of `names`; nil where it
  /// is not known.
  public func values(endingAt end: Int, prices: PriceFigures?) -> [Rate?] {
    let average = averages[end - 1]
    let deviation = deviation(endingAt: end)
    func distance(_ rate: Rate) -> Rate { (rate - average).divided(by: deviation) }
    let negatives = steps[(end - Self.week)..<end].count { $0.isNegative }
    let values: [Rate?] = [
      average.times(100), average.divided(by: deviation), deviation.times(100),
      distance(steps[end - 1]), distance(mean(9, endingAt: end)), distance(mean(63, endingAt: end)),
      distance(averages[end - 1 - Self.week]),
      Rate(negatives).divided(by: Self.week, rounding: .halfEven),
      prices?.basis.times(10_000), prices?.basisOfDay.times(10_000),
      prices?.basisOfWeek.times(10_000), prices?.volatilityOfDay.times(100),
      prices?.moveOfDay.times(100), prices?.moveOfWeek?.times(100),
    ]
    return values.map { $0.map(Self.told) }
  }

  /// Four places, within ±500: the library learns from 32-bit numbers, and these it sees exactly, so
  /// that a threshold between two values lies between the same two decimals.
  private static func told(_ value: Rate) -> Rate {
    min(max(value, -largest), largest).rounded(places: 4, .halfEven)
  }
}
