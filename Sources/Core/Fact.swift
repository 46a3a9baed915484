public import Accounting
public import FixedPoint
public import Trading

/// Something that happened and must survive a crash. State changes by facts only.
public struct Fact: Hashable, Sendable {
  /// The engine's time.
  public let at: Timestamp
  /// What happened.
  public let body: Body

  /// All kinds of facts. Cases are added, never used again with a new meaning.
  public enum Body: Hashable, Sendable {
    /// A process took over the books.
    case started(RunStart)
    /// A decision was taken.
    case decided(DecisionRecord)
    /// A carry was planned.
    case carryPlanned(CarryPlanned)
    /// A carry changed its state or its targets.
    case carryMoved(CarryMoved)
    /// An order will be sent.
    case intended(OrderIntent)
    /// An order works at the venue.
    case accepted(OrderAccepted)
    /// An order, or the venue, traded.
    case filled(BookedFill)
    /// An order ended.
    case orderEnded(OrderEnded)
    /// Cash will be moved between wallets.
    case transferIntended(Transfer)
    /// A move of cash ended.
    case transferEnded(TransferEnded)
    /// Funding settled while a short was held.
    case settled(Settlement)
    /// The venue paid or took funding.
    case fundingReceived(BookedPayment)
    /// An entry in the books.
    case booked(JournalEntry)
    /// A part of profit that no event of the venue carries.
    case adjusted(Adjustment)
    /// An open carry was corrected.
    case rebalanced(RebalanceRecord)
    /// The legs did not match for a while.
    case exposed(ExposureRecord)
    /// Prices by which open carries are valued.
    case marked(MarkRecord)
    /// The worth of the account.
    case valued(EquityRecord)
    /// A plan was made for an operator.
    case planned(Plan)
    /// A command was answered.
    case commandEnded(CommandEnded)
    /// The engine's permission to trade changed.
    case tradingChanged(TradingChanged)
    /// Books and venue disagree.
    case mismatched(Mismatch)
  }

  /// States a fact.
  public init(at: Timestamp, _ body: Body) {
    self.at = at
    self.body = body
  }
}

/// A process took over the books.
public struct RunStart: Hashable, Codable, Sendable {
  /// Its number, from the database.
  public let run: Int32
  /// States a start.
  public init(run: Int32) { self.run = run }
}

/// A carry was planned.
public struct CarryPlanned: Hashable, Codable, Sendable {
  public let carry: CarryID
  public let venue: VenueID
  public let symbol: Symbol
  public let base: AssetID
  public let quote: AssetID
  public let origin: CarryOrigin
  /// Whether only an operator, or the need to survive, may end it.
  public let isHeldByOperator: Bool
  /// Base units of each leg.
  public let quantity: Quantity
  /// Base units of one order at most.
  public let clip: Quantity
  public let leverage: Rate
  /// Quantity at the spot mid of the decision, quote units.
  public let notional: Notional
  public let reason: String
}

/// A carry changed its state or its targets.
public struct CarryMoved: Hashable, Codable, Sendable {
  public let carry: CarryID
  public let venue: VenueID
  public let symbol: Symbol
  public let state: CarryState
  /// The perpetual quantity aimed at, base units.
  public let perpTarget: Quantity
  /// The spot quantity aimed at when the spot leg alone is corrected.
  public let spotTarget: Quantity
  /// The leg that is corrected alone.
  public let correctedLeg: Market
  public let reason: String
}

/// An order will be sent.
public struct OrderIntent: Hashable, Codable, Sendable {
  public let carry: CarryID
  public let request: OrderRequest
  public let purpose: OrderPurpose
  /// The mids of both legs when it was decided.
  public let mids: LegMids
}

/// An order works at the venue.
public struct OrderAccepted: Hashable, Codable, Sendable {
  public let order: ClientOrderID
  public let venueOrder: VenueOrderID
}

/// A fill with its meaning for its carry.
public struct BookedFill: Hashable, Codable, Sendable {
  /// The carry; nil for a trade of the account that no carry explains.
  public let carry: CarryID?
  public let fill: Fill
  public let purpose: OrderPurpose
  public let mids: LegMids
  /// Nil when no carry explains the fill.
  public let attribution: FillAttribution?
}

/// An order ended.
public struct OrderEnded: Hashable, Codable, Sendable {
  public let order: ClientOrderID
  public let outcome: OrderOutcome
  public let filled: Quantity
  /// The venue's words for a refusal.
  public let reason: String?
  /// No further order of the carry before this moment.
  public let retryAt: Timestamp
}

/// A move of cash ended.
public struct TransferEnded: Hashable, Codable, Sendable {
  public let transfer: Int64
  /// Whether the cash arrived.
  public let succeeded: Bool
  public let reason: String?
}

/// Funding settled while a short was held.
public struct Settlement: Hashable, Codable, Sendable {
  public let carry: CarryID
  public let venue: VenueID
  public let symbol: Symbol
  public let rate: FundingRate
  /// Base units at the stamp; short is negative.
  public let quantity: Quantity
  public let mark: Price
  /// −quantity × mark × rate, quote units.
  public let expected: Notional
}

/// A funding payment with the carry it belongs to.
public struct BookedPayment: Hashable, Codable, Sendable {
  public let carry: CarryID?
  public let payment: FundingPayment
}

/// A part of profit that no event of the venue carries, quote units, gain positive.
public struct Adjustment: Hashable, Codable, Sendable {
  public let carry: CarryID
  public let amount: Notional
  public let reason: String
}

/// An open carry was corrected on one leg.
public struct RebalanceRecord: Hashable, Codable, Sendable {
  public let carry: CarryID
  public let reason: String
  public let deltaBefore: Quantity
  public let deltaAfter: Quantity
  public let market: Market
  /// Bought is positive, base units.
  public let quantity: Quantity
  public let fees: Notional
  public let slippage: Notional
}

/// The legs did not match for a while.
public struct ExposureRecord: Hashable, Codable, Sendable {
  public let carry: CarryID
  public let openedAt: Timestamp
  public let closedAt: Timestamp
  public let reason: String
  /// Largest |delta| × mid, quote units.
  public let peak: Notional
  /// Σ |delta| × mid × seconds.
  public let notionalSeconds: Notional
}

/// Prices by which open carries are valued.
public struct MarkRecord: Hashable, Codable, Sendable {
  public let venue: VenueID
  public let symbol: Symbol
  public let mids: LegMids
  public let mark: Price
  /// Mark price at which the short would be liquidated; nil when nothing is held.
  public let liquidationPrice: Price?
}

/// The worth of the account in one quote asset.
public struct EquityRecord: Hashable, Codable, Sendable {
  public let venue: VenueID
  public let asset: AssetID
  /// Cash, base assets at mid, and unrealised profit.
  public let equity: Notional
}

/// A command was answered.
public struct CommandEnded: Hashable, Codable, Sendable {
  public let command: Int64
  public let succeeded: Bool
  public let reply: Reply
}

/// The engine's permission to trade changed.
public struct TradingChanged: Hashable, Codable, Sendable {
  public let state: TradingState
  public let reason: String
}

/// Books and venue disagree.
public struct Mismatch: Hashable, Codable, Sendable {
  public let venue: VenueID
  /// `balance`, `position`, `order` or `fill`.
  public let kind: String
  public let subject: String
  public let books: String
  public let venueValue: String
  public let difference: Amount
}
