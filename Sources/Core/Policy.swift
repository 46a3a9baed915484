public import FixedPoint
public import Trading

/// Decides about one pair: a pure function from what is known to what should be done.
public protocol Policy: Sendable {
  /// Names the rules and their parameters; stored with each decision.
  var version: String { get }
  /// Decides. Asked after every change of the pair's market, but not while a carry is in motion.
  func decide(_ view: PairView) -> Decision
}

/// The quote asset at one venue, as far as it can be used.
public struct Purse: Hashable, Sendable, BitwiseCopyable {
  /// In the wallet of the spot market.
  public internal(set) var spot: Notional = .zero
  /// In the wallet of perpetuals, collateral of positions included.
  public internal(set) var futures: Notional = .zero
  /// Whether both are the same wallet.
  public internal(set) var isUnified = false
}

/// All that a policy may know when it decides about one pair.
public struct PairView: Sendable {
  /// Now.
  public let now: Timestamp
  /// Which pair.
  public let index: PairIndex
  /// The instruments.
  public let universe: Universe
  /// The pair's market.
  public let market: PairMarket
  /// The carry on it; nil when there is none.
  public let carry: Carry?
  /// The newest settlement that an earlier decision rested on.
  public let decidedThrough: Timestamp
  /// When the last carry on the pair ended.
  public let lastExitAt: Timestamp
  /// The money at the pair's venue.
  public let purse: Purse
  /// Collateral set aside for positions at the venue, quote units.
  public let reservedMargin: Notional
  /// Notional of all carries at mid, quote units.
  public let grossNotional: Notional
  /// Whether new exposure is allowed.
  public let trading: TradingState

  /// The pair.
  public var pair: Pair { universe[index] }
  /// The spot instrument.
  public var spot: Instrument { universe[pair.spot] }
  /// The perpetual instrument.
  public var perp: Instrument { universe[pair.perp] }

  /// Whether a settlement came in that no decision has seen.
  public var hasNewSettlement: Bool {
    guard let last = market.funding.last else { return false }
    return last.settlesAt > decidedThrough
  }

  /// Quote units free to buy spot with.
  public var freeSpot: Notional { purse.isUnified ? freeFutures : purse.spot }
  /// Quote units free to become collateral.
  public var freeFutures: Notional { max(.zero, purse.futures - reservedMargin) }

  /// A record of a decision about this pair.
  public func record(
    _ action: DecisionRecord.Action, _ reason: String, _ gates: [Gate], version: String
  ) -> DecisionRecord {
    DecisionRecord(
      carry: carry?.id, venue: pair.venue, symbol: pair.symbol, action: action, reason: reason,
      gates: gates, settledThrough: market.funding.last?.settlesAt, policyVersion: version)
  }
}

/// What the engine may do.
public enum TradingState: String, Hashable, Codable, Sendable {
  /// Everything.
  case active
  /// No new exposure; exits and hedges go on. → `active` by `resume`.
  case paused
  /// No new exposure because books and venue disagree. → `active` by `resume` once they agree.
  case halted
}
