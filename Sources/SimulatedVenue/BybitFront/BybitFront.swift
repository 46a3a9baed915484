public import Trading
public import Wire

/// What the front does that the venue leaves open.
public struct BybitSettings: Sendable {
  /// How long after its acknowledgement an order, a cancel or a change reaches the engine.
  public var engineDelay: TimeSpan
  /// Requests of one address in five seconds before it is banned.
  public var addressLimit: Int

  /// States settings; those of the venue where it states any.
  public init(engineDelay: TimeSpan = .milliseconds(5), addressLimit: Int = 600) {
    self.engineDelay = engineDelay
    self.addressLimit = addressLimit
  }
}

/// Bybit v5 with a unified account: one port for REST and all streams.
///
/// Every order is only acknowledged at first; what the engine does comes later, on the private
/// topics and in `/v5/order/realtime`. Files: routes by their group (`…Routes`), the JSON of one
/// thing (`…Rows`), streams (`…Stream`).
public final class BybitFront: VenueFront {
  /// `bybit`.
  public let name = "bybit"
  /// The venue behind it.
  public let venue: Venue

  let settings: BybitSettings
  var limits = BybitRateLimits()
  /// What was asked beyond what the world keeps, by order number.
  var notes: [Int64: BybitOrderNote] = [:]
  /// Orders that took the place of another when it was amended.
  var amendments = BybitAmendments()
  var tally = BybitTally()
  var spreads = BybitSpreads()
  var sockets: [ConnectionID: BybitSocket] = [:]
  var books: [String: BybitBookStream] = [:]
  var tickers: [String: BybitTickerStream] = [:]
  var days: [InstrumentIndex: BybitDay] = [:]
  /// What the updates of a book count on from.
  var firstUpdate: Int64 = 1_000_000
  /// Last price told on a trade topic, by place of the instrument.
  var tradedPrices: [Int: String] = [:]
  /// Counts messages and made-up names.
  var sequence: Int64 = 0

  /// Serves a venue.
  public init(venue: Venue, settings: BybitSettings = BybitSettings()) {
    self.venue = venue
    self.settings = settings
    limits.addressLimit = settings.addressLimit
  }

  /// Answers a request; refusals have status 200 and a `retCode`.
  public func handle(_ request: HTTPRequest, on connection: ConnectionID) -> HTTPReply {
    guard limits.admitAddress(at: venue.world.meterTime) else { return .now(BybitEnvelope.banned) }
    var standing: BybitRateLimits.Standing?
    let body: JSON
    do throws(BybitRefusal) {
      guard let answer = try answer(request, &standing) else {
        return .now(HTTPResponse(status: 404))
      }
      body = BybitEnvelope.success(
        answer.result, text: answer.text, extra: answer.extra, at: venue.clock)
    } catch {
      body = BybitEnvelope.refusal(error, at: venue.clock)
    }
    return .now(BybitEnvelope.response(body, limits: standing, at: venue.clock))
  }

  /// Counts a request that a fault answers.
  public func count(_ request: HTTPRequest, on connection: ConnectionID) {
    _ = limits.admitAddress(at: venue.world.meterTime)
  }

  /// The venue's words for faults: everything but a ban has status 200 or 5xx.
  public func response(to fault: Fault, _ request: HTTPRequest) -> HTTPResponse? {
    let refusal: BybitRefusal
    switch fault.kind {
    case .banned: return BybitEnvelope.banned
    case .tooManyRequests: refusal = .tooManyVisits
    case .unknownOutcome: refusal = BybitRefusal(10000, "Server Timeout")
    case .unavailable: refusal = BybitRefusal(10429, "System level frequency protection")
    default: return nil
    }
    let resetsAt = venue.world.meterTime + fault.span
    let standing = BybitRateLimits.Standing(limit: 10, left: 0, resetsAt: resetsAt, isOver: true)
    return BybitEnvelope.response(
      BybitEnvelope.refusal(refusal, at: venue.clock),
      limits: fault.kind == .tooManyRequests ? standing : nil, at: venue.clock)
  }

