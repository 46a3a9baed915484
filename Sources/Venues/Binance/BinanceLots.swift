import FixedPoint
import Trading
import Wire

/// Names and steps of pairs, each market read on its own.
struct BinanceLots: Hashable, Sendable {
  let symbols: [Symbol]
  private var spots: [String: BinanceSpotTerms] = [:]
  private var perps: [String: BinancePerpTerms] = [:]
  private var unread: [Market: String] = [:]

  init(_ symbols: [Symbol]) { self.symbols = symbols }

  static func calls(_ number: Int) -> [BinanceCall] {
    [
      BinanceCall(
        .futuresREST, .get, "/fapi/v1/exchangeInfo", isSigned: false, urgency: .high,
        .part(number, .perpInstruments)),
      BinanceCall(
        .spotREST, .get, "/api/v3/exchangeInfo", isSigned: false, weight: 20, urgency: .high,
        .part(number, .spotInstruments)),
    ]
  }

  /// Takes in a market; one that cannot be read is noted and nothing else.
  mutating func take(_ part: BinancePart, _ answer: BinanceAnswer) {
    let market: Market = part == .spotInstruments ? .spot : .perp
    do throws(DialectError) {
      switch answer {
      case .success(let json): try read(json, market)
      case .refused(let refusal): unread[market] = refusal.words
      case .unknown(let why): unread[market] = why
      }
    } catch {
      unread[market] = error.description
    }
  }

  private mutating func read(_ json: JSON, _ market: Market) throws(DialectError) {
    let wanted = Set(
      symbols.flatMap { symbol in
        market == .spot
          ? [symbol.rawValue] : BinanceMultiplier.names(of: symbol.rawValue).map(\.name)
      })
    for row in try BinanceRow(json).rows("symbols") {
      guard let name = row.json["symbol"]?.text, wanted.contains(name) else { continue }
      do throws(DialectError) {
        switch market {
        case .spot: spots[name] = try BinanceSpotTerms(row)
        case .perp: perps[name] = try BinancePerpTerms(row)
        }
      } catch {
        // One instrument that is not understood leaves the others readable.
        unread[market] = "\(name): \(error)"
      }
    }
  }

  func result(venue: VenueID) -> TradableLots {
    var lots = TradableLots()
    lots.unread = unread
    for symbol in symbols {
      do throws(DialectError) {
        try add(symbol, to: &lots, venue: venue)
      } catch {
        lots.unread[.perp] = "\(symbol): \(error)"
      }
    }
    return lots
  }

  private func add(
    _ symbol: Symbol, to lots: inout TradableLots, venue: VenueID
  ) throws(DialectError) {
    var spot = spots[symbol.rawValue]
    let names = BinanceMultiplier.names(of: symbol.rawValue)
    let found = names.first { perps[$0.name] != nil }
    let perp = found.flatMap { perps[$0.name] }
    let multiplier = found?.multiplier ?? 1
    if let terms = spot, let perp {
      // A perpetual of that name in another asset is no leg of the pair.
      let isPair = perp.quote == terms.quote && perp.base == name(terms.base, times: multiplier)
      if !isPair { spot = nil }
    }
    lots.add(
      symbol,
      spot: try spot.map { (terms) throws(DialectError) in
        try leg(.spot, terms.name, terms.base, terms.quote, terms.filters, 1, venue)
      },
      perp: try perp.map { (terms) throws(DialectError) in
        try leg(.perp, terms.name, terms.base, terms.quote, terms.filters, multiplier, venue)
      }, multiplier: multiplier, venue: venue)
  }

  private func name(_ base: String, times multiplier: Int) -> String {
    BinanceMultiplier.names(of: base).first { $0.multiplier == multiplier }?.name ?? base
  }

  private func leg(
    _ market: Market, _ name: String, _ base: String, _ quote: String, _ filters: BinanceFilters,
    _ multiplier: Int, _ venue: VenueID
  ) throws(DialectError) -> TradableLeg {
    let id = InstrumentID(venue: venue, market: market, symbol: Symbol(name))
    let named = BinanceInstrument(id: id, index: nil, name: name, multiplier: multiplier)
    let steps = try filters.neutral(named)
    var largest: Quantity?
    if let most = filters.largestAtMarket { largest = try named.quantity(most) }
    let instrument = Instrument(
      id: id, base: AssetID(base), quote: AssetID(quote), tick: steps.tick, lot: steps.lot,
      minimumQuantity: steps.minimumQuantity, minimumNotional: filters.minimumNotional,
      fees: TradableLeg.noFees)
    return TradableLeg(instrument: instrument, name: name, largest: largest)
  }
}

extension BinanceDialect {
  mutating func beginLots(_ symbols: [Symbol], _ task: VenueTask) -> [BinanceCall] {
    gathers.open(task, .lots(BinanceLots(symbols)), calls: BinanceLots.calls)
  }

  /// The call that takes an order back by the venue's own id, whoever sent it.
  func takingBack(_ order: OpenOrder) -> BinanceCall {
    BinanceCall(
      Self.host(of: order.instrument), .delete, Self.path("order", order.instrument),
      [
        Parameter("symbol", markets[order.instrument].name),
        Parameter("orderId", order.venueOrder.rawValue),
      ], urgency: .high, isMutating: true, .takeBack(order))
  }

  /// An order that is not there any more needs no word.
  func takenBack(
    _ order: OpenOrder, _ answer: BinanceAnswer, into reaction: inout BinanceReaction
  ) {
    if case .refused(let refusal) = answer, refusal.code == -2011 || refusal.code == -2013 {
      return
    }
    Self.failed(.takeBack(order), answer).map { reaction.messages.append($0) }
  }
}
