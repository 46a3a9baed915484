public import FixedPoint
public import Trading

/// Distances to liquidation of an isolated short in a linear perpetual.
public enum Liquidation {
  /// The mark price at which a short is liquidated: (W + q·p₀ + d) / (q·(1 + m)).
  ///
  /// - Parameters:
  ///   - margin: W, collateral of the position, quote units.
  ///   - quantity: q, size of the short, base units, above zero.
  ///   - entry: q·p₀, what it was sold for, quote units.
  ///   - tiers: the venue's table of m and d; the tier that holds at the result is used.
  public static func price(
    margin: Notional, quantity: Quantity, entry: Notional, tiers: [MarginTier]
  ) -> Price {
    var result: Price?
    for tier in tiers {
      let reach = (margin + entry + tier.deduction).price(per: quantity)
      let candidate = Price(
        raw: Wide.ratio(reach.raw, (Rate.one + tier.maintenanceRate).raw, .halfEven))
      if result == nil || candidate.notional(of: quantity) >= tier.floor { result = candidate }
    }
    return result ?? (margin + entry).price(per: quantity)
  }

  /// How far the mark may rise before liquidation, as a fraction of it.
  public static func distance(liquidation: Price, mark: Price) -> Rate {
    liquidation.ratio(to: mark, .down) - .one
  }

  /// Collateral to add so that the distance becomes `buffer`; zero when it already is.
  ///
  /// max(0, q·mark·(1 + B)·(1 + m) − q·p₀ − d − W), with the tier of the notional at mark·(1 + B).
  public static func topUp(
    margin: Notional, quantity: Quantity, entry: Notional, mark: Price, buffer: Rate,
    tiers: [MarginTier]
  ) -> Notional {
    let reach = mark.times(.one + buffer, .up).notional(of: quantity, .up)
    let tier = tiers.last { reach >= $0.floor } ?? tiers.first
    let required =
      reach.times(.one + (tier?.maintenanceRate ?? .zero), .up) - (tier?.deduction ?? .zero)
    return max(.zero, required - entry - margin)
  }

  /// The largest leverage that leaves a buffer at entry: min(cap, 1 / ((1 + B)(1 + m) − 1)).
  public static func maximumLeverage(buffer: Rate, maintenanceRate: Rate, cap: Rate) -> Rate {
    let reach = (Rate.one + buffer).times(.one + maintenanceRate) - .one
    return min(cap, Rate.one.divided(by: reach))
  }
}
