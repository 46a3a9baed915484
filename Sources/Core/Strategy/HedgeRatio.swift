public import FixedPoint
public import Trading

/// How much is sold against a long spot position where it is not simply as much.
public enum HedgeRatio {
  /// The tilted short: long × β / (1 + ρ × (1 − C)), base units.
  ///
  /// It equals β × long only where ρ is zero or C one; the rest is a view, not a hedge.
  ///
  /// - Parameters:
  ///   - beta: base ratio.
  ///   - correlation: ρ of funding changes and price, −1 … 1.
  ///   - confidence: C of the forecast, 0 … 1.
  /// - Returns: nil where the denominator is below one half: the formula explodes there.
  public static func tilted(
    long: Quantity, beta: Rate, correlation: Rate, confidence: Rate
  ) -> Quantity? {
    let denominator = Rate.one + correlation.times(.one - confidence)
    guard denominator.times(2) >= .one else { return nil }
    return long.times(beta, .halfEven).divided(by: denominator, .halfEven)
  }

  /// A short kept within a fraction of its long: within long × (1 ± width), base units.
  public static func clipped(_ short: Quantity, long: Quantity, width: Rate) -> Quantity {
    let slack = long.times(width, .down)
    return min(max(short, long - slack), long + slack)
  }

  /// Contracts of a fixed worth in quote units that hedge coins in full: coins × price / worth.
  public static func inverseContracts(
    coins: Quantity, price: Price, contract: Notional
  ) -> Rate {
    price.notional(of: coins).ratio(to: contract)
  }

  /// What a short of such contracts earns in coins: n × worth × (1/after − 1/before).
  public static func inverseProfit(
    contracts: Rate, contract: Notional, before: Price, after: Price
  ) -> Quantity {
    let worth = contract.times(contracts)
    return worth.quantity(at: after, .halfEven) - worth.quantity(at: before, .halfEven)
  }
}
