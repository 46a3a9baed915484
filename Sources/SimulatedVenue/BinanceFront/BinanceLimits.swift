import Trading
import Wire

/// What may be asked in a minute, and how many orders may be sent in a while.
///
/// Windows begin at whole multiples of their length, as at the venue.
struct BinanceLimits {
  /// One part of the venue with limits of its own.
  enum Interface { case spot, wallet, futures }

  /// So many orders in a span.
  struct OrderLimit {
    /// `SECOND`, `MINUTE` or `DAY`.
    let interval: String
    /// So many of those.
    let intervalNumber: Int
    /// How many orders.
    let limit: Int
    /// The name in headers: `10S`.
    let headerName: String
    /// The window.
    let span: TimeSpan
    fileprivate(set) var count = 0
    fileprivate var window = Timestamp.distantPast
  }

  /// Requests after the first refusal in a window that lead to a ban.
  static let patience = 60
  /// How long a first ban lasts.
  static let banLength = TimeSpan.minutes(2)

  /// Request weight per minute and address.
  let weightLimit: Int
  /// Which interface it is of.
  let interface: Interface
  /// Whether it is the spot interface.
  var isSpot: Bool { interface == .spot }
  private(set) var orders: [OrderLimit]
  private(set) var weight = 0
  private var window = Timestamp.distantPast
  private var refusals = 0
  private var bannedUntil = Timestamp.distantPast

  /// The limits of the spot interface.
  static var spot: Self {
    Self(
      weightLimit: 6000, interface: .spot,
      orders: [
        OrderLimit(
          interval: "SECOND", intervalNumber: 10, limit: 100, headerName: "10S",
          span: .seconds(10)),
        OrderLimit(
          interval: "DAY", intervalNumber: 1, limit: 200_000, headerName: "1D", span: .days(1)),
      ])
  }

  /// The limits of the futures interface.
  static var futures: Self {
    Self(
      weightLimit: 2400, interface: .futures,
      orders: [
        OrderLimit(
          interval: "SECOND", intervalNumber: 10, limit: 300, headerName: "10S",
          span: .seconds(10)),
        OrderLimit(
          interval: "MINUTE", intervalNumber: 1, limit: 1200, headerName: "1M",
          span: .minutes(1)),
      ])
  }

  /// The limits of the wallet interface.
  static var wallet: Self { Self(weightLimit: 12_000, interface: .wallet, orders: []) }

  private init(weightLimit: Int, interface: Interface, orders: [OrderLimit]) {
    self.weightLimit = weightLimit
    self.interface = interface
    self.orders = orders
  }

  /// Counts a request.
  ///
  /// - Throws: 429 when the minute is used up, 418 when the client goes on asking.
  mutating func charge(_ cost: Int, at time: Timestamp) throws(BinanceError) {
    let minute = time.floored(to: .minutes(1))
    if minute != window {
      window = minute
      weight = 0
      refusals = 0
    }
    if time < bannedUntil { throw banned(at: time) }
    weight += cost
    guard weight > weightLimit else { return }
    refusals += 1
    if refusals > Self.patience {
      bannedUntil = time + Self.banLength
      throw banned(at: time)
    }
    throw BinanceError(
      -1003,
      interface != .futures
        ? "Too much request weight used; current limit is \(weightLimit) request weight per "
          + "1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API."
        : "Too many requests; current limit of IP(127.0.0.1) is \(weightLimit) requests per "
          + "minute. Please use the websocket for live updates to avoid polling the API.",
      status: 429, retryAfter: Self.seconds(from: time, until: minute + .minutes(1)))
  }

  /// Counts an order of the account.
  ///
  /// - Throws: when a window is used up; the order is not taken.
  mutating func chargeOrder(at time: Timestamp) throws(BinanceError) {
    for place in orders.indices {
      let window = time.floored(to: orders[place].span)
      if window != orders[place].window {
        orders[place].window = window
        orders[place].count = 0
      }
    }
    for limit in orders where limit.count >= limit.limit {
      throw BinanceError(
        -1015,
        "Too many new orders; current limit is \(limit.limit) orders per "
          + "\(limit.intervalNumber) \(limit.interval).",
        status: 429, retryAfter: Self.seconds(from: time, until: limit.window + limit.span))
    }
    for place in orders.indices { orders[place].count += 1 }
  }

  /// Takes a charge back.
  mutating func refund(_ cost: Int) { weight = max(0, weight - cost) }

  /// Gives an order's place back, as spot does when an order fills.
  mutating func creditOrder() {
    for place in orders.indices { orders[place].count = max(0, orders[place].count - 1) }
  }

  /// What every answer says about the weight.
  var weightHeaders: [HTTPHeader] {
    let used = String(weight)
    return switch interface {
    case .spot: [HTTPHeader("x-mbx-used-weight", used), HTTPHeader("x-mbx-used-weight-1m", used)]
    case .wallet: [HTTPHeader("x-sapi-used-ip-weight-1m", used)]
    case .futures: [HTTPHeader("x-mbx-used-weight-1m", used)]
    }
  }

  /// What the answer to an order says.
  var orderHeaders: [HTTPHeader] {
    orders.map { HTTPHeader("x-mbx-order-count-\($0.headerName.lowercased())", String($0.count)) }
  }

  /// The limits as `exchangeInfo` lists them.
  var json: JSON { .array([weightJSON()] + orders.map { Self.json(of: $0, count: nil) } + raw) }

  /// The orders of the account in each window, as `rateLimit/order` lists them.
  var orderJSON: JSON { .array(orders.map { Self.json(of: $0, count: $0.count) }) }

  /// Limits with what is used, as frames of the request socket carry them.
  var usageJSON: JSON { .array([weightJSON(count: weight)]) }

  private func weightJSON(count: Int? = nil) -> JSON {
    var members: [JSONMember] = [
      JSONMember(name: "rateLimitType", value: "REQUEST_WEIGHT"),
      JSONMember(name: "interval", value: "MINUTE"),
      JSONMember(name: "intervalNum", value: 1),
      JSONMember(name: "limit", value: .whole(weightLimit)),
    ]
    if let count { members.append(JSONMember(name: "count", value: .whole(count))) }
    return .object(members)
  }

  private var raw: [JSON] {
    isSpot
      ? [
        ["rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 300_000]
      ]
      : []
  }

  private static func json(of limit: OrderLimit, count: Int?) -> JSON {
    var members: [JSONMember] = [
      JSONMember(name: "rateLimitType", value: "ORDERS"),
      JSONMember(name: "interval", value: .string(limit.interval)),
      JSONMember(name: "intervalNum", value: .whole(limit.intervalNumber)),
      JSONMember(name: "limit", value: .whole(limit.limit)),
    ]
    if let count { members.append(JSONMember(name: "count", value: .whole(count))) }
    return .object(members)
  }

  private func banned(at time: Timestamp) -> BinanceError {
    let end = bannedUntil.nanoseconds / 1_000_000
    return BinanceError(
      -1003,
      interface != .futures
        ? "Way too much request weight used; IP banned until \(end). Please use WebSocket Streams "
          + "for live updates to avoid bans."
        : "Way too many requests; IP(127.0.0.1) banned until \(end). Please use the websocket for "
          + "live updates to avoid bans.",
      status: 418, retryAfter: Self.seconds(from: time, until: bannedUntil))
  }

  private static func seconds(from time: Timestamp, until end: Timestamp) -> Int64 {
    max(1, ((end - time).nanoseconds + 999_999_999) / 1_000_000_000)
  }
}
