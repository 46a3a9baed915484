import FixedPoint
import Simulation
import Testing
import Trading
import Wire

@testable import SimulatedVenue

/// A Bybit front without sockets: requests are signed and handed over, frames collected.
final class BybitBench {
  static let secret = Secret("bench-secret")
  let world: VenueWorld
  let venue: Venue
  let front: BybitFront
  private var sink = FrameSink()
  private var read = 0

  init(
    settings: BybitSettings = BybitSettings(), key: APIKey? = nil,
    deposits: [PlannedBalance]? = nil, rules: ExchangeRules = Bench.rules()
  ) {
    let bench = Bench(layout: .unified, rules: rules, clientIDs: .uniqueForever, deposits: deposits)
    world = bench.world
    venue = bench.venue
    world.add(key ?? APIKey(name: "bench", secret: BybitBench.secret))
    front = BybitFront(venue: venue, settings: settings)
  }

  /// Sends a request as a client signs it.
  func send(
    _ method: HTTPMethod, _ path: String, _ content: String = "", key: String = "bench",
    secret: Secret = BybitBench.secret, at time: Timestamp? = nil
  ) -> HTTPResponse {
    let stamp = String((time ?? venue.clock).milliseconds)
    let sign = Signature.hmacSHA256Hex("\(stamp)\(key)5000\(content)", key: secret)
    let request = HTTPRequest(
      method, path, query: method == .get ? content : "",
      headers: [
        HTTPHeader("X-BAPI-API-KEY", key), HTTPHeader("X-BAPI-TIMESTAMP", stamp),
        HTTPHeader("X-BAPI-RECV-WINDOW", "5000"), HTTPHeader("X-BAPI-SIGN", sign),
      ], body: method == .post ? Array(content.utf8) : [])
    guard case .now(let response) = front.handle(request, on: ConnectionID(1)) else {
      return HTTPResponse(status: 0)
    }
    return response
  }

  func get(_ path: String, _ query: String = "") throws -> JSON {
    try JSON(send(.get, path, query).body)
  }

  func post(_ path: String, _ body: JSON) throws -> JSON {
    try JSON(send(.post, path, body.description).body)
  }

  /// The first row of a list.
  func row(_ path: String, _ query: String = "") throws -> JSON {
    let row = try get(path, query).firstRow
    return try #require(row)
  }

  /// The id of an order that the engine has now.
  func createdID(_ body: JSON) throws -> JSON {
    let id = try create(body)["result"]?["orderId"]
    return try #require(id)
  }

  /// The code of an answer.
  func code(_ path: String, _ body: JSON) throws -> Int64? {
    try post(path, body)["retCode"]?.integer
  }

  /// Creates an order and lets the engine have it.
  @discardableResult
  func create(_ body: JSON) throws -> JSON {
    let answer = try post("/v5/order/create", body)
    advance(.milliseconds(10))
    return answer
  }

  /// Lets time pass and tells the sockets what happened.
  func advance(_ span: TimeSpan) {
    world.advance(to: world.now + span)
    front.publish(venue.takeEvents(), into: &sink)
    front.tick(into: &sink)
  }

  /// Opens a WebSocket.
  func open(_ path: String, as number: Int = 7) -> ConnectionID {
    let id = ConnectionID(number)
    front.opened(id, HTTPRequest(.get, path), into: &sink)
    return id
  }

  func say(_ message: JSON, on socket: ConnectionID) {
    front.received(message.bytes, on: socket, into: &sink)
  }

  func login(on socket: ConnectionID, secret: Secret = BybitBench.secret) {
    let expiry = venue.clock.milliseconds + 10_000
    let sign = Signature.hmacSHA256Hex("GET/realtime\(expiry)", key: secret)
    say(
      ["op": "auth", "args": ["bench", .number(String(expiry)), .string(sign)]], on: socket)
  }

  /// The frames since the last reading.
  func frames() throws -> [JSON] {
    let new = sink.items[read...]
    read = sink.items.count
    var frames: [JSON] = []
    for item in new {
      if case .text(let bytes) = item.item { frames.append(try JSON(bytes)) }
    }
    return frames
  }
}

extension JSON {
  /// The first row of a result's list.
  var firstRow: JSON? { self["result"]?["list"]?[0] }
  var rows: [JSON] { self["result"]?["list"]?.elements ?? [] }
}

/// Bodies of orders.
enum BybitBody {
  static func market(
    _ category: String, _ side: String, _ qty: String, link: String? = nil,
    reduceOnly: Bool = false
  ) -> JSON {
    .object(
      base(category, side, qty, link) + [
        .init("orderType", "Market"), .init("marketUnit", "baseCoin"),
        .init(name: "reduceOnly", value: .bool(reduceOnly)),
      ])
  }

  static func limit(
    _ category: String, _ side: String, _ qty: String, at price: String,
    _ timeInForce: String = "GTC", link: String? = nil, symbol: String = "BTCUSDT"
  ) -> JSON {
    .object(
      base(category, side, qty, link, symbol) + [
        .init("orderType", "Limit"), .init("price", price), .init("timeInForce", timeInForce),
      ])
  }

  private static func base(
    _ category: String, _ side: String, _ qty: String, _ link: String?,
    _ symbol: String = "BTCUSDT"
  ) -> [JSONMember] {
    [
      .init("category", category), .init("symbol", symbol), .init("side", side),
      .init("qty", qty), .init("orderLinkId", link ?? ""),
    ]
  }
}
