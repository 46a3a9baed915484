public import FixedPoint
public import Trading

/// Chance that repeats: the splitmix64 generator.
///
/// Whole numbers and ratios of them only, so every machine draws the same.
public struct SeededRandom: Equatable, Sendable {
  private var state: UInt64

  /// Starts a stream.
  public init(seed: UInt64) { state = seed }

  /// Starts one of many streams of a seed; streams of different places are unrelated.
  public init(seed: UInt64, stream: Int) {
    var first = SeededRandom(seed: seed)
    var second = SeededRandom(seed: first.next() ^ UInt64(truncatingIfNeeded: stream))
    state = second.next()
  }

  /// Any 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A whole number in `0 ..< bound`, all equally likely.
  ///
  /// - Parameter bound: above zero.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "Invariant: a choice has at least one outcome")
    let bound = UInt64(bound)
    let unfair = (0 &- bound) % bound
    while true {
      let (high, low) = next().multipliedFullWidth(by: bound)
      if low >= unfair { return Int(high) }
    }
  }

  /// A bell-shaped number: the sum of twelve uniforms less its mean, so mean 0 and deviation 1,
  /// never beyond ±6.
  public mutating func bell() -> Rate {
    var sum: UInt64 = 0
    for _ in 0..<6 {
      let bits = next()
      sum += (bits >> 32) + (bits & 0xFFFF_FFFF)
    }
    // Twelve uniforms of 32 bits have the mean 6 × (2³² − 1).
    let centred = Int128(sum) - 6 * 0xFFFF_FFFF
    return Rate(raw: centred * Decimals.one / 0x1_0000_0000)
  }
}
