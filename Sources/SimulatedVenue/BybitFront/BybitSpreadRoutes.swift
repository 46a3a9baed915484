import FixedPoint
import Trading
import Wire

extension BybitFront {
  /// `/v5/spread`: combinations of a perpetual and its spot.
  func spreadAnswer(_ call: BybitCall) throws(BybitRefusal) -> BybitAnswer? {
    let parameters = call.parameters
    switch call.route {
    case "GET /v5/spread/instrument": return try spreadInstruments(parameters)
    case "GET /v5/spread/orderbook": return try spreadBook(parameters)
    case "GET /v5/spread/tickers": return try spreadTickers(parameters)
    case "POST /v5/spread/order/create": return BybitAnswer(try createSpread(parameters))
    case "POST /v5/spread/order/cancel": return BybitAnswer(try cancelSpread(parameters))
    case "GET /v5/spread/order/realtime": return try spreadOrders(parameters, open: true)
    case "GET /v5/spread/order/history": return try spreadOrders(parameters, open: false)
    case "GET /v5/spread/execution/list": return try spreadExecutions(parameters)
    default: return nil
    }
  }

  private func combo(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitCombo {
    let symbol = try parameters.required("symbol")
    guard let combo = combos.first(where: { $0.symbol == symbol }) else {
      throw .parameter("params error: symbol invalid")
    }
    return combo
  }

  private func spreadInstruments(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer
  {
    let wanted =
      combos
      .filter { parameters.text("symbol") ?? $0.symbol == $0.symbol }
      .filter { parameters.text("baseCoin") ?? $0.perp.baseName == $0.perp.baseName }
    let page = try BybitPage(wanted, parameters, default: 200, maximum: 500)
    let rows = page.rows.map { combo -> JSON in
      let range = combo.tick.times(19_999_998)
      let isOpen = [combo.perp, combo.spot].allSatisfy { $0.status == .trading }
      return [
        "symbol": .string(combo.symbol), "contractType": "FundingRateArb",
        "status": isOpen ? "Trading" : "Settling", "baseCoin": .string(combo.perp.baseName),
        "quoteCoin": .string(combo.perp.quoteName), "settleCoin": .string(combo.perp.quoteName),
        "tickSize": .text(combo.tick), "minPrice": .text(-range), "maxPrice": .text(range),
        "lotSize": .text(combo.lot), "minSize": .text(combo.minimum),
        "maxSize": .text(combo.lot.times(500_000)), "launchTime": "1743675300000",
        "deliveryTime": "0",
        "legs": [
          ["symbol": .string(combo.perp.name), "contractType": "LinearPerpetual"],
          ["symbol": .string(combo.spot.name), "contractType": "Spot"],
        ],
      ]
    }
    return .list(rows, cursor: page.cursor)
  }

  private func spreadBook(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let combo = try combo(parameters)
    func side(_ level: BybitSpreadLevel?) -> JSON {
      guard let level, level.quantity.isPositive else { return [] }
      return [[.string(level.price.text(minimumPlaces: combo.places)), .text(level.quantity)]]
    }
    let top = top(combo)
    let update = venue.updateIDs(combo.perp.index).current
    return BybitAnswer(
      [
        "s": .string(combo.symbol), "b": side(top?.bid), "a": side(top?.ask),
        "u": .number(String(update)), "ts": .milliseconds(venue.clock),
        "seq": .number(String(update)), "cts": .milliseconds(venue.clock),
      ], text: "Success")
  }

  private func spreadTickers(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let combo = try combo(parameters)
    let top = top(combo)
    let last =
      spreads.orders.last { $0.combo.symbol == combo.symbol && !$0.trades.isEmpty }?
      .trades.last?.price.description ?? ""
    var answer = BybitAnswer.list([
      [
        "symbol": .string(combo.symbol), "bidPrice": top.map { .text($0.bid.price) } ?? "",
        "bidSize": top.map { .text($0.bid.quantity) } ?? "",
        "askPrice": top.map { .text($0.ask.price) } ?? "",
        "askSize": top.map { .text($0.ask.quantity) } ?? "", "lastPrice": .string(last),
        "highPrice24h": "", "lowPrice24h": "", "prevPrice24h": "", "volume24h": "0",
      ]
    ])
    answer.text = "Success"
    return answer
  }

  private func createSpread(_ parameters: BybitParameters) throws(BybitRefusal) -> JSON {
    let combo = try combo(parameters)
    guard venue.isCross(combo.perp.index) else {
      throw BybitRefusal(
        110110, "Spread trading is not available in isolated margin trading mode")
    }
    guard let side = Side(bybit: try parameters.required("side")) else {
      throw .parameter("Side invalid")
    }
    let isLimit = try parameters.required("orderType") == "Limit"
    let price = try parameters.decimal("price", Unit.QuotePerBase.self)
    if isLimit, price == nil { throw .missing("price") }
    if isLimit, let price, !price.isMultiple(of: combo.tick) { throw .parameter("Price invalid") }
    guard let quantity = try parameters.decimal("qty", Unit.Base.self),
      quantity >= combo.minimum, quantity.isMultiple(of: combo.lot)
    else { throw .parameter("Qty invalid") }
    let timeInForce = parameters.text("timeInForce") ?? (isLimit ? "GTC" : "IOC")
    guard ["GTC", "IOC", "FOK", "PostOnly"].contains(timeInForce) else {
      throw .parameter("TimeInForce invalid")
    }
    let link = parameters.text("orderLinkId") ?? ""
    if link.utf8.count > 45 { throw .parameter("OrderLinkedID invalid") }
    if !link.isEmpty, spreads.orders.contains(where: { $0.link == link }) {
      throw .duplicateLink(.linear)
    }
    try checkLegs(combo, side, quantity)
    let order = BybitSpreadOrder(
      number: Int64(spreads.orders.count + 1), link: link, combo: combo, side: side,
      price: isLimit ? price : nil, quantity: quantity, timeInForce: timeInForce,
      createdAt: venue.now, updatedAt: venue.now)
    spreads.orders.append(order)
    let place = spreads.orders.count - 1
    venue.world.schedule(after: settings.engineDelay) { [weak self] in self?.engage(place) }
    return BybitOrderName(id: order.id, link: link).row
  }

  /// Both legs must be possible as they stand now.
  private func checkLegs(
    _ combo: BybitCombo, _ side: Side, _ quantity: Quantity
  ) throws(BybitRefusal) {
    guard let legs = legs(combo, side, quantity) else {
      throw BybitRefusal(110074, "This contract is not live")
    }
    if let refusal = venue.refusal(of: legs.perp) { throw BybitRefusal(refusal, combo.perp) }
    if let refusal = venue.refusal(of: legs.spot) { throw BybitRefusal(refusal, combo.spot) }
    if !isAffordable(legs, combo) { throw BybitRefusal(110007, "ab not enough for new order") }
  }

  private func spreadPlace(_ parameters: BybitParameters) -> Int? {
    if let id = parameters.text("orderId") { return spreads.orders.firstIndex { $0.id == id } }
    guard let link = parameters.text("orderLinkId") else { return nil }
    return spreads.orders.firstIndex { $0.link == link }
  }

  private func cancelSpread(_ parameters: BybitParameters) throws(BybitRefusal) -> JSON {
    guard let place = spreadPlace(parameters), spreads.orders[place].state.isOpen else {
      throw .unknownOrder(.linear)
    }
    venue.world.schedule(after: settings.engineDelay) { [weak self] in
      guard let self, spreads.orders[place].state.isOpen else { return }
      end(place, .cancelled)
    }
    return BybitOrderName(id: spreads.orders[place].id, link: spreads.orders[place].link).row
  }

  private func spreadOrders(
    _ parameters: BybitParameters, open: Bool
  ) throws(BybitRefusal) -> BybitAnswer {
    let isNamed = parameters.text("orderId") != nil || parameters.text("orderLinkId") != nil
    let named = spreadPlace(parameters)
    let rows = spreads.orders.reversed().filter {
      $0.state.isOpen == open && $0.isEngaged
        && (parameters.text("symbol") ?? $0.combo.symbol) == $0.combo.symbol
        && (!isNamed || $0.number == Int64((named ?? -1) + 1))
    }
    let page = try BybitPage(Array(rows), parameters, default: 20, maximum: 50, number: \.number)
    return .list(page.rows.map { spreadOrderRow($0, open: open) }, cursor: page.cursor)
  }

  private func spreadExecutions(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let isNamed = parameters.text("orderId") != nil || parameters.text("orderLinkId") != nil
    let named = spreadPlace(parameters)
    let window = isNamed ? nil : try BybitWindow(parameters, now: venue.now)
    var rows: [(number: Int64, row: JSON)] = []
    for order in spreads.orders where !isNamed || order.number == Int64((named ?? -1) + 1) {
      for trade in order.trades where window?.contains(trade.at) ?? true {
        rows.append((trade.number, spreadTradeRow(trade, order)))
      }
    }
    rows.sort { $0.number > $1.number }
    let page = try BybitPage(rows, parameters, default: 20, maximum: 50, number: \.number)
    var answer = BybitAnswer.list(page.rows.map(\.row), cursor: page.cursor)
    answer.text = "Success"
    return answer
  }
}
