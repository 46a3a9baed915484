import Trading
import Wire

// Requests over a WebSocket: `/ws-api/v3`.
extension BinanceSpotFront {
  /// A socket for requests.
  struct Session {
    /// Whose it is after `session.logon`.
    var key: APIKey?
    /// When it logged on.
    var loggedOnAt: Timestamp?
    /// Numbers of its subscriptions to the account, with their owners.
    var subscriptions: [(number: Int, key: String)] = []
    var nextSubscription = 0
  }

  /// Answers one frame.
  func answer(_ text: [UInt8], on socket: ConnectionID, into sink: inout FrameSink) {
    guard let frame = try? JSON(text), case .object = frame else {
      let error = BinanceError(-1135, "Invalid JSON Request")
      return sink.send(response(.null, failure: error), to: socket)
    }
    let id = frame["id"] ?? .null
    do throws(BinanceError) {
      try gate.limits.charge(0, at: venue.world.meterTime)
      let result = try perform(frame, on: socket)
      sink.send(
        [
          "id": id, "status": 200, "result": result, "rateLimits": gate.limits.usageJSON,
        ], to: socket)
    } catch {
      sink.send(response(id, failure: error), to: socket)
    }
  }

  private func response(_ id: JSON, failure: BinanceError) -> JSON {
    [
      "id": id, "status": .whole(failure.status), "error": failure.json,
      "rateLimits": gate.limits.usageJSON,
    ]
  }

  private func perform(_ frame: JSON, on socket: ConnectionID) throws(BinanceError) -> JSON {
    let parameters = try Self.parameters(of: frame)
    let name = frame["method"]?.text ?? ""
    switch name {
    case "ping": return [:]
    case "time": return ["serverTime": .millis(venue.clock)]
    case "session.logon":
      let key = try signer(frame, parameters, on: socket)
      guard key.publicKey != nil else {
        throw BinanceError(-4056, "HMAC_SHA256 API key is not supported.")
      }
      sessions[socket]?.key = key
      sessions[socket]?.loggedOnAt = venue.clock
      return status(of: socket)
    case "session.status": return status(of: socket)
    case "session.logout":
      sessions[socket]?.key = nil
      return status(of: socket)
    case "userDataStream.subscribe":
      guard let key = sessions[socket]?.key else { throw .unauthorised }
      return subscribe(socket, key)
    case "userDataStream.subscribe.signature":
      return subscribe(socket, try signer(frame, parameters, on: socket))
    case "userDataStream.unsubscribe":
      let number = try parameters.integer("subscriptionId")
      sessions[socket]?.subscriptions.removeAll { number == nil || Int64($0.number) == number }
      return [:]
    default: return try request(name, frame, parameters, on: socket)
    }
  }

  /// Requests that are the same over HTTP.
  private func request(
    _ name: String, _ frame: JSON, _ parameters: BinanceParameters, on socket: ConnectionID
  ) throws(BinanceError) -> JSON {
    guard let path = Self.paths[name],
      let endpoint = gate.endpoint(path.method, path.path)
    else { throw BinanceError(-1000, "Unknown method: \(name)") }
    let meter = venue.world.meterTime
    let weight = endpoint.weight(parameters)
    try gate.limits.charge(weight, at: meter)
    var key: APIKey?
    if endpoint.security != .open {
      let signer = try signer(frame, parameters, on: socket)
      try BinanceAccess.check(signer, for: endpoint.security, on: .spot)
      key = signer
    }
    try parameters.check(against: endpoint.accepts + ["apiKey", "timestamp", "recvWindow"])
    if endpoint.isOrder { try gate.limits.chargeOrder(at: meter) }
    let call = BinanceCall(parameters: parameters, time: venue.clock, key: key)
    let result = try endpoint.answer(self, call)
    if endpoint.security == .trade { gate.limits.refund(weight) }
    return result
  }

  /// Methods by the paths that do the same.
  private static let paths: [String: (method: HTTPMethod, path: String)] = [
    "exchangeInfo": (.get, "/api/v3/exchangeInfo"), "depth": (.get, "/api/v3/depth"),
    "klines": (.get, "/api/v3/klines"), "ticker.book": (.get, "/api/v3/ticker/bookTicker"),
    "ticker.price": (.get, "/api/v3/ticker/price"), "ticker.24hr": (.get, "/api/v3/ticker/24hr"),
    "avgPrice": (.get, "/api/v3/avgPrice"), "order.place": (.post, "/api/v3/order"),
    "order.test": (.post, "/api/v3/order/test"), "order.cancel": (.delete, "/api/v3/order"),
    "order.status": (.get, "/api/v3/order"), "openOrders.status": (.get, "/api/v3/openOrders"),
    "openOrders.cancelAll": (.delete, "/api/v3/openOrders"),
    "allOrders": (.get, "/api/v3/allOrders"), "myTrades": (.get, "/api/v3/myTrades"),
    "account.status": (.get, "/api/v3/account"),
    "account.commission": (.get, "/api/v3/account/commission"),
    "account.rateLimits.orders": (.get, "/api/v3/rateLimit/order"),
  ]

  /// Who signed a frame, or whose session it is.
  private func signer(
    _ frame: JSON, _ parameters: BinanceParameters, on socket: ConnectionID
  ) throws(BinanceError) -> APIKey {
    let signature = frame["params"]?["signature"]?.text
    if signature == nil, let key = sessions[socket]?.key {
      try BinanceAccess.checkTime(parameters, at: venue.clock)
      return key
    }
    let key = try BinanceAccess.key(try parameters.mandatory("apiKey"), at: venue)
    try BinanceAccess.checkTime(parameters, at: venue.clock)
    guard let signature else { throw .missing("signature") }
    let payload = parameters.pairs.sorted { $0.name < $1.name }
      .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    guard BinanceAccess.isSigned(payload, by: key, signature) else { throw .signature }
    return key
  }

  private static func parameters(of frame: JSON) throws(BinanceError) -> BinanceParameters {
    try BinanceParameters(
      (frame["params"]?.members ?? []).map { member in
        switch member.value {
        case .string(let text), .number(let text): (member.name, text)
        case .bool(let isTrue): (member.name, isTrue ? "true" : "false")
        default: (member.name, member.value.description)
        }
      })
  }

  private func subscribe(_ socket: ConnectionID, _ key: APIKey) -> JSON {
    let number = sessions[socket]?.nextSubscription ?? 0
    sessions[socket]?.nextSubscription = number + 1
    sessions[socket]?.subscriptions.append((number, key.name))
    return ["subscriptionId": .whole(number)]
  }

  private func status(of socket: ConnectionID) -> JSON {
    let session = sessions[socket]
    return [
      "apiKey": session?.key.map { .string($0.name) } ?? .null,
      "authorizedSince": session?.key == nil
        ? .null : session?.loggedOnAt.map(JSON.millis) ?? .null,
      "connectedSince": .millis(venue.clock), "returnRateLimits": true,
      "serverTime": .millis(venue.clock), "userDataStream": false,
    ]
  }

  /// Tells every subscription what happened to the account.
  func tellAccount(_ events: [WorldEvent], into sink: inout FrameSink) {
    let listening = sessions.keys.sorted().filter {
      sessions[$0]?.subscriptions.isEmpty == false
    }
    if listening.isEmpty { return }
    for event in events.flatMap(userEvent) {
      for socket in listening {
        for subscription in sessions[socket]?.subscriptions ?? [] {
          sink.send(
            ["subscriptionId": .whole(subscription.number), "event": event], to: socket,
            isPrivate: true)
        }
      }
    }
  }
}
