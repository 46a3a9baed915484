/// The grammar of JSON's words, shared by tree and scanner.
///
/// No method reads outside the bytes.
enum JSONBytes {
  /// The first place from `index` that is not a blank.
  @inline(__always)
  static func afterBlanks(_ bytes: UnsafeRawBufferPointer, from index: Int) -> Int {
    var index = index
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      default: return index
      }
    }
    return index
  }

  /// Where the quote or backslash is that ends plain text; nil at a control character or the end.
  ///
  /// Eight bytes are looked at together: a byte of `x - 0x01…` borrows into its highest bit when it
  /// was zero, and false alarms come only above the first true one.
  @inline(__always)
  static func endOfPlain(_ bytes: UnsafeRawBufferPointer, from index: Int) -> Int? {
    var index = index
    let ones: UInt64 = 0x0101_0101_0101_0101
    while bytes.count - index >= 8 {
      let word = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let quote = word ^ ones &* UInt64(UInt8(ascii: "\""))
      let backslash = word ^ ones &* UInt64(UInt8(ascii: "\\"))
      let ends =
        ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash
          | (word &- ones &* 0x20) & ~word) & (ones &* 0x80)
      if ends != 0 {
        index += ends.trailingZeroBitCount / 8
        return bytes[index] < 0x20 ? nil : index
      }
      index += 8
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
      if byte < 0x20 { return nil }
      index += 1
    }
    return nil
  }

  /// Where a number ends that begins at `index`; nil when it is malformed.
  @inline(__always)
  static func endOfNumber(_ bytes: UnsafeRawBufferPointer, from index: Int) -> Int? {
    var index = index
    if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
    let whole = index
    guard let endOfWhole = endOfDigits(bytes, from: index) else { return nil }
    // No zero in front of other digits.
    if bytes[whole] == UInt8(ascii: "0"), endOfWhole > whole + 1 { return nil }
    index = endOfWhole
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      guard let end = endOfDigits(bytes, from: index + 1) else { return nil }
      index = end
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-")
      {
        index += 1
      }
      guard let end = endOfDigits(bytes, from: index) else { return nil }
      index = end
    }
    return index
  }

  /// Where one or more digits end; nil when there is none.
  @inline(__always)
  private static func endOfDigits(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var index = start
    while index < bytes.count, bytes[index] &- UInt8(ascii: "0") <= 9 { index += 1 }
    return index > start ? index : nil
  }

  /// Whether a word stands at `index`.
  @inline(__always)
  static func spells(_ bytes: UnsafeRawBufferPointer, _ word: StaticString, at index: Int) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count - index >= count else { return false }
    for offset in 0..<count where bytes[index + offset] != word.utf8Start[offset] { return false }
    return true
  }
}
