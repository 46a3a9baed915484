/// Contracts on many base units at once: only their names tell.
enum BinanceMultiplier {
  private static let prefixes = [
    ("", 1), ("1000", 1000), ("10000", 10_000), ("1000000", 1_000_000), ("1M", 1_000_000),
  ]

  /// The names that a perpetual on a spot asset or pair may have, the plain one first.
  static func names(of name: String) -> [(name: String, multiplier: Int)] {
    prefixes.map { ("\($0.0)\(name)", $0.1) }
  }
}
