import FixedPoint
import Trading
import Wire

// Prices of the spot market.
extension BinanceSpotFront {
  func spotExchangeInfo(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let status = try call.parameters.text("symbolStatus")
    let chosen: [BinanceSymbol]
    if let one = try optionalSymbol(call) {
      if try call.parameters.text("symbols") != nil { throw .combination }
      chosen = [one]
    } else {
      chosen = try listed(call)
    }
    let rows = chosen.map(\.spotJSON).filter { status == nil || $0["status"]?.text == status }
    return [
      "timezone": "UTC", "serverTime": .millis(call.time), "rateLimits": gate.limits.json,
      "exchangeFilters": [], "symbols": .array(rows), "sors": [],
    ]
  }

  func spotDepth(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    let limit = min(
      try call.parameters.limit(default: 100, maximum: 5000), BinanceBooks.depth)
    guard let book = venue.book(symbol.index, depth: limit) else {
      return ["lastUpdateId": 0, "bids": [], "asks": []]
    }
    return [
      "lastUpdateId": .whole(book.updateID),
      "bids": .array(book.bids.map { symbol.level($0.price, $0.quantity) }),
      "asks": .array(book.asks.map { symbol.level($0.price, $0.quantity) }),
    ]
  }

  func spotDayTicker(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let isMini = try call.parameters.text("type") == "MINI"
    return try rows(call) { symbol in
      guard var members = dayTicker(symbol), let top = venue.top(symbol.index) else { return nil }
      if isMini {
        let kept = [
          "symbol", "openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume",
          "openTime", "closeTime", "firstId", "lastId", "count",
        ]
        return .object(members.filter { kept.contains($0.name) })
      }
      let open = members.first { $0.name == "openPrice" }?.value ?? .null
      members += [
        JSONMember(name: "prevClosePrice", value: open),
        JSONMember(name: "bidPrice", value: symbol.price(top.bid.price)),
        JSONMember(name: "bidQty", value: symbol.quantity(top.bid.quantity)),
        JSONMember(name: "askPrice", value: symbol.price(top.ask.price)),
        JSONMember(name: "askQty", value: symbol.quantity(top.ask.quantity)),
      ]
      return .object(members)
    }
  }

  func spotBookTicker(_ call: BinanceCall) throws(BinanceError) -> JSON {
    try rows(call) { symbol in
      guard let top = venue.top(symbol.index) else { return nil }
      return [
        "symbol": symbol.nameJSON, "bidPrice": symbol.price(top.bid.price),
        "bidQty": symbol.quantity(top.bid.quantity), "askPrice": symbol.price(top.ask.price),
        "askQty": symbol.quantity(top.ask.quantity),
      ]
    }
  }

  func spotPriceTicker(_ call: BinanceCall) throws(BinanceError) -> JSON {
    try rows(call) { symbol in
      guard venue.hasPrice(symbol.index) else { return nil }
      return ["symbol": symbol.nameJSON, "price": symbol.price(venue.lastPrice(symbol.index))]
    }
  }

  /// Trades of others are not simulated: the closing prices of minutes stand for them.
  func spotTrades(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    let limit = try call.parameters.limit(default: 500, maximum: 1000)
    let minutes = venue.candles(symbol.index, interval: .minutes(1), limit: limit)
    return .array(
      minutes.map { candle in
        let lot = symbol.instrument.minimumQuantity
        return [
          "id": .whole(candle.opensAt.wholeMilliseconds / 60_000),
          "price": symbol.price(candle.close), "qty": symbol.quantity(lot),
          "quoteQty": symbol.value(candle.close.notional(of: lot)),
          "time": .millis(candle.opensAt), "isBuyerMaker": .bool(candle.close < candle.open),
          "isBestMatch": true,
        ]
      })
  }

  func averagePrice(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    return [
      "mins": 5, "price": symbol.price(reference(symbol)), "closeTime": .millis(call.time),
    ]
  }

  /// The average of the last five minutes, which filters measure prices against.
  func reference(_ symbol: BinanceSymbol) -> Price {
    let closes = venue.candles(symbol.index, interval: .minutes(1), limit: 5).map(\.close)
    if closes.isEmpty { return venue.lastPrice(symbol.index) }
    return closes.reduce(Price.zero, +).divided(by: closes.count, rounding: .halfUp)
  }
}
