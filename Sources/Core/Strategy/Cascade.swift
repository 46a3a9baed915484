public import FixedPoint
public import Trading

/// Forced closing that feeds on itself: open interest falls while price moves.
public struct Cascade: Hashable, Sendable {
  /// Change of open interest over the interval, a fraction.
  public let openInterestChange: Rate
  /// Change of price over the interval, a fraction.
  public let priceChange: Rate

  /// Measures one interval.
  public init(
    openInterest: (before: Quantity, after: Quantity), price: (before: Price, after: Price)
  ) {
    openInterestChange = openInterest.after.ratio(to: openInterest.before) - .one
    priceChange = price.after.ratio(to: price.before) - .one
  }

  /// Whether open interest fell by more than one fraction and price moved by more than another.
  public func isUnderWay(fall: Rate, move: Rate) -> Bool {
    openInterestChange < -fall && priceChange.magnitude > move
  }
}
