public import FixedPoint
public import Trading

/// What the simulated exchange assumes about trading: each model is a statement, not a fact.
public struct ExchangeModels: Hashable, Codable, Sendable {
  /// The distance from mid to bid and to ask.
  public var spread: SpreadModel
  /// What a taker pays beyond the spread.
  public var slippage: SlippageModel
  /// How long a request takes to act.
  public var latency: LatencyModel
  /// How much can be taken at once.
  public var depth: DepthModel
  /// How fees and payments are rounded, and what a liquidation costs.
  public var charges: ChargeModel

  /// States the models.
  public init(
    spread: SpreadModel, slippage: SlippageModel, latency: LatencyModel, depth: DepthModel,
    charges: ChargeModel
  ) {
    self.spread = spread
    self.slippage = slippage
    self.latency = latency
    self.depth = depth
    self.charges = charges
  }
}

/// Bid and ask stand at a constant fraction from the recorded price, which is taken as the mid.
public struct SpreadModel: Hashable, Codable, Sendable {
  /// Half the spread on spot, a fraction of the price.
  public var spotHalf: Rate
  /// Half the spread on the perpetual, a fraction of the price.
  public var perpHalf: Rate

  /// States a model.
  public init(spotHalf: Rate, perpHalf: Rate) {
    self.spotHalf = spotHalf
    self.perpHalf = perpHalf
  }
}

/// A taker pays a constant fraction beyond the touch, whatever the size within the depth.
public struct SlippageModel: Hashable, Codable, Sendable {
  /// How the price is brought to the tick.
  public enum TickRule: String, Hashable, Codable, Sendable {
    /// Against the taker: up when buying, down when selling.
    case against
    /// To the nearest tick, halves up.
    case nearest
  }
  /// Fraction of the price.
  public var fraction: Rate
  /// How the price is brought to the tick.
  public var tickRule: TickRule

  /// States a model.
  public init(fraction: Rate, tickRule: TickRule) {
    self.fraction = fraction
    self.tickRule = tickRule
  }
}

/// A request acts, and its answer is known, a constant time after it was sent.
public struct LatencyModel: Hashable, Codable, Sendable {
  /// Milliseconds, zero or more.
  public var milliseconds: Int

  /// States a model.
  public init(milliseconds: Int) { self.milliseconds = milliseconds }
}

/// A fixed notional stands at the touch of each side and is whole again after a while.
public struct DepthModel: Hashable, Codable, Sendable {
  /// Quote units on each side; nil: unlimited.
  public var notional: Notional?
  /// Milliseconds until what was taken stands again.
  public var refillMilliseconds: Int

  /// States a model.
  public init(notional: Notional?, refillMilliseconds: Int) {
    self.notional = notional
    self.refillMilliseconds = refillMilliseconds
  }
}

/// What the exchange rounds and what it charges beyond trading fees.
public struct ChargeModel: Hashable, Codable, Sendable {
  /// Decimal places of a fee, rounded half-even.
  public var feePlaces: Int
  /// Fraction of the notional charged when a position is liquidated.
  public var liquidationFee: Rate

  /// States a model.
  public init(feePlaces: Int, liquidationFee: Rate) {
    self.feePlaces = feePlaces
    self.liquidationFee = liquidationFee
  }
}
