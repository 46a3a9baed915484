import FixedPoint
import Trading
import Wire

/// One entry of `/v5/execution/list`: a trade or a funding payment.
enum BybitExecution {
  case fill(WorldFill)
  case funding(LedgerEntry, FundingDetail, InstrumentIndex)

  var at: Timestamp {
    switch self {
    case .fill(let fill): fill.fill.at
    case .funding(let entry, _, _): entry.at
    }
  }
}

extension BybitFront {
  /// `/v5/execution/list`.
  func executionAnswer(_ call: BybitCall) throws(BybitRefusal) -> BybitAnswer? {
    guard call.route == "GET /v5/execution/list" else { return nil }
    let parameters = call.parameters
    let category = try parameters.category()
    let wanted = try listings(category, parameters).map(\.index)
    var order: BybitOrder?
    if parameters.text("orderId") != nil || parameters.text("orderLinkId") != nil {
      order = try self.order(parameters, category)
      if order == nil { return .list([], category, cursor: "") }
    }
    let window = order == nil ? try BybitWindow(parameters, now: venue.now) : nil
    let type = parameters.text("execType")
    let rows = executions(wanted, since: window?.from ?? .distantPast).filter { row in
      guard window?.contains(row.execution.at) ?? true else { return false }
      if let order, case .fill(let fill) = row.execution {
        if !order.fills.contains(place(fill)) { return false }
      } else if order != nil {
        return false
      }
      return type == nil || execType(row.execution) == type
    }
    let page = try BybitPage(
      rows.reversed(), parameters, default: 50, maximum: 100, number: \.number)
    return .list(page.rows.map { executionRow($0.execution) }, category, cursor: page.cursor)
  }

  private func place(_ fill: WorldFill) -> Int { Int(fill.number) - 1 }

  /// Trades and funding of instruments since a moment, oldest first, numbered over all of them.
  private func executions(
    _ wanted: [InstrumentIndex], since: Timestamp
  ) -> [(number: Int64, execution: BybitExecution)] {
    tally.read(venue)
    let payments = tally.payments
    var rows: [(number: Int64, execution: BybitExecution)] = []
    var fill = venue.fills.firstPlace { $0.fill.at >= since }
    var payment = payments.firstPlace { venue.ledger[$0].at >= since }
    while fill < venue.fills.count || payment < payments.count {
      let paidAt = payment < payments.count ? venue.ledger[payments[payment]].at : .distantFuture
      let number = Int64(fill + payment + 1)
      if fill < venue.fills.count, venue.fills[fill].fill.at <= paidAt {
        if wanted.contains(venue.fills[fill].instrument) {
          rows.append((number, .fill(venue.fills[fill])))
        }
        fill += 1
      } else {
        let entry = venue.ledger[payments[payment]]
        if let detail = entry.funding, let instrument = entry.instrument,
          wanted.contains(instrument)
        {
          rows.append((number, .funding(entry, detail, instrument)))
        }
        payment += 1
      }
    }
    return rows
  }

  /// The venue's word for what happened.
  func execType(_ execution: BybitExecution) -> String {
    guard case .fill(let fill) = execution else { return "Funding" }
    if spreads.isLeg(fill.order) { return "FutureSpread" }
    return switch fill.fill.cause {
    case .order: "Trade"
    case .liquidation: "BustTrade"
    case .autoDeleveraging: "AdlTrade"
    case .settlement: "Settle"
    }
  }

  /// An execution by REST and, with its category and profit, on the topic `execution`.
  func executionRow(_ execution: BybitExecution, withCategory: Bool = false) -> JSON {
    switch execution {
    case .fill(let fill): fillRow(fill, withCategory: withCategory)
    case .funding(let entry, let detail, let instrument):
      fundingRow(entry, detail, venue.listing(instrument), withCategory: withCategory)
    }
  }

