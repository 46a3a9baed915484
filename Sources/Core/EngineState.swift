public import Accounting
public import FixedPoint
public import Trading

/// All that must survive a restart: a fold of facts.
public struct EngineState: Hashable, Sendable {
  /// A change of a perpetual position by one fill.
  struct ShortChange: Hashable, Sendable {
    let at: Timestamp
    let carry: CarryID
    let quantity: Quantity
    /// The position of the carry after it.
    var after: Quantity
  }

  /// An account and an asset.
  struct BalanceKey: Hashable, Sendable {
    let account: AccountName
    let asset: AssetID
  }

  /// A venue and the quote asset that its account is valued in.
  struct EquityKey: Hashable, Sendable {
    let venue: VenueID
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
  /// By venue, differences that stand between books and account.
  var breaks: [VenueID: [Mismatch]] = [:]
  /// Carries that are not over, by place of their pair.
  public internal(set) var carries: [Carry?]
  /// Where those carries stand: apart, because every wake asks for it.
  var standings: [CarryState?]
  /// Why carries in motion were set in motion.
  var changeReasons: [CarryID: String] = [:]
  /// Orders that are not over.
  public internal(set) var orders: [ClientOrderID: WorkingOrder] = [:]
  /// When orders of the last minute were intended, oldest first.
  var intendedAt: [Timestamp] = []
  /// Transfers that are not over.
  var transfers: [Int64: Transfer] = [:]
  /// When each of them was intended.
  var transferAskedAt: [Int64: Timestamp] = [:]
  /// The books, folded.
  var balances: [BalanceKey: Amount] = [:]
  /// Worth of each account at the last midnight, with what came from outside since, quote units.
  var midnightEquity: [EquityKey: Notional] = [:]
  /// Which midnight that was.
  var midnightDay: [EquityKey: Timestamp] = [:]
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
  /// By venue, the newest event of the account that is in the books.
  var heardAt: [VenueID: Timestamp] = [:]
  /// By pair, the settlements of the last days that are in the books, oldest first.
  var settled: [[Settlement]]
  /// By pair, how the perpetual position changed lately, oldest first.
  var shortChanges: [[ShortChange]]
  /// The UTC midnight of the last valuation.
  var valuedDay = Timestamp.distantPast
  /// By pair, when its prices were last recorded.
  var markedAt: [Timestamp]
  /// By pair, how much was open in the perpetual.
  var interests: [InterestTrail]
  /// When equity was last recorded.
  var valuedAt = Timestamp.distantPast
  var lastSequence: Int64 = 0
  var lastCarry: Int64 = 0
  var lastTransfer: Int64 = 0
  var lastPlan: Int64 = 0
  /// Carries, working orders or transfers of pairs this process does not trade.
  public internal(set) var orphans: [String] = []

  init(universe: Universe) {
    self.universe = universe
    carries = Array(repeating: nil, count: universe.pairs.count)
    standings = Array(repeating: nil, count: universe.pairs.count)
    purses = universe.pairs.map { pair in
      var purse = Purse()
      purse.isUnified = universe.traits(of: pair.venue).layout == .unified
      return purse
    }
    markedAt = Array(repeating: .distantPast, count: universe.pairs.count)
    interests = Array(repeating: InterestTrail(), count: universe.pairs.count)
    settled = Array(repeating: [], count: universe.pairs.count)
    shortChanges = Array(repeating: [], count: universe.pairs.count)
    decidedThrough = Array(repeating: .distantPast, count: universe.pairs.count)
    lastExitAt = Array(repeating: .distantPast, count: universe.pairs.count)
  }

  /// By everything but the universe and the orphans.
  public static func == (left: Self, right: Self) -> Bool {
    left.run == right.run && left.isPaused == right.isPaused
      && left.haltedVenues == right.haltedVenues && left.breaks == right.breaks
      && left.carries == right.carries
      && left.openedAt == right.openedAt && left.changeReasons == right.changeReasons
      && left.orphans == right.orphans
      && left.orders == right.orders && left.transfers == right.transfers
      && left.midnightEquity == right.midnightEquity && left.midnightDay == right.midnightDay
      && left.intendedAt == right.intendedAt && left.transferAskedAt == right.transferAskedAt
      && left.balances == right.balances && left.purses == right.purses
      && left.decidedThrough == right.decidedThrough && left.lastExitAt == right.lastExitAt
      && left.booked == right.booked && left.plans == right.plans
      && left.heardAt == right.heardAt && left.settled == right.settled
      && left.shortChanges == right.shortChanges && left.venueTime == right.venueTime
      && left.valuedDay == right.valuedDay
      && left.valuedAt == right.valuedAt && left.markedAt == right.markedAt
      && left.interests == right.interests
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

  /// How long settlements and changes of a position are remembered by their moments.
  static let memory = TimeSpan.days(8)

  /// Whether a settlement is in the books, or too old to know.
  func isSettled(_ pair: PairIndex, _ moment: Timestamp) -> Bool {
    let known = settled[pair.position]
    guard let newest = known.last?.rate.settlesAt else { return false }
    return known.contains { $0.rate.settlesAt == moment } || moment < newest - Self.memory
  }

  /// The perpetual position of a pair just before a moment, and whose it was; nil when flat.
  func shortHeld(on pair: PairIndex, at moment: Timestamp) -> (carry: CarryID, quantity: Quantity)?
  {
    guard let last = shortChanges[pair.position].last(where: { $0.at < moment }) else {
      // Everything known happened at that moment or later.
      guard let first = shortChanges[pair.position].first else { return nil }
      let before = first.after - first.quantity
      return before.isZero ? nil : (first.carry, before)
    }
    return last.after.isZero ? nil : (last.carry, last.after)
  }

  /// The transfer of ours that a venue means: by its number, or, where the venue keeps no number of
  /// ours, by what moved, since no two amounts are alike.
  func transfer(like other: Transfer) -> Transfer? {
    transfers[other.id]
      ?? transfers.values.filter {
        $0.venue == other.venue && $0.from == other.from && $0.to == other.to
          && $0.asset == other.asset && $0.amount == other.amount
      }
      .min { $0.id < $1.id }
  }

  /// The differences between books and account that stand at a venue.
  public func differences(at venue: VenueID) -> [Mismatch] { breaks[venue] ?? [] }

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
