import FixedPoint
import Trading
import Transport
import Venues

/// Sends the orders of an emergency and waits for what becomes of them.
struct EmergencyOrders {
  /// More orders for one step than any market wants; what is left comes in the next round.
  private static let mostParts: Int128 = 100
  /// How often an order is asked for that was not told to have ended.
  private static let questions = 20

  private var lastSequence: Int64 = 0

  /// Trades a step in orders of the largest size at most; a refused one ends it.
  ///
  /// - Returns: what was traded, or may have been.
  mutating func trade(
    _ step: Emergency.Step, of instrument: Instrument, largest: Quantity?,
    at session: any AnyVenueSession, report: (Emergency.Step) -> Void
  ) -> Quantity {
    var traded = Quantity.zero
    let part = Self.part(of: step.quantity, instrument.lot, largest: largest)
    var count: Int128 = 0
    while traded < step.quantity, count < Self.mostParts {
      count += 1
      var order = step
      order.quantity = min(part, step.quantity - traded)
      let (words, executed) = send(order, at: session)
      order.result = words
      report(order)
      traded += executed
      // A market that gives less than was asked for is asked again in the next round.
      if executed < order.quantity { break }
    }
    return traded
  }

  /// Equal parts, so that the last one is not too small for the venue.
  static func part(of quantity: Quantity, _ lot: Quantity, largest: Quantity?) -> Quantity {
    guard let largest, largest < quantity else { return quantity }
    let most = largest.rounded(toMultipleOf: lot, .down)
    guard most.isPositive else { return quantity }
    let count = (quantity.raw + most.raw - 1) / most.raw
    return Quantity(raw: (quantity.raw + count - 1) / count).rounded(toMultipleOf: lot, .up)
  }

  /// Takes an order back; one that stays is reported by the next look.
  func takeBack(_ order: OpenOrder, at session: any AnyVenueSession) {
    _ = session.performAndWait(.takeBack(order), atMost: .seconds(15))
  }

  private mutating func send(
    _ step: Emergency.Step, at session: any AnyVenueSession
  ) -> (words: String, executed: Quantity) {
    // Carry 0 says: nobody's, whoever holds the pair. The time makes the number new in every panic.
    lastSequence = max(lastSequence + 1, session.now.nanoseconds / 1_000_000)
    let id = ClientOrderID(
      run: 0, sequence: lastSequence, carry: CarryID(0), market: step.instrument.market)
    let order = OrderRequest(
      id: id, instrument: step.instrument, side: step.side, quantity: step.quantity, kind: .market,
      reduceOnly: step.instrument.market == .perp, deadline: session.now + .seconds(10))
    var fate = EmergencyFate(id)
    fate.hear(Self.events(of: .request(.submit(order)), at: session))
    for _ in 0..<Self.questions where !fate.isOver {
      Poller.wait(for: [session], atMost: .milliseconds(200))
      fate.hear(Self.events(of: .request(.query(id, step.instrument)), at: session))
    }
    return (fate.words(of: step.quantity), fate.executed(of: step.quantity))
  }

  /// What a task says, and what was told besides meanwhile.
  private static func events(
    of task: VenueTask, at session: any AnyVenueSession
  ) -> [VenueEvent] {
    var messages = session.performAndWait(task, atMost: .seconds(15))
    session.collect(into: &messages)
    return messages.compactMap(\.event)
  }
}

/// What became of one order.
private struct EmergencyFate {
  private let id: ClientOrderID
  private var fills: [TradeID: Quantity] = [:]
  private var refusal: String?
  private(set) var isOver = false

  init(_ id: ClientOrderID) { self.id = id }

  mutating func hear(_ events: [VenueEvent]) {
    for event in events {
      switch event {
      case .orderRefused(id, _, let text):
        refusal = "refused (\(text))"
        isOver = true
      case .orderNotFound(id):
        refusal = "not executed"
        isOver = true
      case .orderFinished(id, _): isOver = true
      case .fill(let fill) where fill.order == id: fills[fill.trade] = fill.quantity
      default: break
      }
    }
  }

  /// What was traded; all of it while nobody knows.
  func executed(of quantity: Quantity) -> Quantity {
    if refusal != nil { return .zero }
    return isOver ? min(fills.values.reduce(.zero, +), quantity) : quantity
  }

  func words(of quantity: Quantity) -> String {
    if let refusal { return refusal }
    guard isOver else { return "unknown" }
    let sum = executed(of: quantity)
    return sum == quantity ? "done" : "\(sum) done"
  }
}
