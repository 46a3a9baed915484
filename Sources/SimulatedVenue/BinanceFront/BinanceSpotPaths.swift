/// The spot interface, `/api/v3`.
enum BinanceSpotPaths {
  static let orderParameters = [
    "symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price",
    "newClientOrderId", "newOrderRespType", "selfTradePreventionMode", "strategyId",
    "strategyType", "computeCommissionRates",
  ]
  private static let depth = BinanceWeight.byLimit(
    [(100, 5), (500, 25), (1000, 50)], beyond: 250, default: 100)

  static let market: [BinanceEndpoint<BinanceSpotFront>] = [
    .init(.get, "/api/v3/ping", .open, 1) { _, _ in [:] },
    .init(.get, "/api/v3/time", .open, 1) { _, call in ["serverTime": .millis(call.time)] },
    .init(
      .get, "/api/v3/exchangeInfo", .open, 20,
      ["symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"]
    ) { front, call throws(BinanceError) in try front.spotExchangeInfo(call) },
    .init(.get, "/api/v3/depth", .open, weight: depth, ["symbol", "limit", "symbolStatus"]) {
      front, call throws(BinanceError) in try front.spotDepth(call)
    },
    .init(
      .get, "/api/v3/ticker/24hr", .open, weight: BinanceWeight.bySymbol(2, all: 80),
      ["symbol", "symbols", "type", "symbolStatus"]
    ) { front, call throws(BinanceError) in try front.spotDayTicker(call) },
    .init(
      .get, "/api/v3/ticker/bookTicker", .open, weight: BinanceWeight.bySymbol(2, all: 4),
      ["symbol", "symbols", "symbolStatus"]
    ) { front, call throws(BinanceError) in try front.spotBookTicker(call) },
    .init(
      .get, "/api/v3/ticker/price", .open, weight: BinanceWeight.bySymbol(2, all: 4),
      ["symbol", "symbols", "symbolStatus"]
    ) { front, call throws(BinanceError) in try front.spotPriceTicker(call) },
    .init(
      .get, "/api/v3/klines", .open, 2,
      ["symbol", "interval", "startTime", "endTime", "timeZone", "limit"]
    ) { front, call throws(BinanceError) in try front.klines(call) },
    .init(.get, "/api/v3/trades", .open, 25, ["symbol", "limit"]) {
      front, call throws(BinanceError) in try front.spotTrades(call)
    },
    .init(.get, "/api/v3/avgPrice", .open, 2, ["symbol"]) {
      front, call throws(BinanceError) in try front.averagePrice(call)
    },
  ]

  static let orders: [BinanceEndpoint<BinanceSpotFront>] = [
    .init(.post, "/api/v3/order", .trade, 1, orderParameters, isOrder: true) {
      front, call throws(BinanceError) in try front.placeSpotOrder(call)
    },
    .init(.post, "/api/v3/order/test", .trade, 1, orderParameters) {
      front, call throws(BinanceError) in try front.testSpotOrder(call)
    },
    .init(
      .delete, "/api/v3/order", .trade, 1,
      ["symbol", "orderId", "origClientOrderId", "newClientOrderId", "cancelRestrictions"]
    ) { front, call throws(BinanceError) in try front.cancelSpotOrder(call) },
    .init(.get, "/api/v3/order", .read, 4, ["symbol", "orderId", "origClientOrderId"]) {
      front, call throws(BinanceError) in try front.spotOrder(call)
    },
    .init(
      .get, "/api/v3/openOrders", .read, weight: BinanceWeight.bySymbol(6, all: 80), ["symbol"]
    ) { front, call throws(BinanceError) in try front.spotOpenOrders(call) },
    .init(.delete, "/api/v3/openOrders", .trade, 1, ["symbol"]) {
      front, call throws(BinanceError) in try front.cancelSpotOrders(call)
    },
    .init(
      .get, "/api/v3/allOrders", .read, 20, ["symbol", "orderId", "startTime", "endTime", "limit"]
    ) { front, call throws(BinanceError) in try front.spotAllOrders(call) },
    .init(
      .get, "/api/v3/myTrades", .read, 20,
      ["symbol", "orderId", "startTime", "endTime", "fromId", "limit"]
    ) { front, call throws(BinanceError) in try front.spotMyTrades(call) },
    .init(.get, "/api/v3/account", .read, 20, ["omitZeroBalances"]) {
      front, call throws(BinanceError) in try front.spotAccount(call)
    },
    .init(.get, "/api/v3/account/commission", .read, 20, ["symbol"]) {
      front, call throws(BinanceError) in try front.spotCommission(call)
    },
    .init(.get, "/api/v3/rateLimit/order", .read, 40) { front, call in
      front.gate.limits.orderJSON
    },
  ]
}
