import Trading

/// How many orders go out in a minute: a loop gone wrong must be slow.
enum OrderPace {
  /// What the limit counts in.
  static let window = TimeSpan.minutes(1)

  /// When one more order may go out; nil when it may at once.
  ///
  /// - Parameters:
  ///   - earlier: when orders went out lately, oldest first.
  ///   - limit: how many within a window.
  static func slot(after earlier: [Timestamp], limit: Int, at now: Timestamp) -> Timestamp? {
    guard earlier.count >= limit else { return nil }
    let moment = earlier[earlier.count - limit] + window
    return moment > now ? moment : nil
  }
}

extension Engine {
  /// Whether an order has to wait for earlier ones to be a minute old.
  ///
  /// What reduces risk has as much room again as what grows.
  mutating func mustWait(
    _ request: OrderRequest, at now: Timestamp, into outcome: inout Outcome
  ) -> Bool {
    let limit = parameters.execution.ordersPerMinute * (request.isGrowing ? 1 : 2)
    guard let slot = OrderPace.slot(after: state.intendedAt, limit: limit, at: now) else {
      return false
    }
    if slot != postponedUntil {
      postponedUntil = slot
      outcome.actions.append(.wake(slot))
    }
    return true
  }
}
