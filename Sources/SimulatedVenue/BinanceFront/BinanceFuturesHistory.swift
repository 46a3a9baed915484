import FixedPoint
import Trading
import Wire

// What happened on the futures account: orders, executions, income.
extension BinanceFuturesFront {
  func futuresAllOrders(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call)
    let page = try BinancePage(call.parameters, window: .days(7), maximum: 1000)
    let first = try call.parameters.integer("orderId")
    let rows = venue.orders.filter { order in
      symbol(at: order.request.instrument).isPerp && !venue.isGone(order)
        && order.request.instrument == chosen?.index ?? order.request.instrument
        && order.number >= first ?? 0 && page.holds(order.createdAt + venue.clockSkew)
    }
    return .array(
      page.cut(rows, fromStart: first != nil).map {
        futuresOrderJSON($0, symbol(at: $0.request.instrument))
      })
  }

  func userTrades(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call)
    let page = try BinancePage(call.parameters, window: .days(7), maximum: 1000)
    let order = try call.parameters.integer("orderId")
    let first = try call.parameters.integer("fromId")
    let rows = venue.fills.filter { fill in
      symbol(at: fill.instrument).isPerp
        && fill.instrument == chosen?.index ?? fill.instrument
        && fill.order == order ?? fill.order && fill.number >= first ?? 0
        && page.holds(fill.fill.at + venue.clockSkew)
    }
    return .array(
      page.cut(rows, fromStart: first != nil).map {
        userTradeJSON($0, symbol(at: $0.instrument))
      })
  }

  func forceOrders(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call)
    let page = try BinancePage(call.parameters, window: nil, default: 50, maximum: 100)
    let type = try call.parameters.text("autoCloseType")
    let rows = venue.orders.filter { order in
      let name: String? =
        switch order.origin {
        case .liquidation: "LIQUIDATION"
        case .autoDeleveraging: "ADL"
        case .client, .settlement: nil
        }
      return name != nil && type ?? name == name
        && order.request.instrument == chosen?.index ?? order.request.instrument
        && page.holds(order.createdAt + venue.clockSkew)
    }
    return .array(
      page.cut(rows).map { futuresOrderJSON($0, symbol(at: $0.request.instrument)) })
  }

  func income(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call)
    let type = try call.parameters.text("incomeType")
    let page = try BinancePage(call.parameters, window: nil, default: 100, maximum: 1000)
    // Without times the last seven days are shown.
    let earliest = page.hasTimes ? Timestamp.distantPast : call.time - .days(7)
    let rows = venue.ledger.filter { entry in
      let at = entry.at + venue.clockSkew
      guard entry.wallet == .futures, !entry.amount.isZero, at >= earliest, page.holds(at),
        let name = Self.incomeType(of: entry.kind)
      else { return false }
      return type ?? name == name && chosen.map { $0.index == entry.instrument } ?? true
    }
    return .array(page.cut(rows).map(incomeJSON))
  }

  private func incomeJSON(_ entry: LedgerEntry) -> JSON {
    let type = Self.incomeType(of: entry.kind) ?? ""
    let trade = entry.fill.map { String(venue.fills[$0].number) } ?? ""
    let transfer = entry.transfer.flatMap { number in
      venue.transfers.first { $0.number == number }?.binanceNumber
    }
    return [
      "symbol": entry.instrument.map { symbol(at: $0).nameJSON } ?? "",
      "incomeType": .string(type), "income": entry.amount.eightJSON,
      "asset": .string(entry.asset.rawValue), "time": stamp(entry.at),
      "info": .string(trade.isEmpty ? type : trade),
      "tranId": .whole(transfer ?? 9_689_000_000 + entry.number), "tradeId": .string(trade),
    ]
  }

  private static func incomeType(of kind: LedgerKind) -> String? {
    switch kind {
    case .realized: "REALIZED_PNL"
    case .commission: "COMMISSION"
    case .funding: "FUNDING_FEE"
    case .transfer, .deposit: "TRANSFER"
    case .liquidationFee: "INSURANCE_CLEAR"
    case .trade: nil
    }
  }
}
