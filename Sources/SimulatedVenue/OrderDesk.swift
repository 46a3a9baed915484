import FixedPoint
import Simulation
import Trading

/// The books of orders: numbers, client ids, what works.
struct OrderDesk {
  /// The first order's number less one.
  private static let base: Int64 = 1_000_000

  /// Places of orders that work, rising.
  private(set) var open: [Int] = []
  /// Places of orders that the matching engine has.
  var engaged: Set<Int> = []
  /// Until when orders are hidden from lookups, by number.
  var hidden: [Int64: Timestamp] = [:]
  /// Places of instruments by their names on the wire.
  private(set) var placeOfName: [WireName: Int] = [:]
  private var placeOfNumber: [Int64: Int] = [:]
  private var placesOfID: [String: [Int]] = [:]
  private var reserved: [String: Int] = [:]
  private var numbers: Int64 = 0

  init(_ listings: [ListedInstrument]) {
    for listing in listings {
      placeOfName[WireName(market: listing.instrument.id.market, name: listing.name)] =
        listing.index.position
    }
  }

  mutating func nextNumber() -> Int64 {
    numbers += 1
    return Self.base + numbers
  }

  func place(of number: Int64) -> Int? { placeOfNumber[number] }
  func places(of clientID: String) -> [Int] { placesOfID[clientID] ?? [] }

  /// Keeps an id for an order that is on its way.
  mutating func reserve(_ clientID: String) { reserved[clientID, default: 0] += 1 }
  mutating func release(_ clientID: String) {
    if let count = reserved[clientID] { reserved[clientID] = count > 1 ? count - 1 : nil }
  }
  func isReserved(_ clientID: String) -> Bool { reserved[clientID] != nil }

  mutating func add(_ place: Int, number: Int64, clientID: String, isOpen: Bool) {
    placeOfNumber[number] = place
    placesOfID[clientID, default: []].append(place)
    if isOpen { open.append(place) }
  }

  mutating func close(_ place: Int) {
    if let position = open.firstIndex(of: place) { open.remove(at: position) }
    engaged.remove(place)
  }
}

/// A name on the wire, which may mean different things on two markets.
struct WireName: Hashable {
  let market: Market
  let name: String
}

extension Venue {
  /// The names by which faults know an instrument.
  func names(_ instrument: InstrumentIndex) -> [String] {
    let own = listing(instrument)
    return [own.name, own.instrument.id.symbol.rawValue]
  }

  /// What the matching engine calls an order.
  func engineID(_ place: Int) -> ClientOrderID {
    let order = orders[place]
    return ClientOrderID(
      run: 0, sequence: order.number, carry: CarryID(0),
      market: listing(order.request.instrument).instrument.id.market)
  }

  /// Works out the quantity and checks all that can be checked now.
  func prepared(_ order: NewOrder) throws(OrderRefusal) -> (NewOrder, OrderRequest) {
    var order = order
    let own = listing(order.instrument)
    try checkClientID(order)
    if let value = order.quoteQuantity {
      order.quantity = quantity(worth: value, order.side, on: order.instrument)
    }
    if order.reduceOnly, order.isCutToPosition { cutToPosition(&order) }
    let kind: OrderKind =
      if let price = order.price {
        switch order.timeInForce {
        case .goodTillCancelled: .limit(price)
        case .immediateOrCancel, .fillOrKill: .immediateOrCancel(price)
        case .postOnly: .postOnly(price)
        }
      } else {
        .market
      }
    let request = OrderRequest(
      id: ClientOrderID(
        run: 0, sequence: 0, carry: CarryID(0), market: own.instrument.id.market),
      instrument: own.instrument.id, side: order.side, quantity: order.quantity, kind: kind,
      reduceOnly: order.reduceOnly, deadline: .distantFuture)
    do throws(Refusal) {
      try exchange.examine(request, at: now)
    } catch {
      throw OrderRefusal(error)
    }
    return (order, request)
  }

  /// Hands an order that was checked to the matching engine.
  func engage(_ place: Int, _ request: OrderRequest) {
    let order = orders[place].request
    let request = OrderRequest(
      id: engineID(place), instrument: request.instrument, side: request.side,
      quantity: request.quantity, kind: request.kind, reduceOnly: request.reduceOnly,
      deadline: .distantFuture)
    desk.engaged.insert(place)
    let isAllOrNothing = order.price != nil && order.timeInForce == .fillOrKill
    act(.trade) { events in
      exchange.submit(request, fillOrKill: isAllOrNothing, at: now, into: &events)
    }
  }

  /// Writes an order down.
  ///
  /// - Returns: its place in `orders`.
  func record(_ order: NewOrder, number: Int64, origin: OrderOrigin) -> Int {
    let place = orders.count
    orders.append(
      WorldOrder(
        number: number, request: order, origin: origin, createdAt: now, updatedAt: now,
        state: .new))
    desk.add(place, number: number, clientID: order.clientID, isOpen: true)
    return place
  }

  /// Writes a refused order down and tells of it.
  func keep(
    _ order: NewOrder, refusedFor refusal: OrderRefusal, number: Int64? = nil
  ) -> WorldOrder {
    let place = record(order, number: number ?? desk.nextNumber(), origin: .client)
    orders[place].state = .rejected
    orders[place].refusal = refusal
    desk.close(place)
    tell(.order(orders[place], .rejected))
    return orders[place]
  }

  /// Ends an order and tells of it.
  func close(_ place: Int, _ state: OrderState) {
    guard orders[place].state.isOpen else { return }
    orders[place].state = state
    orders[place].updatedAt = now
    desk.close(place)
    if state != .filled {
      tell(.order(orders[place], state == .cancelled ? .cancelled : .expired))
    }
  }

  /// Hides an order from lookups where a fault says so.
  func hideIfFaulty(_ order: WorldOrder) {
    let instrument = order.request.instrument
    if let fault = world.faults.strike(
      .lookupLag, venue: id, at: now, symbol: names(instrument))
    {
      desk.hidden[order.number] = now + fault.span
    }
  }

  private func checkClientID(_ order: NewOrder) throws(OrderRefusal) {
    let market = listing(order.instrument).instrument.id.market
    let isTaken =
      desk.isReserved(order.clientID)
      || desk.places(of: order.clientID).contains { place in
        let other = orders[place]
        return listing(other.request.instrument).instrument.id.market == market
          && (other.state.isOpen || plan.clientIDs == .uniqueForever && other.state != .rejected)
      }
    if isTaken { throw OrderRefusal(.duplicateID, "the id \(order.clientID) was used before") }
  }

  private func cutToPosition(_ order: inout NewOrder) {
    let held = exchange.positionState(of: order.instrument).quantity
    let isClosing = !held.isZero && held.isNegative == (order.side == .buy)
    if isClosing { order.quantity = min(order.quantity, held.magnitude) }
  }

  /// How much a market order by value trades, in lots: along the book, never above the value.
  private func quantity(
    worth value: Notional, _ side: Side, on instrument: InstrumentIndex
  ) -> Quantity {
    let lot = listing(instrument).instrument.lot
    var (left, sum) = (value, Quantity.zero)
    for step in exchange.ladder(side, on: instrument, depth: 200, at: now) {
      let whole = step.price.notional(of: step.quantity)
      if whole >= left {
        return sum
          + left.quantity(at: step.price, .down).rounded(toMultipleOf: lot, .down)
      }
      left -= whole
      sum += step.quantity
    }
    return sum
  }
}

extension OrderRefusal {
  init(_ refusal: Refusal) { self.init(refusal.reason, refusal.text) }
}
