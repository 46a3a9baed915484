import FixedPoint
import Trading

/// What was told of recent orders, so that an end is told after all executions and once.
struct BinanceOrderLog: Sendable {
  private struct Entry {
    var trades: Set<TradeID> = []
    var filled = Quantity.zero
    var isFinished = false
  }

  private var entries: [ClientOrderID: Entry] = [:]
  /// Oldest first.
  private var known: [ClientOrderID] = []
  private static let capacity = 2048

  /// Counts an execution in.
  ///
  /// - Returns: false when it was told before.
  mutating func note(_ fill: Fill) -> Bool {
    guard let id = fill.order else { return true }
    enter(id)
    guard entries[id]?.trades.insert(fill.trade).inserted == true else { return false }
    entries[id]?.filled += fill.quantity
    return true
  }

  /// Base units of the executions that were told.
  func filled(_ id: ClientOrderID) -> Quantity { entries[id]?.filled ?? .zero }

  func isFinished(_ id: ClientOrderID) -> Bool { entries[id]?.isFinished ?? false }

  /// Marks an end.
  ///
  /// - Returns: false when it was told before.
  mutating func finish(_ id: ClientOrderID) -> Bool {
    enter(id)
    if isFinished(id) { return false }
    entries[id]?.isFinished = true
    return true
  }

  private mutating func enter(_ id: ClientOrderID) {
    if entries[id] != nil { return }
    entries[id] = Entry()
    known.append(id)
    if known.count < Self.capacity * 2 { return }
    for old in known.prefix(Self.capacity) { entries[old] = nil }
    known.removeFirst(Self.capacity)
  }
}

/// An order as the venue states it.
struct BinanceOrderState: Hashable, Sendable {
  let id: ClientOrderID
  let instrument: InstrumentID
  let venueOrder: VenueOrderID
  /// Base units executed.
  let executed: Quantity
  /// Nil while it works.
  let outcome: OrderOutcome?

  init(
    id: ClientOrderID, _ instrument: BinanceInstrument, _ row: BinanceRow
  ) throws(DialectError) {
    self.id = id
    self.instrument = instrument.id
    venueOrder = VenueOrderID(try row.text("orderId"))
    executed = try instrument.quantity(try row.decimal("executedQty"))
    outcome = try Self.outcome(of: try row.text("status"))
  }

  init(
    id: ClientOrderID, instrument: InstrumentID, venueOrder: VenueOrderID, executed: Quantity,
    outcome: OrderOutcome?
  ) {
    self.id = id
    self.instrument = instrument
    self.venueOrder = venueOrder
    self.executed = executed
    self.outcome = outcome
  }

  /// How a status ends an order; nil for one that works.
  static func outcome(of status: String) throws(DialectError) -> OrderOutcome? {
    switch status {
    case "NEW", "PARTIALLY_FILLED", "PENDING_NEW", "PENDING_CANCEL", "NEW_ADL", "NEW_INSURANCE":
      nil
    case "FILLED": .filled
    case "CANCELED": .cancelled
    case "EXPIRED", "EXPIRED_IN_MATCH": .expired
    case "REJECTED": .refused
    default: throw DialectError("an order status that is not documented")
    }
  }
}
