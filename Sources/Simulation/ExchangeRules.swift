public import FixedPoint
public import Trading

/// What an exchange does beyond the plain models; the defaults are those of paper trading.
public struct ExchangeRules: Hashable, Sendable {
  /// Whether positions stand on the whole wallet until that is changed for an instrument.
  public var isCross: Bool
  /// A book of levels that orders walk along; nil: one price for any size within the depth.
  public var book: BookModel?
  /// Fees paid in an asset of the venue's own while there is some of it; nil for never.
  public var tokenFee: TokenFee?
  /// What counts as collateral beside the quote asset in a unified account's cross margin.
  public var collateral: [CollateralRate]
  /// Decimal places of funding and realised profit in a wallet; 18 keeps them exact.
  public var cashPlaces: Int

  /// Isolated positions, no book, no token, no collateral.
  public static let paper = ExchangeRules()

  /// States rules.
  public init(
    isCross: Bool = false, book: BookModel? = nil, tokenFee: TokenFee? = nil,
    collateral: [CollateralRate] = [], cashPlaces: Int = 18
  ) {
    self.isCross = isCross
    self.book = book
    self.tokenFee = tokenFee
    self.collateral = collateral
    self.cashPlaces = cashPlaces
  }
}

/// Levels behind the touch at equal distances with growing quantities.
///
/// Bid and ask are brought to the tick, away from the mid. What our orders take is missing until it
/// is refilled (`DepthModel.refillMilliseconds`); slippage and the depth's notional do not apply.
public struct BookModel: Hashable, Sendable {
  /// What stands at the best price, quote units, give or take a fifth.
  public var best: Notional
  /// By how much each further level is larger than the one before, as a fraction of the best.
  public var growth: Rate
  /// Distance between levels, a fraction of the price; at least one tick.
  public var gap: Rate

  /// States a model.
  public init(best: Notional, growth: Rate = "0.25", gap: Rate = "0.0001") {
    self.best = best
    self.growth = growth
    self.gap = gap
  }
}

/// Fees paid in a third asset at a discount, as with BNB.
public struct TokenFee: Hashable, Sendable {
  /// The asset.
  public var asset: AssetID
  /// Its price in quote; the price of its own spot instrument is used where that is listed.
  public var price: Price
  /// What is taken off a spot fee, a fraction; nil: not used on spot.
  public var spotDiscount: Rate?
  /// What is taken off a perpetual's fee, a fraction; nil: not used on perpetuals.
  public var perpDiscount: Rate?

  /// States a model.
  public init(asset: AssetID, price: Price, spotDiscount: Rate?, perpDiscount: Rate?) {
    self.asset = asset
    self.price = price
    self.spotDiscount = spotDiscount
    self.perpDiscount = perpDiscount
  }
}

/// An asset that counts as collateral at a part of its value.
public struct CollateralRate: Hashable, Sendable {
  /// The asset.
  public var asset: AssetID
  /// The part of its value that counts, 0 … 1.
  public var rate: Rate

  /// States a rate.
  public init(asset: AssetID, rate: Rate) {
    self.asset = asset
    self.rate = rate
  }
}

/// Whether an instrument trades.
public enum ListingStatus: String, Hashable, Sendable, CaseIterable {
  /// It trades.
  case trading
  /// Nothing can be done.
  case halted
  /// Orders may only be taken back.
  case cancelOnly
  /// Positions may only become smaller.
  case reduceOnly
  /// It is gone.
  case delisted
}

/// One price of a book with what stands there.
public struct LadderStep: Hashable, Sendable, BitwiseCopyable {
  /// On the tick.
  public let price: Price
  /// Base units, in lots.
  public let quantity: Quantity
}

/// What a client chose for a perpetual.
struct PerpSetting: Equatable, Sendable, BitwiseCopyable {
  /// Notional over initial margin.
  var leverage: Rate
  /// Whether the whole wallet stands for the position.
  var isCross: Bool
}

/// What takers of ours have consumed of both sides of a book, base units.
struct Consumption: Equatable, Sendable, BitwiseCopyable {
  private var taken: Quantity = .zero
  private var wholeAt = Timestamp.distantPast

  /// What is missing at a moment.
  func missing(at time: Timestamp) -> Quantity { time >= wholeAt ? .zero : taken }

  /// Consumes; all is back `refill` after the last time that something was taken.
  mutating func take(_ quantity: Quantity, at time: Timestamp, refill: TimeSpan) {
    taken = missing(at: time) + quantity
    wholeAt = time + refill
  }
}
