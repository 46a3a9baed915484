public import FixedPoint
public import Trading

/// What a carry costs to open and to close, as fractions of its notional.
public struct CarryCost: Hashable, Codable, Sendable {
  /// Trading fees of the spot leg, one way.
  public let spotFee: Rate
  /// Trading fees of the perpetual leg, one way.
  public let perpFee: Rate
  /// Half the spread of both legs, one way.
  public let spread: Rate
  /// Expected impact beyond the spread, both legs, one way.
  public let slippage: Rate

  /// States a cost.
  public init(spotFee: Rate, perpFee: Rate, spread: Rate, slippage: Rate) {
    self.spotFee = spotFee
    self.perpFee = perpFee
    self.spread = spread
    self.slippage = slippage
  }

  /// The cost of taking both legs at the prices of now.
  ///
  /// - Parameter slippage: of both legs, one way.
  public init(spot: Quote, perp: Quote, spotFee: Rate, perpFee: Rate, slippage: Rate) {
    self.init(
      spotFee: spotFee, perpFee: perpFee,
      spread: Self.halfSpread(spot) + Self.halfSpread(perp), slippage: slippage)
  }

  /// How far an order moves its market, a fraction: c × σ × √(Q / V).
  ///
  /// - Parameters:
  ///   - notional: Q, of all that is traded, quote units.
  ///   - turnover: V, of the market in a day, quote units.
  ///   - deviation: σ, of the price in a day, a fraction.
  ///   - coefficient: c.
  /// - Source: the square-root law of market impact.
  public static func impact(
    of notional: Notional, turnover: Notional, deviation: Rate, coefficient: Rate
  ) -> Rate {
    guard turnover.isPositive else { return .zero }
    return notional.ratio(to: turnover, .up).root(2).times(deviation).times(coefficient, .up)
  }

  /// Both legs, in or out.
  public var oneWay: Rate { spotFee + perpFee + spread + slippage }

  /// Both legs, in and out.
  public var roundTrip: Rate { oneWay.times(2) }

  /// Settlements until funding pays the round trip: ⌈cost / rate⌉.
  ///
  /// Nil when the rate is not positive.
  public func breakEvenSettlements(ratePerSettlement: Rate) -> Int? {
    Self.breakEven(cost: roundTrip, ratePerSettlement: ratePerSettlement)
  }

  /// ⌈cost / rate⌉; nil when the rate is not positive.
  static func breakEven(cost: Rate, ratePerSettlement: Rate) -> Int? {
    guard ratePerSettlement.isPositive else { return nil }
    let count = cost.divided(by: ratePerSettlement, .ceiling).rounded(places: 0, .ceiling)
    return Int(count.raw / Decimals.one)
  }

  /// The yearly rate that pays the round trip within a holding time: cost × 365 / days.
  public func breakEvenAnnualRate(holdingDays days: Int) -> Rate {
    roundTrip.times(365).divided(by: days, rounding: .up)
  }

  private static func halfSpread(_ quote: Quote) -> Rate {
    (quote.ask - quote.mid).ratio(to: quote.mid, .up)
  }
}
