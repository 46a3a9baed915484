public import Accounting
public import FixedPoint
public import Trading

/// The basis of one pair once an hour over the last week.
///
/// Volatile, like all prices: after a restart it fills again.
public struct BasisTrail: Sendable {
  /// Fewer samples say nothing: a day.
  private static let fewest = 24
  private static let most = 168
  private static let spacing = TimeSpan.hours(1)

  private var samples: [Rate] = []
  private var place = 0
  private var sampledAt = Timestamp.distantPast

  init() {}

  /// Whether an hour has gone by since the last sample.
  func isDue(at now: Timestamp) -> Bool { now >= sampledAt + Self.spacing }

  mutating func add(_ mids: LegMids, at now: Timestamp) {
    sampledAt = now
    let basis = Basis.of(spot: mids.spot, perp: mids.perp)
    if samples.count < Self.most {
      samples.append(basis)
    } else {
      samples[place] = basis
      place = (place + 1) % Self.most
    }
  }

  /// How many deviations a basis lies above the mean of the last week; nil before a day is known.
  public func score(of mids: LegMids) -> Rate? {
    guard samples.count >= Self.fewest else { return nil }
    return Basis.score(Basis.of(spot: mids.spot, perp: mids.perp), in: samples)
  }
}
