public import Trading

/// The settled funding of one perpetual within a window, oldest first.
public struct FundingTrail: Hashable, Sendable {
  /// The settlements.
  public private(set) var settlements: [FundingRate] = []
  private let window: TimeSpan

  /// Keeps settlements of the last `window`.
  public init(window: TimeSpan) { self.window = window }

  /// The newest settlement.
  public var last: FundingRate? { settlements.last }

  /// Adds a settlement; one that is not newer than the last is known already.
  mutating func append(_ settlement: FundingRate) {
    if let last, settlement.settlesAt <= last.settlesAt { return }
    settlements.append(settlement)
    let start = settlement.settlesAt - window
    // In blocks, so that a long run does not shift the array at every settlement.
    if let old = settlements.firstIndex(where: { $0.settlesAt > start }), old > 64 {
      settlements.removeFirst(old)
    }
  }

  /// Adds a settlement wherever it belongs.
  mutating func insert(_ settlement: FundingRate) {
    if let last, settlement.settlesAt <= last.settlesAt {
      if !settlements.contains(where: { $0.settlesAt == settlement.settlesAt }) {
        settlements.append(settlement)
        settlements.sort { $0.settlesAt < $1.settlesAt }
      }
    } else {
      append(settlement)
    }
  }

  /// Adds history, whatever was seen already.
  mutating func merge(_ history: [FundingRate]) {
    var all: [Timestamp: FundingRate] = [:]
    for settlement in settlements + history { all[settlement.settlesAt] = settlement }
    settlements = all.values.sorted { $0.settlesAt < $1.settlesAt }
    guard let last else { return }
    settlements.removeAll { $0.settlesAt <= last.settlesAt - window }
  }

  /// The part of the window's settlements that paid less than the newest; nil before the first.
  public var rank: Rate? {
    guard let last else { return nil }
    return Rate(recent.count { $0.rate < last.rate }).divided(by: recent.count, rounding: .down)
  }

  /// The settlements within the window that ends with the newest one.
  public var recent: ArraySlice<FundingRate> {
    guard let last else { return [] }
    let start = last.settlesAt - window
    return settlements.drop { $0.settlesAt <= start }
  }
}
