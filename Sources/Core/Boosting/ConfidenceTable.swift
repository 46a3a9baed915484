public import FixedPoint
public import Trading

/// How probable it is that funding has the sign of its forecast, by the forecast's distance from zero.
///
/// Calibrated on forecasts of stretches that the model had not seen: the share that was right among
/// forecasts about as strong, made to rise with strength (pool adjacent violators).
public struct ConfidenceTable: Hashable, Codable, Sendable {
  /// From one strength on, until the next step.
  public struct Step: Hashable, Codable, Sendable {
    /// The forecast's distance from zero, in deviations.
    public let strength: Rate
    /// 0 … 1.
    public let probability: Rate
  }

  /// Rising in both figures; weaker forecasts than the first count like it.
  public let steps: [Step]

  /// Knows nothing: a half.
  public static let none = ConfidenceTable(steps: [])

  private init(steps: [Step]) { self.steps = steps }

  /// Calibrates; equal numbers of forecasts enter each of so many bins.
  public init(fitting outcomes: [(strength: Rate, isRight: Bool)], bins: Int = 12) {
    let sorted = outcomes.sorted { $0.strength < $1.strength }
    var pools: [(strength: Rate, right: Int, count: Int)] = []
    for bin in 0..<bins {
      let part = sorted[(sorted.count * bin / bins)..<(sorted.count * (bin + 1) / bins)]
      guard let weakest = part.first?.strength else { continue }
      pools.append((weakest, part.count { $0.isRight }, part.count))
      while pools.count > 1, let last = pools.last,
        pools[pools.count - 2].right * last.count >= last.right * pools[pools.count - 2].count
      {
        pools.removeLast()
        pools[pools.count - 1].right += last.right
        pools[pools.count - 1].count += last.count
      }
    }
    steps = pools.map { pool in
      Step(
        strength: pool.strength,
        probability: Rate(pool.right).divided(by: pool.count, rounding: .halfEven)
          .rounded(places: 4, .halfEven))
    }
  }

  /// The probability for a forecast so far from zero, 0 … 1.
  public func probability(of strength: Rate) -> Rate {
    let step = steps.last { $0.strength <= strength } ?? steps.first
    return step?.probability ?? Self.half
  }

  var isSound: Bool {
    steps.allSatisfy { (Rate.zero...Rate.one).contains($0.probability) }
      && zip(steps, steps.dropFirst()).allSatisfy {
        $0.strength <= $1.strength && $0.probability <= $1.probability
      }
  }

  private static let half = Rate.one.divided(by: 2, rounding: .halfEven)
}
