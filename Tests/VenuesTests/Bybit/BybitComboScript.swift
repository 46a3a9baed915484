import Trading

/// Rows and frames about one order of a combination, as documented.
enum BybitComboScript {
  static let order = BybitFixture.order(
    17, BybitFixture.perpBTC, .sell, "0.01", .immediateOrCancel("-4.5"), form: .combo)

  /// An order of the topic `spread.order`.
  static func orderRow(
    _ status: String, executed: String = "0", reason: String = "EC_NoError",
    link: String = "h3-17-41p", category: String = "combination"
  ) -> String {
    #"{"category":"\#(category)","symbol":"BTCUSDT_BTC/USDT","parentOrderId":"","orderId":"c-1","#
      + #""orderLinkId":"\#(link)","side":"Sell","orderStatus":"\#(status)","#
      + #""cancelType":"UNKNOWN","rejectReason":"\#(reason)","cumExecQty":"\#(executed)"}"#
  }

  /// An order of the history, which names the reason differently.
  static func endedRow(
    _ status: String, executed: String = "0", reason: String = "EC_NoError"
  ) -> String {
    #"{"symbol":"BTCUSDT_BTC/USDT","orderType":"Limit","orderLinkId":"h3-17-41p","#
      + #""orderId":"c-1","orderStatus":"\#(status)","cxlRejReason":"\#(reason)","side":"Sell","#
      + #""cumExecQty":"\#(executed)","leg1Symbol":"BTCUSDT","leg2Symbol":"BTCUSDT"}"#
  }

  /// The combination's row of the topic `spread.execution`.
  static func execution(
    _ id: String = "x1", link: String = "h3-17-41p", symbol: String = "BTCUSDT_BTC/USDT"
  ) -> String {
    #"{"category":"combination","symbol":"\#(symbol)","execId":"\#(id)","parentExecId":"","#
      + #""orderId":"c-1","orderLinkId":"\#(link)","side":"Sell","execPrice":"-4","#
      + #""execQty":"0.01","execType":"Trade","execFee":"","execPnl":"","execTime":"#
      + #""1735689600140"}"#
  }

  /// A leg's row of the same topic.
  static func leg(
    _ market: Market, parent: String = "x1", pnl: String? = "1.25", quantity: String = "0.01"
  ) -> String {
    let isPerp = market == .perp
    return #"{"category":"\#(isPerp ? "future_leg" : "spot_leg")","symbol":"BTCUSDT","#
      + #""execId":"\#(parent)-\#(market)","parentExecId":"\#(parent)","orderId":"","#
      + #""orderLinkId":"","side":"\#(isPerp ? "Sell" : "Buy")","#
      + #""execPrice":"\#(isPerp ? "49996" : "50000")","execQty":"\#(quantity)","#
      + #""execFee":"\#(isPerp ? "0.137489" : "0")","execType":"FutureSpread","#
      + #""execTime":"1735689600142","createType":"CreateByFutureSpread","isMaker":false,"#
      + (isPerp ? "" : #""execFeeV2":"0.000005","#)
      + (isPerp && pnl != nil ? #""execPnl":"\#(pnl ?? "")","closedSize":"0.002","# : "")
      + (isPerp && pnl == nil ? #""closedSize":"0.002","# : "")
      + #""feeCoin":"\#(isPerp ? "USDT" : "BTC")"}"#
  }

  /// An execution by REST, each with those of its legs.
  static func listed(
    _ id: String = "x1", link: String = "h3-17-41p", others: String = ""
  ) -> String {
    #"{"symbol":"BTCUSDT_BTC/USDT","orderLinkId":"\#(link)","side":"Sell","orderId":"c-1","#
      + #""execPrice":"-4","execTime":"1735689600140","execType":"Trade","execQty":"0.01","#
      + #""execId":"\#(id)","legs":[\#(others)\#(listedLeg(.spot, id)),\#(listedLeg(.perp, id))]}"#
  }

  static func listedLeg(_ market: Market, _ id: String, side: String? = nil) -> String {
    let isPerp = market == .perp
    return #"{"symbol":"BTCUSDT","side":"\#(side ?? (isPerp ? "Sell" : "Buy"))","#
      + #""execPrice":"\#(isPerp ? "49996" : "50000")","execTime":"1735689600142","#
      + #""execType":"FutureSpread","category":"\#(isPerp ? "linear" : "spot")","#
      + #""execQty":"0.01","execFee":"\#(isPerp ? "0.137489" : "0.5")","#
      + (isPerp ? "" : #""execFeeV2":"0.000005","feeCurrency":"BTC","#)
      + #""execId":"\#(id)-\#(market)"}"#
  }

  /// A leg in `/v5/execution/list`, which names the leg's own order.
  static func legInHistory(_ market: Market, _ id: String = "x1") -> String {
    let leg = listedLeg(market, id)
    let closed = market == .perp ? #","closedSize":"0.002""# : ""
    return leg.dropLast() + #","orderId":"leg-\#(market)","orderLinkId":""\#(closed)}"#
  }

  /// The row of the transaction log that says what the perpetual's leg realized.
  static func log(_ id: String = "x1") -> String {
    #"{"symbol":"BTCUSDT","type":"TRADE","tradeId":"\#(id)-perp","orderId":"leg-perp","#
      + #""qty":"0.01","tradePrice":"49996","cashFlow":"1.25","funding":"","fee":"0.137489"}"#
  }

  /// What the engine hears of both legs.
  static func fills(_ id: String = "x1", order: ClientOrderID? = order.id) -> [Fill] {
    [Market.perp, .spot].map { market in
      let isPerp = market == .perp
      return Fill(
        instrument: isPerp ? BybitFixture.perpBTC : BybitFixture.spotBTC,
        trade: TradeID(rawValue: "\(id)-\(market)"), order: order, venueOrder: "c-1",
        at: Timestamp(milliseconds: 1_735_689_600_142), side: isPerp ? .sell : .buy,
        quantity: "0.01", price: isPerp ? "49996" : "50000",
        fee: isPerp ? "0.137489" : "0.000005", feeAsset: isPerp ? "USDT" : "BTC",
        realized: isPerp ? "1.25" : "0", liquidity: .taker, cause: .order)
    }
  }

  static let told = fills().map(VenueEvent.fill)
}
