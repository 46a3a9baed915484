import FixedPoint
import Trading

/// How much was open in one perpetual, once a day over the last ninety days.
///
/// Durable, unlike prices: a rank among months could never be known between two restarts.
struct InterestTrail: Hashable, Sendable {
  private struct Sample: Hashable, Sendable {
    let at: Timestamp
    let quantity: Quantity
  }

  private static let window = TimeSpan.days(90)
  /// Fewer samples say nothing: a month.
  static let fewest = 30

  /// Oldest first.
  private var samples: [Sample] = []

  /// Takes a sample, base units; of several in one day the last counts.
  mutating func add(_ quantity: Quantity, at now: Timestamp) {
    if let last = samples.last, last.at.floored(to: .days(1)) == now.floored(to: .days(1)) {
      samples.removeLast()
    }
    samples.append(Sample(at: now, quantity: quantity))
    samples.removeAll { $0.at <= now - Self.window }
  }

  /// The part of the days on which less was open; nil before a month of them is known.
  func rank(of quantity: Quantity) -> Rate? {
    guard samples.count >= Self.fewest else { return nil }
    return Rate(samples.count { $0.quantity < quantity })
      .divided(by: samples.count, rounding: .down)
  }
}

extension Engine {
  /// Remembers how much is open in each perpetual: one fact a venue, beside the valuation of the day.
  mutating func noteInterests(into outcome: inout Outcome) {
    for venue in universe.venues where isReconciled(venue) {
      let open = universe.pairs.indices.compactMap { place -> OpenInterest? in
        let pair = universe.pairs[place]
        guard pair.venue == venue, let quantity = market.pairs[place].perpFigures.openInterest
        else { return nil }
        return OpenInterest(symbol: pair.symbol, quantity: quantity)
      }
      if open.isEmpty { continue }
      record(.interestNoted(InterestRecord(venue: venue, open: open)), into: &outcome)
    }
  }
}
