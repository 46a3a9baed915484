import FixedPoint
import Trading

/// Which orders of the world are one order of a client that amended it.
///
/// The world has no amendment: it takes the old order back and sends one for the rest. Towards
/// clients the first order's names stay and what traded adds up.
struct BybitAmendments {
  private var firstOf: [Int64: Int64] = [:]
  private var chains: [Int64: [Int64]] = [:]

  /// States that an order took another's place.
  mutating func replace(_ old: Int64, by new: Int64) {
    let first = firstOf[old] ?? old
    firstOf[new] = first
    chains[first, default: [first]].append(new)
  }

  /// The order that clients know it as.
  func first(of number: Int64) -> Int64 { firstOf[number] ?? number }

  /// The order that stands for it now.
  func current(of number: Int64) -> Int64 { chains[first(of: number)]?.last ?? number }

  /// All orders that are this one, oldest first.
  func chain(of number: Int64) -> [Int64] { chains[first(of: number)] ?? [number] }
}

/// An order as its client knows it.
struct BybitOrder {
  /// As it stands now: state, price, last change.
  let current: WorldOrder
  /// As it was sent: names and time.
  let first: WorldOrder
  /// Of all its forms.
  let executed: Quantity
  let value: Notional
  let fills: [Int]

  var quantity: Quantity { current.quantity + executed - current.executed }
  var remaining: Quantity { current.state.isOpen ? current.remaining : .zero }
  var averagePrice: Price { executed.isZero ? .zero : value.price(per: executed) }
  /// Empty when the client gave none.
  var link: String {
    first.request.clientID.hasPrefix("#") || first.origin != .client ? "" : first.request.clientID
  }
}

extension BybitFront {
  /// Puts the forms of an order together; `current` may be a former state of its newest form.
  func view(_ current: WorldOrder) -> BybitOrder {
    let former = amendments.chain(of: current.number).prefix { $0 != current.number }
      .compactMap { venue.order($0) }
    return BybitOrder(
      current: current, first: former.first ?? current,
      executed: former.reduce(current.executed) { $0 + $1.executed },
      value: former.reduce(current.executedValue) { $0 + $1.executedValue },
      fills: former.flatMap(\.fills) + current.fills)
  }

  /// Whether a newer form of the order stands in its place.
  func isSuperseded(_ number: Int64) -> Bool { amendments.current(of: number) != number }

  /// Changes price and quantity (the new total) of an order that works, after the delay.
  func amend(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitOrderName {
    let listing = try listing(parameters)
    let order = try workingOrder(parameters, listing)
    var request = order.current.request
    if let wire = try parameters.decimal("price", Unit.QuotePerBase.self) {
      guard let price = listing.neutral(wire), price.isPositive,
        price.isMultiple(of: listing.instrument.tick)
      else { throw BybitRefusal(OrderRefusal(.invalidPrice, ""), listing) }
      request.price = price
    }
    var total = order.quantity
    if let wire = try parameters.decimal("qty", Unit.Base.self) {
      total = listing.neutral(wire)
      guard total.isPositive, total.isMultiple(of: listing.instrument.lot) else {
        throw BybitRefusal(OrderRefusal(.invalidQuantity, ""), listing)
      }
    }
    if request.price == order.current.request.price, total == order.quantity {
      throw BybitRefusal(10001, "The order remains unchanged as the parameters entered match")
    }
    venue.world.schedule(after: settings.engineDelay) { [weak self] in
      self?.replace(order.current.number, request, total: total)
    }
    return name(of: order, listing)
  }

  private func replace(_ number: Int64, _ request: NewOrder, total: Quantity) {
    guard let order = venue.order(number), order.state.isOpen else { return }
    let left = total - view(order).executed
    var next = request
    sequence += 1
    next.clientID = "#\(sequence)"
    next.quantity = left
    next.quoteQuantity = nil
    guard (try? venue.cancel(number)) != nil, left.isPositive else { return }
    if let new = try? venue.submit(next) {
      amendments.replace(number, by: new.number)
      notes[new.number] = notes[number]
    }
  }
}
