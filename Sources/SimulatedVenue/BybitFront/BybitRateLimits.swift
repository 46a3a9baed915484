import Trading

/// Requests of a key per second and path, and of an address per five seconds.
///
/// Counted in real time, whatever the speed of the market.
struct BybitRateLimits {
  /// What one request found.
  struct Standing: Hashable {
    let limit: Int
    let left: Int
    let resetsAt: Timestamp
    let isOver: Bool
  }

  /// Requests of one address in five seconds.
  var addressLimit = 600
  private var recent: [String: [Timestamp]] = [:]
  private var arrivals: [Timestamp] = []
  private var bannedUntil = Timestamp.distantPast

  /// Counts a request of the address; false while it is banned, ten minutes from an excess.
  mutating func admitAddress(at time: Timestamp) -> Bool {
    if time < bannedUntil { return false }
    let begin = time - .seconds(5)
    if let first = arrivals.first, first <= begin {
      arrivals.removeFirst(arrivals.firstIndex { $0 > begin } ?? arrivals.count)
    }
    if arrivals.count >= addressLimit {
      bannedUntil = time + .minutes(10)
      arrivals.removeAll()
      return false
    }
    arrivals.append(time)
    return true
  }

  /// Counts requests in the rolling second of a path.
  mutating func count(_ weight: Int, of path: String, limit: Int, at time: Timestamp) -> Standing {
    let begin = time - .seconds(1)
    var stamps = recent[path, default: []]
    stamps.removeAll { $0 <= begin }
    let isOver = stamps.count + weight > limit
    if !isOver { stamps.append(contentsOf: repeatElement(time, count: weight)) }
    recent[path] = stamps
    return Standing(
      limit: limit, left: max(limit - stamps.count, 0),
      resetsAt: isOver ? (stamps.first ?? time) + .seconds(1) : time, isOver: isOver)
  }

  /// The limit of a path per second and key; nil where only that of the address counts.
  static func limit(of path: String, _ category: BybitCategory?) -> Int? {
    switch path {
    case "/v5/order/create", "/v5/order/cancel", "/v5/order/cancel-all", "/v5/order/create-batch",
      "/v5/order/amend-batch", "/v5/order/cancel-batch":
      category == .spot ? 20 : 10
    case "/v5/order/amend", "/v5/position/set-leverage", "/v5/position/switch-mode",
      "/v5/position/add-margin", "/v5/user/query-api", "/v5/account/fee-rate":
      10
    case "/v5/account/set-margin-mode": 5
    case "/v5/account/transaction-log": 25
    case "/v5/asset/transfer/inter-transfer": 20
    case _
    where path.hasPrefix("/v5/market/") || path.hasPrefix("/v5/announcements")
      || path.hasPrefix("/v5/system") || path.hasPrefix("/v5/spread/") && isPublicSpread(path):
      nil
    case _ where path.hasPrefix("/v5/spread/order/"): 20
    default: 50
    }
  }

  private static func isPublicSpread(_ path: String) -> Bool {
    ["/v5/spread/instrument", "/v5/spread/orderbook", "/v5/spread/tickers"].contains(path)
  }
}
