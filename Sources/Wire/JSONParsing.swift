extension JSON {
  /// Reads one JSON text (RFC 8259), no more than 64 values deep.
  public init(_ bytes: [UInt8]) throws(JSONError) {
    self = try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
      try JSON(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Reads one JSON text (RFC 8259), no more than 64 values deep.
  public init(_ bytes: UnsafeRawBufferPointer) throws(JSONError) {
    var reader = JSONReader(bytes: bytes)
    self = try reader.document()
  }

  /// Reads one JSON text (RFC 8259), no more than 64 values deep.
  public init(parsing text: String) throws(JSONError) { try self.init(Array(text.utf8)) }
}

/// Reads a tree by recursive descent.
struct JSONReader {
  /// Most arrays and objects inside one another.
  static let maximumDepth = 64

  let bytes: UnsafeRawBufferPointer
  var index = 0
  var depth = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    let value = try value()
    skipBlanks()
    guard index == bytes.count else { throw error(.trailing) }
    return value
  }

  private mutating func value() throws(JSONError) -> JSON {
    skipBlanks()
    guard index < bytes.count else { throw error(.incomplete) }
    switch bytes[index] {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return .object(try members())
    case UInt8(ascii: "["): return .array(try elements())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw error(.unexpected)
    }
  }

  private mutating func elements() throws(JSONError) -> [JSON] {
    try descend()
    var elements: [JSON] = []
    defer { depth -= 1 }
    if take(UInt8(ascii: "]")) { return elements }
    repeat { elements.append(try value()) } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"))
    return elements
  }

  private mutating func members() throws(JSONError) -> [JSONMember] {
    try descend()
    var members: [JSONMember] = []
    var names = NameSet()
    defer { depth -= 1 }
    if take(UInt8(ascii: "}")) { return members }
    repeat {
      skipBlanks()
      let start = index
      guard index < bytes.count else { throw error(.incomplete) }
      guard bytes[index] == UInt8(ascii: "\"") else { throw error(.unexpected) }
      let name = try string()
      guard names.insert(name, after: members) else {
        throw JSONError(reason: .duplicate, offset: start)
      }
      try expect(UInt8(ascii: ":"))
      members.append(JSONMember(name: name, value: try value()))
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"))
    return members
  }

  /// Enters an array or object.
  private mutating func descend() throws(JSONError) {
    guard depth < Self.maximumDepth else { throw error(.depth) }
    depth += 1
    index += 1
  }

  private mutating func number() throws(JSONError) -> String {
    guard let end = JSONBytes.endOfNumber(bytes, from: index),
      let text = UTF8Text.string(UnsafeRawBufferPointer(rebasing: bytes[index..<end]))
    else { throw error(.number) }
    index = end
    return text
  }

  private mutating func literal(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    guard JSONBytes.spells(bytes, word, at: index) else { throw error(.unexpected) }
    index += word.utf8CodeUnitCount
    return value
  }

  private mutating func expect(_ byte: UInt8) throws(JSONError) {
    guard !take(byte) else { return }
    throw error(index < bytes.count ? .unexpected : .incomplete)
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  private mutating func skipBlanks() { index = JSONBytes.afterBlanks(bytes, from: index) }

  func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: index) }
}

/// The names of an object so far.
///
/// Few are compared one by one; many are hashed.
private struct NameSet {
  private static let few = 16
  private var names: Set<String> = []

  /// False when the name is there already.
  mutating func insert(_ name: String, after members: [JSONMember]) -> Bool {
    if members.count < Self.few { return !members.contains { $0.name == name } }
    if names.isEmpty { names = Set(members.map(\.name)) }
    return names.insert(name).inserted
  }
}
