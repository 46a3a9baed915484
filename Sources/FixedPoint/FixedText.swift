/// Why a text is not an exact decimal number.
public enum DecimalError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not of the form `-123.45`: no exponent, no grouping, no spaces, no NaN, no infinity.
  case notDecimal(String)
  /// More than 18 decimal places.
  case tooPrecise(String)
  /// Beyond ±1.7 × 10²⁰.
  case outOfRange(String)

  /// What is wrong with which text.
  public var description: String {
    switch self {
    case .notDecimal(let text): "\"\(text)\" is not a decimal number such as -12.5"
    case .tooPrecise(let text): "\"\(text)\" has more than \(Decimals.places) decimal places"
    case .outOfRange(let text): "\"\(text)\" is too large; the limit is about 1.7e20"
    }
  }
}

extension Fixed {
  /// Reads plain decimal text exactly.
  public init(_ text: some StringProtocol) throws(DecimalError) {
    var text = String(text)
    switch text.withUTF8({ DecimalText.parse($0) }) {
    case .success(let raw): self.raw = raw
    case .failure(.notDecimal): throw .notDecimal(String(text.prefix(40)))
    case .failure(.tooPrecise): throw .tooPrecise(text)
    case .failure(.outOfRange): throw .outOfRange(text)
    }
  }

  /// Reads plain decimal text exactly from bytes; nil when it is not an exact decimal number.
  @inlinable
  public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    guard case .success(let raw) = DecimalText.parse(bytes) else { return nil }
    self.raw = raw
  }
}

/// The one reader of decimal text.
@usableFromInline
enum DecimalText {
  @usableFromInline
  enum Failure: Error { case notDecimal, tooPrecise, outOfRange }

  /// Digits, at most one point with digits on both sides, an optional sign in front.
  @usableFromInline
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Int128, Failure> {
    var index = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { index = 1 }
    let start = index
    var value: Int128 = 0
    var places = 0
    var point: Int?
    while index < bytes.count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      if digit <= 9 {
        if point != nil {
          places += 1
          // Trailing zeros beyond the scale carry no information.
          if places > Decimals.places {
            if digit != 0 { return .failure(.tooPrecise) }
            index += 1
            continue
          }
        }
        let (scaled, overflowed) = value.multipliedReportingOverflow(by: 10)
        let (next, carried) = scaled.addingReportingOverflow(Int128(digit))
        if overflowed || carried { return .failure(.outOfRange) }
        value = next
      } else if bytes[index] == UInt8(ascii: "."), point == nil, index > start {
        point = index
      } else {
        return .failure(.notDecimal)
      }
      index += 1
    }
    guard index > start, point != index - 1 else { return .failure(.notDecimal) }
    let missing = Decimals.places - min(places, Decimals.places)
    let (raw, overflowed) = value.multipliedReportingOverflow(by: Decimals.power(missing))
    return overflowed ? .failure(.outOfRange) : .success(isNegative ? -raw : raw)
  }
}

extension Fixed: CustomStringConvertible, LosslessStringConvertible {
  /// Reads plain decimal text exactly; nil when it is not an exact decimal number.
  public init?(_ description: String) {
    guard let value = try? Self(description[...]) else { return nil }
    self = value
  }

  /// Canonical text: no exponent, no trailing zeros, no sign on zero.
  public var description: String { text(minimumPlaces: 0) }

  /// Text with at least so many decimal places and no digit lost.
  public func text(minimumPlaces: Int) -> String {
    let (whole, fraction) = raw.magnitude.quotientAndRemainder(dividingBy: UInt128(Decimals.one))
    var digits = String(fraction)
    digits = String(repeating: "0", count: Decimals.places - digits.utf8.count) + digits
    var end = digits.endIndex
    while end > digits.startIndex {
      let before = digits.index(before: end)
      let kept = digits.distance(from: digits.startIndex, to: end)
      if digits[before] != "0" || kept <= minimumPlaces { break }
      end = before
    }
    let sign = raw < 0 ? "-" : ""
    return end == digits.startIndex
      ? "\(sign)\(whole)" : "\(sign)\(whole).\(digits[..<end])"
  }
}

extension Fixed: Codable {
  /// Reads the text form: a JSON number would already have lost digits.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do {
      self = try Self(text[...])
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  /// Writes the canonical text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Fixed: ExpressibleByStringLiteral {
  /// A constant in the source; a malformed one stops the process at first use.
  public init(stringLiteral text: String) {
    guard let value = Self(text) else { preconditionFailure("Invariant: \(text) is a decimal") }
    self = value
  }
}
