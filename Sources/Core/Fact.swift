public import Accounting
public import FixedPoint
public import Trading

/// Something that happened and must survive a crash.
///
/// State changes by facts only.
public struct Fact: Hashable, Sendable {
  /// The engine's time.
  public let at: Timestamp
  /// What happened.
  public let body: Body

  /// All kinds of facts.
  ///
  /// Cases are added, never used again with a new meaning.
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
    /// A trade before a settlement was heard of after it.
    case settlementCorrected(SettlementCorrection)
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
    /// How much is open in perpetuals.
    case interestNoted(InterestRecord)
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
    /// An account was compared with the books, whatever came of it.
    case compared(AccountCompared)
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
  /// The number it gets.
  public let carry: CarryID
  /// The venue of both legs.
  public let venue: VenueID
  /// The perpetual's symbol.
  public let symbol: Symbol
  /// The asset held long on spot and short in the perpetual.
  public let base: AssetID
  /// The asset both legs are priced and settled in.
  public let quote: AssetID
  /// Who asked for it.
  public let origin: CarryOrigin
  /// Whether only an operator, or the need to survive, may end it.
  public let isHeldByOperator: Bool
  /// Base units of each leg.
  public let quantity: Quantity
  /// Base units of one order at most.
  public let clip: Quantity
  /// Leverage of the perpetual leg: notional over its collateral.
  public let leverage: Rate
  /// Quantity at the spot mid of the decision, quote units.
  public let notional: Notional
  /// Why it is opened, in words.
  public let reason: String
  /// How its legs are traded; nil is by legs.
  public let execution: CarryExecution?
  /// Base units of the perpetual sold per unit of spot; nil is one.
  public let hedge: Rate?
}

/// A carry changed its state or its targets.
public struct CarryMoved: Hashable, Codable, Sendable {
  /// What orders of the new state are for.
  public let purpose: OrderPurpose
  /// The carry concerned.
  public let carry: CarryID
  /// The venue of both legs.
  public let venue: VenueID
  /// The perpetual's symbol.
  public let symbol: Symbol
  /// The state it enters.
  public let state: CarryState
  /// The perpetual quantity aimed at, base units.
  public let perpTarget: Quantity
  /// The spot quantity aimed at when the spot leg alone is corrected.
  public let spotTarget: Quantity
  /// The leg that is corrected alone.
  public let correctedLeg: Market
  /// Why it moves, in words.
  public let reason: String
  /// How much time it may take; nil is urgent.
  public let pace: Pace?
}

/// An order will be sent.
public struct OrderIntent: Hashable, Codable, Sendable {
  /// The carry it trades for.
  public let carry: CarryID
  /// What is sent to the venue.
  public let request: OrderRequest
  /// What it does for the carry.
  public let purpose: OrderPurpose
  /// The mids of both legs when it was decided.
  public let mids: LegMids
}

/// An order works at the venue.
public struct OrderAccepted: Hashable, Codable, Sendable {
  /// Our id.
  public let order: ClientOrderID
  /// The venue's id of the same order.
  public let venueOrder: VenueOrderID
}

/// A fill with its meaning for its carry.
public struct BookedFill: Hashable, Codable, Sendable {
  /// The carry; nil for a trade of the account that no carry explains.
  public let carry: CarryID?
  /// The execution as the venue told it.
  public let fill: Fill
  /// What its order was for; `close` when no order that works explains it.
  public let purpose: OrderPurpose
  /// Both mids when the fill was booked.
  ///
  /// Without quotes they are the mids of the order's intent, or else the fill's own price twice.
  public let mids: LegMids
  /// Nil when no carry explains the fill.
  public let attribution: FillAttribution?
}

/// An order ended.
public struct OrderEnded: Hashable, Codable, Sendable {
  /// Our id.
  public let order: ClientOrderID
  /// How it ended.
  public let outcome: OrderOutcome
  /// Base units it traded in all, without sign.
  public let filled: Quantity
  /// The venue's words for a refusal.
  public let reason: String?
  /// No further order of the carry before this moment.
  public let retryAt: Timestamp
}

/// A move of cash ended.
public struct TransferEnded: Hashable, Codable, Sendable {
  /// Our id of the transfer.
  public let transfer: Int64
  /// Whether the cash arrived.
  public let succeeded: Bool
  /// Why the cash did not arrive; nil when it did.
  public let reason: String?
}

/// Funding settled while a short was held.
public struct Settlement: Hashable, Codable, Sendable {
  /// The carry that held the position.
  public let carry: CarryID
  /// The venue of both legs.
  public let venue: VenueID
  /// The perpetual's symbol.
  public let symbol: Symbol
  /// The settled rate, for its whole interval; positive: longs pay shorts.
  public let rate: FundingRate
  /// Base units at the stamp; short is negative.
  public let quantity: Quantity
  /// Mark price of the settlement, quote units per base unit.
  public let mark: Price
  /// −quantity × mark × rate, quote units.
  public let expected: Notional

  init(
    carry: CarryID, venue: VenueID, symbol: Symbol, rate: FundingRate, quantity: Quantity,
    mark: Price
  ) {
    self.carry = carry
    self.venue = venue
    self.symbol = symbol
    self.rate = rate
    self.quantity = quantity
    self.mark = mark
    expected = Funding.payment(quantity: quantity, mark: mark, rate: rate.rate)
  }

