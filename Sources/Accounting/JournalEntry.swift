public import FixedPoint
public import Trading

/// One line of an entry.
public struct Posting: Hashable, Codable, Sendable {
  /// The account.
  public let account: AccountName
  /// The asset.
  public let asset: AssetID
  /// Debit positive; never zero.
  public let amount: Amount

  /// States a line.
  public init(_ account: AccountName, _ asset: AssetID, _ amount: Amount) {
    self.account = account
    self.asset = asset
    self.amount = amount
  }
}

/// What an entry records.
public enum EntryKind: String, Hashable, Codable, Sendable {
  /// A trade on the spot market.
  case spotFill = "spot_fill"
  /// A trade in a perpetual.
  case perpFill = "perp_fill"
  /// A funding payment.
  case funding
  /// A move between wallets.
  case transfer
  /// Money brought in by the owner, or found at the first start.
  case deposit
  /// Money taken out by the owner.
  case withdrawal
  /// A remainder too small to sell leaves its carry.
  case dust
  /// A difference that an operator explained.
  case adjustment
}

/// A balanced set of postings: for each asset they sum to zero.
public struct JournalEntry: Hashable, Codable, Sendable {
  /// What the entry was made from, such as `binance:fill:spot:BTCUSDT:17`; booked only once.
  public let sourceKey: String
  /// When it happened at the venue.
  public let at: Timestamp
  /// What it records.
  public let kind: EntryKind
  /// Where it happened.
  public let venue: VenueID
  /// The carry it belongs to; nil for money of the account as a whole.
  public let carry: CarryID?
  /// The lines.
  public let postings: [Posting]

  /// Makes an entry; lines of zero are dropped.
  ///
  /// Stops the process when it does not balance.
  public init(
    sourceKey: String, at: Timestamp, kind: EntryKind, venue: VenueID, carry: CarryID?,
    postings: [Posting]
  ) {
    self.sourceKey = sourceKey
    self.at = at
    self.kind = kind
    self.venue = venue
    self.carry = carry
    self.postings = postings.filter { !$0.amount.isZero }
    precondition(isBalanced, "Invariant: an entry balances for each asset: \(sourceKey)")
  }

  /// Whether the postings of each asset sum to zero.
  public var isBalanced: Bool {
    postings.allSatisfy { line in
      postings.lazy.filter { $0.asset == line.asset }.map(\.amount).reduce(.zero, +).isZero
    }
  }
}
