import FixedPoint
import Simulation
import Trading
import Wire

@testable import SimulatedVenue

/// Both ports of a small venue without sockets: BTC and a contract of a thousand PEPE, at prices
/// that stand still, eight hours of bars around the first millisecond of 2025.
final class BinanceDesk {
  static let start = Timestamp(milliseconds: 1_735_689_600_123)
  static let socket = ConnectionID(1)

  let world: VenueWorld
  let venue: Venue
  let spot: BinanceSpotFront
  let futures: BinanceFuturesFront
  private let key: String
  private let secret: Secret

  init(
    key: String = "fakeBinanceKey0001",
    secret: String = "fakeBinanceSecret0001abcdefghijklmnopqrstuvwxyz", isCross: Bool = true,
    change: (inout APIKey) -> Void = { _ in }
  ) {
    self.key = key
    self.secret = Secret(secret)
    let opens = Timestamp(milliseconds: 1_735_689_600_000)
    let pairs = [Self.bitcoin, Self.pepe]
    let series = zip(pairs, ["60000", "0.00001"] as [Price]).map { pair, price in
      Self.flat(pair, price, from: opens - .hours(1), hours: 24)
    }
    world = VenueWorld(start: opens - .minutes(1), beat: .seconds(1))
    var apiKey = APIKey(name: key, secret: Secret(secret))
    change(&apiKey)
    world.add(apiKey)
    venue = world.add(
      VenuePlan(
        id: "binance", layout: .separate, pairs: pairs, series: series,
        range: (opens - .minutes(1))..<(opens + .hours(20)),
        deposits: [
          PlannedBalance(wallet: .spot, asset: "USDT", amount: "10000"),
          PlannedBalance(wallet: .futures, asset: "USDT", amount: "10000"),
        ],
        models: ExchangeModels(
          spread: SpreadModel(spotHalf: "0.0001", perpHalf: "0.0001"),
          slippage: SlippageModel(fraction: "0", tickRule: .against),
          latency: LatencyModel(milliseconds: 0),
          depth: DepthModel(notional: nil, refillMilliseconds: 500),
          charges: ChargeModel(feePlaces: 8, liquidationFee: "0.01")),
        rules: ExchangeRules(isCross: isCross, book: BookModel(best: "20000"))))
    spot = BinanceSpotFront(venue)
    futures = BinanceFuturesFront(venue)
    world.advance(to: Self.start)
    _ = venue.takeEvents()
  }

  /// Asks, signed with the key where it says so; POST and PUT carry the text in the body.
  func ask(
    _ method: HTTPMethod, _ path: String, _ parameters: String = "", isSigned: Bool = true,
    at time: Timestamp? = nil
  ) -> (status: Int, body: JSON, response: HTTPResponse) {
    var text = parameters
    if isSigned {
      let stamp = (time ?? venue.clock).wholeMilliseconds
      text += (text.isEmpty ? "" : "&") + "timestamp=\(stamp)"
      text += "&signature=" + Signature.hmacSHA256Hex(text, key: secret)
    }
    let isInBody = method == .post || method == .put
    return send(
      HTTPRequest(
        method, path, query: isInBody ? "" : text,
        headers: isSigned ? [HTTPHeader("X-MBX-APIKEY", key)] : [],
        body: isInBody ? Array(text.utf8) : []))
  }

  /// Sends a request as it is.
  func send(_ request: HTTPRequest) -> (status: Int, body: JSON, response: HTTPResponse) {
    let front: any VenueFront = request.path.hasPrefix("/fapi/") ? futures : spot
    guard case .now(let response) = front.handle(request, on: Self.socket) else {
      return (0, .null, HTTPResponse(status: 0))
    }
    return (response.status, (try? JSON(response.body)) ?? .null, response)
  }

  /// The code of a refusal; nil of an answer.
  func code(_ method: HTTPMethod, _ path: String, _ parameters: String = "") -> Int64? {
    let reply = ask(method, path, parameters)
    return reply.status >= 400 ? reply.body["code"]?.integer : nil
  }

