import Trading
import Wire

/// Lets requests of one interface through: path, limits, key, signature, parameters.
final class BinanceGate<Front> {
  private struct Route: Hashable {
    let method: HTTPMethod
    let path: String
  }

  /// What is used of the limits.
  var limits: BinanceLimits
  private let market: Market
  private let venue: Venue
  private let routes: [Route: BinanceEndpoint<Front>]

  init(
    _ endpoints: [BinanceEndpoint<Front>], limits: BinanceLimits, market: Market, venue: Venue
  ) {
    self.limits = limits
    self.market = market
    self.venue = venue
    routes = Dictionary(
      uniqueKeysWithValues: endpoints.map { (Route(method: $0.method, path: $0.path), $0) })
  }

  /// What answers at a path; nil when nothing does.
  func endpoint(_ method: HTTPMethod, _ path: String) -> BinanceEndpoint<Front>? {
    routes[Route(method: method, path: path)]
  }

  /// Answers a request.
  func handle(_ request: HTTPRequest, for front: Front) -> HTTPReply {
    let endpoint = routes[Route(method: request.method, path: request.path)]
    do throws(BinanceError) {
      guard let endpoint else {
        throw BinanceError(
          -5000, "Path \(request.path), Method \(request.method.rawValue) is invalid",
          status: 404)
      }
      let body = try answer(request, endpoint, for: front)
      return .json(body, headers: headers(of: endpoint))
    } catch {
      return refusal(error, headers: headers(of: endpoint))
    }
  }

  /// Counts a request that somebody else answers.
  func count(_ request: HTTPRequest) {
    guard let endpoint = routes[Route(method: request.method, path: request.path)],
      let parameters = try? BinanceParameters(request)
    else { return }
    try? limits.charge(endpoint.weight(parameters), at: venue.world.meterTime)
  }

  /// A refusal as an answer.
  func refusal(_ error: BinanceError, headers: [HTTPHeader] = []) -> HTTPReply {
    let wait = error.retryAfter.map { [HTTPHeader("Retry-After", String($0))] } ?? []
    return .json(error.json, status: error.status, headers: headers + wait)
  }

  private func answer(
    _ request: HTTPRequest, _ endpoint: BinanceEndpoint<Front>, for front: Front
  ) throws(BinanceError) -> JSON {
    let meter = venue.world.meterTime
    let parameters = try BinanceParameters(request)
    let weight = endpoint.weight(parameters)
    try limits.charge(weight, at: meter)
    let key = try admit(request, parameters, endpoint)
    if endpoint.isOrder { try limits.chargeOrder(at: meter) }
    let call = BinanceCall(parameters: parameters, time: venue.clock, key: key)
    let result = try endpoint.answer(front, call)
    // On spot a placed or cancelled order weighs nothing when it succeeded.
    if limits.isSpot, endpoint.security == .trade { limits.refund(weight) }
    return result
  }

  private func admit(
    _ request: HTTPRequest, _ parameters: BinanceParameters, _ endpoint: BinanceEndpoint<Front>
  ) throws(BinanceError) -> APIKey? {
    if endpoint.security == .open {
      try parameters.check(against: endpoint.accepts)
      return nil
    }
    let key = try BinanceAccess.key(request.header("X-MBX-APIKEY"), at: venue)
    try BinanceAccess.check(key, for: endpoint.security, on: market)
    if endpoint.security != .key {
      try BinanceAccess.checkTime(parameters, at: venue.clock)
      try BinanceAccess.verify(request, key: key)
    }
    try parameters.check(against: endpoint.accepts + ["timestamp", "recvWindow"])
    return key
  }

  private func headers(of endpoint: BinanceEndpoint<Front>?) -> [HTTPHeader] {
    limits.weightHeaders + (endpoint?.isOrder == true ? limits.orderHeaders : [])
  }
}
