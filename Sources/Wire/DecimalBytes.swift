import FixedPoint

/// Reads numbers from bytes without allocating.
enum DecimalBytes {
  private static let powers: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
    1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
    1_000_000_000_000_000_000,
  ]

  /// The raw value of a `Fixed`; nil when the bytes are not an exact decimal.
  ///
  /// Agrees with the reader in FixedPoint, which reads what does not fit 64 bits.
  static func raw(_ bytes: UnsafeRawBufferPointer) -> Int128? {
    // 19 digits and less fit; sign and point only make it fewer.
    guard bytes.count <= 19 else { return longRaw(bytes) }
    var index = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { index = 1 }
    let start = index
    var value: UInt64 = 0
    var point = -1
    while index < bytes.count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      if digit <= 9 {
        value = value &* 10 &+ UInt64(digit)
      } else if bytes[index] == UInt8(ascii: "."), point < 0, index > start {
        point = index
      } else {
        return nil
      }
      index += 1
    }
    guard index > start, point != index - 1 else { return nil }
    let places = point < 0 ? 0 : index - 1 - point
    let product = value.multipliedFullWidth(by: powers[Decimals.places - places])
    // At most 10¹⁹ × 10¹⁸, which is below 2¹²⁷.
    let raw = Int128(truncatingIfNeeded: UInt128(product.high) << 64 | UInt128(product.low))
    return isNegative ? -raw : raw
  }

  private static func longRaw(_ bytes: UnsafeRawBufferPointer) -> Int128? {
    Fixed<Never>(utf8: bytes.assumingMemoryBound(to: UInt8.self))?.raw
  }

  /// A whole number with an optional minus; nil when it is anything else or too large.
  static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    let start = isNegative ? 1 : 0
    guard bytes.count > start, bytes.count - start <= 19 else { return nil }
    var value: UInt64 = 0
    for index in start..<bytes.count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      value = value &* 10 &+ UInt64(digit)
    }
    if isNegative, value == Int64.min.magnitude { return .min }
    guard let magnitude = Int64(exactly: value) else { return nil }
    return isNegative ? -magnitude : magnitude
  }
}
