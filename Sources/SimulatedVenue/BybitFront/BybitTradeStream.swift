import Trading
import Wire

extension BybitFront {
  /// `/v5/trade`: orders over a WebSocket, with the checks of the REST routes.
  func receiveTrade(
    _ message: JSON, _ operation: String, on id: ConnectionID, into sink: inout FrameSink
  ) {
    switch operation {
    case "ping":
      sink.send(
        .object(
          reply(to: message) + [
            .init(name: "retCode", value: 0), .init("retMsg", "OK"), .init("op", "pong"),
            .init(name: "data", value: [.stamp(venue.clock)]),
            .init(name: "connId", value: connectionName(id)),
          ]), to: id)
    case "auth": logInToTrade(message, on: id, into: &sink)
    default: sink.send(tradeAnswer(message, operation, on: id), to: id, isPrivate: false)
    }
  }

  private func reply(to message: JSON) -> [JSONMember] {
    message["reqId"].map { [JSONMember(name: "reqId", value: $0)] } ?? []
  }

  private func logInToTrade(_ message: JSON, on id: ConnectionID, into sink: inout FrameSink) {
    var code = 0
    var text = "OK"
    do throws(BybitRefusal) {
      sockets[id]?.key = try login(message["args"]?.elements ?? [])
    } catch {
      (code, text) = (error.code, error.text)
    }
    sink.send(
      .object(
        reply(to: message) + [
          .init(name: "retCode", value: .number(String(code))), .init("retMsg", text),
          .init("op", "auth"), .init(name: "connId", value: connectionName(id)),
        ]), to: id)
    if code != 0 { sink.close(id) }
  }

  private func tradeAnswer(_ message: JSON, _ operation: String, on id: ConnectionID) -> JSON {
    var standing: BybitRateLimits.Standing?
    var code = 0
    var text = "OK"
    var data = JSON.object([])
    var extra = JSON.object([])
    do throws(BybitRefusal) {
      let answer = try perform(message, operation, on: id, &standing)
      (data, extra) = (answer.result, answer.extra)
    } catch {
      (code, text) = (error.code, error.text)
    }
    var header: [JSONMember] = []
    if let standing {
      header = [
        .init("X-Bapi-Limit", String(standing.limit)),
        .init("X-Bapi-Limit-Status", String(standing.left)),
        .init("X-Bapi-Limit-Reset-Timestamp", String(standing.resetsAt.milliseconds)),
      ]
    }
    header += [.init("Traceid", ""), .init("Timenow", String(venue.clock.milliseconds))]
    return .object(
      reply(to: message) + [
        .init(name: "retCode", value: .number(String(code))), .init("retMsg", text),
        .init("op", operation), .init(name: "data", value: data),
        .init(name: "retExtInfo", value: extra), .init(name: "header", value: .object(header)),
        .init(name: "connId", value: connectionName(id)),
      ])
  }

  private func perform(
    _ message: JSON, _ operation: String, on id: ConnectionID,
    _ standing: inout BybitRateLimits.Standing?
  ) throws(BybitRefusal) -> BybitAnswer {
    guard let key = sockets[id]?.key else { throw BybitRefusal(10_005, "Please login first") }
    let paths = [
      "order.create": "/v5/order/create", "order.amend": "/v5/order/amend",
      "order.cancel": "/v5/order/cancel", "order.create-batch": "/v5/order/create-batch",
      "order.amend-batch": "/v5/order/amend-batch", "order.cancel-batch": "/v5/order/cancel-batch",
    ]
    guard let path = paths[operation] else { throw BybitRefusal(10_404, "op type is not found") }
    let header = message["header"]
    try checkTime(
      header?["X-BAPI-TIMESTAMP"]?.text ?? "",
      window: header?["X-BAPI-RECV-WINDOW"]?.text ?? "5000")
    if let name = message["reqId"]?.text, sockets[id]?.requests.insert(name).inserted == false {
      throw BybitRefusal(20_006, "reqId is repeated")
    }
    let parameters = BybitParameters(message["args"]?[0] ?? .object([]))
    standing = count(path, parameters, key)
    if standing?.isOver == true { throw BybitRefusal(10_429, "Too many visits") }
    let request = HTTPRequest(
      .post, path, headers: [HTTPHeader("X-BAPI-API-KEY", key.name)])
    try BybitGate.check(key, request, parameters)
    guard
      let answer = try orderAnswer(BybitCall(request: request, parameters: parameters))
    else { throw .unknownPath }
    return answer
  }
}
