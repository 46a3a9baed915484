import Trading

/// What waits for a moment.
struct Timers {
  enum Kind {
    case wake
    case ask(VenueID, VenueRequest)
  }

  private var entries: [(at: Timestamp, kind: Kind)] = []
  private var asks: [VenueRequest] = []

  mutating func add(_ moment: Timestamp, _ kind: Kind) { entries.append((moment, kind)) }

  /// Takes out what is due; true when the engine has to be woken.
  mutating func popDue(at now: Timestamp) -> Bool {
    guard entries.contains(where: { $0.at <= now }) else { return false }
    var wakes = false
    for entry in entries where entry.at <= now {
      switch entry.kind {
      case .wake: wakes = true
      case .ask(_, let request): asks.append(request)
      }
    }
    entries.removeAll { $0.at <= now }
    return wakes
  }

  mutating func takeAsks() -> [VenueRequest] {
    defer { asks.removeAll() }
    return asks
  }
}
