import FixedPoint
import Trading
import Wire

/// Reads the members of one object; whatever is missing or of another kind is an error.
struct BinanceRow {
  let json: JSON

  init(_ json: JSON) { self.json = json }

  func text(_ name: String) throws(DialectError) -> String {
    guard let text = json[name]?.text else { throw DialectError("no text \"\(name)\"") }
    return text
  }

  func integer(_ name: String) throws(DialectError) -> Int64 {
    guard let number = json[name]?.integer else { throw DialectError("no number \"\(name)\"") }
    return number
  }

  func bool(_ name: String) throws(DialectError) -> Bool {
    guard let flag = json[name]?.bool else { throw DialectError("no truth value \"\(name)\"") }
    return flag
  }

  func decimal<U>(_ name: String) throws(DialectError) -> Fixed<U> {
    guard let number: Fixed<U> = json[name]?.decimal(), number.magnitude.raw <= Self.largest else {
      throw DialectError("no decimal \"\(name)\"")
    }
    return number
  }

  /// A decimal that may be written as `1.25E8`, as large margin figures are.
  func scientific<U>(_ name: String) throws(DialectError) -> Fixed<U> {
    let parts = try text(name).split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    if parts.count == 1 { return try decimal(name) }
    guard parts.count == 2, let mantissa = Fixed<U>(String(parts[0])), let power = Int(parts[1]),
      (-18...16).contains(power)
    else { throw DialectError("no decimal \"\(name)\"") }
    let factor = Decimals.power(Int(power.magnitude))
    let (raw, overflowed) =
      power < 0
      ? (mantissa.raw / factor, mantissa.raw % factor != 0)
      : mantissa.raw.multipliedReportingOverflow(by: factor)
    guard !overflowed, raw.magnitude <= Self.largest.magnitude else {
      throw DialectError("no exact decimal \"\(name)\"")
    }
    return Fixed(raw: raw)
  }

  /// A decimal above zero.
  func positive<U>(_ name: String) throws(DialectError) -> Fixed<U> {
    let number: Fixed<U> = try decimal(name)
    guard number.isPositive else { throw DialectError("\"\(name)\" is not above zero") }
    return number
  }

  func time(_ name: String) throws(DialectError) -> Timestamp {
    try BinanceTime.reading(try integer(name))
  }

  func rows(_ name: String) throws(DialectError) -> [BinanceRow] {
    guard case .array(let elements)? = json[name] else {
      throw DialectError("no list \"\(name)\"")
    }
    return elements.map(BinanceRow.init)
  }

  /// The rows of an answer that is a list.
  static func list(_ json: JSON) throws(DialectError) -> [BinanceRow] {
    guard case .array(let elements) = json else { throw DialectError("not a list") }
    return elements.map(BinanceRow.init)
  }

  /// No amount is larger, so that sums and differences stay in range.
  static let largest: Int128 = Decimals.one * 10_000_000_000_000_000
}

/// Moments as the venue writes them.
enum BinanceTime {
  static func reading(_ milliseconds: Int64) throws(DialectError) -> Timestamp {
    guard (0...8_000_000_000_000).contains(milliseconds) else {
      throw DialectError("a time out of range")
    }
    return Timestamp(milliseconds: milliseconds)
  }

  /// Settlements happen on the hour; the venue's stamps are some milliseconds late.
  static func settlement(_ stamp: Timestamp) -> Timestamp { stamp.floored(to: .hours(1)) }
}

/// Products that may not stop the process, whatever a frame says.
enum BinanceProduct {
  static func notional(_ price: Price, _ quantity: Quantity) throws(DialectError) -> Notional {
    let whole = { (raw: Int128) in raw.magnitude / UInt128(Decimals.one) + 1 }
    let (bound, overflowed) = whole(price.raw).multipliedReportingOverflow(by: whole(quantity.raw))
    guard !overflowed, bound <= 100_000_000_000_000_000_000 else {
      throw DialectError("an amount out of range")
    }
    return price.notional(of: quantity)
  }
}