  private func fillRow(_ world: WorldFill, withCategory: Bool) -> JSON {
    let fill = world.fill
    let listing = venue.listing(world.instrument)
    let order = venue.order(amendments.current(of: world.order)).map(view)
    let value = fill.price.notional(of: fill.quantity)
    let rate = feeRate(fill, value)
    let left = order.map { order in
      order.quantity - executedUpTo(world, order)
    }
    let orderPrice = order.flatMap { $0.current.request.price ?? notes[world.order]?.marketPrice }
    var row: [JSONMember] = [
      .init("symbol", listing.name),
      .init("orderId", BybitID.order(amendments.first(of: world.order), listing.category)),
      .init("orderLinkId", order?.link ?? ""), .init("side", fill.side.bybit),
      .init("orderPrice", orderPrice.map { listing.text($0) } ?? "0"),
      .init("orderQty", order.map { listing.text($0.quantity) } ?? listing.text(fill.quantity)),
      .init("leavesQty", listing.text(max(left ?? .zero, .zero))),
      .init("orderType", order?.current.request.price == nil ? "Market" : "Limit"),
      .init("stopOrderType", "UNKNOWN"), .init("execFee", fill.fee.description),
      .init("execId", BybitID.id(.execution, world.number)),
      .init("execPrice", listing.text(fill.price)), .init("execQty", listing.text(fill.quantity)),
      .init("execType", execType(.fill(world))), .init("execValue", value.description),
      .init("execTime", String(fill.at.milliseconds)),
      .init("feeCurrency", fill.feeAsset.rawValue),
      .init(name: "isMaker", value: .bool(fill.liquidity == .maker)),
      .init("feeRate", rate.description), .init("tradeIv", ""), .init("markIv", ""),
      .init("markPrice", listing.isPerp ? listing.text(venue.mark(listing.index)) : ""),
      .init("indexPrice", ""), .init("underlyingPrice", ""), .init("blockTradeId", ""),
      .init("closedSize", listing.isPerp ? listing.text(world.closed) : ""),
      .init("isLeverage", "0"), .init("extraFees", ""), .init("marketUnit", ""),
      .init(name: "seq", value: .number(String(world.number))),
    ]
    if listing.isPerp {
      row.append(.init("createType", order?.first.origin.bybitCreateType ?? "CreateByUser"))
    }
    if withCategory {
      row += [
        .init("category", listing.category.rawValue),
        .init("execPnl", listing.isPerp ? fill.realized.description : ""),
      ]
    }
    return .object(row)
  }

  private func executedUpTo(_ world: WorldFill, _ order: BybitOrder) -> Quantity {
    order.fills.prefix { $0 <= place(world) }
      .reduce(.zero) { $0 + venue.fills[$1].fill.quantity }
  }

  private func feeRate(_ fill: Fill, _ value: Notional) -> Rate {
    if fill.fee.isZero || value.isZero { return .zero }
    let whole =
      fill.feeAsset == venue.listing(market: fill.instrument)?.instrument.quote
      ? value.raw : fill.quantity.raw
    return Rate(raw: Wide.ratio(fill.fee.raw, whole, .halfEven)).rounded(places: 6, .halfEven)
  }

  /// A payment: `execFee` is above zero when it was paid, and `side` is that of the position.
  private func fundingRow(
    _ entry: LedgerEntry, _ detail: FundingDetail, _ listing: ListedInstrument,
    withCategory: Bool
  ) -> JSON {
    let value = detail.mark.notional(of: detail.quantity.magnitude)
    let side: Side = detail.quantity.isNegative ? .sell : .buy
    let id = BybitID.id(.funding, entry.number)
    var row: [JSONMember] = [
      .init("symbol", listing.name), .init("orderId", id), .init("orderLinkId", ""),
      .init("side", side.bybit), .init("orderPrice", "0"), .init("orderQty", "0"),
      .init("leavesQty", "0"), .init("createType", ""), .init("orderType", "UNKNOWN"),
      .init("stopOrderType", "UNKNOWN"), .init("execFee", (-entry.amount).description),
      .init("execId", id), .init("execPrice", listing.text(detail.mark)),
      .init("execQty", listing.text(detail.quantity.magnitude)), .init("execType", "Funding"),
      .init("execValue", value.description), .init("execTime", String(entry.at.milliseconds)),
      .init("feeCurrency", entry.asset.rawValue), .init(name: "isMaker", value: false),
      .init("feeRate", (side == .buy ? detail.rate.rate : -detail.rate.rate).description),
      .init("tradeIv", ""), .init("markIv", ""), .init("markPrice", listing.text(detail.mark)),
      .init("indexPrice", ""), .init("underlyingPrice", ""), .init("blockTradeId", ""),
      .init("closedSize", "0"), .init("isLeverage", "0"),
      .init("extraFees", ""), .init("marketUnit", ""),
      .init(name: "seq", value: .number(String(entry.number))),
    ]
    if withCategory { row.append(.init("category", listing.category.rawValue)) }
    return .object(row)
  }
}

extension Venue {
  /// The listing of an instrument by its name.
  func listing(market id: InstrumentID) -> ListedInstrument? {
    universe.index(of: id).map { listing($0) }
  }
}
