public import FixedPoint

/// A JSON value.
///
/// The order of members is kept, and numbers stay the text they were.
public enum JSON: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, as it was written.
  case number(String)
  /// A string, without quotes and escapes.
  case string(String)
  /// A list of values.
  case array([JSON])
  /// Members in their order, with distinct names.
  case object([JSONMember])
}

/// A named value of a JSON object.
public struct JSONMember: Hashable, Sendable {
  /// The name, without quotes and escapes.
  public let name: String
  /// The value.
  public let value: JSON

  /// States a member.
  public init(name: String, value: JSON) {
    self.name = name
    self.value = value
  }
}

extension JSON {
  /// The member of that name; nil when there is none or this is not an object.
  public subscript(name: String) -> JSON? {
    members.first { $0.name == name }?.value
  }

  /// The element at that place; nil when there is none or this is not an array.
  public subscript(index: Int) -> JSON? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The elements; empty when this is not an array.
  public var elements: [JSON] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }

  /// The members; empty when this is not an object.
  public var members: [JSONMember] {
    guard case .object(let members) = self else { return [] }
    return members
  }

  /// The text of a string or of a number.
  public var text: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .null, .bool, .array, .object: nil
    }
  }

  /// The whole number that a number or a string spells without point and exponent.
  public var integer: Int64? {
    guard var text else { return nil }
    return text.withUTF8 { DecimalBytes.integer(UnsafeRawBufferPointer($0)) }
  }

  /// The truth that is stated, also as the string "true" or "false".
  public var bool: Bool? {
    switch self {
    case .bool(let isTrue): isTrue
    case .string("true"): true
    case .string("false"): false
    case .null, .number, .string, .array, .object: nil
    }
  }

  /// The exact decimal that a number or a string spells; nil with an exponent or over 18 places.
  public func decimal<U>(_ unit: U.Type) -> Fixed<U>? { decimal() }

  /// The exact decimal that a number or a string spells; nil with an exponent or over 18 places.
  public func decimal<U>() -> Fixed<U>? {
    guard var text else { return nil }
    return text.withUTF8 { DecimalBytes.raw(UnsafeRawBufferPointer($0)) }.map(Fixed.init(raw:))
  }
}

extension JSON: ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral text: String) { self = .string(text) }
  /// `true` or `false`.
  public init(booleanLiteral isTrue: Bool) { self = .bool(isTrue) }
  /// A whole number.
  public init(integerLiteral number: Int64) { self = .number(String(number)) }
  /// A list of values.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// Members in the order written; their names are distinct.
  public init(dictionaryLiteral members: (String, JSON)...) {
    self = .object(members.map { JSONMember(name: $0.0, value: $0.1) })
  }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
}
