public import Accounting
public import FixedPoint
public import Trading

/// Where a carry stands.
public enum CarryState: String, Hashable, Codable, Sendable, BitwiseCopyable {
  /// Building both legs up, clip by clip, at first or once more. → `open` at target, `closing` on
  /// exit, `refused` when nothing traded.
  case opening
  /// Both legs at target. → `opening`, `rebalancing`, `reducing` or `closing`.
  case open
  /// One leg is being corrected. → `open`.
  case rebalancing
  /// Both legs are being made smaller. → `open`, or `closed` when nothing is left.
  case reducing
  /// Both legs are being taken down, perpetual first and reduce-only. → `closed`.
  case closing
  /// Flat on both legs. Final.
  case closed
  /// Never traded. Final.
  case refused

  /// Whether orders may be needed to get further.
  public var isInMotion: Bool {
    switch self {
    case .opening, .rebalancing, .reducing, .closing: true
    case .open, .closed, .refused: false
    }
  }

  /// Whether nothing more will happen.
  public var isFinal: Bool { self == .closed || self == .refused }
}

/// Who asked for a carry.
public enum CarryOrigin: String, Hashable, Codable, Sendable, BitwiseCopyable {
  /// The engine's own decision.
  case policy
  /// An operator.
  case command
}

/// A time in which the legs did not match.
public struct ExposureWindow: Hashable, Sendable, BitwiseCopyable {
  /// When it began.
  public let openedAt: Timestamp
  /// Largest |delta| × mid, quote units.
  public var peak: Notional
  /// Σ |delta| × mid × seconds.
  public var notionalSeconds: Notional
  /// The value since the last change, quote units.
  public var current: Notional
  /// When the value last changed.
  public var changedAt: Timestamp
}

/// What a change of an open carry has done so far.
public struct ChangeProgress: Hashable, Sendable, BitwiseCopyable {
  /// Delta before, base units.
  public var deltaBefore: Quantity
  /// Traded so far on spot, signed base units.
  public var spot: Quantity = .zero
  /// Traded so far in the perpetual, signed base units.
  public var perp: Quantity = .zero
  /// Fees so far by leg, quote units.
  public var spotFees: Notional = .zero
  /// Fees so far of the perpetual, quote units.
  public var perpFees: Notional = .zero
  /// Slippage so far on spot, quote units.
  public var spotSlippage: Notional = .zero
  /// Slippage so far in the perpetual, quote units.
  public var perpSlippage: Notional = .zero
}

/// One pair trade: long spot and short perpetual of the same base asset.
public struct Carry: Hashable, Sendable, BitwiseCopyable {
  /// Its number.
  public let id: CarryID
  /// Its pair.
  public let pair: PairIndex
  /// Who asked for it.
  public let origin: CarryOrigin
  /// Whether only an operator, or the need to survive, may end it.
  public let isHeldByOperator: Bool
  /// Leverage of the perpetual leg.
  public let leverage: Rate
  /// Largest order, base units.
  public let clip: Quantity
  /// How its legs are traded.
  public let execution: CarryExecution
  /// Base units of the perpetual sold per unit of spot; one is neutral.
  public let hedge: Rate
  /// What it was opened with: quantity at the spot mid of its plan, quote units.
  public let notional: Notional
  /// When it was decided.
  public let plannedAt: Timestamp
  /// Where it stands.
  public internal(set) var state: CarryState
  /// When it first stood at target.
  public internal(set) var openedAt: Timestamp?
  /// The perpetual quantity aimed at, base units, not above zero unless one leg is corrected.
  public internal(set) var perpTarget: Quantity
  /// The spot quantity aimed at while the spot leg alone is corrected.
  public internal(set) var spotTarget: Quantity
  /// The leg that is corrected alone while `rebalancing`.
  public internal(set) var correctedLeg: Market
  /// How much time it may take.
  public internal(set) var pace = Pace.patient
  /// When an order on its leading leg last went out.
  public internal(set) var ledAt = Timestamp.distantPast
  /// What its next order is for.
  public internal(set) var purpose = OrderPurpose.open
  /// What it holds.
  public internal(set) var holdings = CarryHoldings()
  /// What it earned.
  public internal(set) var profit = CarryProfit()
  /// The order that works for it; one at a time, so that at most one clip is unhedged.
  public internal(set) var working: ClientOrderID?
  /// Orders in a row that did not trade.
  public internal(set) var failedAttempts = 0
  /// No order before this moment, unless a leg trades again or the venue is heard again.
  public internal(set) var retryAt = Timestamp.distantPast
  /// The current exposure; nil while the legs match.
  public internal(set) var exposure: ExposureWindow?
  /// The current change of an open carry.
  public internal(set) var change: ChangeProgress?

  /// What spot holds beyond what the short calls for, base units: delta, where the hedge is neutral.
  public var imbalance: Quantity {
    hedge == .one ? holdings.delta : holdings.spot + holdings.perp.divided(by: hedge, .halfEven)
  }

  /// The short that a spot quantity calls for, base units, below zero.
  func short(for spot: Quantity, lot: Quantity) -> Quantity {
    -(hedge == .one ? spot : spot.times(hedge, .down)).rounded(toMultipleOf: lot, .down)
  }
}

/// What an order is for.
public enum OrderPurpose: String, Hashable, Codable, Sendable, BitwiseCopyable {
  /// To build a carry.
  case open
  /// To take it down.
  case close
  /// To correct or resize one that is open.
  case rebalance
  /// To make the legs match again after one of them failed or was closed by the venue.
  case hedge

  /// Whether its cost counts as the cost of rebalancing.
  public var isCorrective: Bool { self == .rebalance || self == .hedge }
}
