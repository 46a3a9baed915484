import FixedPoint
import Trading
import Wire

/// Settled funding rates of one perpetual, page by page.
struct BinanceSettlements: Hashable, Sendable {
  let instrument: InstrumentID
  private var rows: [BinanceSettlementRow] = []
  private static let page = 1000

  init(_ instrument: InstrumentID) { self.instrument = instrument }

  static func call(
    _ number: Int, _ instrument: BinanceInstrument, from: Timestamp, to: Timestamp?
  ) -> BinanceCall {
    var parameters = [
      Parameter("symbol", instrument.name),
      Parameter("startTime", String(max(0, from.milliseconds))),
    ]
    // The venue's end is inclusive, ours is not.
    if let to { parameters.append(Parameter("endTime", String(to.milliseconds - 1))) }
    parameters.append(Parameter("limit", String(page)))
    return BinanceCall(
      .futuresREST, .get, "/fapi/v1/fundingRate", parameters, isSigned: false, urgency: .low,
      .part(number, .rates(instrument.id)))
  }

  mutating func take(
    _ json: JSON, _ call: BinanceCall, _ number: Int, _ perp: BinanceInstrument
  ) throws(DialectError) -> [BinanceCall] {
    let new = try BinanceSettlementRow.list(json, perp)
    rows += new
    guard new.count >= Self.page, let last = new.map(\.stamp).max() else { return [] }
    return [
      call.with(
        "startTime", String(last.milliseconds + 1), step: .part(number, .rates(instrument)))
    ]
  }

  /// Oldest first, each with the hours that it stands for.
  func settlements(usual: Int) -> [VenueSettlement] {
    let sorted = rows.sorted { $0.stamp < $1.stamp }
    return sorted.indices.map { place in
      let row = sorted[place]
      let neighbour =
        place > 0 ? sorted[place - 1] : place + 1 < sorted.count ? sorted[place + 1] : nil
      let hours = neighbour.map { Int(($0.at - row.at).nanoseconds.magnitude / 3_600_000_000_000) }
      // A hole in the list is no interval.
      let interval = hours.flatMap { (1...8).contains($0) ? $0 : nil } ?? usual
      return VenueSettlement(
        rate: FundingRate(settlesAt: row.at, intervalHours: interval, rate: row.rate),
        mark: row.mark)
    }
  }

  func messages(books: BinanceBooks, task: VenueTask) -> [VenueMessage] {
    let settlements = settlements(usual: books.terms(of: instrument).intervalHours)
    guard case .request = task else { return [.settlements(settlements)] }
    guard let index = books.index(of: instrument) else {
      let why = "\(instrument) is not traded here"
      return [.failed(task, .refused(code: "local", text: why))]
    }
    var messages: [VenueMessage] = [.event(.fundingHistory(index, settlements.map(\.rate)))]
    for settlement in settlements {
      guard let mark = settlement.mark else { continue }
      messages.append(.event(.fundingSettled(index, settlement.rate, mark: mark)))
    }
    return messages
  }
}

/// One settled rate.
struct BinanceSettlementRow: Hashable, Sendable {
  /// As the venue stamped it, some milliseconds late.
  let stamp: Timestamp
  /// On the grid.
  let at: Timestamp
  let rate: Rate
  /// Nil for old settlements.
  let mark: Price?

  static func list(
    _ json: JSON, _ instrument: BinanceInstrument
  ) throws(DialectError) -> [BinanceSettlementRow] {
    var rows: [BinanceSettlementRow] = []
    for row in try BinanceRow.list(json) {
      let stamp = try row.time("fundingTime")
      var mark: Price?
      if let text = row.json["markPrice"]?.text, !text.isEmpty {
        let price: Price = try row.decimal("markPrice")
        mark = price.isPositive ? try instrument.price(price) : nil
      }
      rows.append(
        BinanceSettlementRow(
          stamp: stamp, at: BinanceTime.settlement(stamp), rate: try row.decimal("fundingRate"),
          mark: mark))
    }
    return rows
  }
}

extension BinanceDialect {
  mutating func beginSettlements(
    _ id: InstrumentID, from: Timestamp, to: Timestamp?, _ task: VenueTask
  ) -> [BinanceCall] {
    let instrument = markets[id]
    return gathers.open(task, .settlements(BinanceSettlements(id))) { number in
      [BinanceSettlements.call(number, instrument, from: from, to: to)]
    }
  }

  mutating func beginBars(
    _ id: InstrumentID, from: Timestamp, to: Timestamp, interval: TimeSpan, _ task: VenueTask
  ) -> [BinanceCall] {
    guard let name = Self.intervals[interval.nanoseconds / 60_000_000_000] else {
      return [impossible(task, "there are no bars of that length")]
    }
    let parameters = [
      Parameter("symbol", markets[id].name), Parameter("interval", name),
      Parameter("startTime", String(from.milliseconds)),
      Parameter("endTime", String(to.milliseconds - 1)), Parameter("limit", "1000"),
    ]
    return gathers.open(task, .bars([])) { number in
      [
        BinanceCall(
          Self.host(of: id), .get, Self.path("klines", id), parameters, isSigned: false,
          weight: id.market == .spot ? 2 : 5, urgency: .low, .part(number, .bars(id)))
      ]
    }
  }

  /// Names of bar lengths by minutes.
  private static let intervals: [Int64: String] = [
    1: "1m", 3: "3m", 5: "5m", 15: "15m", 30: "30m", 60: "1h", 120: "2h", 240: "4h", 360: "6h",
    480: "8h", 720: "12h", 1440: "1d",
  ]

  static func takeBars(
    _ json: JSON, into bars: inout [VenueBar], _ call: BinanceCall, _ number: Int,
    _ markets: BinanceMarkets
  ) throws(DialectError) -> [BinanceCall] {
    guard case .part(_, .bars(let id)) = call.purpose.step else { return [] }
    let instrument = markets[id]
    let rows = try BinanceRow.list(json)
    for row in rows { bars.append(try bar(row.json, instrument)) }
    guard rows.count >= 1000, let last = bars.last else { return [] }
    return [
      call.with(
        "startTime", String(last.openedAt.milliseconds + 1), step: .part(number, .bars(id)))
    ]
  }

  private static func bar(
    _ json: JSON, _ instrument: BinanceInstrument
  ) throws(DialectError) -> VenueBar {
    func price(_ place: Int) throws(DialectError) -> Price {
      guard let price: Price = json[place]?.decimal(), price.isPositive else {
        throw DialectError("a bar without prices")
      }
      return try instrument.price(price)
    }
    guard let stamp = json[0]?.integer, let volume: Quantity = json[5]?.decimal() else {
      throw DialectError("a bar without time or volume")
    }
    return VenueBar(
      openedAt: try BinanceTime.reading(stamp), open: try price(1), high: try price(2),
      low: try price(3), close: try price(4),
      volume: try instrument.quantity(volume).description)
  }
}
