public import Trading
public import Venues

/// One limit of a venue on what may be asked in a window of time.
public struct BudgetRule: Hashable, Sendable {
  /// What a call uses up.
  public enum Unit: Hashable, Sendable {
    /// The weight of every call.
    case weight
    /// One for every call that can change something.
    case orders
  }

  /// As the dialect names it in `budgetUsed`.
  public let name: String
  /// Which hosts share it.
  public let endpoints: [Endpoint]
  /// Which paths share it; empty for all.
  public let paths: [String]
  /// What counts.
  public let unit: Unit
  /// The most within any window.
  public let limit: Int
  /// The window's length.
  public let window: TimeSpan

  /// States a rule.
  public init(
    _ name: String, _ endpoints: [Endpoint], paths: [String] = [], _ unit: Unit = .weight,
    limit: Int, window: TimeSpan
  ) {
    self.name = name
    self.endpoints = endpoints
    self.paths = paths
    self.unit = unit
    self.limit = limit
    self.window = window
  }
}

/// What may be sent now without the venue refusing us.
///
/// The last fifth of every limit is for calls of `high` urgency, and those of `low` urgency have no
/// more than half, so that history never holds up orders. A window slides over what was spent, so it
/// is never wider than the venue's own. Times are of `LocalClock`.
public struct RateBudget: Sendable {
  /// Whether a call may go.
  public enum Admission: Hashable, Sendable {
    /// Now.
    case now
    /// Not before this moment; then ask again.
    case notBefore(Timestamp)
  }

  private struct Spending: Sendable {
    var rule: BudgetRule
    /// Oldest first.
    var entries: [(at: Timestamp, amount: Int)] = []
    var used = 0

    mutating func forget(before moment: Timestamp) {
      var gone = 0
      while gone < entries.count, entries[gone].at <= moment {
        used -= entries[gone].amount
        gone += 1
      }
      if gone > 0 { entries.removeFirst(gone) }
    }

    mutating func spend(_ amount: Int, at now: Timestamp) {
      entries.append((now, amount))
      used += amount
    }
  }

  private var spendings: [Spending]
  private var pausedUntil = Timestamp.distantPast
  /// Whether the venue banned us for going on after it asked for fewer calls.
  public private(set) var isBanned = false

  /// Starts with nothing spent.
  public init(rules: [BudgetRule]) { spendings = rules.map { Spending(rule: $0) } }

  /// Whether a call may be sent now, and counts it if so.
  public mutating func admit<Purpose>(_ call: Call<Purpose>, at now: Timestamp) -> Admission {
    if now < pausedUntil { return .notBefore(pausedUntil) }
    isBanned = false
    var earliest = now
    for index in spendings.indices {
      let amount = spendings[index].rule.amount(of: call)
      guard amount > 0 else { continue }
      spendings[index].forget(before: now - spendings[index].rule.window)
      earliest = max(earliest, Self.room(for: amount, call.urgency, in: spendings[index], now))
    }
    guard earliest <= now else { return .notBefore(earliest) }
    for index in spendings.indices {
      let amount = spendings[index].rule.amount(of: call)
      if amount > 0 { spendings[index].spend(amount, at: now) }
    }
    return .now
  }

  /// The venue said how much is used; more than we know of was spent by others on our address.
  public mutating func report(_ name: String, used: Int, at now: Timestamp) {
    for index in spendings.indices where spendings[index].rule.name == name {
      spendings[index].forget(before: now - spendings[index].rule.window)
      let unknown = used - spendings[index].used
      if unknown > 0 { spendings[index].spend(unknown, at: now) }
    }
  }

  /// The venue wants silence until a moment: nothing at all is sent before it, whatever its urgency,
  /// since every call during it makes the ban longer.
  public mutating func pause(until moment: Timestamp, isBan: Bool) {
    pausedUntil = max(pausedUntil, moment)
    isBanned = isBanned || isBan
  }

  /// When there is room: now, or when enough of what was spent has left the window.
  ///
  /// A call heavier than its whole share waits for an empty window.
  private static func room(
    for amount: Int, _ urgency: Urgency, in spending: Spending, _ now: Timestamp
  ) -> Timestamp {
    let limit = spending.rule.limit
    let share =
      switch urgency {
      case .high: limit
      case .normal: limit - limit / 5
      case .low: limit - limit / 2
      }
    var used = spending.used
    var index = 0
    var moment = now
    while used > 0 && used + amount > share && index < spending.entries.count {
      used -= spending.entries[index].amount
      moment = spending.entries[index].at + spending.rule.window
      index += 1
    }
    return moment
  }
}

extension BudgetRule {
  /// What a call uses up of it.
  func amount<Purpose>(of call: Call<Purpose>) -> Int {
    guard endpoints.contains(call.endpoint), paths.isEmpty || paths.contains(call.path) else {
      return 0
    }
    switch unit {
    case .weight: return call.weight
    case .orders: return call.isMutating ? 1 : 0
    }
  }
}
