public import FixedPoint
public import Trading

/// What a venue promises about a request whose answer was lost.
public enum SubmissionGuarantee: String, Hashable, Sendable {
  /// It refuses a request that arrives after the expiry written in it.
  case expiry
  /// It refuses a client id that it has seen before, for ever.
  case uniqueID
  /// Neither: nothing is sent again without an operator.
  case none
}

/// The honest list of what a venue guarantees.
public struct VenueCapabilities: Hashable, Sendable {
  /// About lost answers, with the source in the venue's documentation.
  public let submission: SubmissionGuarantee
  /// Where that was read, and what bounds it.
  public let submissionSource: String
  /// How the account is divided.
  public let layout: AccountLayout
  /// How far back executions can be fetched.
  public let fillHistory: TimeSpan
  /// How far back funding payments can be fetched.
  public let paymentHistory: TimeSpan
  /// How long after an order was sent a lookup may still not know it.
  public let lookupDelay: TimeSpan
  /// Whether a fill's answer to `submit` holds its executions.
  public let fillsInAnswer: Bool

  /// States the list.
  public init(
    submission: SubmissionGuarantee, submissionSource: String, layout: AccountLayout,
    fillHistory: TimeSpan, paymentHistory: TimeSpan, lookupDelay: TimeSpan, fillsInAnswer: Bool
  ) {
    self.submission = submission
    self.submissionSource = submissionSource
    self.layout = layout
    self.fillHistory = fillHistory
    self.paymentHistory = paymentHistory
    self.lookupDelay = lookupDelay
    self.fillsInAnswer = fillsInAnswer
  }
}

/// What an API key may do.
public struct KeyPermissions: Hashable, Sendable {
  /// Whether money can leave the account with it; such a key is refused.
  public var mayWithdraw: Bool
  /// The venue's own words for those rights.
  public var withdrawalRights: [String]
  /// Whether it can trade spot.
  public var mayTradeSpot: Bool
  /// Whether it can trade perpetuals.
  public var mayTradePerpetuals: Bool
  /// Whether it can move assets between wallets of the account.
  public var mayTransfer: Bool
  /// Whether it is bound to addresses.
  public var isBoundToAddress: Bool
  /// When it ends; nil when it does not.
  public var expiresAt: Timestamp?

  /// States the permissions.
  public init(
    mayWithdraw: Bool, withdrawalRights: [String], mayTradeSpot: Bool, mayTradePerpetuals: Bool,
    mayTransfer: Bool, isBoundToAddress: Bool, expiresAt: Timestamp?
  ) {
    self.mayWithdraw = mayWithdraw
    self.withdrawalRights = withdrawalRights
    self.mayTradeSpot = mayTradeSpot
    self.mayTradePerpetuals = mayTradePerpetuals
    self.mayTransfer = mayTransfer
    self.isBoundToAddress = isBoundToAddress
    self.expiresAt = expiresAt
  }
}

/// How the account is set up.
public struct AccountModes: Hashable, Sendable {
  /// Whether one symbol has one position, which may be long or short.
  public var isOneWay: Bool
  /// Whether every pair's position has margin of its own.
  public var isIsolated: Bool
  /// Leverage by perpetual.
  public var leverage: [InstrumentID: Rate]
  /// What is not as wanted, in words; empty when all is well.
  public var problems: [String]

  /// States the modes.
  public init(
    isOneWay: Bool, isIsolated: Bool, leverage: [InstrumentID: Rate], problems: [String]
  ) {
    self.isOneWay = isOneWay
    self.isIsolated = isIsolated
    self.leverage = leverage
    self.problems = problems
  }
}

/// What the next settlements of a perpetual will be like.
public struct FundingTerms: Hashable, Sendable {
  /// Hours between settlements.
  public var intervalHours: Int
  /// Largest rate of one settlement; nil when unknown.
  public var cap: Rate?
  /// Smallest rate of one settlement; nil when unknown.
  public var floor: Rate?
  /// The next one; nil when unknown.
  public var nextSettlement: Timestamp?

  /// States the terms.
  public init(intervalHours: Int, cap: Rate?, floor: Rate?, nextSettlement: Timestamp?) {
    self.intervalHours = intervalHours
    self.cap = cap
    self.floor = floor
    self.nextSettlement = nextSettlement
  }
}

/// One pair as a venue lists it.
///
/// All quantities and prices are per one base unit: a contract's multiplier is undone in both
/// instruments.
public struct Listing: Hashable, Sendable {
  /// The spot leg.
  public var spot: Instrument
  /// The perpetual leg; its symbol is that of the pair.
  public var perp: Instrument
  /// The venue's name of the spot leg.
  public var spotName: String
  /// The venue's name of the perpetual, such as `1000PEPEUSDT`.
  public var perpName: String
  /// Base units per unit of the perpetual's quantity.
  public var multiplier: Int
  /// Funding.
  public var terms: FundingTerms
  /// Whether the spot leg trades.
  public var spotStatus: TradingStatus
  /// Whether the perpetual trades.
  public var perpStatus: TradingStatus
  /// When the perpetual ends; nil when no end is known.
  public var delistsAt: Timestamp?
  /// The order of both legs as one instrument, where the venue has it.
  public var combo: Combo?
  /// When trading of the perpetual began; nil when unknown.
  public var listedAt: Timestamp?

  /// States a listing.
  public init(
    spot: Instrument, perp: Instrument, spotName: String, perpName: String, multiplier: Int,
    terms: FundingTerms, spotStatus: TradingStatus, perpStatus: TradingStatus,
    delistsAt: Timestamp?, combo: Combo?, listedAt: Timestamp? = nil
  ) {
    self.spot = spot
    self.perp = perp
    self.spotName = spotName
    self.perpName = perpName
    self.multiplier = multiplier
    self.terms = terms
    self.spotStatus = spotStatus
    self.perpStatus = perpStatus
    self.delistsAt = delistsAt
    self.combo = combo
    self.listedAt = listedAt
  }
}

/// One bar as a venue publishes it.
public struct VenueBar: Hashable, Sendable {
  /// When it began.
  public var openedAt: Timestamp
  /// First price.
  public var open: Price
  /// Highest price.
  public var high: Price
  /// Lowest price.
  public var low: Price
  /// Last price.
  public var close: Price
  /// Base units traded, as text, since nothing is computed with it.
  public var volume: String

  /// States a bar.
  public init(
    openedAt: Timestamp, open: Price, high: Price, low: Price, close: Price, volume: String
  ) {
    self.openedAt = openedAt
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
  }
}

/// One settlement as a venue publishes it.
public struct VenueSettlement: Hashable, Sendable {
  /// The rate.
  public var rate: FundingRate
  /// The mark price it was paid at; nil where the venue does not say.
  public var mark: Price?

  /// States a settlement.
  public init(rate: FundingRate, mark: Price?) {
    self.rate = rate
    self.mark = mark
  }
}
