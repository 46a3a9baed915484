import FixedPoint
import Trading
import Wire

extension WorldOrder {
  /// The client id that the venue shows: its own for orders that it made.
  var futuresClientID: String {
    switch origin {
    case .client: request.clientID
    case .liquidation: "autoclose-\(number)"
    case .autoDeleveraging: "adl_autoclose"
    case .settlement: "settlement_autoclose-\(number)"
    }
  }

  /// The futures market's word for its type.
  var futuresType: JSON { request.price == nil && origin == .client ? "MARKET" : "LIMIT" }

  /// The futures market's word for how long it works.
  var futuresTimeInForce: JSON {
    if origin != .client { return "IOC" }
    if request.price == nil { return "GTC" }
    return switch request.timeInForce {
    case .goodTillCancelled: "GTC"
    case .immediateOrCancel: "IOC"
    case .fillOrKill: "FOK"
    case .postOnly: "GTX"
    }
  }
}

// Orders and executions of perpetuals as objects.
extension BinanceFuturesFront {
  /// The answer to a placed or cancelled order: without what it traded at, and as new where the
  /// client did not ask for the result.
  func placedJSON(_ order: WorldOrder, _ symbol: BinanceSymbol, isResult: Bool) -> JSON {
    let executed = symbol.quantity(isResult ? order.executed : .zero)
    return .members(
      [
        ("orderId", .whole(order.number)), ("symbol", symbol.nameJSON),
        ("status", isResult ? order.binanceStatus : "NEW"),
        ("clientOrderId", .string(order.futuresClientID)),
        ("price", symbol.price(order.request.price ?? .zero)),
        ("origQty", symbol.quantity(order.quantity)), ("executedQty", executed),
        ("cumQty", executed),
      ] + terms(of: order) + [("updateTime", stamp(order.updatedAt))])
  }

  /// An order as queries and lists show it.
  func futuresOrderJSON(_ order: WorldOrder, _ symbol: BinanceSymbol) -> JSON {
    .members(
      [
        ("orderId", .whole(order.number)), ("symbol", symbol.nameJSON),
        ("status", order.binanceStatus), ("clientOrderId", .string(order.futuresClientID)),
        ("price", symbol.price(order.request.price ?? .zero)),
        ("avgPrice", symbol.price(order.averagePrice)),
        ("origQty", symbol.quantity(order.quantity)),
        ("executedQty", symbol.quantity(order.executed)),
        ("cumQuote", symbol.value(order.executedValue)),
      ] + terms(of: order) + [
        ("time", stamp(order.createdAt)), ("updateTime", stamp(order.updatedAt)),
      ])
  }

  /// An execution as lists show it.
  func userTradeJSON(_ fill: WorldFill, _ symbol: BinanceSymbol) -> JSON {
    let quantity = symbol.quantity(fill.fill.quantity)
    return [
      "symbol": symbol.nameJSON, "id": .whole(fill.number), "orderId": .whole(fill.order),
      "side": fill.fill.side == .buy ? "BUY" : "SELL", "price": symbol.price(fill.fill.price),
      "qty": quantity, "realizedPnl": fill.fill.realized.eightJSON,
      "quoteQty": symbol.value(fill.fill.price.notional(of: fill.fill.quantity)),
      "baseQty": quantity, "commission": fill.fill.fee.eightJSON,
      "commissionAsset": .string(fill.fill.feeAsset.rawValue),
      "marginAsset": .string(symbol.instrument.quote.rawValue), "pair": symbol.nameJSON,
      "time": stamp(fill.fill.at), "positionSide": "BOTH",
      "buyer": .bool(fill.fill.side == .buy), "maker": .bool(fill.fill.liquidity == .maker),
    ]
  }

  private func terms(of order: WorldOrder) -> [(String, JSON)] {
    [
      ("timeInForce", order.futuresTimeInForce), ("type", order.futuresType),
      ("reduceOnly", .bool(order.request.reduceOnly)), ("closePosition", false),
      ("side", order.binanceSide), ("positionSide", "BOTH"), ("stopPrice", "0"),
      ("workingType", "CONTRACT_PRICE"), ("priceProtect", false),
      ("origType", order.futuresType), ("priceMatch", "NONE"),
      ("selfTradePreventionMode", "EXPIRE_MAKER"), ("goodTillDate", 0),
    ]
  }
}
