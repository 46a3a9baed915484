import FixedPoint
import Trading

/// One order between its request and the end that the engine heard.
struct BybitWatch: Sendable {
  let instrument: InstrumentID
  /// Which legs it trades; nil when that is not known, as after a restart.
  var form: OrderForm?
  /// After this it can no longer arrive; nil when another process sent it.
  var deadline: Timestamp?
  /// When a lookup first did not find it; nil before that.
  var missedAt: Timestamp?
  /// Executions told so far.
  var trades: Set<TradeID> = []
  /// Their sum over all legs, base units.
  var executed: Quantity = .zero
  /// An end whose executions were not all told yet.
  var ending: BybitEnding?
  /// When to look it up again; nil when nothing is amiss.
  var lookAt: Timestamp?
  var attempts = 0
}

/// Keeps every order's end back until all of its executions were told.
///
/// The topics `order` and `execution` are not ordered among themselves.
struct BybitWatches: Sendable {
  /// How long the venue's lists may lag behind its matching engine.
  static let lookupDelay = TimeSpan.seconds(10)
  /// Before executions that were not told are asked for.
  private static let pause = TimeSpan.seconds(2)

  private(set) var open: [ClientOrderID: BybitWatch] = [:]
  /// The last orders that ended: later messages about them say nothing new.
  private var ended: [ClientOrderID] = []

  /// Remembers an order as it is sent.
  mutating func sent(_ order: OrderRequest) {
    guard !ended.contains(order.id) else { return }
    var watch = open[order.id] ?? BybitWatch(instrument: order.instrument)
    watch.form = order.form
    watch.deadline = order.deadline
    open[order.id] = watch
  }

  /// Remembers that an order which works is of a combination.
  mutating func found(_ id: ClientOrderID, _ instrument: InstrumentID) {
    guard !ended.contains(id) else { return }
    open[id, default: BybitWatch(instrument: instrument)].form = .combo
  }

  /// Takes note of an execution that is being told, and returns the end it completes.
  mutating func executed(_ fill: Fill, _ form: OrderForm) -> VenueEvent? {
    guard let id = fill.order, !ended.contains(id) else { return nil }
    var watch = open[id] ?? BybitWatch(instrument: fill.instrument, form: form)
    if watch.trades.insert(fill.trade).inserted { watch.executed += fill.quantity }
    open[id] = watch
    return completion(of: id)
  }

  /// Takes note of an end, and returns it when all executions were told.
  ///
  /// Of two ends, as in a race of cancel and fill, the one with more executions counts.
  mutating func finished(
    _ id: ClientOrderID, _ instrument: InstrumentID, _ form: OrderForm, _ ending: BybitEnding,
    at time: Timestamp
  ) -> VenueEvent? {
    guard !ended.contains(id) else { return nil }
    var watch = open[id] ?? BybitWatch(instrument: instrument, form: form)
    if let known = watch.ending, known.executed > ending.executed { return nil }
    watch.ending = ending
    watch.lookAt = watch.lookAt ?? time + Self.pause
    open[id] = watch
    return completion(of: id)
  }

  /// Looks an order up again later; each time twice as late as before, up to 32 s.
  mutating func lookAgain(
    _ id: ClientOrderID, _ instrument: InstrumentID, at time: Timestamp, notBefore: Timestamp
  ) {
    guard !ended.contains(id) else { return }
    var watch = open[id] ?? BybitWatch(instrument: instrument)
    let pause = Self.pause.times(1 << Int64(min(watch.attempts, 4)))
    watch.attempts = min(watch.attempts + 1, 4)
    watch.lookAt = max(time + pause, notBefore)
    open[id] = watch
  }

  /// The orders that are due, in the order they were created; they are not due again by themselves.
  mutating func due(at time: Timestamp) -> [(ClientOrderID, InstrumentID)] {
    let due = open.filter { ($0.value.lookAt ?? .distantFuture) <= time }.keys.sorted()
    return due.map { id in
      open[id]?.lookAt = nil
      return (
        id, open[id]?.instrument ?? InstrumentID(venue: "bybit", market: id.market, symbol: "")
      )
    }
  }

  /// Takes note that a lookup did not find an order.
  ///
  /// - Returns: from when on another one proves that it is not there: it can no longer arrive, and
  ///   the lists had their time twice; nil when this process did not send it.
  mutating func missed(_ id: ClientOrderID, at time: Timestamp) -> Timestamp? {
    guard let deadline = open[id]?.deadline else { return nil }
    let first = open[id]?.missedAt ?? time
    open[id]?.missedAt = first
    return max(deadline, first) + Self.lookupDelay
  }

  /// Whether the end of an order was told.
  func hasEnded(_ id: ClientOrderID) -> Bool { ended.contains(id) }

  /// Forgets an order that will not be heard of again.
  mutating func forget(_ id: ClientOrderID) {
    open[id] = nil
    ended.append(id)
    if ended.count > 512 { ended.removeFirst(256) }
  }

  /// Forgets what was known of an order that may still be heard of: it was not found, or the engine
  /// asks for all of it again.
  mutating func beginAnew(_ id: ClientOrderID) {
    open[id] = nil
    ended.removeAll { $0 == id }
  }

  private mutating func completion(of id: ClientOrderID) -> VenueEvent? {
    guard let watch = open[id], let ending = watch.ending, watch.executed >= ending.executed
    else { return nil }
    forget(id)
    return ending.event(of: id)
  }
}
