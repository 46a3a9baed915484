import FixedPoint
import Trading
import Wire

// Payloads of market streams; those of futures have the pair and the kind of contract too.
extension BinanceFront {
  /// What a stream of one instrument tells now; nil before there is a price.
  ///
  /// - Parameter change: what changed in the book, for the stream of changes.
  func payload(
    _ kind: BinanceStreamKind, _ symbol: BinanceSymbol, change: BinanceBookChange? = nil
  ) -> JSON? {
    switch kind {
    case .bookTicker: bookTicker(symbol)
    case .depth: change.map { depthUpdate($0, symbol) }
    case .levels(let depth): levels(depth, symbol, change: change)
    case .miniTicker: dayTicker(symbol, isMini: true)
    case .ticker: dayTicker(symbol, isMini: false)
    case .trade: trade(symbol)
    case .aggregateTrade: aggregateTrade(symbol)
    case .candle(let interval): candle(interval, symbol)
    case .markPrice: markPrice(symbol)
    case .forcedOrder, .contractInfo: nil
    }
  }

  private func event(_ name: JSON, _ symbol: BinanceSymbol) -> [(String, JSON)] {
    [("e", name), ("E", .millis(venue.clock))]
      + (symbol.isPerp ? [("T", .millis(venue.clock))] : []) + [("s", symbol.nameJSON)]
  }

  private func tail(_ symbol: BinanceSymbol) -> [(String, JSON)] {
    symbol.isPerp ? [("ps", symbol.nameJSON), ("st", 1)] : []
  }

  private func bookTicker(_ symbol: BinanceSymbol) -> JSON? {
    guard let top = venue.top(symbol.index) else { return nil }
    let head: [(String, JSON)] =
      symbol.isPerp ? event("bookTicker", symbol) : [("s", symbol.nameJSON)]
    return .members(
      [("u", .whole(venue.updateIDs(symbol.index).current))] + head + [
        ("b", symbol.price(top.bid.price)), ("B", symbol.quantity(top.bid.quantity)),
        ("a", symbol.price(top.ask.price)), ("A", symbol.quantity(top.ask.quantity)),
      ] + tail(symbol))
  }

  private func depthUpdate(_ change: BinanceBookChange, _ symbol: BinanceSymbol) -> JSON {
    .members(
      event("depthUpdate", symbol) + [("U", .whole(change.first)), ("u", .whole(change.last))]
        + (symbol.isPerp ? [("pu", .whole(change.previous))] : []) + [
          ("b", .array(change.bids.map { symbol.level($0.price, $0.quantity) })),
          ("a", .array(change.asks.map { symbol.level($0.price, $0.quantity) })),
        ] + tail(symbol))
  }

  private func levels(
    _ depth: Int, _ symbol: BinanceSymbol, change: BinanceBookChange?
  ) -> JSON? {
    guard let book = venue.book(symbol.index, depth: depth) else { return nil }
    let bids = JSON.array(book.bids.map { symbol.level($0.price, $0.quantity) })
    let asks = JSON.array(book.asks.map { symbol.level($0.price, $0.quantity) })
    if !symbol.isPerp {
      return ["lastUpdateId": .whole(book.updateID), "bids": bids, "asks": asks]
    }
    return .members(
      event("depthUpdate", symbol) + [
        ("U", .whole(change?.first ?? book.updateID)), ("u", .whole(book.updateID)),
        ("pu", .whole(change?.previous ?? book.previousUpdateID)), ("b", bids), ("a", asks),
      ] + tail(symbol))
  }

  private func dayTicker(_ symbol: BinanceSymbol, isMini: Bool) -> JSON? {
    guard let rest = dayTicker(symbol), let top = venue.top(symbol.index) else { return nil }
    let row = JSON.object(rest)
    func pair(_ short: String, _ long: String) -> (String, JSON) { (short, row[long] ?? .null) }
    let prices = [
      pair("o", "openPrice"), pair("h", "highPrice"), pair("l", "lowPrice"),
      pair("v", "volume"), pair("q", "quoteVolume"),
    ]
    let head: [(String, JSON)] = [
      ("e", isMini ? "24hrMiniTicker" : "24hrTicker"), ("E", .millis(venue.clock)),
      ("s", symbol.nameJSON),
    ]
    if isMini { return .members(head + [pair("c", "lastPrice")] + prices + tail(symbol)) }
    let book: [(String, JSON)] = [
      ("b", symbol.price(top.bid.price)), ("B", symbol.quantity(top.bid.quantity)),
      ("a", symbol.price(top.ask.price)), ("A", symbol.quantity(top.ask.quantity)),
    ]
    return .members(
      head + [
        pair("p", "priceChange"), pair("P", "priceChangePercent"), pair("w", "weightedAvgPrice"),
        pair("c", "lastPrice"), pair("Q", "lastQty"),
      ] + (symbol.isPerp ? [] : [pair("x", "openPrice")] + book) + prices + [
        pair("O", "openTime"), pair("C", "closeTime"), pair("F", "firstId"),
        pair("L", "lastId"), pair("n", "count"),
      ] + tail(symbol))
  }

