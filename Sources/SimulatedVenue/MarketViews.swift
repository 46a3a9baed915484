public import FixedPoint
public import Simulation
public import Trading

/// One price of a book with what stands there.
public struct BookLevel: Hashable, Sendable {
  /// On the tick.
  public let price: Price
  /// Base units, in lots, above zero.
  public let quantity: Quantity

  init(_ step: LadderStep) {
    price = step.price
    quantity = step.quantity
  }
}

/// The book of an instrument, best prices first; both sides have at least one level.
public struct BookView: Hashable, Sendable {
  /// Falling.
  public let bids: [BookLevel]
  /// Rising.
  public let asks: [BookLevel]
  /// Grows by one with every change and with every confirmation; over all instruments of a venue.
  public let updateID: Int64
  /// The update before this one on the same instrument; 0 before the first.
  public let previousUpdateID: Int64
  /// When it was published.
  public let at: Timestamp
}

/// Prices of an instrument over the last 24 hours.
public struct TickerView: Hashable, Sendable {
  /// The price of the last trade.
  public let last: Price
  /// The price 24 hours ago, or the first known.
  public let open: Price
  /// Highest.
  public let high: Price
  /// Lowest.
  public let low: Price
  /// Base units traded.
  public let volume: Quantity
  /// Quote units traded.
  public let quoteVolume: Notional
  /// Number of trades.
  public let trades: Int
  /// When the 24 hours began.
  public let opensAt: Timestamp
  /// Now.
  public let at: Timestamp
}

/// One bucket of prices; volumes are made up and always the same.
public struct Candle: Hashable, Sendable {
  /// When it begins.
  public let opensAt: Timestamp
  /// First price.
  public let open: Price
  /// Highest price.
  public let high: Price
  /// Lowest price.
  public let low: Price
  /// Last price.
  public let close: Price
  /// Base units traded.
  public let volume: Quantity
  /// Quote units traded.
  public let quoteVolume: Notional
  /// Number of trades.
  public let trades: Int
  /// Whether no price can be added any more.
  public let isClosed: Bool
}

/// What a perpetual's venue says about funding now.
public struct FundingView: Hashable, Sendable {
  /// The mark price.
  public let mark: Price
  /// The index: the price of the spot leg.
  public let index: Price
  /// When funding settles next, on the full hour.
  public let nextSettlement: Timestamp
  /// The rate that settlement will have.
  public let rate: Rate
  /// Hours between settlements.
  public let intervalHours: Int
  /// Largest rate of a settlement.
  public let cap: Rate
  /// Smallest rate of a settlement.
  public let floor: Rate
}

/// One instrument as its venue lists it, with the scale between neutral and wire units.
public struct ListedInstrument: Hashable, Sendable {
  /// Its place in the venue's universe.
  public let index: InstrumentIndex
  /// In neutral units: per one base unit.
  public let instrument: Instrument
  /// The name on the wire, such as `1000PEPEUSDT`.
  public let name: String
  /// The base asset's name on the wire, such as `1000PEPE`.
  public let baseName: String
  /// Base units per unit of quantity on the wire; 1 on spot.
  public let multiplier: Int
  /// The other leg of its pair.
  public let partner: InstrumentIndex
  /// Whether it trades.
  public internal(set) var status: ListingStatus
  /// When the contract ends; nil when no end is known.
  public internal(set) var endsAt: Timestamp?

  /// Whether it is the perpetual.
  public var isPerp: Bool { instrument.id.market == .perp }
  /// A neutral price as it stands on the wire.
  public func wire(_ price: Price) -> Price { price.times(multiplier) }
  /// A neutral quantity as it stands on the wire; exact when it is a whole number of lots.
  public func wire(_ quantity: Quantity) -> Quantity {
    multiplier == 1 ? quantity : quantity.divided(by: multiplier, rounding: .halfEven)
  }
  /// A price of the wire in neutral units; nil when it has more than 18 places.
  public func neutral(_ price: Price) -> Price? {
    let result = price.divided(by: multiplier, rounding: .down)
    return result.times(multiplier) == price ? result : nil
  }
  /// A quantity of the wire in neutral units.
  public func neutral(_ quantity: Quantity) -> Quantity { quantity.times(multiplier) }
  /// The price step on the wire.
  public var wireTick: Price { wire(instrument.tick) }
  /// The quantity step on the wire.
  public var wireLot: Quantity { wire(instrument.lot) }
  /// The smallest quantity on the wire.
  public var wireMinimum: Quantity { wire(instrument.minimumQuantity) }
}
