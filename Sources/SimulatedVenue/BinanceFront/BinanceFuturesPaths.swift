/// The futures interface, `/fapi`.
enum BinanceFuturesPaths {
  static let orderParameters = [
    "symbol", "side", "positionSide", "type", "timeInForce", "quantity", "reduceOnly", "price",
    "newClientOrderId", "newOrderRespType", "priceMatch", "selfTradePreventionMode",
    "goodTillDate", "closePosition", "workingType", "priceProtect",
  ]
  private static let bars = BinanceWeight.byLimit(
    [(99, 1), (499, 2), (1000, 5)], beyond: 10, default: 500)
  private static let barParameters = ["symbol", "interval", "startTime", "endTime", "limit"]

  static let market: [BinanceEndpoint<BinanceFuturesFront>] = [
    .init(.get, "/fapi/v1/ping", .open, 1) { _, _ in [:] },
    .init(.get, "/fapi/v1/time", .open, 1) { _, call in ["serverTime": .millis(call.time)] },
    .init(.get, "/fapi/v1/exchangeInfo", .open, 1) { front, call in
      front.futuresExchangeInfo(call)
    },
    .init(
      .get, "/fapi/v1/depth", .open,
      weight: BinanceWeight.byLimit(
        [(50, 2), (100, 5), (500, 10)], beyond: 20, default: 500), ["symbol", "limit"]
    ) { front, call throws(BinanceError) in try front.futuresDepth(call) },
    .init(
      .get, "/fapi/v1/ticker/24hr", .open, weight: BinanceWeight.bySymbol(1, all: 40),
      ["symbol"]
    ) { front, call throws(BinanceError) in try front.futuresDayTicker(call) },
    .init(
      .get, "/fapi/v1/ticker/bookTicker", .open, weight: BinanceWeight.bySymbol(2, all: 5),
      ["symbol"]
    ) { front, call throws(BinanceError) in try front.futuresBookTicker(call) },
    .init(
      .get, "/fapi/v1/ticker/price", .open, weight: BinanceWeight.bySymbol(1, all: 2),
      ["symbol"]
    ) { front, call throws(BinanceError) in try front.futuresPriceTicker(call) },
    .init(
      .get, "/fapi/v2/ticker/price", .open, weight: BinanceWeight.bySymbol(1, all: 2),
      ["symbol"]
    ) { front, call throws(BinanceError) in try front.futuresPriceTicker(call) },
    .init(.get, "/fapi/v1/klines", .open, weight: bars, barParameters) {
      front, call throws(BinanceError) in try front.klines(call)
    },
    .init(.get, "/fapi/v1/markPriceKlines", .open, weight: bars, barParameters) {
      front, call throws(BinanceError) in try front.markKlines(call)
    },
    .init(
      .get, "/fapi/v1/premiumIndex", .open, weight: BinanceWeight.bySymbol(1, all: 10),
      ["symbol"]
    ) { front, call throws(BinanceError) in try front.premiumIndex(call) },
    .init(
      .get, "/fapi/v1/fundingRate", .open, 1, ["symbol", "startTime", "endTime", "limit"]
    ) { front, call throws(BinanceError) in try front.fundingRates(call) },
    .init(.get, "/fapi/v1/fundingInfo", .open, 0) { front, call in front.fundingInfo(call) },
    .init(.get, "/fapi/v1/openInterest", .open, 1, ["symbol"]) {
      front, call throws(BinanceError) in try front.openInterest(call)
    },
    .init(.get, "/fapi/v1/symbolAdlRisk", .open, 1, ["symbol"]) {
      front, call throws(BinanceError) in try front.symbolAdlRisk(call)
    },
  ]

  static let orders: [BinanceEndpoint<BinanceFuturesFront>] = [
    .init(.post, "/fapi/v1/order", .trade, 0, orderParameters, isOrder: true) {
      front, call throws(BinanceError) in try front.placeFuturesOrder(call)
    },
    .init(.post, "/fapi/v1/order/test", .trade, 1, orderParameters) {
      front, call throws(BinanceError) in try front.testFuturesOrder(call)
    },
    .init(.delete, "/fapi/v1/order", .trade, 1, ["symbol", "orderId", "origClientOrderId"]) {
      front, call throws(BinanceError) in try front.cancelFuturesOrder(call)
    },
    .init(.get, "/fapi/v1/order", .read, 1, ["symbol", "orderId", "origClientOrderId"]) {
      front, call throws(BinanceError) in try front.futuresOrder(call)
    },
    .init(.get, "/fapi/v1/openOrder", .read, 1, ["symbol", "orderId", "origClientOrderId"]) {
      front, call throws(BinanceError) in try front.futuresOpenOrder(call)
    },
    .init(
      .get, "/fapi/v1/openOrders", .read, weight: BinanceWeight.bySymbol(1, all: 40),
      ["symbol"]
    ) { front, call throws(BinanceError) in try front.futuresOpenOrders(call) },
    .init(.delete, "/fapi/v1/allOpenOrders", .trade, 1, ["symbol"]) {
      front, call throws(BinanceError) in try front.cancelFuturesOrders(call)
    },
    .init(.post, "/fapi/v1/batchOrders", .trade, 5, ["batchOrders"]) {
      front, call throws(BinanceError) in try front.placeBatch(call)
    },
    .init(
      .delete, "/fapi/v1/batchOrders", .trade, 1,
      ["symbol", "orderIdList", "origClientOrderIdList"]
    ) { front, call throws(BinanceError) in try front.cancelBatch(call) },
    .init(
      .get, "/fapi/v1/allOrders", .read, 5,
      ["symbol", "orderId", "startTime", "endTime", "limit"]
    ) { front, call throws(BinanceError) in try front.futuresAllOrders(call) },
    .init(
      .get, "/fapi/v1/userTrades", .read, 5,
      ["symbol", "orderId", "startTime", "endTime", "fromId", "limit"]
    ) { front, call throws(BinanceError) in try front.userTrades(call) },
    .init(
      .get, "/fapi/v1/forceOrders", .read, weight: BinanceWeight.bySymbol(20, all: 50),
      ["symbol", "autoCloseType", "startTime", "endTime", "limit"]
    ) { front, call throws(BinanceError) in try front.forceOrders(call) },
    .init(.post, "/fapi/v1/countdownCancelAll", .trade, 10, ["symbol", "countdownTime"]) {
      front, call throws(BinanceError) in try front.startCountdown(call)
    },
    .init(.get, "/fapi/v1/rateLimit/order", .read, 1) { front, _ in front.gate.limits.orderJSON },
  ]

