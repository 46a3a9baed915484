import FixedPoint
import Trading

/// An isolated position kept as quantity and cost, so that profit is an exact cash identity.
///
/// At any mark the profit realised so far plus `quantity × mark − cost` equals `quantity × mark`
/// less the sum of signed quantity × price over all trades.
struct Holding: Equatable, Sendable, BitwiseCopyable {
  /// Base units, signed: short is negative.
  private(set) var quantity: Quantity = .zero
  /// Sum of price × signed quantity of what is open, quote units.
  private(set) var cost: Notional = .zero
  /// Collateral, quote units, zero or more.
  var margin: Notional = .zero

  /// The part of a signed trade that brings the position nearer to zero, with the trade's sign.
  func closingPart(of signed: Quantity) -> Quantity {
    if quantity.isZero || quantity.isNegative == signed.isNegative { return .zero }
    return signed.magnitude <= quantity.magnitude ? signed : -quantity
  }

  /// Trades a signed quantity: closes first, then opens the rest.
  ///
  /// Closing takes the proportional share of cost and margin, each rounded once, half-even at 18
  /// places, and subtracted; the last close takes all that remains. Opening sets notional over
  /// leverage aside.
  ///
  /// - Returns: profit of the part that was closed, quote units.
  mutating func trade(_ signed: Quantity, at price: Price, leverage: Rate) -> Notional {
    let closing = closingPart(of: signed)
    let opening = signed - closing
    let value = price.notional(of: signed)
    let closingValue = opening.isZero ? value : price.notional(of: closing)
    var realized = Notional.zero
    if !closing.isZero {
      let closedCost = cost.share(closing.magnitude, of: quantity.magnitude)
      margin -= margin.share(closing.magnitude, of: quantity.magnitude)
      cost -= closedCost
      quantity += closing
      realized = -closingValue - closedCost
    }
    if !opening.isZero {
      let openingValue = value - closingValue
      quantity += opening
      cost += openingValue
      margin += openingValue.magnitude.divided(by: leverage)
    }
    return realized
  }

  /// Profit that closing at this price would realise, quote units.
  func unrealized(at mark: Price) -> Notional { mark.notional(of: quantity) - cost }

  /// The mark at which margin and unrealised profit are down to the maintenance margin.
  ///
  /// Short of size q with cost −C: (margin + C + d) / (q × (1 + m)); long with cost C:
  /// (C − margin − d) / (q × (1 − m)); rate m and deduction d are those of the tier that holds the
  /// notional at that very price. Rounded half-even at 18 places.
  ///
  /// - Returns: nil when flat, or when a long could fall to zero.
  func liquidationPrice(tiers: [MarginTier]) -> Price? {
    if quantity.isZero { return nil }
    var result = liquidationPrice(rate: .zero, deduction: .zero)
    for (place, tier) in tiers.enumerated() {
      let limit = liquidationPrice(rate: tier.maintenanceRate, deduction: tier.deduction)
      let notional = limit.notional(of: quantity.magnitude)
      if place > 0, notional < tier.floor { break }
      result = limit
      if place + 1 == tiers.count || notional < tiers[place + 1].floor { break }
    }
    return result.isPositive ? result : nil
  }

  private func liquidationPrice(rate: Rate, deduction: Notional) -> Price {
    let isShort = quantity.isNegative
    let factor = isShort ? Rate.one + rate : Rate.one - rate
    let value = isShort ? margin - cost + deduction : cost - margin - deduction
    return value.price(per: quantity.magnitude.times(factor, .halfEven))
  }
}

extension Notional {
  /// This notional divided by a factor, half-even at 18 places.
  func divided(by factor: Rate) -> Notional {
    Notional(raw: Wide.ratio(raw, factor.raw, .halfEven))
  }

  /// This notional × part / whole with a single rounding, half-even at 18 places.
  ///
  /// - Parameters:
  ///   - part: zero or more, not above `whole`.
  ///   - whole: above zero.
  func share(_ part: Quantity, of whole: Quantity) -> Notional {
    let product = raw.magnitude.multipliedFullWidth(by: part.raw.magnitude)
    let divisor = whole.raw.magnitude
    let (quotient, rest) = divisor.dividingFullWidth((product.high, product.low))
    let complement = divisor - rest
    let isUp = rest > complement || (rest == complement && quotient & 1 == 1)
    let magnitude = Int128(isUp ? quotient + 1 : quotient)
    return Notional(raw: isNegative ? -magnitude : magnitude)
  }
}
