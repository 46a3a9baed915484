import FixedPoint
import Foundation
import Trading
import Venues
import Wire

/// Listings, a dialect, and a venue that answers by script.
enum BybitFixture {
  static let now = Timestamp(milliseconds: 1_735_689_600_123)
  static let credentials = BybitCredentials(
    apiKey: "fakeBybitKey0001", secret: Secret("fakeBybitSecret0001abcdefghijklmno"))

  static let spotBTC = InstrumentID(venue: "bybit", market: .spot, symbol: "BTCUSDT")
  static let perpBTC = InstrumentID(venue: "bybit", market: .perp, symbol: "BTCUSDT")
  static let spotPEPE = InstrumentID(venue: "bybit", market: .spot, symbol: "PEPEUSDT")
  static let perpPEPE = InstrumentID(venue: "bybit", market: .perp, symbol: "1000PEPEUSDT")
  static let perpETH = InstrumentID(venue: "bybit", market: .perp, symbol: "ETHUSDT")

  static func listing(
    _ base: AssetID, spot: String, perp: String, multiplier: Int = 1
  ) -> Listing {
    func instrument(_ market: Market, _ name: String) -> Instrument {
      Instrument(
        id: InstrumentID(venue: "bybit", market: market, symbol: Symbol(rawValue: name)),
        base: base, quote: "USDT", tick: "0.0000000001", lot: "0.001", minimumQuantity: "0.001",
        minimumNotional: "5",
        fees: FeeSchedule(
          maker: "0.0002", taker: "0.00055", isTakenFromReceivedAsset: market == .spot))
    }
    return Listing(
      spot: instrument(.spot, spot), perp: instrument(.perp, perp), spotName: spot,
      perpName: perp, multiplier: multiplier,
      terms: FundingTerms(
        intervalHours: 8, cap: "0.00375", floor: "-0.00375", nextSettlement: nil),
      spotStatus: .trading, perpStatus: .trading, delistsAt: nil, combo: nil)
  }

  static let listings = [
    listing("BTC", spot: "BTCUSDT", perp: "BTCUSDT"),
    listing("PEPE", spot: "PEPEUSDT", perp: "1000PEPEUSDT", multiplier: 1000),
    listing("ETH", spot: "ETHUSDT", perp: "ETHUSDT"),
  ]
  static let universe = Universe(pairs: listings.map { ($0.spot, $0.perp) })

  /// The same pairs, of which BTC has a combination, on an account in cross margin.
  static func cross() -> BybitDialect {
    var listings = listings
    listings[0].combo = Combo(
      name: "BTCUSDT_BTC/USDT", tick: "0.01", lot: "0.001", minimumQuantity: "0.001",
      maximumQuantity: nil, feeShare: "0.5")
    var dialect = BybitDialect(credentials: credentials, margin: .cross)
    dialect.attach(universe, listings: listings)
    return dialect
  }

  static func dialect() -> BybitDialect {
    var dialect = BybitDialect(credentials: credentials)
    dialect.attach(universe, listings: listings)
    return dialect
  }

  static func order(
    _ sequence: Int64 = 17, _ instrument: InstrumentID = perpBTC, _ side: Side = .sell,
    _ quantity: Quantity = "0.01", _ kind: OrderKind = .limit("50000"), reduceOnly: Bool = false,
    lifetime: TimeSpan = .seconds(4), form: OrderForm = .leg
  ) -> OrderRequest {
    OrderRequest(
      id: ClientOrderID(
        run: 3, sequence: sequence, carry: CarryID(41), market: instrument.market),
      instrument: instrument, side: side, quantity: quantity, kind: kind,
      reduceOnly: reduceOnly, deadline: now + lifetime, form: form)
  }

  /// The envelope of an answer around a result.
  static func answer(_ result: String, code: Int = 0, text: String = "OK") -> CallOutcome {
    let body =
      #"{"retCode":\#(code),"retMsg":"\#(text)","result":\#(result),"retExtInfo":{},"#
      + #""time":1735689600200}"#
    return .answered(HTTPResponse(status: 200, body: Array(body.utf8)))
  }

  static func page(_ rows: [String], cursor: String = "") -> CallOutcome {
    answer(#"{"list":[\#(rows.joined(separator: ","))],"nextPageCursor":"\#(cursor)"}"#)
  }

  /// The lines of a file of fixtures.
  static func lines(_ name: String) throws -> [JSON] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let file = folder.appendingPathComponent("Fixtures/\(name).jsonl")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      try JSON(Array($0.utf8))
    }
  }

  static func payload(_ name: String) throws -> JSON {
    guard let row = try lines("payloads").first(where: { $0["name"]?.text == name }),
      let payload = row["payload"]
    else { throw DialectError("no payload \(name)") }
    return payload
  }
}

extension BybitDialect {
  /// Carries a task out against a script; every call is answered.
  mutating func perform(
    _ task: VenueTask, at time: Timestamp = BybitFixture.now,
    _ script: (Call<BybitPurpose>) -> CallOutcome
  ) -> [VenueMessage] {
    run(begin(task, at: time), at: time, script)
  }

  mutating func run(
    _ calls: [Call<BybitPurpose>], at time: Timestamp = BybitFixture.now,
    _ script: (Call<BybitPurpose>) -> CallOutcome
  ) -> [VenueMessage] {
    var queue = calls
    var messages: [VenueMessage] = []
    var count = 0
    while !queue.isEmpty, count < 1000 {
      let call = queue.removeFirst()
      let reaction = finish(call, script(call), at: time)
      messages += reaction.messages
      queue += reaction.calls
      count += 1
    }
    return messages
  }

  /// Hears one frame.
  mutating func hear(
    _ frame: String, on stream: String, at time: Timestamp = BybitFixture.now
  ) throws -> [VenueMessage] {
    var messages: [VenueMessage] = []
    var frame = frame
    _ = try frame.withUTF8 { bytes in
      try receive(
        UnsafeRawBufferPointer(bytes), on: StreamID(stream), at: time, into: &messages)
    }
    return messages
  }
}

extension Call {
  /// A parameter's value.
  subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }
}