  /// The same settlement with another position.
  func with(_ quantity: Quantity) -> Self {
    Self(
      carry: carry, venue: venue, symbol: symbol, rate: rate, quantity: quantity, mark: mark)
  }
}

/// What a settlement really found, once a trade before it was heard of after it.
public struct SettlementCorrection: Hashable, Codable, Sendable {
  /// The position that was believed in until now, base units; short is negative.
  public let believed: Quantity
  /// The settlement with the position that was there; zero: nothing was due.
  public let settlement: Settlement
}

/// A funding payment with the carry it belongs to.
public struct BookedPayment: Hashable, Codable, Sendable {
  /// The carry on the pair when it was booked; nil when there was none.
  public let carry: CarryID?
  /// The payment as the venue told it; received is positive.
  public let payment: FundingPayment
}

/// A part of profit that no event of the venue carries, quote units, gain positive.
public struct Adjustment: Hashable, Codable, Sendable {
  /// The carry concerned.
  public let carry: CarryID
  /// Added to the part `other` of the carry's profit.
  public let amount: Notional
  /// What it stands for, in words.
  public let reason: String
}

/// An open carry was corrected on one leg.
public struct RebalanceRecord: Hashable, Codable, Sendable {
  /// The carry concerned.
  public let carry: CarryID
  /// Whether delta was outside the band or both legs were reduced, in words.
  public let reason: String
  /// Spot plus perpetual when the change began, base units.
  public let deltaBefore: Quantity
  /// Spot plus perpetual when the change ended, base units.
  public let deltaAfter: Quantity
  /// The leg that traded.
  public let market: Market
  /// Bought is positive, base units.
  public let quantity: Quantity
  /// Fees of this leg, quote units; positive when they cost.
  public let fees: Notional
  /// Fill prices of this leg against its mids, quote units; positive when they cost.
  public let slippage: Notional
}

/// The legs did not match for a while.
public struct ExposureRecord: Hashable, Codable, Sendable {
  /// The carry concerned.
  public let carry: CarryID
  /// When the first fill of this window was booked.
  public let openedAt: Timestamp
  /// When the legs matched again within a joint lot.
  public let closedAt: Timestamp
  /// The state of the carry when they matched again.
  public let reason: String
  /// Largest |delta| × mid, quote units.
  public let peak: Notional
  /// Σ |delta| × mid × seconds.
  public let notionalSeconds: Notional
}

/// Prices by which open carries are valued.
public struct MarkRecord: Hashable, Codable, Sendable {
  /// The venue of both legs.
  public let venue: VenueID
  /// The perpetual's symbol.
  public let symbol: Symbol
  /// Mids of both legs, by which their holdings are valued.
  public let mids: LegMids
  /// The venue's mark price of the perpetual, quote units per base unit.
  public let mark: Price
  /// Mark price at which the short would be liquidated; nil when nothing is held.
  public let liquidationPrice: Price?
}

/// How much is open in the perpetuals of a venue; only the engine asks for it later.
public struct InterestRecord: Hashable, Codable, Sendable {
  /// The venue.
  public let venue: VenueID
  /// What its perpetuals are known to have.
  public let open: [OpenInterest]
}

/// How much is open in a perpetual, whoever holds it.
public struct OpenInterest: Hashable, Codable, Sendable {
  /// The perpetual's symbol.
  public let symbol: Symbol
  /// Base units, one side counted.
  public let quantity: Quantity
}

/// The worth of the account in one quote asset.
public struct EquityRecord: Hashable, Codable, Sendable {
  /// The venue whose wallets are valued.
  public let venue: VenueID
  /// The quote asset it is stated in; only pairs quoted in it are counted.
  public let asset: AssetID
  /// Cash, base assets at mid, and unrealised profit.
  public let equity: Notional
}

/// A command was answered.
public struct CommandEnded: Hashable, Codable, Sendable {
  /// The row that the command came from.
  public let command: Int64
  /// Whether it was done or begun; false when it was refused, which changes nothing.
  public let succeeded: Bool
  /// What the operator is told.
  public let reply: Reply
}

/// The engine's permission to trade changed.
public struct TradingChanged: Hashable, Codable, Sendable {
  /// What changed; a pause and a halt stand side by side.
  public enum Change: String, Hashable, Codable, Sendable {
    /// An operator wants no new exposure.
    case paused
    /// An operator allows it again.
    case resumed
    /// A venue's account disagrees with the books.
    case halted
    /// It agrees again.
    case released
  }

  /// What changed.
  public let change: Change
  /// The venue of a halt; nil for what an operator says, which holds everywhere.
  public let venue: VenueID?
  /// Why, in words.
  public let reason: String
}

/// Books and venue disagree.
public struct Mismatch: Hashable, Codable, Sendable {
  /// The venue whose account was compared.
  public let venue: VenueID
  /// `balance` or `position`.
  public let kind: String
  /// Wallet and asset of a balance, as in `spot:BTC`; the perpetual's symbol of a position.
  public let subject: String
  /// What the books hold, as decimal text.
  public let books: String
  /// What the venue states, as decimal text.
  public let venueValue: String
  /// Venue less books: units of the asset, base units for a position.
  public let difference: Amount
}

/// An account was read whole and compared with the books.
public struct AccountCompared: Hashable, Codable, Sendable {
  /// The venue of the account.
  public let venue: VenueID
  /// How many balances, positions and orders differed.
  public let differences: Int
}
