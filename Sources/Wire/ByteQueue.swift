/// Bytes that arrived and were not understood yet: appended at the end, dropped at the front.
struct ByteQueue: Sendable {
  private var bytes: [UInt8] = []
  private var start = 0

  /// Bytes waiting.
  var count: Int { bytes.count - start }

  /// The byte so far from the front.
  subscript(offset: Int) -> UInt8 { bytes[start + offset] }

  mutating func append(_ more: UnsafeRawBufferPointer) {
    // Moving no more than was dropped keeps the cost of a byte constant.
    if start > 0, start >= count {
      bytes.removeSubrange(0..<start)
      start = 0
    }
    bytes.append(contentsOf: more)
  }

  mutating func drop(_ length: Int) { start += length }

  /// Takes bytes from the front.
  mutating func take(_ length: Int) -> [UInt8] {
    defer { drop(length) }
    return Array(bytes[start..<start + length])
  }

  mutating func removeAll() {
    bytes = []
    start = 0
  }

  /// The place of a byte at or after an offset.
  func firstIndex(of byte: UInt8, from offset: Int) -> Int? {
    bytes[(start + offset)...].firstIndex(of: byte).map { $0 - start }
  }

  /// Lends the waiting bytes.
  mutating func withBytes<R>(_ body: (UnsafeMutableRawBufferPointer) -> R) -> R {
    let start = start
    return bytes.withUnsafeMutableBytes {
      body(UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
    }
  }
}