  private func answer(
    _ request: HTTPRequest, _ standing: inout BybitRateLimits.Standing?
  ) throws(BybitRefusal) -> BybitAnswer? {
    let parameters =
      request.method == .post
      ? try BybitParameters(body: request.body) : try BybitParameters(query: request.query)
    var key: APIKey?
    if !BybitGate.isPublic(request.path) { key = try authenticate(request) }
    if let key {
      standing = count(request.path, parameters, key)
      if standing?.isOver == true { throw .tooManyVisits }
      try BybitGate.check(key, request, parameters)
    }
    return try answer(BybitCall(request: request, parameters: parameters))
  }

  /// Counts a signed request against the limit of its path.
  func count(
    _ path: String, _ parameters: BybitParameters, _ key: APIKey
  ) -> BybitRateLimits.Standing? {
    let category = parameters.text("category").flatMap(BybitCategory.init(rawValue:))
    guard let limit = BybitRateLimits.limit(of: path, category) else { return nil }
    let weight = max(parameters.value("request")?.elements.count ?? 1, 1)
    let bucket = "\(key.name) \(path) \(limit == 50 ? "" : category?.rawValue ?? "")"
    let standing = limits.count(weight, of: bucket, limit: limit, at: venue.world.meterTime)
    return standing
  }

  private func answer(_ call: BybitCall) throws(BybitRefusal) -> BybitAnswer? {
    let path = call.path
    if let empty = otherCategory(call) { return empty }
    if path.hasPrefix("/v5/market/") { return try marketAnswer(call) }
    if path.hasPrefix("/v5/order/") { return try orderAnswer(call) }
    if path.hasPrefix("/v5/execution/") { return try executionAnswer(call) }
    if path.hasPrefix("/v5/position/") { return try positionAnswer(call) }
    if path.hasPrefix("/v5/account/") { return try accountAnswer(call) }
    if path.hasPrefix("/v5/asset/") { return try assetAnswer(call) }
    if path.hasPrefix("/v5/spread/") { return try spreadAnswer(call) }
    return try serviceAnswer(call)
  }

  /// The account has nothing in the categories that are not served.
  private func otherCategory(_ call: BybitCall) -> BybitAnswer? {
    let lists = [
      "GET /v5/order/realtime", "GET /v5/order/history", "GET /v5/execution/list",
      "GET /v5/position/list", "GET /v5/position/closed-pnl",
    ]
    guard let category = call.parameters.text("category"),
      ["inverse", "option"].contains(category), lists.contains(call.route)
    else { return nil }
    return BybitAnswer(["category": .string(category), "list": [], "nextPageCursor": ""])
  }
}

/// A request that was let in.
struct BybitCall {
  let path: String
  /// Method and path, as in `GET /v5/market/time`.
  let route: String
  let key: String?
  let parameters: BybitParameters

  init(request: HTTPRequest, parameters: BybitParameters) {
    path = request.path
    route = "\(request.method.rawValue) \(request.path)"
    key = request.header("X-BAPI-API-KEY")
    self.parameters = parameters
  }
}

/// What goes into the envelope of a success.
struct BybitAnswer {
  var result: JSON
  var text = "OK"
  var extra = JSON.object([])

  init(_ result: JSON, text: String = "OK", extra: JSON = .object([])) {
    self.result = result
    self.text = text
    self.extra = extra
  }

  /// A list of a category with its cursor.
  static func list(
    _ rows: [JSON], _ category: BybitCategory? = nil, cursor: String? = nil
  ) -> Self {
    var members: [JSONMember] = []
    if let category {
      members.append(JSONMember(name: "category", value: .string(category.rawValue)))
    }
    members.append(JSONMember(name: "list", value: .array(rows)))
    if let cursor {
      members.append(JSONMember(name: "nextPageCursor", value: .string(cursor)))
    }
    return Self(.object(members))
  }
}
