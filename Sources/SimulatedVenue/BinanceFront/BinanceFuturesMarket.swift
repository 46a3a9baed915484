import FixedPoint
import Trading
import Wire

// Prices and funding of perpetuals.
extension BinanceFuturesFront {
  func futuresExchangeInfo(_ call: BinanceCall) -> JSON {
    var assets: [AssetID] = []
    for symbol in symbols where !assets.contains(symbol.instrument.quote) {
      assets.append(symbol.instrument.quote)
    }
    let rows = assets.map { asset -> JSON in
      [
        "asset": .string(asset.rawValue), "marginAvailable": true, "autoAssetExchange": "-10000",
      ]
    }
    return [
      "timezone": "UTC", "serverTime": .millis(call.time), "futuresType": "U_MARGINED",
      "rateLimits": gate.limits.json, "exchangeFilters": [], "assets": .array(rows),
      "symbols": .array(symbols.map(\.futuresJSON)),
    ]
  }

  func futuresDepth(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    let limit = min(
      try call.parameters.limit(default: 500, maximum: 1000), BinanceBooks.depth)
    guard let book = venue.book(symbol.index, depth: limit) else {
      return [
        "lastUpdateId": 0, "E": .millis(call.time), "T": .millis(call.time), "bids": [],
        "asks": [],
      ]
    }
    return [
      "lastUpdateId": .whole(book.updateID), "E": .millis(call.time), "T": stamp(book.at),
      "bids": .array(book.bids.map { symbol.level($0.price, $0.quantity) }),
      "asks": .array(book.asks.map { symbol.level($0.price, $0.quantity) }),
    ]
  }

  func futuresDayTicker(_ call: BinanceCall) throws(BinanceError) -> JSON {
    try rows(call) { symbol in dayTicker(symbol).map(JSON.object) }
  }

  func futuresBookTicker(_ call: BinanceCall) throws(BinanceError) -> JSON {
    try rows(call) { symbol in
      guard let top = venue.top(symbol.index) else { return nil }
      return [
        "symbol": symbol.nameJSON, "bidPrice": symbol.price(top.bid.price),
        "bidQty": symbol.quantity(top.bid.quantity), "askPrice": symbol.price(top.ask.price),
        "askQty": symbol.quantity(top.ask.quantity), "time": .millis(call.time),
        "lastUpdateId": .whole(venue.updateIDs(symbol.index).current),
      ]
    }
  }

  func futuresPriceTicker(_ call: BinanceCall) throws(BinanceError) -> JSON {
    try rows(call) { symbol in
      guard venue.hasPrice(symbol.index) else { return nil }
      return [
        "symbol": symbol.nameJSON, "price": symbol.price(venue.lastPrice(symbol.index)),
        "time": .millis(call.time),
      ]
    }
  }

  func markKlines(_ call: BinanceCall) throws(BinanceError) -> JSON {
    try klines(call, ofMark: true)
  }

  func premiumIndex(_ call: BinanceCall) throws(BinanceError) -> JSON {
    try rows(call) { symbol in
      guard venue.hasPrice(symbol.index), symbol.listed.status != .delisted else { return nil }
      let funding = venue.funding(symbol.index)
      return [
        "symbol": symbol.nameJSON, "markPrice": symbol.mark(funding.mark),
        "indexPrice": symbol.mark(funding.index),
        "estimatedSettlePrice": symbol.mark(funding.index),
        "lastFundingRate": funding.rate.eightJSON, "interestRate": "0.00010000",
        "nextFundingTime": .millis(funding.nextSettlement), "time": .millis(call.time),
      ]
    }
  }

  func fundingRates(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call)
    let from = try call.parameters.moment("startTime")
    let to = try call.parameters.moment("endTime").map { $0 + .milliseconds(1) }
    // Without times the venue gives two hundred at most, whatever the default.
    let isLatest = from == nil && to == nil
    let limit = try call.parameters.limit(default: isLatest ? 200 : 100, maximum: 1000)
    let found = (chosen.map { [$0] } ?? symbols).flatMap { symbol in
      venue.settlements(symbol.index, from: from, to: to, limit: limit)
        .map { (symbol: symbol, settlement: $0) }
    }.sorted {
      ($0.settlement.rate.settlesAt, $0.symbol.index.position)
        < ($1.settlement.rate.settlesAt, $1.symbol.index.position)
    }
    let rows = from == nil ? found.suffix(limit) : found.prefix(limit)
    return .array(
      rows.map { symbol, settlement in
        [
          "symbol": symbol.nameJSON, "fundingTime": .millis(settlement.rate.settlesAt),
          "fundingRate": settlement.rate.rate.eightJSON,
          "markPrice": settlement.mark.map(symbol.mark) ?? "", "rateType": "Regular",
        ]
      })
  }

  /// Only perpetuals whose terms are not the usual ones: eight hours and the usual cap.
  func fundingInfo(_ call: BinanceCall) -> JSON {
    .array(
      symbols.compactMap { symbol in
        let funding = venue.funding(symbol.index)
        if funding.intervalHours == 8, funding.cap == "0.003", funding.floor == "-0.003" {
          return nil
        }
        return [
          "symbol": symbol.nameJSON, "adjustedFundingRateCap": funding.cap.eightJSON,
          "adjustedFundingRateFloor": funding.floor.eightJSON,
          "fundingIntervalHours": .whole(funding.intervalHours), "disclaimer": false,
          "updateTime": .millis(call.time),
        ]
      })
  }

  func openInterest(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    return [
      "symbol": symbol.nameJSON,
      "openInterest": symbol.quantity(venue.openInterest(symbol.index)),
      "time": .millis(call.time),
    ]
  }

  func symbolAdlRisk(_ call: BinanceCall) throws(BinanceError) -> JSON {
    try rows(call) { symbol in
      [
        "symbol": symbol.nameJSON, "adlRisk": "low",
        "updateTime": .millis(call.time.floored(to: .minutes(30))),
      ]
    }
  }
}
