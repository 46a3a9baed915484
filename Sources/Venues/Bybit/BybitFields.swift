import FixedPoint
import Trading
import Wire

/// The two product lines that are traded here.
enum BybitCategory: String, Hashable, Sendable {
  case spot, linear

  /// The market it stands for.
  var market: Market { self == .spot ? .spot : .perp }

  /// The product line of a market.
  init(_ market: Market) { self = market == .spot ? .spot : .linear }
}

/// Reads fields of Bybit's JSON: numbers come as text, and an empty text means "no value".
///
/// Magnitudes are bounded so that no arithmetic on what a venue sent can leave the range.
enum BybitField {
  /// Beyond any price, quantity or amount of a real account.
  private static let bound = Int128(1_000_000_000_000_000) * Decimals.one

  static func text(_ row: JSON, _ name: String) throws(DialectError) -> String {
    guard let text = row[name]?.text, !text.isEmpty else {
      throw DialectError("\(name) is missing")
    }
    return text
  }

  /// The text; empty when absent.
  static func optionalText(_ row: JSON, _ name: String) -> String { row[name]?.text ?? "" }

  static func decimal<U>(_ row: JSON, _ name: String) throws(DialectError) -> Fixed<U> {
    guard let value: Fixed<U> = try optionalDecimal(row, name) else {
      throw DialectError("\(name) is missing")
    }
    return value
  }

  /// Nil when absent, null or empty; an error when it is there and not a decimal.
  static func optionalDecimal<U>(
    _ row: JSON, _ name: String
  ) throws(DialectError) -> Fixed<U>? {
    guard let field = row[name], field != .null, field.text != "" else { return nil }
    guard let value = field.decimal(U.self), value.raw.magnitude < bound.magnitude else {
      throw DialectError("\(name) is not a decimal in range")
    }
    return value
  }

  /// A figure that no price and no position waits for: what cannot be read is not told.
  static func figure<U>(_ field: JSON?) -> Fixed<U>? {
    guard let value: Fixed<U> = field?.decimal(), !value.isNegative, value.raw < bound else {
      return nil
    }
    return value
  }

  /// The same out of a stream, without allocation.
  static func figure<U>(_ data: inout JSONScanner) -> Fixed<U>? {
    guard let value: Fixed<U> = data.decimal(), !value.isNegative, value.raw < bound else {
      return nil
    }
    return value
  }

  static func positive<U>(_ row: JSON, _ name: String) throws(DialectError) -> Fixed<U> {
    let value: Fixed<U> = try decimal(row, name)
    guard value.isPositive else { throw DialectError("\(name) is not above zero") }
    return value
  }

  /// Milliseconds since 1970.
  static func time(_ row: JSON, _ name: String) throws(DialectError) -> Timestamp {
    guard let time = timestamp(row[name]?.integer) else {
      throw DialectError("\(name) is not a time")
    }
    return time
  }

  /// A moment of this century; nil for anything else, 0 in particular.
  static func timestamp(_ milliseconds: Int64?) -> Timestamp? {
    guard let milliseconds, (946_684_800_000...4_102_444_800_000).contains(milliseconds) else {
      return nil
    }
    return Timestamp(milliseconds: milliseconds)
  }

  static func side(_ row: JSON) throws(DialectError) -> Side {
    switch row["side"]?.text {
    case "Buy": .buy
    case "Sell": .sell
    default: throw DialectError("side is neither Buy nor Sell")
    }
  }

  /// The rows of a result; an error when there is no list.
  static func list(_ result: JSON) throws(DialectError) -> [JSON] {
    guard case .array(let rows)? = result["list"] else { throw DialectError("list is missing") }
    return rows
  }

  /// The token of the next page, decoded, since it is sent encoded; nil on the last page.
  static func cursor(_ result: JSON) -> String? {
    let token = optionalText(result, "nextPageCursor")
    guard !token.isEmpty else { return nil }
    return FormText.split("cursor=\(token)")?.first?.value ?? token
  }
}

/// Arithmetic on what a venue sent; an error where a product would leave the range.
enum BybitArithmetic {
  /// What a quantity is worth, with its sign.
  static func notional(_ price: Price, _ quantity: Quantity) throws(DialectError) -> Notional {
    let product = price.raw.magnitude.multipliedFullWidth(by: quantity.raw.magnitude)
    guard product.high < 200_000_000_000_000_000 else {
      throw DialectError("a product is out of range")
    }
    return price.notional(of: quantity)
  }

  /// A price of one contract as the price of one base unit.
  static func price(_ price: Price, of multiplier: Int) throws(DialectError) -> Price {
    guard multiplier > 1 else { return price }
    guard price.raw % Int128(multiplier) == 0 else {
      throw DialectError("a price has too many decimals for a contract of \(multiplier)")
    }
    return price.divided(by: multiplier, rounding: .halfEven)
  }

  /// A number of contracts as base units.
  static func quantity(
    _ quantity: Quantity, of multiplier: Int
  ) throws(DialectError) -> Quantity {
    guard multiplier > 1 else { return quantity }
    let (raw, overflow) = quantity.raw.multipliedReportingOverflow(by: Int128(multiplier))
    guard !overflow, raw.magnitude < UInt128(1_000_000_000_000_000) * UInt128(Decimals.one) else {
      throw DialectError("a quantity is out of range")
    }
    return Quantity(raw: raw)
  }

  /// What is open, in base units, one side of every contract: the venue counts both.
  static func openInterest(_ contracts: Quantity?, of multiplier: Int) -> Quantity? {
    guard let contracts, let both = try? quantity(contracts, of: multiplier) else { return nil }
    return both.divided(by: 2, rounding: .down)
  }
}

extension Timestamp {
  /// Milliseconds since 1970, as Bybit writes times.
  var bybitMilliseconds: String { String(nanoseconds / 1_000_000) }
}
