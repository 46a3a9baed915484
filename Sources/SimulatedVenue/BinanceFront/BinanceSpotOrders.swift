import FixedPoint
import Trading
import Wire

// Orders of the spot market.
extension BinanceSpotFront {
  func placeSpotOrder(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let entry = try spotOrderEntry(call.parameters)
    let placed: WorldOrder
    do throws(OrderRefusal) {
      placed = try venue.submit(entry.order)
    } catch {
      throw Self.spotError(of: error)
    }
    // A filled order does not count against the limit of orders.
    if placed.state == .filled { gate.limits.creditOrder() }
    return answer(to: placed, entry.symbol, entry.type)
  }

  func testSpotOrder(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let entry = try spotOrderEntry(call.parameters)
    if let refusal = venue.refusal(of: entry.order) { throw Self.spotError(of: refusal) }
    return [:]
  }

  func cancelSpotOrder(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    guard let order = try named(call.parameters, of: symbol), order.state.isOpen else {
      throw .cancelUnknown
    }
    let id = try clientID(call.parameters, "newClientOrderId")
    return cancelJSON(try cancel(order, as: id), symbol, id: id, at: call.time)
  }

  func cancelSpotOrders(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    let open = venue.openOrders(on: symbol.index)
    if open.isEmpty { throw .cancelUnknown }
    var rows: [JSON] = []
    for order in open {
      let id = "\(venue.madeUpID().prefix(16))\(order.number)"
      rows.append(cancelJSON(try cancel(order, as: id), symbol, id: id, at: call.time))
    }
    return .array(rows)
  }

  func spotOrder(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    guard let order = try named(call.parameters, of: symbol) else { throw .noSuchOrder }
    return orderJSON(order, symbol)
  }

  func spotOpenOrders(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call)
    return .array(
      venue.openOrders(on: chosen?.index).compactMap { order in
        let symbol = symbol(at: order.request.instrument)
        return symbol.isPerp || venue.isHidden(order) ? JSON?.none : orderJSON(order, symbol)
      })
  }

  func spotAllOrders(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    let page = try BinancePage(call.parameters, window: .days(1), maximum: 1000)
    let first = try call.parameters.integer("orderId")
    let rows = venue.orders.filter {
      $0.request.instrument == symbol.index && !venue.isGone($0)
        && $0.number >= first ?? 0 && page.holds($0.createdAt + venue.clockSkew)
    }
    return .array(page.cut(rows, fromStart: first != nil).map { orderJSON($0, symbol) })
  }

  func spotMyTrades(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    let page = try BinancePage(call.parameters, window: .days(1), maximum: 1000)
    let order = try call.parameters.integer("orderId")
    let first = try call.parameters.integer("fromId")
    let rows = venue.fills.filter {
      $0.instrument == symbol.index && $0.order == order ?? $0.order && $0.number >= first ?? 0
        && page.holds($0.fill.at + venue.clockSkew)
    }
    return .array(page.cut(rows, fromStart: first != nil).map { tradeJSON($0, symbol) })
  }

  /// The order that a request names by either id; nil when the venue knows none.
  func named(
    _ parameters: BinanceParameters, of symbol: BinanceSymbol
  ) throws(BinanceError) -> WorldOrder? {
    try venue.order(named: parameters, of: symbol)
  }

  /// The venue's words for a refusal.
  static func spotError(of refusal: OrderRefusal) -> BinanceError {
    switch refusal.reason {
    case .insufficientBalance, .insufficientMargin: .insufficientBalance
    case .wouldTakeLiquidity: .wouldTake
    case .duplicateID: .duplicateOrder
    case .invalidPrice: .filter("PRICE_FILTER")
    case .invalidQuantity: .filter("LOT_SIZE")
    case .belowMinimumNotional: .filter("NOTIONAL")
    case .marketHalted: .marketClosed
    case .unknownInstrument: .symbol
    default: BinanceError(-2010, "New order rejected.")
    }
  }

  private func cancel(_ order: WorldOrder, as id: String) throws(BinanceError) -> WorldOrder {
    cancelIDs[order.number] = id
    do throws(OrderRefusal) {
      return try venue.cancel(order.number)
    } catch {
      throw .cancelUnknown
    }
  }
}
