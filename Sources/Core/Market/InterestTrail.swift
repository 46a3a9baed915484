import FixedPoint
import Trading

/// How much was open in one perpetual, once an hour over the last ninety days.
///
/// Durable, unlike prices: a rank among months could never be known between two restarts.
struct InterestTrail: Hashable, Sendable {
  private struct Sample: Hashable, Sendable {
    let at: Timestamp
    let quantity: Quantity
  }

  private static let spacing = TimeSpan.hours(1)
  private static let window = TimeSpan.days(90)
  /// Fewer samples say nothing: a month.
  private static let fewest = 30 * 24

  /// Oldest first.
  private var samples: [Sample] = []

  /// Whether an hour has gone by since the last sample.
  func isDue(at now: Timestamp) -> Bool {
    samples.last.map { now >= $0.at + Self.spacing } ?? true
  }

  /// Takes a sample, base units.
  mutating func add(_ quantity: Quantity, at now: Timestamp) {
    samples.append(Sample(at: now, quantity: quantity))
    let start = now - Self.window
    if let kept = samples.firstIndex(where: { $0.at > start }) { samples.removeFirst(kept) }
  }

  /// The part of the hours in which less was open; nil before a month of them is known.
  func rank(of quantity: Quantity) -> Rate? {
    guard samples.count >= Self.fewest else { return nil }
    return Rate(samples.count { $0.quantity < quantity })
      .divided(by: samples.count, rounding: .down)
  }
}

extension Engine {
  /// Remembers how much is open in a perpetual.
  mutating func noteInterest(
    _ pair: PairIndex, _ figures: MarketFigures, at now: Timestamp, into outcome: inout Outcome
  ) {
    guard let interest = figures.openInterest, phase != .stopped,
      state.interests[pair.position].isDue(at: now)
    else { return }
    record(
      .interestNoted(
        InterestRecord(
          venue: universe[pair].venue, symbol: universe[pair].symbol, openInterest: interest)),
      into: &outcome)
  }
}
