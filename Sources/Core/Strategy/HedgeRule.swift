import FixedPoint
import Trading

/// How much is sold against a unit of spot.
public enum HedgeModel: String, Hashable, Codable, Sendable, CaseIterable {
  /// As much as is held: no view.
  case neutral
  /// The ratio with the smallest variance of both legs together.
  case minimumVariance = "min_variance"
  /// Less or more, the less certain the forecast is: a view, not a hedge.
  case confidenceTilt = "confidence_tilt"
}

/// The hedge ratio of an entry.
///
/// Whatever a model says is kept within a width around one that the no-trade band of delta allows;
/// where it knows too little, or its formula explodes, the hedge is neutral.
struct HedgeRule {
  let rules: Parameters.Hedge
  let band: Rate

  init(parameters: Parameters) {
    rules = parameters.hedge
    band = parameters.rebalance.bandFraction
  }

  /// Base units of the perpetual sold per unit of spot.
  ///
  /// - Parameter confidence: of the boosted forecast where one is used, otherwise that funding will pay for
  ///   the carry, 0 … 1; nil while unknown.
  func ratio(_ market: PairMarket, confidence: Rate?) -> Rate {
    let unit: Quantity = "1"
    let short: Quantity? =
      switch rules.model {
      case .neutral: unit
      case .minimumVariance:
        market.trail.minimumVarianceRatio(fewest: rules.minimumHours).map {
          unit.times($0, .halfEven)
        }
      case .confidenceTilt:
        market.trail.fundingCorrelation(fewest: rules.minimumHours).flatMap { correlation in
          confidence.flatMap {
            HedgeRatio.tilted(long: unit, beta: .one, correlation: correlation, confidence: $0)
          }
        }
      }
    return HedgeRatio.clipped(short ?? unit, long: unit, width: min(rules.width, band))
      .reinterpreted(as: Unit.Ratio.self)
  }
}
