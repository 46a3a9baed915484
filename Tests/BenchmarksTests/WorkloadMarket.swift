import TestKit

/// The market of the fixed workload, minute by minute, as its definition makes it: integers only.
struct WorkloadMarket {
  private static let firstMinute = 1_735_689_600_000
  /// Of each regime, the mean funding rate of 8 hours and the mean basis, both in 10⁻⁸.
  private static let regimes = [
    (rate: 25_000, basis: 200_000), (rate: 10_000, basis: 50_000), (rate: 1_000, basis: -50_000),
    (rate: -8_000, basis: -150_000),
  ]

  private(set) var bars = "time,spot_close,perp_close\n"
  private(set) var funding = "time,rate\n"

  init(seed: UInt64, days: Int) {
    var random = SplitMix(state: seed)
    // In 10⁻⁸.
    var price = 60_000 * 100_000_000
    var basis = 0
    var regime = Self.regimes[1]
    for minute in 0..<days * 1440 {
      let time = Self.firstMinute + minute * 60_000
      price += floored(price * random.bell(), 45_700_000)
      basis += floored(regime.basis - basis, 2077) + floored(random.bell() * 100, 488)
      let perp = Int(Int128(price) * Int128(100_000_000 + basis) / 100_000_000)
      bars += "\(time),\(cents(price / 1_000_000)),\(cents(perp / 1_000_000))\n"
      guard minute.isMultiple(of: 480) else { continue }
      let chance = random.next()
      if chance.isMultiple(of: 24) { regime = Self.regimes[Int((chance >> 32) % 4)] }
      let rate = regime.rate + floored(random.bell() * 5000, 37_837)
      funding += "\(time),\(rate < 0 ? "-" : "")\(decimal(abs(rate), places: 8))\n"
    }
  }

  /// Writes the files of one symbol.
  func write(symbol: Int, into folder: TemporaryFolder) throws {
    try folder.write("bars_00\(symbol).csv", bars)
    try folder.write("funding_00\(symbol).csv", funding)
  }
}

/// The generator that the workload names.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// The sum of four 16-bit numbers, centred.
  mutating func bell() -> Int {
    let number = next()
    let parts = (0..<4).map { Int(number >> (16 * UInt64($0)) & 0xFFFF) }
    return parts.reduce(-131_070, +)
  }
}

/// The quotient towards minus infinity.
private func floored(_ dividend: Int, _ divisor: Int) -> Int {
  let (quotient, rest) = dividend.quotientAndRemainder(dividingBy: divisor)
  return rest < 0 ? quotient - 1 : quotient
}

private func cents(_ count: Int) -> String { decimal(count, places: 2) }

private func decimal(_ count: Int, places: Int) -> String {
  let digits = String(count)
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  return "\(padded.dropLast(places)).\(padded.suffix(places))"
}
