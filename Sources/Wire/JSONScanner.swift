/// Reads a JSON text value by value without allocating, for frames that come often.
///
/// - Every value must be read or skipped before the next key or element is asked for.
/// - A value of another kind than asked for is consumed and gives nil; only malformed input makes
///   the scanner `isBroken`, after which everything is nil or false.
/// - Unlike the tree it checks neither duplicate names, UTF-8 nor surrogate pairs, and a name with
///   an escape breaks it where names are read.
public struct JSONScanner {
  let bytes: UnsafeRawBufferPointer
  var index = 0
  private var depth = 0
  /// Whether an array or object was entered and nothing of it read yet.
  private var isFirst = false

  /// Whether the input turned out to be malformed.
  public internal(set) var isBroken = false

  /// Scans bytes that outlive the scanner.
  public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether everything was read, all arrays and objects were left, and only blanks follow.
  public var isAtEnd: Bool {
    !isBroken && depth == 0 && JSONBytes.afterBlanks(bytes, from: index) == bytes.count
  }

  /// Enters an object; false, and nothing is consumed, when the next value is not one.
  public mutating func beginObject() -> Bool { begin(UInt8(ascii: "{")) }

  /// Enters an array; false, and nothing is consumed, when the next value is not one.
  public mutating func beginArray() -> Bool { begin(UInt8(ascii: "[")) }

  /// The next member's name, as written; nil when the object is left or the input is malformed.
  public mutating func nextKey() -> UnsafeRawBufferPointer? {
    guard let name = nextName() else { return nil }
    if name.hasEscapes { return fail() }
    return name.bytes
  }

  /// Goes to the next element; false when the array is left or the input is malformed.
  public mutating func nextElement() -> Bool { advance(UInt8(ascii: "]")) }

  /// Passes over a value of any kind; false when it is malformed.
  public mutating func skip() -> Bool {
    guard let first = peek() else { return breaks() }
    switch first {
    case UInt8(ascii: "\""): return quoted() != nil
    case UInt8(ascii: "{"):
      guard beginObject() else { return false }
      while nextName() != nil { guard skip() else { return false } }
      return !isBroken
    case UInt8(ascii: "["):
      guard beginArray() else { return false }
      while nextElement() { guard skip() else { return false } }
      return !isBroken
    case UInt8(ascii: "t"): return word("true")
    case UInt8(ascii: "f"): return word("false")
    case UInt8(ascii: "n"): return word("null")
    default: return number() != nil
    }
  }

  private mutating func begin(_ bracket: UInt8) -> Bool {
    guard let first = peek() else { return breaks() }
    guard first == bracket else { return false }
    guard depth < JSONReader.maximumDepth else { return breaks() }
    depth += 1
    index += 1
    isFirst = true
    return true
  }

  /// Passes over the comma in front of another item, or over the closing bracket.
  private mutating func advance(_ closing: UInt8) -> Bool {
    guard let first = peek(), depth > 0 else { return breaks() }
    if first == closing {
      index += 1
      depth -= 1
      isFirst = false
      return false
    }
    if isFirst {
      isFirst = false
      return true
    }
    guard first == UInt8(ascii: ",") else { return breaks() }
    index += 1
    return true
  }

  private mutating func nextName() -> (bytes: UnsafeRawBufferPointer, hasEscapes: Bool)? {
    guard advance(UInt8(ascii: "}")) else { return nil }
    guard peek() == UInt8(ascii: "\""), let name = quoted() else { return fail() }
    guard peek() == UInt8(ascii: ":") else { return fail() }
    index += 1
    return name
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the bytes are those of a text, such as a key of a `JSONScanner`.
  @inlinable
  public func spells(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for index in 0..<count where self[index] != text.utf8Start[index] { return false }
    return true
  }
}
