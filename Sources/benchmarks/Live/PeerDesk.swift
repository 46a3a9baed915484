import Wire

/// What the peer answers to requests: the least that a session asks, and every order filled at its
/// limit.
final class PeerDesk {
  private var lastOrder = 0
  private var lastTrade = "[]"

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    let now = wallMilliseconds()
    switch (request.method, request.path) {
    case (.get, "/api/v3/time"): return Self.response("{\"serverTime\":\(now)}")
    case (.post, "/fapi/v1/listenKey"): return Self.response(#"{"listenKey":"benchmark"}"#)
    case (.get, "/fapi/v1/userTrades"): return Self.response(lastTrade)
    case (.post, "/api/v3/order"): return fill(request, isSpot: true, at: now)
    case (.post, "/fapi/v1/order"): return fill(request, isSpot: false, at: now)
    default: return Self.response("{}")
    }
  }

  private func fill(_ request: HTTPRequest, isSpot: Bool, at now: Int64) -> HTTPResponse {
    let body = String(decoding: request.body, as: UTF8.self)
    var fields: [String: String] = [:]
    for (name, value) in FormText.split(body) ?? [] { fields[name] = value }
    guard let symbol = fields["symbol"], let id = fields["newClientOrderId"],
      let side = fields["side"], let quantity = fields["quantity"], let price = fields["price"]
    else { return HTTPResponse(status: 400) }
    lastOrder += 1
    let order = """
      "symbol":"\(symbol)","orderId":\(lastOrder),"clientOrderId":"\(id)","side":"\(side)",\
      "price":"\(price)","origQty":"\(quantity)","executedQty":"\(quantity)","status":"FILLED"
      """
    guard isSpot else {
      lastTrade = """
        [{"id":\(lastOrder),"orderId":\(lastOrder),"time":\(now),"side":"\(side)",\
        "qty":"\(quantity)","price":"\(price)","commission":"0","commissionAsset":"USDT",\
        "realizedPnl":"0","maker":false}]
        """
      return Self.response("{\(order),\"updateTime\":\(now)}")
    }
    return Self.response(
      """
      {\(order),"transactTime":\(now),"fills":[{"price":"\(price)","qty":"\(quantity)",\
      "commission":"0","commissionAsset":"USDT","tradeId":\(lastOrder)}]}
      """)
  }

  private static func response(_ body: String) -> HTTPResponse {
    HTTPResponse(
      status: 200, headers: [HTTPHeader("Content-Type", "application/json")],
      body: Array(body.utf8))
  }
}
