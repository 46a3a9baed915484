public import FixedPoint

/// The units of the money path.
///
/// They have no values; they only keep numbers apart.
public enum Unit {
  /// Quote asset per one base asset.
  public enum QuotePerBase {}
  /// Base asset.
  public enum Base {}
  /// Quote asset.
  public enum Quote {}
  /// A pure number: fees, funding rates, fractions.
  public enum Ratio {}
  /// Units of an asset that is known only at run time.
  public enum Asset {}
}

/// Quote units per base unit; above zero.
public typealias Price = Fixed<Unit.QuotePerBase>
/// Base units, signed: long is positive.
public typealias Quantity = Fixed<Unit.Base>
/// Quote units, signed: received is positive.
public typealias Notional = Fixed<Unit.Quote>
/// A fraction: 0.0001 is one basis point.
///
/// Funding rates are per interval unless named annualised.
public typealias Rate = Fixed<Unit.Ratio>
/// Units of a named asset, signed as in the books: debit positive.
public typealias Amount = Fixed<Unit.Asset>

extension Fixed where Unit == Trading.Unit.QuotePerBase {
  /// What a quantity is worth at this price, in quote units, with the quantity's sign.
  @inlinable
  public func notional(of quantity: Quantity, _ rounding: Rounding = .halfEven) -> Notional {
    Notional(raw: Wide.product(raw, quantity.raw, rounding))
  }

  /// This price moved by a fraction of itself.
  @inlinable
  public func times(_ factor: Rate, _ rounding: Rounding = .halfEven) -> Price {
    Price(raw: Wide.product(raw, factor.raw, rounding))
  }

  /// This price as a fraction of another.
  @inlinable
  public func ratio(to other: Price, _ rounding: Rounding = .halfEven) -> Rate {
    Rate(raw: Wide.ratio(raw, other.raw, rounding))
  }
}

extension Fixed where Unit == Trading.Unit.Base {
  /// A fraction of this quantity.
  @inlinable
  public func times(_ fraction: Rate, _ rounding: Rounding) -> Quantity {
    Quantity(raw: Wide.product(raw, fraction.raw, rounding))
  }

  /// This quantity divided by a factor.
  @inlinable
  public func divided(by factor: Rate, _ rounding: Rounding) -> Quantity {
    Quantity(raw: Wide.ratio(raw, factor.raw, rounding))
  }

  /// This quantity as a fraction of another.
  @inlinable
  public func ratio(to other: Quantity, _ rounding: Rounding = .halfEven) -> Rate {
    Rate(raw: Wide.ratio(raw, other.raw, rounding))
  }

  /// The same number as an amount of the base asset.
  @inlinable
  public var amount: Amount { reinterpreted(as: Trading.Unit.Asset.self) }
}

extension Fixed where Unit == Trading.Unit.Quote {
  /// A fraction of this notional.
  @inlinable
  public func times(_ rate: Rate, _ rounding: Rounding = .halfEven) -> Notional {
    Notional(raw: Wide.product(raw, rate.raw, rounding))
  }

  /// How much of the base asset this notional buys.
  @inlinable
  public func quantity(at price: Price, _ rounding: Rounding) -> Quantity {
    Quantity(raw: Wide.ratio(raw, price.raw, rounding))
  }

  /// The price at which a quantity is worth this notional.
  @inlinable
  public func price(per quantity: Quantity, _ rounding: Rounding = .halfEven) -> Price {
    Price(raw: Wide.ratio(raw, quantity.raw, rounding))
  }

  /// This notional as a fraction of another.
  @inlinable
  public func ratio(to other: Notional, _ rounding: Rounding = .halfEven) -> Rate {
    Rate(raw: Wide.ratio(raw, other.raw, rounding))
  }

  /// The same number as an amount of the quote asset.
  @inlinable
  public var amount: Amount { reinterpreted(as: Trading.Unit.Asset.self) }
}

extension Fixed where Unit == Trading.Unit.Ratio {
  /// The product of two pure numbers.
  @inlinable
  public func times(_ other: Rate, _ rounding: Rounding = .halfEven) -> Rate {
    Rate(raw: Wide.product(raw, other.raw, rounding))
  }

  /// The quotient of two pure numbers.
  @inlinable
  public func divided(by other: Rate, _ rounding: Rounding = .halfEven) -> Rate {
    Rate(raw: Wide.ratio(raw, other.raw, rounding))
  }

  /// So many basis points: hundredths of a percent.
  @inlinable
  public static func basisPoints(_ count: Int) -> Rate {
    Rate(raw: Int128(count) * 100_000_000_000_000)
  }
}
