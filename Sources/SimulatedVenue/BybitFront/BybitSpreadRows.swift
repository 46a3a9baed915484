import FixedPoint
import Trading
import Wire

extension BybitFront {
  func spreadOrderRow(_ order: BybitSpreadOrder, open: Bool) -> JSON {
    let last = order.trades.last
    var row: [JSONMember] = [
      .init("symbol", order.combo.symbol),
      .init("orderType", order.price == nil ? "Market" : "Limit"),
      .init("orderLinkId", order.link), .init("orderId", order.id),
      .init("side", order.side.bybit), .init("leavesQty", order.remaining.description),
      .init("orderStatus", order.state.rawValue), .init("cumExecQty", order.executed.description),
      .init("price", order.price?.description ?? "0"), .init("qty", order.quantity.description),
      .init("timeInForce", order.timeInForce), .init("baseCoin", order.combo.perp.baseName),
      .init(open ? "createdTime" : "createdAt", String(order.createdAt.milliseconds)),
      .init(open ? "updatedTime" : "updatedAt", String(order.updatedAt.milliseconds)),
    ]
    if !open {
      row += [
        .init("contractType", "FundingRateArb"), .init("orderQty", order.quantity.description),
        .init("settleCoin", order.combo.perp.quoteName),
        .init("leg1Symbol", order.combo.perp.name), .init("leg1ProdType", "Futures"),
        .init("leg1Side", order.side.bybit),
        .init("leg1OrderId", last.map { BybitID.order($0.perpOrder, .linear) } ?? ""),
        .init("leg2Symbol", order.combo.spot.name), .init("leg2ProdType", "Spot"),
        .init("leg2Side", order.side.opposite.bybit),
        .init("leg2OrderId", last.map { BybitID.order($0.spotOrder, .spot) } ?? ""),
      ]
    }
    return .object(row)
  }

  func spreadTradeRow(_ trade: BybitSpreadTrade, _ order: BybitSpreadOrder) -> JSON {
    [
      "symbol": .string(order.combo.symbol), "orderLinkId": .string(order.link),
      "side": .string(order.side.bybit), "orderId": .string(order.id),
      "execPrice": .text(trade.price), "legs": .array(legRows(trade)),
      "execTime": .stamp(trade.at), "execType": "Trade", "execQty": .text(trade.quantity),
      "execId": .string(BybitID.id(.spreadExecution, trade.number)),
    ]
  }

  private func legFills(_ trade: BybitSpreadTrade) -> [WorldFill] {
    [trade.perpOrder, trade.spotOrder].compactMap { venue.order($0) }.flatMap(venue.fills(of:))
  }

  private func legRows(_ trade: BybitSpreadTrade) -> [JSON] {
    legFills(trade).map { world in
      let listing = venue.listing(world.instrument)
      return .object([
        .init("symbol", listing.name), .init("side", world.fill.side.bybit),
        .init("execPrice", listing.text(world.fill.price)),
        .init("execTime", String(world.fill.at.milliseconds)),
        .init("execValue", world.fill.price.notional(of: world.fill.quantity).description),
        .init("execType", "FutureSpread"), .init("category", listing.category.rawValue),
        .init("execQty", listing.text(world.fill.quantity)),
        .init("execFee", listing.isPerp ? world.fill.fee.description : ""),
        .init("execFeeV2", listing.isPerp ? "" : world.fill.fee.description),
        .init("feeCurrency", world.fill.feeAsset.rawValue),
        .init("execId", BybitID.id(.execution, world.number)),
      ])
    }
  }

  /// Tells of changed orders and executions on `spread.order` and `spread.execution`.
  func tellSpreads(into sink: inout FrameSink) {
    let untold = spreads.untold
    spreads.untold.removeAll()
    for (place, trade) in untold {
      let order = spreads.orders[place]
      if let trade { tellSpread(trade, order, into: &sink) }
      let row: JSON = [
        "category": "combination", "symbol": .string(order.combo.symbol), "parentOrderId": "",
        "orderId": .string(order.id), "orderLinkId": .string(order.link),
        "side": .string(order.side.bybit), "orderStatus": .string(order.state.rawValue),
        "cancelType": "UNKNOWN", "rejectReason": "EC_NoError",
        "timeInForce": .string(order.timeInForce),
        "price": .string(order.price?.description ?? "0"),
        "qty": .text(order.quantity), "avgPrice": "", "leavesQty": .text(order.remaining),
        "leavesValue": "", "cumExecQty": .text(order.executed), "cumExecValue": "",
        "cumExecFee": "", "orderType": order.price == nil ? "Market" : "Limit", "isLeverage": "",
        "createdTime": .stamp(order.createdAt), "updatedTime": .stamp(order.updatedAt),
        "feeCurrency": "", "createType": "CreateByUser", "closedPnl": "",
        "cumFeeDetail": .object([]),
      ]
      tell("spread.order", nil, row, into: &sink)
    }
  }

  private func tellSpread(
    _ trade: BybitSpreadTrade, _ order: BybitSpreadOrder, into sink: inout FrameSink
  ) {
    let parent = BybitID.id(.spreadExecution, trade.number)
    let row: JSON = [
      "category": "combination", "symbol": .string(order.combo.symbol), "closedSize": "",
      "execFee": "", "execId": .string(parent), "parentExecId": "",
      "execPrice": .text(trade.price), "execQty": .text(trade.quantity), "execType": "Trade",
      "execValue": "", "feeRate": "", "markPrice": "", "leavesQty": .text(order.remaining),
      "orderId": .string(order.id), "orderLinkId": .string(order.link),
      "orderPrice": .string(order.price?.description ?? "0"), "orderQty": .text(order.quantity),
      "orderType": order.price == nil ? "Market" : "Limit", "side": .string(order.side.bybit),
      "execTime": .stamp(trade.at), "isLeverage": "", "isMaker": false,
      "seq": .number(String(trade.number)), "createType": "CreateByUser", "execPnl": "",
    ]
    tell("spread.execution", nil, row, into: &sink)
    for world in legFills(trade) {
      var leg = executionRow(.fill(world))
      if case .object(let members) = leg {
        let isSpot = world.fill.instrument.market == .spot
        let replaced = ["orderId", "feeCurrency"]
        leg = .object(
          members.filter { !replaced.contains($0.name) }
            + [
              .init("category", isSpot ? "spot_leg" : "future_leg"),
              .init("parentExecId", parent), .init("orderId", ""),
              .init("feeCoin", world.fill.feeAsset.rawValue),
              .init("execFeeV2", isSpot ? world.fill.fee.description : ""),
              .init("execPnl", isSpot ? "" : world.fill.realized.description),
            ])
      }
      tell("spread.execution", nil, leg, into: &sink)
    }
  }

  /// Tells what became of combinations without any change of a price.
  public func tick(into sink: inout FrameSink) { tellSpreads(into: &sink) }
}
