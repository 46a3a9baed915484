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
  @usableFromInline let markets: [PairMarket]
  @usableFromInline let carries: [Carry?]
  /// The newest settlement that an earlier decision rested on.
  public let decidedThrough: Timestamp
  @usableFromInline let lastExits: [Timestamp]
  let interests: [InterestTrail]
  /// The money at the pair's venue.
  public let purse: Purse
  /// Whether new exposure is allowed.
  public let trading: TradingState
  /// The worth of the account; unknown but for entries.
  public let account: AccountGauge
  let maximumSlippage: Rate

  /// The pair's market.
  @inlinable
  public var market: PairMarket { _read { yield markets[index.position] } }
  /// The carry on it; nil when there is none.
  @inlinable
  public var carry: Carry? { _read { yield carries[index.position] } }
  /// When the last carry on the pair ended.
  public var lastExitAt: Timestamp { lastExits[index.position] }
  /// The part of the last months' hours in which less was open in the perpetual than now; nil while
  /// unknown.
  public var interestRank: Rate? {
    market.perpFigures.openInterest.flatMap { interests[index.position].rank(of: $0) }
  }
  /// The pair.
  public var pair: Pair { _read { yield universe[index] } }
  /// The spot instrument.
  public var spot: Instrument { _read { yield universe[pair.spot] } }
  /// The perpetual instrument.
  public var perp: Instrument { _read { yield universe[pair.perp] } }

  /// Whether a settlement came in that no decision has seen.
  public var hasNewSettlement: Bool {
    guard let last = market.funding.last else { return false }
    return last.settlesAt > decidedThrough
  }

  /// Quote units free to buy spot with.
  public var freeSpot: Notional { freeCash.spot }
  /// Quote units free to become collateral.
  public var freeFutures: Notional { freeCash.futures }

  /// What the wallets hold beyond the collateral of positions and what carries that are being opened
  /// will still need, quote units; the same sum twice in a unified account.
  public var freeCash: (spot: Notional, futures: Notional) {
    var spot = purse.spot
    var futures = purse.futures
    for place in universe.pairs.indices where isSameMoney(place) {
      if let position = markets[place].position { futures -= position.margin }
      guard place != index.position, let needed = needs(place) else { continue }
      spot -= needed.spot
      futures -= needed.margin
    }
    if purse.isUnified { spot = spot + futures - purse.futures }
    let free = (spot: max(.zero, spot), futures: max(.zero, futures))
    return purse.isUnified ? (free.spot, free.spot) : free
  }

  /// Views of the other pairs that the same money trades, chosen by their carries.
  func withSameMoney(where isMeant: (Carry?) -> Bool) -> [PairView] {
    universe.pairs.indices.compactMap { place in
      guard place != index.position, isSameMoney(place), isMeant(carries[place])
      else { return nil }
      return PairView(
        now: now, index: PairIndex(place), universe: universe, markets: markets, carries: carries,
        decidedThrough: decidedThrough, lastExits: lastExits, interests: interests, purse: purse,
        trading: trading, account: account, maximumSlippage: maximumSlippage)
    }
  }

  private func isSameMoney(_ place: Int) -> Bool {
    universe.pairs[place].money == universe.pairs[index.position].money
  }

  /// What a carry that is being opened will still take out of each wallet.
  private func needs(_ place: Int) -> (spot: Notional, margin: Notional)? {
    guard let carry = carries[place], carry.state == .opening, markets[place].isQuoted
    else { return nil }
    let target = carry.perpTarget.magnitude
    let terms = universe[universe.pairs[place].spot]
    let spot = markets[place].spot.mid.notional(of: target - carry.holdings.spot)
    let perp = markets[place].perp.mid.notional(of: target + carry.holdings.perp)
    return (
      max(.zero, spot.times(.one + terms.fees.taker + maximumSlippage, .up)),
      max(.zero, perp.times(Rate.one.divided(by: carry.leverage, .up), .up))
    )
  }

  /// Whether an order that makes the carry larger would pass now.
  func mayGrow(within staleSeconds: Int) -> Bool {
    guard trading == .active, market.breaker(at: now) == nil, let age = market.age(at: now)
    else { return false }
    return age <= .seconds(Int64(staleSeconds))
  }

  /// Notional of all carries at mid, quote units; one that is being opened counts in full, and one without
  /// prices with what it was meant to be.
  public var grossNotional: Notional { notional { _ in true } }

  /// The same of the carries on some pairs.
  func notional(where isMeant: (PairIndex) -> Bool) -> Notional {
    carries.indices.reduce(.zero) { sum, place in
      guard let carry = carries[place], isMeant(PairIndex(place)) else { return sum }
      guard markets[place].isQuoted else { return sum + carry.notional }
      let size = max(carry.holdings.perp.magnitude, carry.perpTarget.magnitude)
      return sum + markets[place].perp.mid.notional(of: size)
    }
  }

  /// A record of a decision about this pair.
  public func record(
    _ action: DecisionRecord.Action, _ reason: String, _ gates: [Gate], version: String
  ) -> DecisionRecord {
    DecisionRecord(
      carry: carry?.id, venue: pair.venue, symbol: pair.symbol, action: action, reason: reason,
      gates: gates, settledThrough: action.weighsFunding ? market.funding.last?.settlesAt : nil,
      policyVersion: version)
  }
}

/// What the engine may do.
public enum TradingState: String, Hashable, Codable, Sendable {
  /// Everything.
  case active
  /// No new exposure; exits and hedges go on. → `active` by `resume`.
  case paused
  /// No new exposure because books and venue disagree. → what it was before, once they agree;
  /// `resume` has the account looked at again.
  case halted
  /// No new exposure because the venue's streams are down. → `active` when they are back.
  case offline
  /// No new exposure because the database is away or a file forbids it. → `active` when that ends.
  case held
}
