import Trading
public import Wire

/// One WebSocket of a client.
struct BybitSocket {
  /// What a path serves.
  enum Kind: Hashable {
    case market(BybitCategory)
    case spread
    case account
    case trade
    case status

    init?(path: String) {
      switch path {
      case "/v5/public/spot": self = .market(.spot)
      case "/v5/public/linear": self = .market(.linear)
      case "/v5/public/spread": self = .spread
      case "/v5/private": self = .account
      case "/v5/trade": self = .trade
      case "/v5/public/misc/status": self = .status
      default: return nil
      }
    }
  }

  let kind: Kind
  /// Who logged in; nil before that.
  var key: APIKey?
  /// In the order of subscribing.
  var topics: [String] = []
  /// Ids of requests of a trade socket, each good once.
  var requests: Set<String> = []
}

extension BybitFront {
  /// Only the venue's own paths can be opened.
  public func refusal(ofUpgrade request: HTTPRequest) -> HTTPResponse? {
    BybitSocket.Kind(path: request.path) == nil ? HTTPResponse(status: 404) : nil
  }

  /// Waits for what the client says.
  public func opened(
    _ socket: ConnectionID, _ request: HTTPRequest, into sink: inout FrameSink
  ) {
    guard let kind = BybitSocket.Kind(path: request.path) else { return }
    sockets[socket] = BybitSocket(kind: kind)
  }

  /// Forgets it.
  public func closed(_ socket: ConnectionID) { sockets[socket] = nil }

  /// Understands `ping`, `auth`, `subscribe`, `unsubscribe` and the requests of a trade socket.
  public func received(_ text: [UInt8], on id: ConnectionID, into sink: inout FrameSink) {
    guard let socket = sockets[id] else { return }
    guard let message = try? JSON(text), let operation = message["op"]?.text else {
      return sink.send(failure("Params Error", "", [], id), to: id)
    }
    if socket.kind == .trade { return receiveTrade(message, operation, on: id, into: &sink) }
    switch operation {
    case "ping": sink.send(pong(message, socket, id), to: id)
    case "auth": logIn(message, on: id, into: &sink)
    case "subscribe": subscribe(message, on: id, into: &sink)
    case "unsubscribe":
      let topics = message["args"]?.elements.compactMap(\.text) ?? []
      sockets[id]?.topics.removeAll { topics.contains($0) }
      sink.send(success(operation, message, id), to: id)
    default:
      sink.send(failure("error:invalid op", operation, echo(message), id), to: id)
    }
  }

  /// The connection's name for clients.
  func connectionName(_ id: ConnectionID) -> JSON { "d5simulatedvenue00000-\(id)" }

  /// `req_id` as it was sent; nothing where there was none.
  private func echo(_ message: JSON) -> [JSONMember] {
    message["req_id"].map { [JSONMember(name: "req_id", value: $0)] } ?? []
  }

  private func success(_ operation: String, _ message: JSON, _ id: ConnectionID) -> JSON {
    .object(
      [
        .init(name: "success", value: true), .init("ret_msg", ""),
        .init(name: "conn_id", value: connectionName(id)),
      ] + echo(message) + [.init("op", operation)])
  }

  private func failure(
    _ text: String, _ operation: String, _ echo: [JSONMember], _ id: ConnectionID
  ) -> JSON {
    .object(
      [
        .init(name: "success", value: false), .init("ret_msg", text),
        .init(name: "conn_id", value: connectionName(id)),
      ] + echo + [.init("op", operation)])
  }

  private func pong(_ message: JSON, _ socket: BybitSocket, _ id: ConnectionID) -> JSON {
    guard case .market = socket.kind else {
      return .object(
        echo(message) + [
          .init("op", "pong"), .init(name: "args", value: [.stamp(venue.clock)]),
          .init(name: "conn_id", value: connectionName(id)),
        ])
    }
    return .object(
      [
        .init(name: "success", value: true), .init("ret_msg", "pong"),
        .init(name: "conn_id", value: connectionName(id)),
      ] + echo(message) + [.init("op", "ping")])
  }

  private func logIn(_ message: JSON, on id: ConnectionID, into sink: inout FrameSink) {
    do throws(BybitRefusal) {
      sockets[id]?.key = try login(message["args"]?.elements ?? [])
      sink.send(success("auth", message, id), to: id)
    } catch {
      sink.send(failure(error.text, "auth", echo(message), id), to: id)
      sink.close(id)
    }
  }

  private func subscribe(_ message: JSON, on id: ConnectionID, into sink: inout FrameSink) {
    guard let socket = sockets[id] else { return }
    let topics = message["args"]?.elements.compactMap(\.text) ?? []
    if let problem = problem(with: topics, of: socket) {
      return sink.send(failure(problem, "subscribe", echo(message), id), to: id)
    }
    sink.send(success("subscribe", message, id), to: id)
    for topic in topics {
      if !socket.topics.contains(topic) { sockets[id]?.topics.append(topic) }
      if case .market(let category) = socket.kind {
        sendSnapshot(of: topic, category, to: id, into: &sink)
      }
    }
  }

  private func problem(with topics: [String], of socket: BybitSocket) -> String? {
    if topics.isEmpty { return "Params Error" }
    switch socket.kind {
    case .account:
      if socket.key == nil { return "Request not authorized" }
      return topics.first { !Self.isAccountTopic($0) }.map { "Invalid topic: \($0)" }
    case .market(let category):
      if category == .spot, topics.count > 10 { return "args size >10" }
      return topics.first { !isMarketTopic($0, category) }.map { "Invalid topic: \($0)" }
    case .spread, .status, .trade: return nil
    }
  }

  private static func isAccountTopic(_ topic: String) -> Bool {
    let parts = topic.split(separator: ".")
    let kinds = ["spot", "linear", "inverse", "option", "fast"]
    switch parts.first {
    case "order", "execution", "position": return parts.count == 1 || kinds.contains("\(parts[1])")
    case "wallet", "greeks", "dcp": return true
    case "spread": return topic == "spread.order" || topic == "spread.execution"
    default: return false
    }
  }

  private func isMarketTopic(_ topic: String, _ category: BybitCategory) -> Bool {
    let parts = topic.split(separator: ".").map(String.init)
    guard let kind = parts.first, let name = parts.last, parts.count > 1 else { return false }
    if kind == "insurance" || kind == "adlAlert" { return category == .linear }
    guard venue.listing(category.market, named: name) != nil else { return false }
    switch kind {
    case "orderbook": return parts.count == 3 && ["1", "50", "200", "1000"].contains(parts[1])
    case "kline": return parts.count == 3 && (try? Self.interval(parts[1])) != nil
    case "tickers", "publicTrade", "priceLimit", "allLiquidation": return parts.count == 2
    default: return false
    }
  }
}