  private func trade(_ symbol: BinanceSymbol) -> JSON? {
    guard venue.hasPrice(symbol.index) else { return nil }
    return .members(
      event("trade", symbol)
        + [
          ("t", .whole(venue.updateIDs(symbol.index).current)),
          ("p", symbol.price(venue.lastPrice(symbol.index))),
          ("q", symbol.quantity(symbol.instrument.minimumQuantity)), ("T", .millis(venue.clock)),
          ("m", false),
        ].dropping("T", when: symbol.isPerp) + (symbol.isPerp ? [("X", "MARKET")] : [("M", true)])
        + tail(symbol))
  }

  private func aggregateTrade(_ symbol: BinanceSymbol) -> JSON? {
    guard venue.hasPrice(symbol.index) else { return nil }
    let number = JSON.whole(venue.updateIDs(symbol.index).current)
    let quantity = symbol.quantity(symbol.instrument.minimumQuantity)
    let members: [(String, JSON)] = [
      ("e", "aggTrade"), ("E", .millis(venue.clock)), ("s", symbol.nameJSON), ("a", number),
      ("p", symbol.price(venue.lastPrice(symbol.index))), ("q", quantity),
    ]
    return .members(
      members + (symbol.isPerp ? [("nq", quantity)] : []) + [
        ("f", number), ("l", number), ("T", .millis(venue.clock)), ("m", false),
      ] + (symbol.isPerp ? [] : [("M", true)]) + tail(symbol))
  }

  private func candle(_ name: String, _ symbol: BinanceSymbol) -> JSON? {
    guard let interval = BinanceInterval(name),
      let candle = venue.candles(symbol.index, interval: interval.span, limit: 1).last
    else { return nil }
    let close = candle.opensAt + interval.span - .milliseconds(1)
    let row: JSON = [
      "t": .millis(candle.opensAt), "T": .millis(close), "s": symbol.nameJSON,
      "i": .string(name), "f": 1, "L": .whole(max(1, candle.trades)),
      "o": symbol.price(candle.open), "c": symbol.price(candle.close),
      "h": symbol.price(candle.high), "l": symbol.price(candle.low),
      "v": symbol.quantity(candle.volume), "n": .whole(candle.trades),
      "x": .bool(candle.isClosed), "q": symbol.value(candle.quoteVolume), "V": "0", "Q": "0",
      "B": "0",
    ]
    return .members(
      [("e", "kline"), ("E", .millis(venue.clock)), ("s", symbol.nameJSON), ("k", row)]
        + tail(symbol))
  }

  /// Mark, index and the coming rate of a perpetual.
  func markPrice(_ symbol: BinanceSymbol) -> JSON? {
    guard symbol.isPerp, symbol.listed.status != .delisted, venue.hasPrice(symbol.index) else {
      return nil
    }
    let funding = venue.funding(symbol.index)
    return [
      "e": "markPriceUpdate", "E": .millis(venue.clock), "s": symbol.nameJSON,
      "p": symbol.mark(funding.mark), "ap": symbol.mark(funding.mark),
      "P": symbol.mark(funding.index), "i": symbol.mark(funding.index),
      "r": funding.rate.eightJSON, "T": .millis(funding.nextSettlement), "st": 1,
    ]
  }
}

extension JSON {
  /// An object of members in the order written.
  static func members(_ members: [(String, JSON)]) -> JSON {
    .object(members.map { JSONMember(name: $0.0, value: $0.1) })
  }
}

extension [(String, JSON)] {
  /// Without a name that is there already.
  fileprivate func dropping(_ name: String, when isTold: Bool) -> Self {
    isTold ? filter { $0.0 != name } : self
  }
}
