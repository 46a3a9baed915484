/// A parameter of a statement, sent as text; the server gives it the type it needs.
public enum SQLValue: Hashable, Sendable {
  /// SQL NULL.
  case null
  /// Text, and whatever has a text form: decimals, times, JSON.
  case text(String)
  /// A whole number.
  case integer(Int64)
  /// A truth value.
  case boolean(Bool)
  /// Raw bytes for a `bytea`.
  case bytes([UInt8])

  /// Text, or NULL for nil.
  public init(_ text: String?) { self = text.map { .text($0) } ?? .null }

  /// A whole number, or NULL for nil.
  public init(_ number: Int64?) { self = number.map { .integer($0) } ?? .null }

  /// The text form of a value, such as a decimal or an id.
  public init(_ value: some CustomStringConvertible & Sendable) { self = .text(value.description) }

  /// An array of text in the form PostgreSQL reads: `{"a","b"}`.
  public static func array(_ texts: [String]) -> SQLValue {
    let quoted = texts.map { text in
      "\"" + text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    }
    return .text("{" + quoted.joined(separator: ",") + "}")
  }

  /// Whether the text cannot be sent.
  var hasZeroByte: Bool {
    guard case .text(let text) = self else { return false }
    return text.utf8.contains(0)
  }

  /// The text form; nil for NULL.
  var rendered: String? {
    switch self {
    case .null: nil
    case .text(let text): text
    case .integer(let number): String(number)
    case .boolean(let isTrue): isTrue ? "t" : "f"
    case .bytes(let bytes): Self.hex(bytes)
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text = Array("\\x".utf8)
    text.reserveCapacity(2 + bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// Constant text.
  public init(stringLiteral text: String) { self = .text(text) }
  /// A constant number.
  public init(integerLiteral number: Int64) { self = .integer(number) }
  /// A constant truth value.
  public init(booleanLiteral isTrue: Bool) { self = .boolean(isTrue) }
  /// NULL.
  public init(nilLiteral: ()) { self = .null }
}

/// Parameters laid out for libpq: zero-terminated texts in one buffer.
struct ParameterBuffer {
  private var bytes: [CChar] = []
  /// Where each text begins; -1 for NULL.
  private var offsets: [Int] = []

  /// Lays out parameters; text with a zero byte would be cut short and is refused.
  mutating func set(_ parameters: [SQLValue]) throws(PostgresError) {
    bytes.removeAll(keepingCapacity: true)
    offsets.removeAll(keepingCapacity: true)
    for (index, parameter) in parameters.enumerated() {
      guard var text = parameter.rendered else {
        offsets.append(-1)
        continue
      }
      offsets.append(bytes.count)
      let isWhole = text.withUTF8 { utf8 in
        bytes.append(contentsOf: utf8.lazy.map { CChar(bitPattern: $0) })
        return !utf8.contains(0)
      }
      guard isWhole else {
        throw PostgresError(
          .protocolError, "parameter $\(index + 1) has a zero byte; PostgreSQL text cannot")
      }
      bytes.append(0)
    }
  }

  /// Calls with the number of parameters and pointers to their texts.
  func withPointers<Result>(
    _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?) -> Result
  ) -> Result {
    bytes.withUnsafeBufferPointer { buffer in
      let pointers = offsets.map { offset in
        offset < 0 ? nil : buffer.baseAddress.map { $0 + offset }
      }
      return pointers.withUnsafeBufferPointer { body(Int32(pointers.count), $0.baseAddress) }
    }
  }
}
