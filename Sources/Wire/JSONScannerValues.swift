public import FixedPoint

extension JSONScanner {
  /// The exact decimal that a string or number spells; nil with an exponent or over 18 places.
  @inlinable
  public mutating func decimal<U>() -> Fixed<U>? { decimalRaw().map(Fixed.init(raw:)) }

  @usableFromInline
  mutating func decimalRaw() -> Int128? { rawText().flatMap(DecimalBytes.raw) }

  /// The whole number that a string or number spells without point and exponent.
  public mutating func integer() -> Int64? { rawText().flatMap(DecimalBytes.integer) }

  /// The text of a string without escapes, or of a number; valid as long as the scanned bytes.
  public mutating func rawText() -> UnsafeRawBufferPointer? {
    guard let first = peek() else { return fail() }
    switch first {
    case UInt8(ascii: "\""):
      guard let text = quoted(), !text.hasEscapes else { return nil }
      return text.bytes
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
    default:
      _ = skip()
      return nil
    }
  }

  /// The truth that is stated, also as the string "true" or "false".
  public mutating func bool() -> Bool? {
    guard let first = peek() else { return fail() }
    switch first {
    case UInt8(ascii: "t"): return word("true") ? true : nil
    case UInt8(ascii: "f"): return word("false") ? false : nil
    case UInt8(ascii: "\""):
      guard let text = rawText() else { return nil }
      if text.spells("true") { return true }
      return text.spells("false") ? false : nil
    default:
      _ = skip()
      return nil
    }
  }

  /// The next byte that is not a blank; nil at the end or when broken.
  @inline(__always)
  mutating func peek() -> UInt8? {
    if isBroken { return nil }
    index = JSONBytes.afterBlanks(bytes, from: index)
    return index < bytes.count ? bytes[index] : nil
  }

  /// Reads a string; the index stands at its opening quote.
  mutating func quoted() -> (bytes: UnsafeRawBufferPointer, hasEscapes: Bool)? {
    let start = index + 1
    guard var end = JSONBytes.endOfPlain(bytes, from: start) else { return fail() }
    let hasEscapes = bytes[end] == UInt8(ascii: "\\")
    while bytes[end] == UInt8(ascii: "\\") {
      guard let length = escapeLength(at: end),
        let next = JSONBytes.endOfPlain(bytes, from: end + length)
      else { return fail() }
      end = next
    }
    index = end + 1
    return (UnsafeRawBufferPointer(rebasing: bytes[start..<end]), hasEscapes)
  }

  /// Length of the escape at a backslash; nil when JSON has no such escape.
  private func escapeLength(at backslash: Int) -> Int? {
    guard backslash + 1 < bytes.count else { return nil }
    switch bytes[backslash + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return 2
    case UInt8(ascii: "u"):
      let digits = backslash + 2..<backslash + 6
      guard digits.upperBound <= bytes.count,
        bytes[digits].allSatisfy({ Hex.value(of: $0) != nil })
      else { return nil }
      return 6
    default: return nil
    }
  }

  mutating func number() -> UnsafeRawBufferPointer? {
    guard let end = JSONBytes.endOfNumber(bytes, from: index) else { return fail() }
    defer { index = end }
    return UnsafeRawBufferPointer(rebasing: bytes[index..<end])
  }

  mutating func word(_ word: StaticString) -> Bool {
    guard JSONBytes.spells(bytes, word, at: index) else { return breaks() }
    index += word.utf8CodeUnitCount
    return true
  }

  mutating func breaks() -> Bool {
    isBroken = true
    return false
  }

  mutating func fail<T>() -> T? {
    isBroken = true
    return nil
  }
}
