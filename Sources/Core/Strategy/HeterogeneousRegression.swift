public import FixedPoint
public import Trading

/// Funding over the coming steps as a linear function of the last step, the mean of three days and
/// the mean of three weeks: long memory from three overlapping ones, by least squares.
///
/// Source: the heterogeneous autoregression of realised volatility, Corsi 2009, on funding.
public struct HeterogeneousRegression: Hashable, Sendable {
  /// Constant and weights of last step, three days and three weeks.
  public let weights: [Rate]
  /// The expected mean over the horizon after the newest step, in the unit of the series.
  public let forecast: Rate

  /// Lengths of the means in steps of eight hours.
  private static let spans = [1, 9, 63]
  /// Steps below which nothing is fitted: 120 days.
  static let fewestSteps = 360
  /// Keeps the equations solvable where the series does not vary; per observation.
  private static let ridge: Rate = "0.0000001"

  /// Fits a series of equal steps; nil where it is shorter than 120 days.
  ///
  /// - Parameter horizon: steps over which the target is the mean.
  public init?(fitting series: [Rate], horizon: Int) {
    guard series.count >= max(Self.fewestSteps, 2 * horizon + 63) else { return nil }
    var sums = [Rate.zero]
    sums.reserveCapacity(series.count + 1)
    for value in series { sums.append(sums[sums.count - 1] + value) }
    func mean(_ count: Int, endingAt end: Int) -> Rate {
      (sums[end] - sums[end - count]).divided(by: count, rounding: .halfEven)
    }
    func features(endingAt end: Int) -> [Rate] {
      [.one] + Self.spans.map { mean($0, endingAt: end) }
    }
    let size = Self.spans.count + 1
    var rows = [[Rate]](repeating: [Rate](repeating: .zero, count: size + 1), count: size)
    var count = 0
    for end in 63...(series.count - horizon) {
      let known = features(endingAt: end)
      let target = mean(horizon, endingAt: end + horizon)
      for row in 0..<size {
        for column in row..<size { rows[row][column] += known[row].times(known[column]) }
        rows[row][size] += known[row].times(target)
      }
      count += 1
    }
    for row in 0..<size {
      for column in 0..<row { rows[row][column] = rows[column][row] }
      if row > 0 { rows[row][row] += Self.ridge.times(count) }
    }
    guard let weights = Self.solve(rows) else { return nil }
    self.weights = weights
    forecast = zip(weights, features(endingAt: series.count))
      .reduce(.zero) { $0 + $1.0.times($1.1) }
  }

  /// Solves linear equations, the right side as last column, by elimination with pivots.
  private static func solve(_ equations: [[Rate]]) -> [Rate]? {
    var rows = equations
    let size = rows.count
    for place in 0..<size {
      let pivot = (place..<size).max { rows[$0][place].magnitude < rows[$1][place].magnitude }
      guard let pivot, rows[pivot][place].magnitude > "0.000000001" else { return nil }
      rows.swapAt(place, pivot)
      for other in 0..<size where other != place {
        let factor = rows[other][place].divided(by: rows[place][place])
        for column in place...size { rows[other][column] -= factor.times(rows[place][column]) }
      }
    }
    return (0..<size).map { rows[$0][size].divided(by: rows[$0][$0]) }
  }
}
