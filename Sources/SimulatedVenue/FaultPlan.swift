import Simulation
public import Trading

/// The faults that wait to strike, with chance that repeats.
public struct FaultPlan: Sendable {
  /// Those that can still strike, in the order stated.
  public private(set) var waiting: [Fault] = []
  private var chance: SeededRandom

  /// Makes an empty plan; the seed decides what strikes of what strikes only sometimes.
  public init(seed: UInt64) { chance = SeededRandom(seed: seed) }

  /// Adds a fault.
  public mutating func add(_ fault: Fault) { waiting.append(fault) }

  /// Forgets all that wait.
  public mutating func clear() { waiting.removeAll() }

  /// Takes those that wait for no request and no frame.
  mutating func takeImmediate() -> [Fault] {
    defer { waiting.removeAll(where: \.kind.isImmediate) }
    return waiting.filter(\.kind.isImmediate)
  }

  /// The first fault of a kind that strikes here and now; nil when none does.
  ///
  /// - Parameters:
  ///   - symbol: the names by which the instrument is known; none where none is concerned.
  public mutating func strike(
    _ kind: FaultKind, venue: VenueID, at time: Timestamp, front: String? = nil,
    method: String? = nil, path: String? = nil, symbol: [String] = []
  ) -> Fault? {
    for place in waiting.indices where waiting[place].kind == kind {
      let fault = waiting[place]
      guard fault.venue ?? venue == venue, fault.front == nil || fault.front == front,
        fault.path.isEmpty || path?.hasPrefix(fault.path) == true,
        fault.method.isEmpty || fault.method == method,
        fault.symbol.isEmpty || symbol.contains(fault.symbol), fault.from ?? time <= time
      else { continue }
      if fault.percent < 100, chance.below(100) >= fault.percent { continue }
      if let count = fault.count {
        if count <= 1 { waiting.remove(at: place) } else { waiting[place].count = count - 1 }
      }
      return fault
    }
    return nil
  }
}
