public import FixedPoint
public import Trading

/// The best two thresholds where every switch costs: enter above one rate, leave below another.
///
/// Funding x per step follows an `Autoregression`. Seen after a settlement of x, being in earns the
/// next one, being out earns a stated rate, and each way costs c, half a round trip. What being in
/// is worth more than being out, before any switch, solves
/// D(x) = E[x′] − out + β·E[min(max(D(x′), −c), c)]: beyond ±c one switches, so the advantage is
/// worth no more than a switch. One enters where D > c and leaves where D < −c.
///
/// Solved on a grid of ±6 deviations in whole numbers, so that every machine gets the same digits.
/// Source: optimal switching between two states with proportional cost.
public struct SwitchingRule: Hashable, Sendable {
  /// Enter above this rate per step, the lowest of the grid where it always pays; nil: never within six
  /// deviations.
  public let enterAbove: Rate?
  /// Leave below this rate per step, the highest of the grid where it always pays; nil: never within six
  /// deviations.
  public let leaveBelow: Rate?

  /// The dearest round trip that is solved for, a fraction of the notional: with more, the sums would leave
  /// 64 bits.
  public static let largestRoundTrip: Rate = "0.018"

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - funding: the process per step; its deviation is above zero.
  ///   - roundTrip: cost of both ways, a fraction of the notional, at most `largestRoundTrip`.
  ///   - outsideRate: what the bound capital would earn elsewhere, per step and unit of notional.
  ///   - discount: β per step.
  ///   - points: of the grid; odd.
  public init(
    funding: Autoregression, roundTrip: Rate, outsideRate: Rate = .zero,
    discount: Rate = "0.99995", points: Int = 301
  ) {
    precondition(points % 2 == 1 && points > 2, "Invariant: a grid has a middle")
    precondition(
      funding.deviation.isPositive && funding.persistence < .one,
      "Invariant: the process varies around a mean")
    precondition(
      roundTrip <= Self.largestRoundTrip, "Invariant: a dearer round trip is not solved for")
    let grid = SwitchingGrid(funding: funding, discount: discount, points: points)
    let cost = Int64(roundTrip.divided(by: 2, rounding: .halfEven).raw / SwitchingGrid.unit)
    let gain = grid.solve(cost: cost, outside: outsideRate)
    enterAbove = gain.firstIndex { $0 > cost }.map { grid.rate(at: $0) }
    leaveBelow = gain.lastIndex { $0 < -cost }.map { grid.rate(at: $0) }
  }

  /// Both thresholds as yearly rates.
  ///
  /// - Parameter stepHours: the length of a step.
  public func annualized(stepHours: Int) -> (enterAbove: Rate?, leaveBelow: Rate?) {
    (
      enterAbove.map { Annualising.simple($0, intervalHours: stepHours) },
      leaveBelow.map { Annualising.simple($0, intervalHours: stepHours) }
    )
  }
}

/// The process on a grid: rates, and the odds of moving between them.
private struct SwitchingGrid {
  /// Whole numbers count this much of a `Rate`: 10⁻¹², a hundred-millionth of a basis point.
  static let unit: Int128 = 1_000_000
  /// Odds count billionths.
  static let certainty: Int64 = 1_000_000_000

  let mean: Rate
  let step: Rate
  let points: Int
  let persistence: Rate
  let discount: Int64
  /// Odds of landing on each place, by row, from `first`.
  let odds: [(first: Int, weights: [Int64])]

  init(funding: Autoregression, discount: Rate, points: Int) {
    mean = funding.mean
    persistence = funding.persistence
    self.points = points
    step = funding.deviation.times(12).divided(by: points - 1, rounding: .halfEven)
    self.discount = Int64(discount.raw / 1_000_000_000)
    // The noise in grid steps: √(1 − φ²) deviations.
    let noise = (Rate.one - funding.persistence.squared()).root(2).times(points - 1)
      .divided(by: 12, rounding: .halfEven)
    let width = Int(noise.times(6).rounded(places: 0, .ceiling).raw / Decimals.one) + 1
    let middle = points / 2
    odds = (0..<points).map { place in
      let target = funding.persistence.times(place - middle)
      let center = Int(target.rounded(places: 0, .halfEven).raw / Decimals.one)
      let range = max(-middle, center - width)...min(middle, center + width)
      var weights: [Int64] = []
      var below: Int64 = 0
      for landing in range {
        let edge = Rate(landing) + Rate.one.divided(by: 2, rounding: .halfEven) - target
        // What would land beyond the grid lands on its edge.
        let upTo =
          landing == range.upperBound
          ? Self.certainty
          : Int64(NormalLaw.cumulative(edge.divided(by: noise)).raw / 1_000_000_000)
        weights.append(upTo - below)
        below = upTo
      }
      return (range.lowerBound + middle, weights)
    }
  }

  func rate(at place: Int) -> Rate { mean + step.times(place - points / 2) }

  /// D on the grid, to a hundred units.
  func solve(cost: Int64, outside: Rate) -> [Int64] {
    let flow = (0..<points).map { place in
      let next = mean + step.times(place - points / 2).times(persistence)
      return Int64((next - outside).raw / Self.unit)
    }
    var gain = flow
    var largestChange = Int64.max
    while largestChange > 100 {
      let capped = gain.map { min(max($0, -cost), cost) }
      largestChange = 0
      for place in 0..<points {
        var expected: Int64 = 0
        for (offset, weight) in odds[place].weights.enumerated() {
          expected += weight * capped[odds[place].first + offset]
        }
        let next = flow[place] + expected / Self.certainty * discount / Self.certainty
        largestChange = max(largestChange, abs(next - gain[place]))
        gain[place] = next
      }
    }
    return gain
  }
}
