public import FixedPoint

/// Direction of an order.
public enum Side: String, Hashable, Codable, Sendable {
  case buy, sell

  /// The other direction.
  public var opposite: Side { self == .buy ? .sell : .buy }

  /// A quantity with the sign it has in a position: bought is positive.
  @inlinable
  public func signed(_ quantity: Quantity) -> Quantity { self == .buy ? quantity : -quantity }
}

/// How an order may execute.
public enum OrderKind: Hashable, Codable, Sendable {
  /// At whatever the book gives.
  case market
  /// At the limit or better; what does not trade rests.
  case limit(Price)
  /// At the limit or better, at once; what does not trade is cancelled.
  case immediateOrCancel(Price)
  /// Rests at the limit; refused when it would trade at once.
  case postOnly(Price)

  /// Whether what does not trade at once stays in the book.
  public var rests: Bool {
    switch self {
    case .market, .immediateOrCancel: false
    case .limit, .postOnly: true
    }
  }

  /// The worst price accepted; nil for a market order.
  public var limit: Price? {
    switch self {
    case .market: nil
    case .limit(let price), .immediateOrCancel(let price), .postOnly(let price): price
    }
  }
}

/// Which legs of a pair an order trades.
public enum OrderForm: String, Hashable, Codable, Sendable {
  /// One market.
  case leg
  /// Both legs or none: side and quantity are the perpetual's, the spot leg goes the other way, and
  /// the price is the perpetual's less the spot's.
  case combo
}

/// An order as it goes to a venue.
public struct OrderRequest: Hashable, Codable, Sendable {
  /// Our id, stored before sending.
  public let id: ClientOrderID
  /// What is traded.
  public let instrument: InstrumentID
  /// Direction.
  public let side: Side
  /// Base units, above zero, a multiple of the lot.
  public let quantity: Quantity
  /// How it may execute.
  public let kind: OrderKind
  /// Whether it may only bring a position nearer to zero.
  public let reduceOnly: Bool
  /// Not to be taken by the venue after this moment; what rests by then goes on resting.
  public let deadline: Timestamp
  /// Which legs it trades.
  public let form: OrderForm

  /// States an order.
  public init(
    id: ClientOrderID, instrument: InstrumentID, side: Side, quantity: Quantity, kind: OrderKind,
    reduceOnly: Bool, deadline: Timestamp, form: OrderForm = .leg
  ) {
    self.id = id
    self.instrument = instrument
    self.side = side
    self.quantity = quantity
    self.kind = kind
    self.reduceOnly = reduceOnly
    self.deadline = deadline
    self.form = form
  }

  /// Orders stored before there were combos say nothing about their form.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    id = try fields.decode(ClientOrderID.self, forKey: .id)
    instrument = try fields.decode(InstrumentID.self, forKey: .instrument)
    side = try fields.decode(Side.self, forKey: .side)
    quantity = try fields.decode(Quantity.self, forKey: .quantity)
    kind = try fields.decode(OrderKind.self, forKey: .kind)
    reduceOnly = try fields.decode(Bool.self, forKey: .reduceOnly)
    deadline = try fields.decode(Timestamp.self, forKey: .deadline)
    form = try fields.decodeIfPresent(OrderForm.self, forKey: .form) ?? .leg
  }
}

/// How an order ended.
///
/// None of these can be cancelled again.
public enum OrderOutcome: String, Hashable, Codable, Sendable {
  /// All of it traded.
  case filled
  /// Taken back by us; part may have traded.
  case cancelled
  /// The venue said no; nothing traded.
  case refused
  /// Ended by its own rule, such as immediate-or-cancel; part may have traded.
  case expired
  /// Never reached the venue, and no longer can.
  case voided
}

/// Why a venue refuses a request, in words common to all venues.
public enum RefusalReason: String, Hashable, Codable, Sendable {
  case unknownInstrument, invalidPrice, invalidQuantity, belowMinimumNotional
  case insufficientBalance, insufficientMargin, wouldTakeLiquidity, reduceOnlyViolated
  case duplicateID, notFound, marketHalted, pastDeadline, leverageTooHigh, other
}

/// One execution.
public struct Fill: Hashable, Codable, Sendable {
  /// Why there was an execution.
  public enum Cause: String, Hashable, Codable, Sendable {
    /// An order of ours.
    case order
    /// The venue closed the position to protect itself.
    case liquidation
    /// The venue closed the position against a bankrupt counterparty.
    case autoDeleveraging
    /// The venue closed the position at the end of the contract.
    case settlement
  }
  /// Whether we rested or took.
  public enum Liquidity: String, Hashable, Codable, Sendable { case maker, taker }

  /// What was traded.
  public let instrument: InstrumentID
  /// Unique per instrument.
  public let trade: TradeID
  /// Our id; nil when the venue acted by itself.
  public let order: ClientOrderID?
  /// The venue's id of the order.
  public let venueOrder: VenueOrderID
  /// When the venue executed it.
  public let at: Timestamp
  /// Direction.
  public let side: Side
  /// Base units, above zero.
  public let quantity: Quantity
  /// Quote per base.
  public let price: Price
  /// Taken by the venue, in `feeAsset`; above zero when it costs.
  public let fee: Amount
  /// The asset the fee was taken in.
  public let feeAsset: AssetID
  /// Profit the venue credited on the part that closed a position, quote units; zero on spot.
  public let realized: Notional
  /// Whether we rested or took.
  public let liquidity: Liquidity
  /// Why there was an execution.
  public let cause: Cause

  /// States an execution.
  public init(
    instrument: InstrumentID, trade: TradeID, order: ClientOrderID?, venueOrder: VenueOrderID,
    at: Timestamp, side: Side, quantity: Quantity, price: Price, fee: Amount, feeAsset: AssetID,
    realized: Notional, liquidity: Liquidity, cause: Cause
  ) {
    self.instrument = instrument
    self.trade = trade
    self.order = order
    self.venueOrder = venueOrder
    self.at = at
    self.side = side
    self.quantity = quantity
    self.price = price
    self.fee = fee
    self.feeAsset = feeAsset
    self.realized = realized
    self.liquidity = liquidity
    self.cause = cause
  }

  /// The quantity as it changes a position: bought is positive.
  public var signedQuantity: Quantity { side.signed(quantity) }
}
