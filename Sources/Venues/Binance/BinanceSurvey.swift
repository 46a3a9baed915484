import FixedPoint
import Trading
import Wire

/// What is read of the pairs asked for, in two phases: the markets, then fees of what was found.
struct BinanceSurvey: Hashable, Sendable {
  let symbols: [Symbol]
  private var spots: [String: BinanceSpotTerms] = [:]
  private var perps: [String: BinancePerpTerms] = [:]
  private var terms: [String: FundingTerms] = [:]
  private var premiums: [String: BinancePremium] = [:]
  private var tiers: [String: [MarginTier]] = [:]
  private var found: [BinancePairTerms]?
  private var spotFees: [Symbol: FeeSchedule] = [:]
  private var perpFees: [Symbol: FeeSchedule] = [:]
  private var spotMids: [Symbol: Price] = [:]

  init(_ symbols: [Symbol]) { self.symbols = symbols }

  static func calls(_ number: Int) -> [BinanceCall] {
    [
      BinanceCall(
        .spotREST, .get, "/api/v3/exchangeInfo", isSigned: false, weight: 20,
        .part(number, .spotInstruments)),
      BinanceCall(
        .futuresREST, .get, "/fapi/v1/exchangeInfo", isSigned: false,
        .part(number, .perpInstruments)),
      BinanceCall(
        .futuresREST, .get, "/fapi/v1/fundingInfo", isSigned: false, .part(number, .fundingInfo)),
      BinanceCall(
        .futuresREST, .get, "/fapi/v1/premiumIndex", isSigned: false, weight: 10,
        .part(number, .premiumIndex)),
      BinanceCall(.futuresREST, .get, "/fapi/v1/leverageBracket", [], .part(number, .brackets)),
    ]
  }

  mutating func take(_ json: JSON, _ part: BinancePart) throws(DialectError) {
    switch part {
    case .spotInstruments:
      let wanted = Set(symbols.map(\.rawValue))
      for row in try BinanceRow(json).rows("symbols") {
        let name = try row.text("symbol")
        if wanted.contains(name) { spots[name] = try BinanceSpotTerms(row) }
      }
    case .perpInstruments:
      let wanted = perpNames
      for row in try BinanceRow(json).rows("symbols") {
        let name = try row.text("symbol")
        guard wanted.contains(name), try row.text("contractType") == "PERPETUAL" else { continue }
        perps[name] = try BinancePerpTerms(row)
      }
    case .fundingInfo: terms = try BinanceFundingInfo.terms(json)
    case .premiumIndex:
      let wanted = perpNames
      for row in try BinanceRow.list(json) where wanted.contains(try row.text("symbol")) {
        premiums[try row.text("symbol")] = try BinancePremium(row)
      }
    case .brackets: try takeBrackets(json)
    case .spotFee(let symbol): spotFees[symbol] = try BinanceFees.spot(BinanceRow(json))
    case .perpFee(let symbol): perpFees[symbol] = try BinanceFees.perp(BinanceRow(json))
    case .spotPrice(let symbol):
      let row = BinanceRow(json)
      let (bid, ask): (Price, Price) = (try row.positive("bidPrice"), try row.positive("askPrice"))
      spotMids[symbol] = Price(raw: (bid.raw + ask.raw) / 2)
    default: throw DialectError("a part that was not asked for")
    }
  }

  /// Names that the perpetuals of the pairs may have.
  private var perpNames: Set<String> {
    Set(symbols.flatMap { BinanceMultiplier.names(of: $0.rawValue).map(\.name) })
  }

  /// Goes to the fees, or says what was found.
  mutating func advance(
    number: Int, venue: VenueID, into messages: inout [VenueMessage]
  ) throws(DialectError) -> [BinanceCall] {
    guard let found else {
      let pairs = match()
      self.found = pairs
      let calls = pairs.flatMap { Self.feeCalls($0, number) }
      if !calls.isEmpty { return calls }
      messages.append(.surveyed([], missing: symbols))
      return []
    }
    var listings: [Listing] = []
    var missing: [Symbol] = []
    for symbol in symbols {
      guard let pair = found.first(where: { $0.symbol == symbol }) else {
        missing.append(symbol)
        continue
      }
      do throws(DialectError) {
        listings.append(try listing(pair, venue: venue))
      } catch {
        missing.append(symbol)
        messages.append(.notice("\(symbol) is not listed here: \(error)"))
      }
    }
    messages.append(.surveyed(listings, missing: missing))
    return []
  }

