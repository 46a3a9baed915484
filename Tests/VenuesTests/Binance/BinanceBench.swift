import Foundation
import Testing
import Trading
import Venues
import Wire

/// A dialect that trades BTCUSDT and PEPEUSDT (as 1000PEPEUSDT), and the far side of its dialogue.
struct BinanceBench {
  var dialect: BinanceDialect
  static let now = Timestamp(milliseconds: 1_735_689_600_123)
  var now = Self.now
  static let btc = InstrumentID(venue: "binance", market: .spot, symbol: "BTCUSDT")
  static let btcPerp = InstrumentID(venue: "binance", market: .perp, symbol: "BTCUSDT")
  static let pepePerp = InstrumentID(venue: "binance", market: .perp, symbol: "PEPEUSDT")
  static let universe = Universe(pairs: listings.map { ($0.spot, $0.perp) })
  static let listings = [
    listing("BTC", perp: "BTCUSDT", 1, tick: "0.1", lot: "0.001"),
    listing("PEPE", perp: "1000PEPEUSDT", 1000, tick: "0.0000000001", lot: "1000"),
  ]
  static let spotID = ClientOrderID(run: 3, sequence: 17, carry: CarryID(41), market: .spot)
  static let perpID = ClientOrderID(run: 3, sequence: 18, carry: CarryID(41), market: .perp)

  init(attached: Bool = true) {
    dialect = BinanceDialect(
      credentials: BinanceCredentials(
        apiKey: "fakeBinanceKey0001",
        secret: Secret("fakeBinanceSecret0001abcdefghijklmnopqrstuvwxyz")))
    if attached { dialect.attach(Self.universe, listings: Self.listings) }
  }

  static func listing(
    _ base: String, perp: String, _ multiplier: Int, tick: Price, lot: Quantity
  ) -> Listing {
    let symbol = Symbol("\(base)USDT")
    func leg(_ market: Market) -> Instrument {
      Instrument(
        id: InstrumentID(venue: "binance", market: market, symbol: symbol), base: AssetID(base),
        quote: "USDT", tick: tick, lot: lot, minimumQuantity: lot, minimumNotional: "5",
        fees: FeeSchedule(maker: "0.001", taker: "0.001", isTakenFromReceivedAsset: true))
    }
    return Listing(
      spot: leg(.spot), perp: leg(.perp), spotName: symbol.rawValue, perpName: perp,
      multiplier: multiplier,
      terms: FundingTerms(
        intervalHours: 8, cap: nil, floor: nil,
        nextSettlement: Timestamp(milliseconds: 1_735_718_400_000)),
      spotStatus: .trading, perpStatus: .trading, delistsAt: nil, combo: nil)
  }

  static func order(
    _ kind: OrderKind, _ side: Side = .buy, _ id: ClientOrderID = spotID,
    quantity: Quantity = "0.01",
    reduceOnly: Bool = false, on instrument: InstrumentID? = nil
  ) -> OrderRequest {
    OrderRequest(
      id: id, instrument: instrument ?? (id.market == .spot ? btc : btcPerp), side: side,
      quantity: quantity, kind: kind, reduceOnly: reduceOnly, deadline: now + .seconds(2))
  }

  // MARK: - Dialogue

  mutating func begin(_ task: VenueTask) -> [Call<BinancePurpose>] {
    dialect.begin(task, at: now)
  }

  /// What a body with status 200 leads to.
  mutating func answer(
    _ call: Call<BinancePurpose>, _ body: JSON, status: Int = 200, headers: [HTTPHeader] = []
  ) -> Reaction<BinancePurpose> {
    dialect.finish(
      call, .answered(HTTPResponse(status: status, headers: headers, body: body.bytes)), at: now)
  }

  /// Answers a task's calls, and those that follow, until none is left.
  mutating func play(
    _ task: VenueTask, _ server: (Call<BinancePurpose>) -> CallOutcome
  ) -> (messages: [VenueMessage], calls: [String]) {
    play(begin(task), server)
  }

  mutating func play(
    _ first: [Call<BinancePurpose>], _ server: (Call<BinancePurpose>) -> CallOutcome
  ) -> (messages: [VenueMessage], calls: [String]) {
    var (open, messages, said) = (first, [VenueMessage](), [String]())
    while !open.isEmpty {
      let call = open.removeFirst()
      said.append(Self.text(call))
      let reaction = dialect.finish(call, server(call), at: now)
      messages += reaction.messages
      open += reaction.calls
    }
    return (messages, said)
  }

  mutating func housekeeping(after span: TimeSpan) -> [Call<BinancePurpose>] {
    now = now + span
    return dialect.housekeeping(at: now)
  }

  /// What one frame leads to.
  mutating func receive(
    _ frame: String, on stream: String
  ) throws -> (messages: [VenueMessage], replies: [String]) {
    try receive(Array(frame.utf8), on: stream)
  }

  mutating func receive(
    _ bytes: [UInt8], on stream: String
  ) throws -> (messages: [VenueMessage], replies: [String]) {
    var messages: [VenueMessage] = []
    let now = now
    let replies = try bytes.withUnsafeBytes {
      try dialect.receive($0, on: StreamID(stream), at: now, into: &messages)
    }
    return (messages, replies)
  }

  /// Method, path and parameters as one line.
  static func text(_ call: Call<BinancePurpose>) -> String {
    let parameters = call.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    return "\(call.method.rawValue) \(call.path)\(parameters.isEmpty ? "" : "?\(parameters)")"
  }

  static func ok(_ body: JSON) -> CallOutcome {
    .answered(HTTPResponse(status: 200, body: body.bytes))
  }
  static func error(_ code: Int64, _ text: String, status: Int = 400) -> CallOutcome {
    let body: JSON = ["code": .number(String(code)), "msg": .string(text)]
    return .answered(HTTPResponse(status: status, body: body.bytes))
  }
  static func parsed(_ text: String) throws -> JSON { try JSON(Array(text.utf8)) }
}

/// Recorded and published samples.
enum BinanceFixture {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Fixtures")

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }
  static func json(_ name: String) throws -> JSON { try JSON(try bytes(name)) }
  static func lines(_ name: String) throws -> [JSON] {
    try bytes(name).split(separator: UInt8(ascii: "\n")).map { try JSON(Array($0)) }
  }
  /// The recorded answer to a client's call.
  static func response(_ method: String, _ path: String, _ place: Int = 0) throws -> JSON {
    let found = try lines("responses.jsonl").filter {
      $0["method"]?.text == method && $0["path"]?.text == path
    }
    return try #require(found[place]["response"])
  }
}

extension [VenueMessage] {
  var events: [VenueEvent] {
    compactMap { if case .event(let event) = $0 { event } else { nil } }
  }
  var notices: [String] {
    compactMap { if case .notice(let text) = $0 { text } else { nil } }
  }
}
