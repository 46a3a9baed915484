import FixedPoint
import Trading

/// A second source of delta: what a venue says of a position beside what trades make of it.
///
/// Trades come over the same stream a moment before or after, so a difference counts only once it has
/// lasted. Then the account is read, with every trade since: what was missed is booked and answered.
extension Engine {
  /// How long a difference may last, and how long until the account is read again.
  private static let patience = TimeSpan.seconds(10)
  private static let again = TimeSpan.seconds(60)

  /// Notes whether a position that was told is another one than trades make it.
  mutating func compare(_ pair: PairIndex, told: Quantity, at now: Timestamp) {
    if told == booked(pair) {
      doubtedAt[pair.position] = nil
    } else if doubtedAt[pair.position] == nil {
      doubtedAt[pair.position] = now + Self.patience
    }
  }

  /// Reads the accounts of venues whose word differs still.
  mutating func resolveDoubts(at now: Timestamp, into outcome: inout Outcome) {
    var venues: [VenueID] = []
    for place in doubtedAt.keys.sorted() {
      let pair = PairIndex(place)
      guard let due = doubtedAt[place], now >= due else { continue }
      if market[pair].position?.quantity ?? .zero == booked(pair) {
        doubtedAt[place] = nil
        continue
      }
      doubtedAt[place] = now + Self.again
      let venue = universe[pair].venue
      if isReconciled(venue), !venues.contains(venue) { venues.append(venue) }
    }
    check(venues, at: now, into: &outcome)
  }

  private func booked(_ pair: PairIndex) -> Quantity {
    state.carries[pair.position]?.holdings.perp ?? .zero
  }
}