  /// Lets hours pass and keeps the listen key alive.
  func hold(hours: Int64) {
    for half in 1...(2 * hours) {
      world.advance(to: Self.start + .minutes(30 * half))
      _ = ask(.put, "/fapi/v1/listenKey")
    }
  }

  /// Opens a socket; false when that is refused.
  func open(
    _ front: any VenueFront, _ path: String, query: String = "", socket: ConnectionID = socket
  ) -> Bool {
    let request = HTTPRequest(.get, path, query: query)
    guard front.refusal(ofUpgrade: request) == nil else { return false }
    var sink = FrameSink()
    front.opened(socket, request, into: &sink)
    return true
  }

  /// Sends a frame and says what came back.
  func say(_ frame: JSON, to front: any VenueFront, on socket: ConnectionID = socket) -> [JSON] {
    var sink = FrameSink()
    front.received(frame.bytes, on: socket, into: &sink)
    return Self.texts(sink)
  }

  /// What a port tells its sockets about everything that happened since the last time.
  func told(by front: any VenueFront) -> [JSON] {
    var sink = FrameSink()
    front.publish(venue.takeEvents(), into: &sink)
    return Self.texts(sink)
  }

  /// What a port tells its sockets by the clock.
  func ticked(by front: any VenueFront) -> [JSON] {
    var sink = FrameSink()
    front.tick(into: &sink)
    return Self.texts(sink)
  }

  private static func texts(_ sink: FrameSink) -> [JSON] {
    sink.items.compactMap { item in
      guard case .text(let bytes) = item.item else { return nil }
      return try? JSON(bytes)
    }
  }
}

extension BinanceDesk {
  private static let bitcoin = PlannedPair(
    spot: instrument(.spot, "BTC", tick: "0.01", lot: "0.00001", least: "5"),
    perp: instrument(.perp, "BTC", tick: "0.1", lot: "0.001", least: "50"))
  private static let pepe = PlannedPair(
    spot: instrument(.spot, "PEPE", tick: "0.00000001", lot: "1", least: "1"),
    perp: instrument(.perp, "PEPE", tick: "0.0000000001", lot: "1000", least: "5"),
    multiplier: 1000)

  private static func instrument(
    _ market: Market, _ base: String, tick: Price, lot: Quantity, least: Notional
  ) -> Instrument {
    let isSpot = market == .spot
    return Instrument(
      id: InstrumentID(venue: "binance", market: market, symbol: Symbol(base + "USDT")),
      base: AssetID(base), quote: "USDT", tick: tick, lot: lot, minimumQuantity: lot,
      minimumNotional: least,
      fees: FeeSchedule(
        maker: isSpot ? "0.001" : "0.0002", taker: isSpot ? "0.001" : "0.0005",
        isTakenFromReceivedAsset: isSpot),
      marginTiers: isSpot
        ? []
        : [
          MarginTier(
            floor: "0", maintenanceRate: "0.004", deduction: "0", maximumLeverage: "125"),
          MarginTier(
            floor: "50000", maintenanceRate: "0.005", deduction: "50", maximumLeverage: "50"),
        ])
  }

  private static func flat(
    _ pair: PlannedPair, _ price: Price, from: Timestamp, hours: Int64
  ) -> PairSeries {
    let bars = (0..<(hours * 60)).map {
      Bar(opensAt: from + .minutes($0), open: price, high: price, low: price, close: price)
    }
    let series = BarSeries(interval: .minutes(1), bars: bars)
    let settlements = (-3...2).map { place in
      FundingSettlement(
        rate: FundingRate(
          settlesAt: from + .hours(1 + 8 * Int64(place)), intervalHours: 8, rate: "0.0001"),
        mark: price)
    }
    return PairSeries(
      venue: "binance", symbol: pair.perp.id.symbol, spot: series, perp: series, mark: series,
      funding: settlements)
  }
}
