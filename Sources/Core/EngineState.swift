public import Accounting
public import FixedPoint
public import Trading

/// All that must survive a restart: a fold of facts.
public struct EngineState: Hashable, Sendable {
  /// An account and an asset.
  struct BalanceKey: Hashable, Sendable {
    let account: AccountName
    let asset: AssetID
  }

  /// An order that was intended and has not ended.
  public struct WorkingOrder: Hashable, Sendable {
    /// The order.
    public let intent: OrderIntent
    /// Traded so far, base units.
    public var filled: Quantity = .zero
    /// Whether the venue confirmed it.
    public var isAccepted = false
  }

  let universe: Universe
  /// The run that writes now.
  public internal(set) var run: Int32 = 0
  /// Whether an operator wants no new exposure.
  var isPaused = false
  /// Venues whose account disagrees with the books, sorted.
  var haltedVenues: [VenueID] = []
  /// Carries that are not over, by place of their pair.
  public internal(set) var carries: [Carry?]
  /// Where those carries stand: apart, because every wake asks for it.
  var standings: [CarryState?]
  /// Why carries in motion were set in motion.
  var changeReasons: [CarryID: String] = [:]
  /// Orders that are not over.
  public internal(set) var orders: [ClientOrderID: WorkingOrder] = [:]
  /// Transfers that are not over.
  var transfers: [Int64: Transfer] = [:]
  /// The books, folded.
  var balances: [BalanceKey: Amount] = [:]
  /// The quote asset of each pair, folded.
  var purses: [Purse]
  /// The newest settlement decided on, by pair.
  var decidedThrough: [Timestamp]
  /// When the last carry ended, by pair.
  var lastExitAt: [Timestamp]
  /// What has been booked, so that nothing is booked twice.
  var booked = RecentKeys(capacity: 200_000)
  /// Plans that operators may still open, newest last.
  var plans: [Plan] = []
  /// When the account of a venue was first booked; nothing before that is ours to book.
  var openedAt: [VenueID: Timestamp] = [:]
  /// The latest time of a venue event that was stored.
  public internal(set) var venueTime = Timestamp.distantPast
  /// The UTC midnight of the last valuation.
  var valuedDay = Timestamp.distantPast
  var lastSequence: Int64 = 0
  var lastCarry: Int64 = 0
  var lastTransfer: Int64 = 0
  var lastPlan: Int64 = 0
  /// Carries, working orders or transfers of pairs this process does not trade.
  public internal(set) var orphans: [String] = []

  init(universe: Universe, layout: AccountLayout) {
    self.universe = universe
    carries = Array(repeating: nil, count: universe.pairs.count)
    standings = Array(repeating: nil, count: universe.pairs.count)
    var purse = Purse()
    purse.isUnified = layout == .unified
    purses = Array(repeating: purse, count: universe.pairs.count)
    decidedThrough = Array(repeating: .distantPast, count: universe.pairs.count)
    lastExitAt = Array(repeating: .distantPast, count: universe.pairs.count)
  }

  /// By everything but the universe and the orphans.
  public static func == (left: Self, right: Self) -> Bool {
    left.run == right.run && left.isPaused == right.isPaused
      && left.haltedVenues == right.haltedVenues && left.carries == right.carries
      && left.openedAt == right.openedAt && left.changeReasons == right.changeReasons
      && left.orphans == right.orphans
      && left.orders == right.orders && left.transfers == right.transfers
      && left.balances == right.balances && left.purses == right.purses
      && left.decidedThrough == right.decidedThrough && left.lastExitAt == right.lastExitAt
      && left.booked == right.booked && left.plans == right.plans
      && left.venueTime == right.venueTime && left.valuedDay == right.valuedDay
      && left.lastSequence == right.lastSequence && left.lastCarry == right.lastCarry
      && left.lastTransfer == right.lastTransfer && left.lastPlan == right.lastPlan
  }

  /// By run, newest order and balances: a part of what equality compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(run)
    hasher.combine(lastSequence)
    hasher.combine(balances)
  }

  /// The carry of a number that is not over.
  public func carry(_ id: CarryID) -> Carry? {
    carries.lazy.compactMap { $0 }.first { $0.id == id }
  }

  /// What the books say an account holds.
  public func balance(_ account: AccountName, _ asset: AssetID) -> Amount {
    balances[BalanceKey(account: account, asset: asset)] ?? .zero
  }

  /// All balances of a venue's wallets that are not zero, sorted by name.
  public func wallets(of venue: VenueID) -> [Balance] {
    balances.compactMap { key, amount in
      guard case .assets(venue, let wallet) = key.account, !amount.isZero else { return nil }
      return Balance(wallet: wallet, asset: key.asset, total: amount)
    }
    .sorted { ($0.wallet.rawValue, $0.asset) < ($1.wallet.rawValue, $1.asset) }
  }

  /// Permission to trade at a venue: a halt is stronger than a pause, and neither lifts the other.
  public func trading(at venue: VenueID) -> TradingState {
    haltedVenues.contains(venue) ? .halted : isPaused ? .paused : .active
  }
}

/// The last so many keys, so that a repeated event is recognised within bounded memory.
struct RecentKeys: Hashable, Sendable {
  private var known: Set<String> = []
  private var order: [String] = []
  private var oldest = 0
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  func contains(_ key: String) -> Bool { known.contains(key) }

  mutating func insert(_ key: String) {
    guard known.insert(key).inserted else { return }
    if order.count < capacity {
      order.append(key)
    } else {
      known.remove(order[oldest])
      order[oldest] = key
      oldest = (oldest + 1) % capacity
    }
  }
}
