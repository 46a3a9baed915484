import FixedPoint
import Trading
import Wire

/// What the spot and the futures port of this venue have in common.
protocol BinanceFront: VenueFront {
  /// The market whose instruments are traded here.
  var market: Market { get }
}

extension BinanceFront {
  /// All instruments of this port, those that are gone too.
  var symbols: [BinanceSymbol] { venue.listings(of: market).map(BinanceSymbol.init) }

  /// The instrument at a place.
  func symbol(at index: InstrumentIndex) -> BinanceSymbol {
    BinanceSymbol(listed: venue.listing(index))
  }

  /// The instrument that a request names.
  ///
  /// - Throws: no name, one with lower-case letters, or one that is not listed.
  func symbol(_ call: BinanceCall) throws(BinanceError) -> BinanceSymbol {
    try symbol(named: call.parameters.mandatory("symbol"))
  }

  /// The instrument that a request may name; nil when it names none.
  func optionalSymbol(_ call: BinanceCall) throws(BinanceError) -> BinanceSymbol? {
    guard let name = try call.parameters.text("symbol") else { return nil }
    return try symbol(named: name)
  }

  /// The instrument of a name.
  func symbol(named name: String) throws(BinanceError) -> BinanceSymbol {
    guard name.unicodeScalars.count <= 50,
      !name.utf8.contains(where: { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
    else { throw .illegal("symbol", range: #"^[\w\-._&&[^a-z]]{1,50}$"#) }
    guard let listed = venue.listing(market, named: name) else { throw .symbol }
    return BinanceSymbol(listed: listed)
  }

  /// The venue's clock at a moment of the market's.
  func stamp(_ time: Timestamp) -> JSON { .millis(time + venue.clockSkew) }

  /// Rows of one instrument or of all, as one object or a list.
  func rows(
    _ call: BinanceCall, _ row: (BinanceSymbol) -> JSON?
  ) throws(BinanceError) -> JSON {
    if let symbol = try optionalSymbol(call) { return row(symbol) ?? [:] }
    return .array(try listed(call).compactMap(row))
  }

  /// The instruments of a `symbols` parameter, else all.
  func listed(_ call: BinanceCall) throws(BinanceError) -> [BinanceSymbol] {
    guard let text = try call.parameters.text("symbols") else { return symbols }
    guard let list = try? JSON(Array(text.utf8)), case .array(let names) = list, !names.isEmpty
    else {
      throw .illegal(
        "symbols", range: #"^\[("[\w\-._&&[^a-z]]{1,50}"(,"[\w\-._&&[^a-z]]{1,50}"){0,}){0,1}\]$"#)
    }
    var found: [BinanceSymbol] = []
    for name in names { found.append(try symbol(named: name.text ?? "")) }
    return found
  }

  /// Candles as rows of twelve.
  func klines(_ call: BinanceCall) throws(BinanceError) -> JSON {
    try klines(call, ofMark: false)
  }

  /// Candles of the mark price: volumes are zero.
  func klines(_ call: BinanceCall, ofMark: Bool) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    guard let interval = BinanceInterval(try call.parameters.mandatory("interval")) else {
      throw .interval
    }
    let from = try call.parameters.moment("startTime")
    let end = try call.parameters.moment("endTime").map { $0 + .milliseconds(1) }
    let limit = try call.parameters.limit(default: 500, maximum: market == .spot ? 1000 : 1500)
    let candles = venue.candles(
      symbol.index, interval: interval.span, from: from, to: end, limit: limit, ofMark: ofMark)
    return .array(
      candles.map { candle in
        let half = symbol.quantity(candle.volume.half(lot: symbol.instrument.lot))
        let value = symbol.value(candle.quoteVolume)
        return [
          .millis(candle.opensAt), symbol.price(candle.open), symbol.price(candle.high),
          symbol.price(candle.low), symbol.price(candle.close),
          ofMark ? "0" : symbol.quantity(candle.volume),
          .millis(candle.opensAt + interval.span - .milliseconds(1)), ofMark ? "0" : value,
          .whole(candle.trades), ofMark ? "0" : half,
          ofMark ? "0" : symbol.value(candle.quoteVolume.divided(by: 2, rounding: .down)), "0",
        ]
      })
  }

  /// The members that day tickers of both ports share.
  func dayTicker(_ symbol: BinanceSymbol) -> [JSONMember]? {
    guard let ticker = venue.ticker(symbol.index) else { return nil }
    let change = symbol.listed.wire(ticker.last) - symbol.listed.wire(ticker.open)
    let percent =
      ticker.open.isZero
      ? Rate.zero : (ticker.last - ticker.open).ratio(to: ticker.open).times(100)
    let weighted =
      ticker.volume.isZero ? ticker.last : ticker.quoteVolume.price(per: ticker.volume)
    let members: [(String, JSON)] = [
      ("symbol", symbol.nameJSON),
      ("priceChange", .string(change.text(minimumPlaces: symbol.isPerp ? symbol.tickPlaces : 8))),
      ("priceChangePercent", .string(percent.rounded(places: 3, .halfUp).text(minimumPlaces: 3))),
      ("weightedAvgPrice", symbol.price(weighted)), ("lastPrice", symbol.price(ticker.last)),
      ("lastQty", symbol.quantity(symbol.instrument.lot)),
      ("openPrice", symbol.price(ticker.open)), ("highPrice", symbol.price(ticker.high)),
      ("lowPrice", symbol.price(ticker.low)), ("volume", symbol.quantity(ticker.volume)),
      ("quoteVolume", symbol.value(ticker.quoteVolume)), ("openTime", stamp(ticker.opensAt)),
      ("closeTime", stamp(ticker.at)), ("firstId", 1), ("lastId", .whole(max(1, ticker.trades))),
      ("count", .whole(ticker.trades)),
    ]
    return members.map { JSONMember(name: $0.0, value: $0.1) }
  }
}

extension Fixed where Unit == Trading.Unit.Base {
  /// Half of it in whole lots.
  fileprivate func half(lot: Quantity) -> Quantity {
    divided(by: 2, rounding: .down).rounded(toMultipleOf: lot, .down)
  }
}
