extension JSONReader {
  /// Reads a string; the index stands at its opening quote.
  mutating func string() throws(JSONError) -> String {
    let start = index + 1
    guard let end = JSONBytes.endOfPlain(bytes, from: start) else { throw stringError(start) }
    guard bytes[end] == UInt8(ascii: "\"") else { return try escapedString(from: start, to: end) }
    index = end + 1
    return try decode(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), from: start)
  }

  /// A string with escapes, the first of them at `end`.
  private mutating func escapedString(from start: Int, to end: Int) throws(JSONError) -> String {
    var text = Array(bytes[start..<end])
    index = end
    while bytes[index] == UInt8(ascii: "\\") {
      index += 1
      try escape(into: &text)
      let plain = index
      guard let end = JSONBytes.endOfPlain(bytes, from: plain) else { throw stringError(plain) }
      text.append(contentsOf: bytes[plain..<end])
      index = end
    }
    index += 1
    return try text.withUnsafeBufferPointer { (text) throws(JSONError) in
      try decode(UnsafeRawBufferPointer(text), from: start)
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    guard index < bytes.count else { throw error(.incomplete) }
    switch bytes[index] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[index])
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      index += 1
      text.append(contentsOf: Array(String(Character(try scalar())).utf8))
      return
    default: throw error(.escape)
    }
    index += 1
  }

  /// The scalar of `\uXXXX`, or of a surrogate pair of two such escapes.
  private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
    let high = try hexadecimal()
    if let scalar = Unicode.Scalar(high) { return scalar }
    let isPair =
      high < 0xDC00 && index + 1 < bytes.count && bytes[index] == UInt8(ascii: "\\")
      && bytes[index + 1] == UInt8(ascii: "u")
    guard isPair else { throw error(.escape) }
    index += 2
    let low = try hexadecimal()
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    else { throw error(.escape) }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    guard bytes.count - index >= 4 else { throw error(.incomplete) }
    var value: UInt32 = 0
    for offset in index..<index + 4 {
      guard let digit = Hex.value(of: bytes[offset]) else { throw error(.escape) }
      value = value << 4 | UInt32(digit)
    }
    index += 4
    return value
  }

  private func decode(
    _ text: UnsafeRawBufferPointer, from start: Int
  ) throws(JSONError) -> String {
    guard let text = UTF8Text.string(text) else {
      throw JSONError(reason: .characters, offset: start)
    }
    return text
  }

  /// A string that has no end, or a control character in it.
  private func stringError(_ start: Int) -> JSONError {
    let control = bytes[start...].firstIndex { $0 < 0x20 }
    return control.map { JSONError(reason: .characters, offset: $0) }
      ?? JSONError(reason: .incomplete, offset: bytes.count)
  }
}