  private static func feeCalls(_ pair: BinancePairTerms, _ number: Int) -> [BinanceCall] {
    let spot = Parameter("symbol", pair.spot.name)
    var calls = [
      BinanceCall(
        .spotREST, .get, "/api/v3/account/commission", [spot], weight: 20,
        .part(number, .spotFee(pair.symbol))),
      BinanceCall(
        .futuresREST, .get, "/fapi/v1/commissionRate", [Parameter("symbol", pair.perp.name)],
        weight: 20, .part(number, .perpFee(pair.symbol))),
    ]
    if pair.multiplier > 1 {
      calls.append(
        BinanceCall(
          .spotREST, .get, "/api/v3/ticker/bookTicker", [spot], isSigned: false, weight: 2,
          .part(number, .spotPrice(pair.symbol))))
    }
    return calls
  }

  private mutating func takeBrackets(_ json: JSON) throws(DialectError) {
    let wanted = perpNames
    for row in try BinanceRow.list(json) where wanted.contains(try row.text("symbol")) {
      var steps: [MarginTier] = []
      for bracket in try row.rows("brackets") {
        steps.append(
          MarginTier(
            floor: try bracket.scientific("notionalFloor"),
            maintenanceRate: try bracket.scientific("maintMarginRatio"),
            deduction: try bracket.scientific("cum"),
            maximumLeverage: try bracket.scientific("initialLeverage")))
      }
      tiers[try row.text("symbol")] = steps.sorted { $0.floor < $1.floor }
    }
  }

  /// Spot and perpetual of each symbol, where both are there.
  private func match() -> [BinancePairTerms] {
    symbols.compactMap { symbol in
      guard let spot = spots[symbol.rawValue] else { return nil }
      for (name, multiplier) in BinanceMultiplier.names(of: symbol.rawValue) {
        guard let perp = perps[name], perp.quote == spot.quote, perp.margin == spot.quote,
          BinanceMultiplier.names(of: spot.base).contains(where: {
            $0.name == perp.base && $0.multiplier == multiplier
          })
        else { continue }
        return BinancePairTerms(symbol: symbol, spot: spot, perp: perp, multiplier: multiplier)
      }
      return nil
    }
  }

  private func listing(
    _ pair: BinancePairTerms, venue: VenueID
  ) throws(DialectError) -> Listing {
    guard let tiers = tiers[pair.perp.name], !tiers.isEmpty else {
      throw DialectError("no margin tiers")
    }
    guard let spotFees = spotFees[pair.symbol], let perpFees = perpFees[pair.symbol] else {
      throw DialectError("no fees")
    }
    let premium = premiums[pair.perp.name]
    try checkMultiplier(pair, premium)
    var terms = terms[pair.perp.name] ?? BinanceFundingInfo.usual
    terms.nextSettlement = premium?.nextSettlement
    return try pair.listing(
      venue: venue, spotFees: spotFees, perpFees: perpFees, tiers: tiers, terms: terms)
  }

  /// The multiplier is in the name only, so the prices of both legs have to agree with it.
  private func checkMultiplier(
    _ pair: BinancePairTerms, _ premium: BinancePremium?
  ) throws(DialectError) {
    guard pair.multiplier > 1 else { return }
    guard let mid = spotMids[pair.symbol], let index = premium?.index else {
      throw DialectError("nothing to check the multiplier with")
    }
    let perBase = index.divided(by: pair.multiplier, rounding: .halfEven)
    let difference = (perBase - mid).magnitude
    guard difference.times(50) <= mid else {
      throw DialectError("index and spot price do not agree with \(pair.multiplier) base units")
    }
  }
}

extension BinanceDialect {
  mutating func beginSurvey(_ symbols: [Symbol], _ task: VenueTask) -> [BinanceCall] {
    gathers.open(task, .survey(BinanceSurvey(symbols)), calls: BinanceSurvey.calls)
  }
}
