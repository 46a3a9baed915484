internal import Glibc

/// Bytes that nobody can guess, from the kernel, drawn by the page.
struct SystemRandom {
  private var pool = [UInt8](repeating: 0, count: 256)
  private var used = 256

  mutating func next32() -> UInt32 {
    UInt32(truncatingIfNeeded: take(4))
  }

  mutating func next64() -> UInt64 { take(8) }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: take(1)) }
  }

  private mutating func take(_ count: Int) -> UInt64 {
    if used + count > pool.count { refill() }
    var value: UInt64 = 0
    for index in used..<(used + count) { value = value << 8 | UInt64(pool[index]) }
    used += count
    return value
  }

  private mutating func refill() {
    // 256 bytes are what one call gives at most.
    pool.withUnsafeMutableBytes { pool in
      let status = getentropy(pool.baseAddress, pool.count)
      precondition(status == 0, "the kernel gives no random bytes")
    }
    used = 0
  }
}