  static let account: [BinanceEndpoint<BinanceFuturesFront>] = [
    .init(.get, "/fapi/v2/account", .read, 5) { front, call in
      front.futuresAccount(call, version: 2)
    },
    .init(.get, "/fapi/v3/account", .read, 5) { front, call in
      front.futuresAccount(call, version: 3)
    },
    .init(.get, "/fapi/v2/balance", .read, 5) { front, call in front.futuresBalance(call) },
    .init(.get, "/fapi/v3/balance", .read, 5) { front, call in front.futuresBalance(call) },
    .init(.get, "/fapi/v2/positionRisk", .read, 5, ["symbol"]) {
      front, call throws(BinanceError) in try front.positionRisk(call, version: 2)
    },
    .init(.get, "/fapi/v3/positionRisk", .read, 5, ["symbol"]) {
      front, call throws(BinanceError) in try front.positionRisk(call, version: 3)
    },
    .init(
      .get, "/fapi/v1/income", .read, 30,
      ["symbol", "incomeType", "startTime", "endTime", "limit"]
    ) { front, call throws(BinanceError) in try front.income(call) },
    .init(.get, "/fapi/v1/adlQuantile", .read, 5, ["symbol"]) {
      front, call throws(BinanceError) in try front.adlQuantile(call)
    },
    .init(.get, "/fapi/v1/commissionRate", .read, 20, ["symbol"]) {
      front, call throws(BinanceError) in try front.commissionRate(call)
    },
  ]

  static let settings: [BinanceEndpoint<BinanceFuturesFront>] = [
    .init(.get, "/fapi/v1/leverageBracket", .read, 1, ["symbol"]) {
      front, call throws(BinanceError) in try front.leverageBrackets(call)
    },
    .init(.get, "/fapi/v1/symbolConfig", .read, 5, ["symbol"]) {
      front, call throws(BinanceError) in try front.symbolConfig(call)
    },
    .init(.get, "/fapi/v1/accountConfig", .read, 5) { front, call in front.accountConfig(call) },
    .init(.post, "/fapi/v1/leverage", .trade, 1, ["symbol", "leverage"]) {
      front, call throws(BinanceError) in try front.setLeverage(call)
    },
    .init(.post, "/fapi/v1/marginType", .trade, 1, ["symbol", "marginType"]) {
      front, call throws(BinanceError) in try front.setMarginType(call)
    },
    .init(.get, "/fapi/v1/positionSide/dual", .read, 30) { front, _ in
      ["dualSidePosition": .bool(front.isHedgeMode)]
    },
    .init(.post, "/fapi/v1/positionSide/dual", .trade, 1, ["dualSidePosition"]) {
      front, call throws(BinanceError) in try front.setPositionMode(call)
    },
    .init(.get, "/fapi/v1/multiAssetsMargin", .read, 30) { front, _ in
      ["multiAssetsMargin": .bool(front.isMultiAssets)]
    },
    .init(.post, "/fapi/v1/multiAssetsMargin", .trade, 1, ["multiAssetsMargin"]) {
      front, call throws(BinanceError) in try front.setMultiAssets(call)
    },
    .init(
      .post, "/fapi/v1/positionMargin", .trade, 1, ["symbol", "positionSide", "amount", "type"]
    ) { front, call throws(BinanceError) in try front.changeMargin(call) },
    .init(
      .get, "/fapi/v1/positionMargin/history", .read, 1,
      ["symbol", "type", "startTime", "endTime", "limit"]
    ) { front, call throws(BinanceError) in try front.marginHistory(call) },
    .init(.post, "/fapi/v1/listenKey", .key, 1, ["timestamp", "recvWindow"]) { front, call in
      front.openListenKey(call)
    },
    .init(.put, "/fapi/v1/listenKey", .key, 1, ["timestamp", "recvWindow", "listenKey"]) {
      front, call throws(BinanceError) in try front.keepListenKey(call)
    },
    .init(.delete, "/fapi/v1/listenKey", .key, 1, ["timestamp", "recvWindow", "listenKey"]) {
      front, call throws(BinanceError) in try front.closeListenKey(call)
    },
  ]
}
