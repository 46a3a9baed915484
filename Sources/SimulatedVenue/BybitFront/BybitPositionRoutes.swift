import FixedPoint
import Trading
import Wire

extension BybitFront {
  /// `/v5/position`.
  func positionAnswer(_ call: BybitCall) throws(BybitRefusal) -> BybitAnswer? {
    let parameters = call.parameters
    switch call.route {
    case "GET /v5/position/list": return try positions(parameters)
    case "GET /v5/position/closed-pnl": return try closedProfits(parameters)
    case "POST /v5/position/set-leverage": return try setLeverage(parameters)
    case "POST /v5/position/switch-mode": return try switchMode(parameters)
    case "POST /v5/position/switch-isolated": throw .isolatedOnUnified
    case "POST /v5/position/add-margin": return try addMargin(parameters)
    default: return nil
    }
  }

  /// A perpetual that the request names.
  private func perpetual(_ parameters: BybitParameters) throws(BybitRefusal) -> ListedInstrument {
    let listing = try listing(parameters)
    guard listing.isPerp else { throw .parameter("Illegal category") }
    return listing
  }

  /// One named position even when it is flat; without a symbol those that are not.
  private func positions(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    guard try parameters.category() == .linear else { throw .parameter("Illegal category") }
    if parameters.text("symbol") != nil {
      let listing = try perpetual(parameters)
      let sides: [Int64] = venue.isHedgeMode ? [1, 2] : [0]
      return .list(sides.map { positionRow(listing, side: $0) }, .linear, cursor: "")
    }
    guard parameters.text("settleCoin") != nil || parameters.text("baseCoin") != nil else {
      throw .parameter("Missing some parameters that must be filled in, symbol or settleCoin")
    }
    let held = venue.positions.map { venue.listing($0.instrument) }
      .filter { parameters.text("settleCoin") ?? $0.quoteName == $0.quoteName }
      .filter { parameters.text("baseCoin") ?? $0.baseName == $0.baseName }
    let page = try BybitPage(held, parameters, default: 20, maximum: 200)
    return .list(page.rows.map { positionRow($0) }, .linear, cursor: page.cursor)
  }

  private func setLeverage(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let listing = try perpetual(parameters)
    guard let buy = try parameters.decimal("buyLeverage", Unit.Ratio.self),
      let sell = try parameters.decimal("sellLeverage", Unit.Ratio.self)
    else { throw .missing("buyLeverage and sellLeverage") }
    guard buy == sell else { throw .parameter("buy leverage not equal sell leverage") }
    guard buy >= .one, buy <= listing.maximumLeverage else {
      throw .parameter("leverage invalid")
    }
    if buy == venue.leverage(of: listing.index) {
      throw BybitRefusal(110043, "leverage not modified")
    }
    do throws(OrderRefusal) {
      try venue.setLeverage(buy, of: listing.index)
    } catch {
      throw error.reason == .leverageTooHigh
        ? BybitRefusal(110013, "cannot set leverage gt maxLeverage by risk limit")
        : BybitRefusal(110044, "Available margin is insufficient.")
    }
    return BybitAnswer(.object([]))
  }

  private func switchMode(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    guard let mode = try parameters.integer("mode"), mode == 0 || mode == 3 else {
      throw .parameter("mode invalid")
    }
    if venue.isHedgeMode == (mode == 3) {
      throw BybitRefusal(110025, "Position mode is not modified")
    }
    if !venue.positions.isEmpty {
      throw BybitRefusal(
        110024, "You have an existing position, so the position mode cannot be switched.")
    }
    if venue.openOrders().contains(where: { venue.listing($0.request.instrument).isPerp }) {
      throw BybitRefusal(
        110028, "You have existing open orders, so the position mode cannot be switched.")
    }
    venue.isHedgeMode = mode == 3
    return BybitAnswer(.object([]))
  }

  private func addMargin(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let listing = try perpetual(parameters)
    guard let margin = try parameters.decimal("margin", Unit.Quote.self), !margin.isZero else {
      throw .missing("margin")
    }
    do throws(OrderRefusal) {
      try venue.adjustMargin(of: listing.index, by: margin)
    } catch {
      throw error.reason == .insufficientMargin
        ? BybitRefusal(110044, "Available margin is insufficient.")
        : .parameter("position is not isolated or does not exist")
    }
    return BybitAnswer(positionRow(listing))
  }

  /// Orders that closed something, newest first.
  private func closedProfits(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    guard try parameters.category() == .linear else { throw .parameter("Illegal category") }
    let wanted = try listings(.linear, parameters).map(\.index)
    let window = try BybitWindow(parameters, now: venue.now)
    var orders: [Int64] = []
    let recent = venue.fills.firstPlace { $0.fill.at >= window.from }
    for fill in venue.fills[recent...].reversed()
    where wanted.contains(fill.instrument) && !fill.closed.isZero && window.contains(fill.fill.at) {
      let first = amendments.first(of: fill.order)
      if !orders.contains(first) { orders.append(first) }
    }
    let page = try BybitPage(
      orders, parameters, default: 50, maximum: 100, number: { $0 })
    let rows = page.rows.compactMap { venue.order(amendments.current(of: $0)) }
      .map { closedProfitRow(view($0)) }
    return .list(rows, .linear, cursor: page.cursor)
  }

  private func closedProfitRow(_ order: BybitOrder) -> JSON {
    let listing = venue.listing(order.current.request.instrument)
    let fills = order.fills.map { venue.fills[$0] }.filter { !$0.closed.isZero }
    let closed = fills.reduce(Quantity.zero) { $0 + $1.closed }
    let exit = fills.reduce(Notional.zero) { $0 + $1.fill.price.notional(of: $1.closed) }
    let realized = fills.reduce(Notional.zero) { $0 + $1.fill.realized }
    let fees = fills.reduce(Amount.zero) { $0 + $1.fill.fee }
    let entry = order.current.request.side == .sell ? exit - realized : exit + realized
    let type = fills.first.map { execType(.fill($0)) } ?? "Trade"
    return [
      "symbol": .string(listing.name),
      "orderType": order.current.request.price == nil ? "Market" : "Limit",
      "leverage": .text(venue.leverage(of: listing.index)),
      "updatedTime": .stamp(order.current.updatedAt),
      "side": .string(order.current.request.side.bybit),
      "orderId": .string(name(of: order, listing).id),
      "closedPnl": .text(realized.amount - fees),
      "avgEntryPrice": .string(listing.wire(entry.price(per: closed)).shortText),
      "qty": .string(listing.text(order.quantity)), "cumEntryValue": .text(entry),
      "createdTime": .stamp(order.first.createdAt),
      "orderPrice": order.current.request.price.map { .string(listing.text($0)) } ?? "0",
      "closedSize": .string(listing.text(closed)),
      "avgExitPrice": .string(listing.wire(exit.price(per: closed)).shortText),
      "execType": .string(type), "fillCount": .text(fills.count), "cumExitValue": .text(exit),
    ]
  }
}
