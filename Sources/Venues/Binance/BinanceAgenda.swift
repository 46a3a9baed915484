import Trading

/// Calls to be made later, by the venue's clock.
struct BinanceAgenda: Sendable {
  private var entries: [(at: Timestamp, call: BinanceCall)] = []

  /// Puts a call off; the same step twice is made once, at the earlier moment.
  mutating func add(_ call: BinanceCall, at time: Timestamp) {
    if let place = entries.firstIndex(where: { $0.call.purpose == call.purpose }) {
      entries[place].at = min(entries[place].at, time)
    } else {
      entries.append((time, call))
    }
  }

  /// Takes out what is due, in the order in which it was put in.
  mutating func due(at time: Timestamp) -> [BinanceCall] {
    guard entries.contains(where: { $0.at <= time }) else { return [] }
    let due = entries.filter { $0.at <= time }.map(\.call)
    entries.removeAll { $0.at <= time }
    return due
  }

  /// Takes out every call of a kind.
  mutating func remove(where isMeant: (BinanceStep) -> Bool) {
    entries.removeAll { isMeant($0.call.purpose.step) }
  }

  /// When the next call is due; nil when there is none.
  var next: Timestamp? { entries.map(\.at).min() }
}
