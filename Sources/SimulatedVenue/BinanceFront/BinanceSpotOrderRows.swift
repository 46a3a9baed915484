import FixedPoint
import Trading
import Wire

extension WorldOrder {
  /// The venue's word for where it stands.
  var binanceStatus: JSON {
    switch state {
    case .new: "NEW"
    case .partiallyFilled: "PARTIALLY_FILLED"
    case .filled: "FILLED"
    case .cancelled: "CANCELED"
    case .expired: "EXPIRED"
    case .rejected: "REJECTED"
    }
  }

  /// The spot market's word for its type.
  var spotType: JSON {
    if request.price == nil { return "MARKET" }
    return request.timeInForce == .postOnly ? "LIMIT_MAKER" : "LIMIT"
  }

  /// The spot market's word for how long it works.
  var spotTimeInForce: JSON {
    switch request.timeInForce {
    case .immediateOrCancel: "IOC"
    case .fillOrKill: "FOK"
    case .goodTillCancelled, .postOnly: "GTC"
    }
  }

  /// `BUY` or `SELL`.
  var binanceSide: JSON { request.side == .buy ? "BUY" : "SELL" }
}

// Orders and executions of the spot market as objects.
extension BinanceSpotFront {
  /// The answer to a placed order.
  func answer(
    to order: WorldOrder, _ symbol: BinanceSymbol, _ type: BinanceResponseType
  ) -> JSON {
    let head: [(String, JSON)] = [
      ("symbol", symbol.nameJSON), ("orderId", .whole(order.number)), ("orderListId", -1),
      ("clientOrderId", .string(order.request.clientID)),
      ("transactTime", stamp(order.updatedAt)),
    ]
    if type == .acknowledge { return .members(head) }
    var members = head + body(of: order, symbol)
    members += [
      ("workingTime", stamp(order.createdAt)), ("selfTradePreventionMode", "EXPIRE_MAKER"),
    ]
    if type == .full {
      let fills = venue.fills(of: order).map { fill -> JSON in
        [
          "price": symbol.price(fill.fill.price), "qty": symbol.quantity(fill.fill.quantity),
          "commission": fill.fill.fee.eightJSON,
          "commissionAsset": .string(fill.fill.feeAsset.rawValue),
          "tradeId": .whole(fill.number),
        ]
      }
      members.append(("fills", .array(fills)))
    }
    return .members(members)
  }

  /// An order as queries and lists show it.
  func orderJSON(_ order: WorldOrder, _ symbol: BinanceSymbol) -> JSON {
    .members(
      [
        ("symbol", symbol.nameJSON), ("orderId", .whole(order.number)), ("orderListId", -1),
        ("clientOrderId", .string(order.request.clientID)),
      ] + body(of: order, symbol) + [
        ("stopPrice", "0.00000000"), ("icebergQty", "0.00000000"),
        ("time", stamp(order.createdAt)), ("updateTime", stamp(order.updatedAt)),
        ("isWorking", true), ("workingTime", stamp(order.createdAt)),
        ("selfTradePreventionMode", "EXPIRE_MAKER"),
      ])
  }

  /// The answer to a cancellation.
  func cancelJSON(
    _ order: WorldOrder, _ symbol: BinanceSymbol, id: String, at time: Timestamp
  ) -> JSON {
    .members(
      [
        ("symbol", symbol.nameJSON), ("origClientOrderId", .string(order.request.clientID)),
        ("orderId", .whole(order.number)), ("orderListId", -1), ("clientOrderId", .string(id)),
        ("transactTime", .millis(time)),
      ] + body(of: order, symbol) + [("selfTradePreventionMode", "EXPIRE_MAKER")])
  }

  /// An execution as lists show it.
  func tradeJSON(_ fill: WorldFill, _ symbol: BinanceSymbol) -> JSON {
    [
      "symbol": symbol.nameJSON, "id": .whole(fill.number), "orderId": .whole(fill.order),
      "orderListId": -1, "price": symbol.price(fill.fill.price),
      "qty": symbol.quantity(fill.fill.quantity),
      "quoteQty": symbol.value(fill.fill.price.notional(of: fill.fill.quantity)),
      "commission": fill.fill.fee.eightJSON,
      "commissionAsset": .string(fill.fill.feeAsset.rawValue), "time": stamp(fill.fill.at),
      "isBuyer": .bool(fill.fill.side == .buy), "isMaker": .bool(fill.fill.liquidity == .maker),
      "isBestMatch": true,
    ]
  }

  private func body(of order: WorldOrder, _ symbol: BinanceSymbol) -> [(String, JSON)] {
    [
      ("price", symbol.price(order.request.price ?? .zero)),
      ("origQty", symbol.quantity(order.quantity)),
      ("executedQty", symbol.quantity(order.executed)),
      ("origQuoteOrderQty", (order.request.quoteQuantity ?? .zero).eightJSON),
      ("cummulativeQuoteQty", symbol.value(order.executedValue)),
      ("status", order.binanceStatus), ("timeInForce", order.spotTimeInForce),
      ("type", order.spotType), ("side", order.binanceSide),
    ]
  }
}
