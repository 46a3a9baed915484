public import FixedPoint
public import Trading

/// What an order cost against the mid at which it was decided, quote units; costs are positive.
public struct Shortfall: Hashable, Sendable {
  /// Fill prices against the decision's mid.
  public let execution: Notional
  /// What was not filled, against the price at the end.
  public let opportunity: Notional
  /// Fees.
  public let fees: Notional

  /// Measures an order.
  ///
  /// - Parameters:
  ///   - quantity: what was wanted, signed: bought is positive.
  ///   - decided: the mid at the decision.
  ///   - fills: signed quantities with their prices.
  ///   - end: the price at which the rest would be filled now.
  public init(
    quantity: Quantity, decided: Price, fills: [(quantity: Quantity, price: Price)], end: Price,
    fees: Notional
  ) {
    execution = fills.reduce(.zero) { $0 + ($1.price - decided).notional(of: $1.quantity) }
    let filled = fills.reduce(Quantity.zero) { $0 + $1.quantity }
    opportunity = (end - decided).notional(of: quantity - filled)
    self.fees = fees
  }

  /// All of it.
  public var total: Notional { execution + opportunity + fees }
}
