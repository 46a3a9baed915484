import FixedPoint
import Trading
import Wire

extension BinanceDialect {
  /// The call that sends an order.
  func submission(of order: OrderRequest) -> BinanceCall {
    let task = VenueTask.request(.submit(order))
    guard markets.contains(order.instrument) else {
      return impossible(task, "\(order.instrument) is not traded here")
    }
    guard let parameters = Self.parameters(of: order, markets[order.instrument]) else {
      return impossible(task, "price or quantity is not exact in the venue's units")
    }
    let isSpot = order.instrument.market == .spot
    return BinanceCall(
      Self.host(of: order.instrument), .post, Self.path("order", order.instrument), parameters,
      weight: isSpot ? 1 : 0, urgency: .high, isMutating: true,
      deadline: order.deadline, .submit(order))
  }

  private static func parameters(
    of order: OrderRequest, _ instrument: BinanceInstrument
  ) -> [Parameter]? {
    guard let quantity = instrument.venueQuantity(order.quantity) else { return nil }
    let isSpot = order.instrument.market == .spot
    var type = "LIMIT"
    var timeInForce: String?
    switch order.kind {
    case .market: type = "MARKET"
    case .limit: timeInForce = "GTC"
    case .immediateOrCancel: timeInForce = "IOC"
    case .postOnly where isSpot: type = "LIMIT_MAKER"
    case .postOnly: timeInForce = "GTX"
    }
    var parameters = [
      Parameter("symbol", instrument.name),
      Parameter("side", order.side == .buy ? "BUY" : "SELL"),
      Parameter("newClientOrderId", order.id.description),
      Parameter("newOrderRespType", isSpot ? "FULL" : "RESULT"),
      Parameter("type", type), Parameter("quantity", quantity.description),
    ]
    if let limit = order.kind.limit {
      guard let price = instrument.venuePrice(limit) else { return nil }
      parameters.append(Parameter("price", price.description))
    }
    if let timeInForce { parameters.append(Parameter("timeInForce", timeInForce)) }
    if order.reduceOnly, !isSpot { parameters.append(Parameter("reduceOnly", "true")) }
    return parameters
  }

  /// The call that takes an order back.
  func cancellation(of id: ClientOrderID, _ instrument: InstrumentID) -> BinanceCall {
    BinanceCall(
      Self.host(of: instrument), .delete, Self.path("order", instrument),
      [
        Parameter("symbol", markets[instrument].name),
        Parameter("origClientOrderId", id.description),
      ], urgency: .high, isMutating: true, .cancel(id, instrument))
  }

  /// The call that asks what became of an order.
  func lookup(of id: ClientOrderID, _ instrument: InstrumentID) -> BinanceCall {
    BinanceCall(
      Self.host(of: instrument), .get, Self.path("order", instrument),
      [
        Parameter("symbol", markets[instrument].name),
        Parameter("origClientOrderId", id.description),
      ], weight: instrument.market == .spot ? 4 : 1, urgency: .high, .order(id, instrument))
  }

  /// The call that reads an order's executions.
  func trades(of order: BinanceOrderState, attempt: Int) -> BinanceCall {
    let isSpot = order.instrument.market == .spot
    return BinanceCall(
      Self.host(of: order.instrument), .get,
      Self.path(isSpot ? "myTrades" : "userTrades", order.instrument),
      [
        Parameter("symbol", markets[order.instrument].name),
        Parameter("orderId", order.venueOrder.rawValue), Parameter("limit", "1000"),
      ], weight: isSpot ? 20 : 5, urgency: .high, .trades(order, attempt: attempt))
  }

  static func host(of instrument: InstrumentID) -> Endpoint {
    instrument.market == .spot ? .spotREST : .futuresREST
  }

  static func path(_ name: String, _ instrument: InstrumentID) -> String {
    instrument.market == .spot ? "/api/v3/\(name)" : "/fapi/v1/\(name)"
  }
}
