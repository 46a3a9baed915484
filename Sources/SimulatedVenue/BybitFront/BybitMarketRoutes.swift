import FixedPoint
import Simulation
import Trading
import Wire

extension BybitFront {
  /// `/v5/market`: everything that is the same for everybody.
  func marketAnswer(_ call: BybitCall) throws(BybitRefusal) -> BybitAnswer? {
    let parameters = call.parameters
    switch call.route {
    case "GET /v5/market/time": return BybitAnswer(clockRow)
    case "GET /v5/market/instruments-info": return try instruments(parameters)
    case "GET /v5/market/tickers": return try tickers(parameters)
    case "GET /v5/market/orderbook": return try orderBook(parameters)
    case "GET /v5/market/kline": return try candles(parameters, of: .last)
    case "GET /v5/market/mark-price-kline": return try candles(parameters, of: .mark)
    case "GET /v5/market/index-price-kline": return try candles(parameters, of: .index)
    case "GET /v5/market/premium-index-price-kline": return try candles(parameters, of: .premium)
    case "GET /v5/market/funding/history": return try fundingHistory(parameters)
    case "GET /v5/market/open-interest": return try openInterest(parameters)
    case "GET /v5/market/risk-limit": return try riskLimits(parameters)
    case "GET /v5/market/price-limit": return try priceLimit(parameters)
    case "GET /v5/market/recent-trade": return try recentTrades(parameters)
    case "GET /v5/market/insurance": return insurance
    case "GET /v5/market/adlAlert": return try deleveragingAlerts(parameters)
    default: return nil
    }
  }

  /// The instrument that category and symbol name.
  func listing(_ parameters: BybitParameters) throws(BybitRefusal) -> ListedInstrument {
    let category = try parameters.category()
    let symbol = try parameters.required("symbol")
    guard let listing = venue.listing(category.market, named: symbol) else {
      throw BybitRefusal.unknownSymbol(category)
    }
    return listing
  }

  /// The instruments of a category, or the one that is named.
  func listings(
    _ category: BybitCategory, _ parameters: BybitParameters
  ) throws(BybitRefusal) -> [ListedInstrument] {
    guard let symbol = parameters.text("symbol") else { return venue.listings(of: category.market) }
    guard let listing = venue.listing(category.market, named: symbol) else {
      throw BybitRefusal.unknownSymbol(category)
    }
    return [listing]
  }

  private var clockRow: JSON {
    let nanoseconds = venue.clock.nanoseconds
    return [
      "timeSecond": .string(String(nanoseconds / 1_000_000_000)),
      "timeNano": .string(String(nanoseconds)),
    ]
  }

  func instruments(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let category = try parameters.category()
    var listings = try listings(category, parameters)
    if let status = parameters.text("status") {
      listings = listings.filter { $0.bybitStatus == status }
    } else if parameters.text("symbol") == nil {
      listings = listings.filter { $0.bybitStatus != "Closed" }
    }
    if let base = parameters.text("baseCoin") { listings = listings.filter { $0.baseName == base } }
    if category == .spot { return .list(listings.map(instrumentRow), category) }
    let page = try BybitPage(listings, parameters, default: 500, maximum: 1000)
    return .list(page.rows.map(instrumentRow), category, cursor: page.cursor)
  }

  private func tickers(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let category = try parameters.category()
    let rows = try listings(category, parameters).compactMap { tickerRow($0, isStream: false) }
    return .list(rows.map(JSON.object), category)
  }

  private func orderBook(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let listing = try listing(parameters)
    let depth = try parameters.limit(default: listing.isPerp ? 25 : 1, maximum: 1000)
    guard let book = venue.book(listing.index, depth: min(depth, 50)) else {
      throw .parameter("params error: no book yet")
    }
    return BybitAnswer([
      "s": .string(listing.name), "b": levels(book.bids, listing), "a": levels(book.asks, listing),
      "ts": .milliseconds(venue.clock), "u": .number(String(book.updateID)),
      "seq": .number(String(book.updateID)), "cts": .milliseconds(book.at),
    ])
  }

  func levels(_ levels: [BookLevel], _ listing: ListedInstrument) -> JSON {
    .array(
      levels.map { [.string(listing.text($0.price)), .string(listing.text($0.quantity))] })
  }

  private func riskLimits(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let category = try parameters.category()
    guard category == .linear else { throw .parameter("Illegal category") }
    let page = try BybitPage(
      try listings(category, parameters), parameters, default: 15, maximum: 15)
    return .list(page.rows.flatMap(riskLimitRows), category, cursor: page.cursor)
  }

  private func priceLimit(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let listing = try listing(parameters)
    let limits = priceLimits(listing)
    return BybitAnswer(
      [
        "symbol": .string(listing.name), "buyLmt": .string(listing.text(limits.highest)),
        "sellLmt": .string(listing.text(limits.lowest)), "ts": .stamp(venue.clock),
      ], text: "")
  }

  private func recentTrades(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let listing = try listing(parameters)
    let limit = try parameters.limit(default: listing.isPerp ? 500 : 60, maximum: 1000)
    let fills = venue.fills.reversed().lazy.filter { $0.instrument == listing.index }.prefix(limit)
    let rows = fills.map { fill -> JSON in
      [
        "execId": .string(BybitID.id(.execution, fill.number)), "symbol": .string(listing.name),
        "price": .string(listing.text(fill.fill.price)),
        "size": .string(listing.text(fill.fill.quantity)), "side": .string(fill.fill.side.bybit),
        "time": .stamp(fill.fill.at), "isBlockTrade": false, "isRPITrade": false,
        "seq": .text(fill.number),
      ]
    }
    return .list(Array(rows), listing.category)
  }

  private var insurance: BybitAnswer {
    let rows = venue.listings(of: .perp).map { listing -> JSON in
      [
        "coin": .string(listing.quoteName), "symbols": .string(listing.name),
        "balance": "1000000", "value": "1000000",
      ]
    }
    return BybitAnswer(["updatedTime": .stamp(venue.clock), "list": .array(rows)])
  }

  private func deleveragingAlerts(
    _ parameters: BybitParameters
  ) throws(BybitRefusal) -> BybitAnswer {
    let rows = try listings(.linear, parameters).map { listing -> JSON in
      [
        "coin": .string(listing.quoteName), "symbol": .string(listing.name),
        "balance": "1000000", "maxBalance": "1000000", "insurancePnlRatio": "-0.3",
        "pnlRatio": "0", "adlTriggerThreshold": "10000", "adlStopRatio": "-0.25",
      ]
    }
    return BybitAnswer(["updatedTime": .stamp(venue.clock), "list": .array(rows)])
  }
}
