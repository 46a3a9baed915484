import FixedPoint
import Trading
import Wire

extension VenueServer: SocketHandler {
  func request(_ request: HTTPRequest, on connection: Connection) {
    guard let front = front(of: connection) else {
      server.reply(control(request), to: connection)
      publish()
      return
    }
    if let response = WebSocketHandshake.response(to: request) {
      return upgrade(request, response, front, connection)
    }
    if let response = refusalByFault(request, front, connection) {
      return server.reply(response, to: connection)
    }
    if connection.isBroken { return }
    if let fault = strike(.unknownOutcome, request, front) {
      if fault.executes { _ = front.handle(request, on: connection.id) }
      let response = front.response(to: fault, request) ?? HTTPResponse(status: 504)
      server.reply(response, to: connection)
      return publish()
    }
    let reply = front.handle(request, on: connection.id)
    if strike(.lostReply, request, front) != nil {
      server.cut(connection)
      return publish()
    }
    let delay = strike(.lateReply, request, front)?.span
    switch reply {
    case .now(let response):
      if let delay {
        replyLater(response, after: delay, connection)
      } else {
        server.reply(response, to: connection)
      }
    case .later(let response, let span): replyLater(response, after: delay ?? span, connection)
    case .close: server.cut(connection)
    }
    publish()
  }

  func text(_ bytes: [UInt8], on connection: Connection) {
    guard let front = front(of: connection) else { return }
    sink.removeAll()
    front.received(bytes, on: connection.id, into: &sink)
    deliver(front)
    publish()
  }

  func pong(_ bytes: [UInt8], on connection: Connection) {
    let text = String(decoding: bytes, as: UTF8.self)
    if text.hasPrefix("round "), let answered = Int(text.dropFirst(6)) {
      connection.answeredRound = max(connection.answeredRound, min(answered, round))
    } else {
      connection.owesPongSince = nil
    }
  }

  func gone(_ connection: Connection) {
    if connection.isWebSocket { front(of: connection)?.closed(connection.id) }
  }

  /// Sends what a front collected, with the faults that concern account events.
  func deliver(_ front: any VenueFront) {
    if sink.items.isEmpty { return }
    server.isActive = true
    var items = sink.items
    if items.contains(where: \.isPrivate) { items = disturbed(items, front) }
    for (socket, item, _) in items {
      guard let connection = server.connection(socket), connection.isWebSocket else { continue }
      switch item {
      case .text(let bytes): connection.send(.text, bytes)
      case .close(let code, let reason):
        connection.send(WebSocketFrame.close(code: code, reason: reason, mask: nil))
        connection.isClosing = true
      }
    }
  }

  private func upgrade(
    _ request: HTTPRequest, _ response: HTTPResponse, _ front: any VenueFront,
    _ connection: Connection
  ) {
    if let refusal = refusalByFault(request, front, connection)
      ?? (connection.isBroken ? nil : front.refusal(ofUpgrade: request))
    {
      return server.reply(refusal, to: connection)
    }
    if connection.isBroken { return }
    connection.path = request.path
    server.upgrade(connection, response)
    sink.removeAll()
    front.opened(connection.id, request, into: &sink)
    deliver(front)
    publish()
  }

  /// The answer of a fault that keeps a request from being executed; nil when none strikes.
  ///
  /// A request that is lost cuts the connection.
  private func refusalByFault(
    _ request: HTTPRequest, _ front: any VenueFront, _ connection: Connection
  ) -> HTTPResponse? {
    if strike(.lostRequest, request, front) != nil {
      server.cut(connection)
      return nil
    }
    let kinds: [FaultKind] = [.banned, .tooManyRequests, .serverError, .unavailable]
    for kind in kinds {
      guard let fault = strike(kind, request, front) else { continue }
      front.count(request, on: connection.id)
      return front.response(to: fault, request) ?? plainResponse(to: fault)
    }
    return nil
  }

  private func strike(
    _ kind: FaultKind, _ request: HTTPRequest, _ front: any VenueFront
  ) -> Fault? {
    world.faults.strike(
      kind, venue: front.venue.id, at: world.now, front: front.name,
      method: request.method.rawValue, path: request.path)
  }

  private func plainResponse(to fault: Fault) -> HTTPResponse {
    let retry = HTTPHeader("Retry-After", String(max(1, fault.seconds)))
    switch fault.kind {
    case .tooManyRequests: return HTTPResponse(status: 429, headers: [retry])
    case .banned: return HTTPResponse(status: 418, headers: [retry])
    default:
      let status = Int(fault.status) ?? 503
      return HTTPResponse(
        status: (500...599).contains(status) ? status : 503,
        headers: [HTTPHeader("Content-Type", "text/html")],
        body: Array("<html><body><h1>\(status)</h1></body></html>".utf8))
    }
  }

  private func replyLater(
    _ response: HTTPResponse, after span: TimeSpan, _ connection: Connection
  ) {
    let id = connection.id
    world.schedule(after: span) { [unowned self] in
      if let connection = server.connection(id) { server.reply(response, to: connection) }
    }
  }

  /// Account events that are lost, doubled or turned round.
  private func disturbed(
    _ items: [(socket: ConnectionID, item: FrameSink.Item, isPrivate: Bool)],
    _ front: any VenueFront
  ) -> [(socket: ConnectionID, item: FrameSink.Item, isPrivate: Bool)] {
    func strikes(_ kind: FaultKind) -> Bool {
      world.faults.strike(kind, venue: front.venue.id, at: world.now, front: front.name) != nil
    }
    if strikes(.loseEvents) { return items.filter { !$0.isPrivate } }
    if strikes(.duplicateEvents) { return items.flatMap { $0.isPrivate ? [$0, $0] : [$0] } }
    if strikes(.reorderEvents) {
      var turned = items.filter(\.isPrivate)[...]
      return items.map { $0.isPrivate ? turned.popLast() ?? $0 : $0 }
    }
    return items
  }
}
