public import FixedPoint

/// What a venue tells of a market beside its prices, now and then; each figure nil while it is not told.
public struct MarketFigures: Hashable, Sendable {
  /// Traded within the last 24 hours, quote units.
  public var turnover: Notional?
  /// Open in a perpetual, base units.
  public var openInterest: Quantity?
  /// The highest settled rate that the venue allows, a fraction of the notional per interval.
  public var fundingCap: Rate?
  /// When trading began.
  public var listedAt: Timestamp?
  /// Place of this account's position in the queue of deleveraging, from 0, none or last, to 5, next.
  public var deleveragingRank: Int?

  /// States what is known.
  public init(
    turnover: Notional? = nil, openInterest: Quantity? = nil, fundingCap: Rate? = nil,
    listedAt: Timestamp? = nil, deleveragingRank: Int? = nil
  ) {
    self.turnover = turnover
    self.openInterest = openInterest
    self.fundingCap = fundingCap
    self.listedAt = listedAt
    self.deleveragingRank = deleveragingRank
  }

  /// Takes over what newer figures tell, and keeps the rest.
  public mutating func merge(_ newer: MarketFigures) {
    turnover = newer.turnover ?? turnover
    openInterest = newer.openInterest ?? openInterest
    fundingCap = newer.fundingCap ?? fundingCap
    listedAt = newer.listedAt ?? listedAt
    deleveragingRank = newer.deleveragingRank ?? deleveragingRank
  }
}
