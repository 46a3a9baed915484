public import FixedPoint
public import Trading

/// How long an order works.
public enum TimeInForce: String, Hashable, Sendable {
  /// Rests until it is filled or taken back.
  case goodTillCancelled
  /// What does not trade at once expires.
  case immediateOrCancel
  /// Trades whole at once or not at all.
  case fillOrKill
  /// Refused when it would trade at once.
  case postOnly
}

/// An order as a front hands it to its venue: neutral units, the client's own id.
public struct NewOrder: Hashable, Sendable {
  /// As the client sent it; never empty (a front makes one up when the client gave none).
  public var clientID: String
  /// What is traded.
  public var instrument: InstrumentIndex
  /// Direction.
  public var side: Side
  /// The limit per base unit; nil for a market order.
  public var price: Price?
  /// Base units; ignored when `quoteQuantity` is given.
  public var quantity: Quantity
  /// Of a market order by value: quote units to spend or to obtain, rounded down to the lot.
  public var quoteQuantity: Notional?
  /// Ignored for market orders.
  public var timeInForce: TimeInForce
  /// Whether it may only bring a position nearer to zero.
  public var reduceOnly: Bool
  /// Whether a reduce-only order larger than the position is cut down to it instead of refused.
  public var isCutToPosition: Bool
  /// Whether a refusal by the matching engine is kept as an order in state `rejected` and told.
  public var keepsRefusal: Bool
  /// Anything the front wants back with the order, such as the wire's words for its type.
  public var tag: String

  /// States an order; a limit order good till cancelled by default, a market one without price.
  public init(
    clientID: String, instrument: InstrumentIndex, side: Side, quantity: Quantity,
    price: Price? = nil, quoteQuantity: Notional? = nil,
    timeInForce: TimeInForce = .goodTillCancelled, reduceOnly: Bool = false,
    isCutToPosition: Bool = false, keepsRefusal: Bool = false, tag: String = ""
  ) {
    self.clientID = clientID
    self.instrument = instrument
    self.side = side
    self.quantity = quantity
    self.price = price
    self.quoteQuantity = quoteQuantity
    self.timeInForce = timeInForce
    self.reduceOnly = reduceOnly
    self.isCutToPosition = isCutToPosition
    self.keepsRefusal = keepsRefusal
    self.tag = tag
  }
}

/// Where an order stands.
public enum OrderState: String, Hashable, Sendable {
  /// Works, nothing traded.
  case new
  /// Works, a part traded.
  case partiallyFilled
  /// All of it traded.
  case filled
  /// Taken back; a part may have traded.
  case cancelled
  /// Ended by its own rule; a part may have traded.
  case expired
  /// Refused by the matching engine after it had been acknowledged.
  case rejected

  /// Whether it works.
  public var isOpen: Bool { self == .new || self == .partiallyFilled }
}

/// Who made an order.
public enum OrderOrigin: String, Hashable, Sendable {
  /// A client.
  case client
  /// The venue, closing a position whose margin is used up.
  case liquidation
  /// The venue, closing a position against a bankrupt counterparty.
  case autoDeleveraging
  /// The venue, at the end of a contract.
  case settlement
}

/// An order at a venue, as it stands.
public struct WorldOrder: Hashable, Sendable {
  /// The venue's id; counts up over all instruments of the venue.
  public let number: Int64
  /// As it was sent, with the quantity that was worked out.
  public let request: NewOrder
  /// Who made it.
  public let origin: OrderOrigin
  /// When it was made.
  public let createdAt: Timestamp
  /// When it last changed.
  public internal(set) var updatedAt: Timestamp
  /// Where it stands.
  public internal(set) var state: OrderState
  /// What traded, base units.
  public internal(set) var executed: Quantity = .zero
  /// What that was worth: the sum of price × quantity, quote units.
  public internal(set) var executedValue: Notional = .zero
  /// Its executions: places in `Venue.fills`.
  public internal(set) var fills: [Int] = []
  /// Why it was rejected.
  public internal(set) var refusal: OrderRefusal?

  /// The base units asked for.
  public var quantity: Quantity { request.quantity }
  /// What has not traded.
  public var remaining: Quantity { quantity - executed }
  /// What it traded at on average, half-even at 18 places; zero without executions.
  public var averagePrice: Price {
    executed.isZero ? .zero : executedValue.price(per: executed)
  }
}

/// Why an order or another request was refused; nothing happened.
public struct OrderRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// In words common to all venues.
  public let reason: RefusalReason
  /// With the value and the limit in words, for logs and tests.
  public let text: String

  /// States a refusal.
  public init(_ reason: RefusalReason, _ text: String) {
    self.reason = reason
    self.text = text
  }

  /// The reason and the text.
  public var description: String { "\(reason.rawValue): \(text)" }
}

/// What happened to an order, in the order in which it happened.
public enum OrderChange: Hashable, Sendable {
  /// It works (also told of orders that end in the same moment).
  case accepted
  /// It traded: a place in `Venue.fills`.
  case traded(Int)
  /// It was taken back by the client or the venue.
  case cancelled
  /// It ended by its own rule.
  case expired
  /// The matching engine refused it after it had been acknowledged.
  case rejected
}
