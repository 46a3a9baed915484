import FixedPoint
import Simulation
import Trading
import Wire

/// Whose prices a bucket has.
enum BybitCandleKind {
  case last, mark, index, premium
}

extension BybitFront {
  /// Buckets, newest first, `end` inclusive: of a range that is longer than the limit its newest.
  func candles(
    _ parameters: BybitParameters, of kind: BybitCandleKind
  ) throws(BybitRefusal) -> BybitAnswer {
    let listing = try listing(parameters)
    guard kind == .last || listing.isPerp else { throw .parameter("Illegal category") }
    let interval = try Self.interval(try parameters.required("interval"))
    let limit = try parameters.limit(default: 200, maximum: 1000)
    let start = try parameters.moment("start")
    let end = try parameters.moment("end").map { $0 + TimeSpan(nanoseconds: 1) }
    var from = start.map { Self.ceiled($0, to: interval) }
    if let begin = from, let end {
      let newest = end - TimeSpan(nanoseconds: interval.nanoseconds * Int64(limit))
      from = max(begin, Self.ceiled(newest, to: interval))
    }
    let own = venue.candles(
      kind == .index ? listing.partner : listing.index, interval: interval, from: from, to: end,
      limit: limit, ofMark: kind == .mark)
    let rows: [JSON]
    if kind == .premium {
      let index = venue.candles(
        listing.partner, interval: interval, from: own.first?.opensAt ?? venue.now, limit: 100_000)
      rows = premiums(own, over: index)
    } else {
      let scale = kind == .index ? venue.listing(listing.partner) : listing
      rows = own.map { row($0, scale, multiplier: listing.multiplier, isFull: kind == .last) }
    }
    var answer = BybitAnswer.list(rows.reversed(), listing.category)
    if case .object(let members) = answer.result {
      answer.result = .object([JSONMember("symbol", listing.name)] + members)
    }
    return answer
  }

  private func row(
    _ candle: Candle, _ listing: ListedInstrument, multiplier: Int, isFull: Bool
  ) -> JSON {
    let prices = [candle.open, candle.high, candle.low, candle.close].map { price in
      JSON.string(
        listing.isPerp ? listing.text(price) : price.times(isFull ? 1 : multiplier).description)
    }
    let volumes: [JSON] = [
      .text(listing.wire(candle.volume).rounded(places: 8, .halfEven)),
      .text(candle.quoteVolume.rounded(places: 8, .halfEven)),
    ]
    return .array([.stamp(candle.opensAt)] + prices + (isFull ? volumes : []))
  }

  /// How far the perpetual stood from its index, as a fraction of the index.
  private func premiums(_ candles: [Candle], over index: [Candle]) -> [JSON] {
    var rows: [JSON] = []
    var place = 0
    for candle in candles {
      while place < index.count, index[place].opensAt < candle.opensAt { place += 1 }
      guard place < index.count, index[place].opensAt == candle.opensAt else { continue }
      func premium(_ price: Price, _ base: Price) -> Rate {
        (price.ratio(to: base) - .one).rounded(places: 6, .halfEven)
      }
      let other = index[place]
      let open = premium(candle.open, other.open)
      let close = premium(candle.close, other.close)
      let ends = [open, close, premium(candle.high, other.high), premium(candle.low, other.low)]
      rows.append([
        .stamp(candle.opensAt), .text(open), .text(ends.max() ?? open), .text(ends.min() ?? open),
        .text(close),
      ])
    }
    return rows
  }

  /// Settled rates, newest first; `startTime` alone is an error, as at the venue.
  func fundingHistory(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let listing = try listing(parameters)
    guard listing.isPerp else { throw .parameter("Illegal category") }
    let limit = try parameters.limit(default: 200, maximum: 200)
    let start = try parameters.moment("startTime")
    let end = try parameters.moment("endTime").map { $0 + TimeSpan(nanoseconds: 1_000_000) }
    if start != nil, end == nil {
      throw .parameter("params error: startTime and endTime must be passed together")
    }
    let settled = venue.settlements(
      listing.index, from: start, to: end, limit: start == nil ? limit : 1_000_000)
    let rows = settled.suffix(limit).reversed().map { settlement -> JSON in
      [
        "symbol": .string(listing.name), "fundingRate": .text(settlement.rate.rate),
        "fundingRateTimestamp": .stamp(settlement.rate.settlesAt),
      ]
    }
    return .list(rows, .linear)
  }

  /// Open interest at the ends of past intervals, newest first.
  func openInterest(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let listing = try listing(parameters)
    guard listing.isPerp else { throw .parameter("Illegal category") }
    let spans: [String: TimeSpan] = [
      "5min": .minutes(5), "15min": .minutes(15), "30min": .minutes(30), "1h": .hours(1),
      "4h": .hours(4), "1d": .days(1),
    ]
    guard let span = spans[try parameters.required("intervalTime")] else {
      throw .parameter("params error: intervalTime invalid")
    }
    let limit = try parameters.limit(default: 50, maximum: 200)
    let newest = min(try parameters.moment("endTime") ?? venue.now, venue.now).floored(to: span)
    let oldest = try parameters.moment("startTime") ?? .distantPast
    let interest = openInterest(of: listing)
    var rows: [JSON] = []
    var at = newest
    while rows.count < limit, at >= oldest {
      rows.append([
        "openInterest": .string(interest.text(minimumPlaces: 8)),
        "singleOpenInterest": .text(interest.divided(by: 2, rounding: .down)),
        "timestamp": .stamp(at),
      ])
      at = at - span
    }
    return BybitAnswer([
      "symbol": .string(listing.name), "category": "linear", "list": .array(rows),
      "nextPageCursor": "",
    ])
  }

  /// The length of a bucket by the venue's word for it.
  static func interval(_ text: String) throws(BybitRefusal) -> TimeSpan {
    switch text {
    case "1", "3", "5", "15", "30", "60", "120", "240", "360", "720":
      .minutes(Int64(text) ?? 1)
    case "D": .days(1)
    case "W": .days(7)
    default: throw .parameter("params error: interval invalid")
    }
  }

  private static func ceiled(_ time: Timestamp, to span: TimeSpan) -> Timestamp {
    let floor = time.floored(to: span)
    return floor == time ? time : floor + span
  }
}
