public import Accounting
public import FixedPoint
public import Trading

/// The basis of one pair, and its perpetual's price, once an hour over the last week.
///
/// Volatile, like all prices: after a restart it fills again.
public struct BasisTrail: Sendable {
  /// Fewer samples say nothing: a day.
  private static let fewest = 24
  private static let most = 168
  private static let spacing = TimeSpan.hours(1)

  private var samples: [Rate] = []
  private var perps: [Price] = []
  private var place = 0
  private var sampledAt = Timestamp.distantPast

  /// Knows nothing yet.
  public init() {}

  /// Whether an hour has gone by since the last sample.
  public func isDue(at now: Timestamp) -> Bool { now >= sampledAt + Self.spacing }

  /// Takes a sample.
  public mutating func add(_ mids: LegMids, at now: Timestamp) {
    sampledAt = now
    let basis = Basis.of(spot: mids.spot, perp: mids.perp)
    if samples.count < Self.most {
      samples.append(basis)
      perps.append(mids.perp)
    } else {
      samples[place] = basis
      perps[place] = mids.perp
      place = (place + 1) % Self.most
    }
  }

  /// How many deviations a basis lies above the mean of the last week; nil before a day is known.
  public func score(of mids: LegMids) -> Rate? {
    guard samples.count >= Self.fewest else { return nil }
    return Basis.score(Basis.of(spot: mids.spot, perp: mids.perp), in: samples)
  }

  /// What the last week was like; nil before more than a day is known.
  public var figures: PriceFigures? {
    PriceFigures(
      basis: Array(samples[place...] + samples[..<place]),
      perps: Array(perps[place...] + perps[..<place]), week: Self.most)
  }
}
