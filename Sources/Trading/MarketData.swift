public import FixedPoint

/// The best prices of one instrument, with the mark where there is one.
public struct Quote: Hashable, Sendable, BitwiseCopyable {
  /// The instrument.
  public let instrument: InstrumentIndex
  /// Best bid.
  public let bid: Price
  /// Best ask, not below the bid.
  public let ask: Price
  /// The venue's mark price of a perpetual; the mid on spot.
  public let mark: Price
  /// The venue's time of this state.
  public let at: Timestamp

  /// States prices.
  @inlinable
  public init(
    instrument: InstrumentIndex, bid: Price, ask: Price, mark: Price, at: Timestamp
  ) {
    self.instrument = instrument
    self.bid = bid
    self.ask = ask
    self.mark = mark
    self.at = at
  }

  /// Halfway between bid and ask, exact: prices have fewer decimals than the scale.
  @inlinable
  public var mid: Price { Price(raw: (bid.raw + ask.raw) / 2) }

  /// From bid to ask, a fraction of the mid.
  public var spread: Rate { (ask - bid).ratio(to: mid) }
}

/// A funding rate of one settlement.
public struct FundingRate: Hashable, Codable, Sendable, BitwiseCopyable {
  /// When it settles or settled, by the venue's stamp.
  public let settlesAt: Timestamp
  /// Hours it stands for.
  public let intervalHours: Int
  /// Fraction of the notional for the whole interval; positive: longs pay shorts.
  public let rate: Rate

  /// States a rate.
  public init(settlesAt: Timestamp, intervalHours: Int, rate: Rate) {
    self.settlesAt = settlesAt
    self.intervalHours = intervalHours
    self.rate = rate
  }
}

/// What the venue paid or took for one settlement.
public struct FundingPayment: Hashable, Codable, Sendable {
  /// The perpetual.
  public let instrument: InstrumentID
  /// The venue's id of the payment.
  public let id: PaymentID
  /// The settlement it belongs to.
  public let settledAt: Timestamp
  /// Received is positive.
  public let amount: Amount
  /// The asset it was paid in.
  public let asset: AssetID

  /// States a payment.
  public init(
    instrument: InstrumentID, id: PaymentID, settledAt: Timestamp, amount: Amount, asset: AssetID
  ) {
    self.instrument = instrument
    self.id = id
    self.settledAt = settledAt
    self.amount = amount
    self.asset = asset
  }
}

/// Whether an instrument trades.
public enum TradingStatus: String, Hashable, Codable, Sendable, BitwiseCopyable {
  /// It trades.
  case trading
  /// Orders may only be taken back, or only make a position smaller.
  case reduceOnly
  /// It does not trade now.
  case halted
  /// It will be taken off the venue.
  case delisting
}
