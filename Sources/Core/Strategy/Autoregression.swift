public import FixedPoint
public import Trading

/// Funding that returns to its mean: x′ = μ + φ·(x − μ) + noise.
public struct Autoregression: Hashable, Sendable {
  /// μ, per step.
  public let mean: Rate
  /// φ: what a step leaves of the distance from the mean, 0 … 1.
  public let persistence: Rate
  /// Standard deviation of the rate around its mean, not of the noise.
  public let deviation: Rate

  /// States a process.
  public init(mean: Rate, persistence: Rate, deviation: Rate = .zero) {
    self.mean = mean
    self.persistence = persistence
    self.deviation = deviation
  }

  /// Fits a process to a series of equal steps by least squares; nil of fewer than 10 values or
  /// without variation.
  ///
  /// φ is kept within 0 … 0.999, where the process has a mean.
  public init?(fitting series: some Collection<Rate>) {
    guard series.count >= 10, let moments = Moments(series), moments.deviation.isPositive
    else { return nil }
    let scale = 10_000
    var square = Rate.zero
    var product = Rate.zero
    var before: Rate?
    for value in series {
      let distance = (value - moments.mean).times(scale)
      if let before {
        product += before.times(distance)
        square += before.squared()
      }
      before = distance
    }
    guard square.isPositive else { return nil }
    self.init(
      mean: moments.mean,
      persistence: min(max(product.divided(by: square), .zero), "0.999"),
      deviation: moments.deviation)
  }

  /// The sum that the next steps are expected to bring:
  /// n·μ + (x − μ)·φ·(1 − φⁿ) / (1 − φ).
  public func expectedSum(of steps: Int, from rate: Rate) -> Rate {
    let decay = (Rate.one - persistence.power(steps)).divided(by: .one - persistence)
    return mean.times(steps) + (rate - mean).times(persistence).times(decay)
  }

  /// The first step at which the expected sum reaches a cost; nil within so many steps.
  public func stepsToRecover(_ cost: Rate, from rate: Rate, limit: Int = 10_000) -> Int? {
    var sum = Rate.zero
    var distance = rate - mean
    for step in 1...limit {
      distance = distance.times(persistence)
      sum += mean + distance
      if sum >= cost { return step }
    }
    return nil
  }
}
