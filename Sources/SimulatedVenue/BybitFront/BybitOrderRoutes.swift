import FixedPoint
import Trading
import Wire

extension BybitFront {
  /// `/v5/order`.
  func orderAnswer(_ call: BybitCall) throws(BybitRefusal) -> BybitAnswer? {
    let parameters = call.parameters
    switch call.route {
    case "POST /v5/order/create": return BybitAnswer(try create(parameters).row)
    case "POST /v5/order/amend": return BybitAnswer(try amend(parameters).row)
    case "POST /v5/order/cancel": return BybitAnswer(try cancel(parameters).row)
    case "POST /v5/order/cancel-all": return try cancelAll(parameters)
    case "POST /v5/order/create-batch": return try batch(parameters, create)
    case "POST /v5/order/amend-batch": return try batch(parameters, amend)
    case "POST /v5/order/cancel-batch": return try batch(parameters, cancel)
    case "GET /v5/order/realtime": return try realtime(parameters)
    case "GET /v5/order/history": return try orderHistory(parameters)
    default: return nil
    }
  }

  /// Acknowledges a cancel of an order that works; it reaches the engine after the delay.
  func cancel(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitOrderName {
    let listing = try listing(parameters)
    let order = try workingOrder(parameters, listing)
    cancelLater(order)
    return name(of: order, listing)
  }

  private func cancelLater(_ order: BybitOrder) {
    let first = order.first.number
    venue.world.schedule(after: settings.engineDelay) { [weak self] in
      guard let self else { return }
      _ = try? venue.cancel(amendments.current(of: first))
    }
  }

  private func cancelAll(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let category = try parameters.category()
    let orders = try openOrders(category, parameters)
    for order in orders { cancelLater(order) }
    let rows = orders.map {
      name(of: $0, venue.listing($0.current.request.instrument)).row
    }
    return BybitAnswer(["list": .array(rows), "success": "1"])
  }

  /// Does the same for each request; each has a code of its own beside the list.
  private func batch(
    _ parameters: BybitParameters,
    _ act: (BybitParameters) throws(BybitRefusal) -> BybitOrderName
  ) throws(BybitRefusal) -> BybitAnswer {
    let category = try parameters.category()
    let requests = parameters.value("request")?.elements ?? []
    let limit = category == .spot ? 10 : 20
    guard (1...limit).contains(requests.count) else {
      throw .parameter("params error: request has 1 to \(limit) elements")
    }
    var rows: [JSON] = []
    var codes: [JSON] = []
    for request in requests {
      var name = BybitOrderName(id: "", link: request["orderLinkId"]?.text ?? "")
      var createdAt = ""
      do throws(BybitRefusal) {
        let member = JSONMember("category", category.rawValue)
        name = try act(BybitParameters(.object(request.members + [member])))
        createdAt = String(venue.clock.milliseconds)
        codes.append(["code": 0, "msg": "OK"])
      } catch {
        codes.append(["code": .number(String(error.code)), "msg": .string(error.text)])
      }
      rows.append([
        "category": .string(category.rawValue), "symbol": request["symbol"] ?? "",
        "orderId": .string(name.id), "orderLinkId": .string(name.link),
        "createAt": .string(createdAt),
      ])
    }
    return BybitAnswer(["list": .array(rows)], extra: ["list": .array(codes)])
  }

  /// The order that `orderId` or else `orderLinkId` names, in its newest form; nil when unknown.
  func order(
    _ parameters: BybitParameters, _ category: BybitCategory
  ) throws(BybitRefusal) -> BybitOrder? {
    var found: WorldOrder?
    if let id = parameters.text("orderId") {
      found = BybitID.orderNumber(id, category).flatMap { venue.order($0) }
    } else if let link = parameters.text("orderLinkId") {
      found =
        venue.listings(of: category.market).lazy
        .compactMap { [venue] in venue.order(clientID: link, on: $0.index) }.first
    } else {
      throw .missing("orderId or orderLinkId")
    }
    guard let found, let order = venue.order(amendments.current(of: found.number)),
      venue.listing(order.request.instrument).category == category, !venue.isHidden(order)
    else { return nil }
    return view(order)
  }

  /// The order that is named, if it works.
  func workingOrder(
    _ parameters: BybitParameters, _ listing: ListedInstrument
  ) throws(BybitRefusal) -> BybitOrder {
    guard let order = try order(parameters, listing.category), order.current.state.isOpen,
      order.current.request.instrument == listing.index
    else { throw .unknownOrder(listing.category) }
    return order
  }

  /// Orders that work, newest first, of a symbol, a base coin or a settlement coin.
  private func openOrders(
    _ category: BybitCategory, _ parameters: BybitParameters
  ) throws(BybitRefusal) -> [BybitOrder] {
    let named = ["symbol", "baseCoin", "settleCoin"].contains { parameters.text($0) != nil }
    if category == .linear, !named {
      throw .parameter(
        "Missing some parameters that must be filled in, symbol or settleCoin or baseCoin")
    }
    let wanted = try listings(category, parameters)
      .filter { parameters.text("baseCoin") ?? $0.baseName == $0.baseName }
      .filter { parameters.text("settleCoin") ?? $0.quoteName == $0.quoteName }.map(\.index)
    return venue.openOrders().reversed()
      .filter { wanted.contains($0.request.instrument) && !venue.isHidden($0) }.map(view)
  }

  /// Orders that work; a named one, or `openOnly` 1, also among the last 500 closed ones.
  private func realtime(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let category = try parameters.category()
    let isNamed = parameters.text("orderId") != nil || parameters.text("orderLinkId") != nil
    if isNamed {
      guard let order = try order(parameters, category), isRemembered(order) else {
        return .list([], category, cursor: "")
      }
      return .list([orderRow(order)], category, cursor: "")
    }
    var orders = try openOrders(category, parameters)
    if try parameters.integer("openOnly") ?? 0 != 0 {
      orders = closedOrders(category, try listings(category, parameters).map(\.index), 500)
        .filter(isRemembered)
    }
    let page = try BybitPage(
      orders, parameters, default: 20, maximum: 50, number: \.current.number)
    return .list(page.rows.map { orderRow($0) }, category, cursor: page.cursor)
  }

  /// A restart of the venue wipes closed orders out of `realtime`.
  private func isRemembered(_ order: BybitOrder) -> Bool {
    order.current.state.isOpen || order.current.updatedAt >= venue.forgottenBefore
  }

  /// Orders that ended, newest first.
  private func closedOrders(
    _ category: BybitCategory, _ instruments: [InstrumentIndex], _ limit: Int,
    where isWanted: @escaping (WorldOrder) -> Bool = { _ in true }
  ) -> [BybitOrder] {
    venue.orders.reversed().lazy
      .filter { [self] in
        !$0.state.isOpen && instruments.contains($0.request.instrument)
          && !isSuperseded($0.number) && !venue.isHidden($0) && isWanted($0)
      }
      .prefix(limit).map { [self] in view($0) }
  }

  /// Orders that ended in a window of at most seven days; without a fill only of the last day.
  private func orderHistory(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let category = try parameters.category()
    let isNamed = parameters.text("orderId") != nil || parameters.text("orderLinkId") != nil
    if isNamed {
      let order = try order(parameters, category).flatMap { $0.current.state.isOpen ? nil : $0 }
      return .list(order.map { [orderRow($0)] } ?? [], category, cursor: "")
    }
    let window = try BybitWindow(parameters, now: venue.now)
    let status = parameters.text("orderStatus")
    let day = venue.now - .days(1)
    let wanted = try listings(category, parameters).map(\.index)
    let orders = closedOrders(category, wanted, 10_000) {
      window.contains($0.createdAt) && (!$0.executed.isZero || $0.updatedAt >= day)
    }
    .filter { order in
      status == nil || self.status(order, venue.listing(order.current.request.instrument)) == status
    }
    let page = try BybitPage(
      orders, parameters, default: 20, maximum: 50, number: \.current.number)
    return .list(page.rows.map { orderRow($0) }, category, cursor: page.cursor)
  }
}

/// A window of a history: at most seven days, the last seven by default.
struct BybitWindow {
  let from: Timestamp
  let to: Timestamp

  init(
    _ parameters: BybitParameters, now: Timestamp, default span: TimeSpan = .days(7)
  ) throws(BybitRefusal) {
    let start = try parameters.moment("startTime")
    let end = try parameters.moment("endTime")
    let week = TimeSpan.days(7)
    switch (start, end) {
    case (nil, nil): (from, to) = (now - span, now)
    case (let start?, nil): (from, to) = (start, start + week)
    case (nil, let end?): (from, to) = (end - week, end)
    case (let start?, let end?):
      if end < start || end - start > week {
        throw .parameter("The time range between startTime and endTime cannot exceed 7 days")
      }
      (from, to) = (start, end)
    }
  }

  func contains(_ time: Timestamp) -> Bool {
    // Windows are stated in milliseconds, and both ends belong to them.
    time >= from && time < to + .milliseconds(1)
  }
}
