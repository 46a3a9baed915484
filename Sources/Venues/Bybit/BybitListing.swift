import FixedPoint
import Trading
import Wire

/// How two instruments of Bybit become a pair.
extension BybitSurvey {
  /// The rows of both legs; the pair is named like the perpetual or like the spot symbol.
  func legs(of symbol: Symbol) -> (spot: JSON, perp: JSON, multiplier: Int)? {
    let name = symbol.rawValue
    if let perp = perps.first(where: { $0["symbol"]?.text == name && Self.isUsable($0) }) {
      for spot in spots {
        if let multiplier = Self.multiplier(spot, perp) { return (spot, perp, multiplier) }
      }
    }
    guard let spot = spots.first(where: { $0["symbol"]?.text == name }) else { return nil }
    for perp in perps where Self.isUsable(perp) {
      if let multiplier = Self.multiplier(spot, perp) { return (spot, perp, multiplier) }
    }
    return nil
  }

  /// Base units of one contract; nil when the two are no pair.
  private static func multiplier(_ spot: JSON, _ perp: JSON) -> Int? {
    guard spot["quoteCoin"]?.text == perp["quoteCoin"]?.text,
      let multiplier = multiplier(
        of: BybitField.optionalText(perp, "baseCoin"),
        for: BybitField.optionalText(spot, "baseCoin")), isUsable(spot)
    else { return nil }
    return multiplier
  }

  /// Base units of one contract, read from a name such as `1000PEPE` or `SHIB1000`; nil when the
  /// coins differ.
  static func multiplier(of contract: String, for coin: String) -> Int? {
    if contract == coin { return coin.isEmpty ? nil : 1 }
    guard !coin.isEmpty, contract.count > coin.count else { return nil }
    let digits =
      contract.hasSuffix(coin)
      ? contract.dropLast(coin.count)
      : contract.hasPrefix(coin) ? contract.dropFirst(coin.count) : ""
    guard digits.first == "1", digits.count > 1, digits.dropFirst().allSatisfy({ $0 == "0" }),
      digits.count <= 8
    else { return nil }
    return Int(digits)
  }

  /// Nothing special: no pre-market contract, special treatment, stock, metal or foreign exchange.
  private static func isUsable(_ row: JSON) -> Bool {
    if let type = row["contractType"]?.text, type != "LinearPerpetual" { return false }
    return row["isPreListing"]?.bool != true && row["status"]?.text != "PreLaunch"
      && ["", "0"].contains(BybitField.optionalText(row, "stTag"))
      && BybitField.optionalText(row, "symbolType").isEmpty
  }

  /// Both legs with fees and tiers; nil when the venue does not list the pair.
  func listing(of symbol: Symbol) throws(DialectError) -> Listing? {
    guard let (spot, perp, multiplier) = legs(of: symbol) else { return nil }
    let spotName = try BybitField.text(spot, "symbol")
    let perpName = try BybitField.text(perp, "symbol")
    let delistsAt = BybitField.timestamp(perp["deliveryTime"]?.integer)
    return Listing(
      spot: try spotInstrument(spot, spotName),
      perp: try perpInstrument(perp, perpName, symbol, spot, multiplier),
      spotName: spotName, perpName: perpName, multiplier: multiplier,
      terms: try terms(perp, perpName), spotStatus: Self.status(spot, delistsAt: nil),
      perpStatus: Self.status(perp, delistsAt: delistsAt), delistsAt: delistsAt,
      combo: combo(spotName, perpName),
      listedAt: BybitField.timestamp(perp["launchTime"]?.integer))
  }

  private func spotInstrument(_ row: JSON, _ name: String) throws(DialectError) -> Instrument {
    guard let lots = row["lotSizeFilter"], let prices = row["priceFilter"],
      let fees = fees[.spot]?[name]
    else { throw DialectError("filters or fees of \(name) are missing") }
    let lot: Quantity = try BybitField.positive(lots, "basePrecision")
    return Instrument(
      id: InstrumentID(venue: "bybit", market: .spot, symbol: Symbol(rawValue: name)),
      base: AssetID(rawValue: try BybitField.text(row, "baseCoin")),
      quote: AssetID(rawValue: try BybitField.text(row, "quoteCoin")),
      tick: try BybitField.positive(prices, "tickSize"), lot: lot,
      // The venue no longer checks `minOrderQty` of spot, only the amount.
      minimumQuantity: lot, minimumNotional: try BybitField.decimal(lots, "minOrderAmt"),
      fees: fees)
  }

  private func perpInstrument(
    _ row: JSON, _ name: String, _ symbol: Symbol, _ spot: JSON, _ multiplier: Int
  ) throws(DialectError) -> Instrument {
    guard let lots = row["lotSizeFilter"], let prices = row["priceFilter"],
      let fees = fees[.linear]?[name]
    else { throw DialectError("filters or fees of \(name) are missing") }
    return Instrument(
      id: InstrumentID(venue: "bybit", market: .perp, symbol: symbol),
      base: AssetID(rawValue: try BybitField.text(spot, "baseCoin")),
      quote: AssetID(rawValue: try BybitField.text(row, "quoteCoin")),
      tick: try BybitArithmetic.price(
        BybitField.positive(prices, "tickSize"), of: multiplier),
      lot: try BybitArithmetic.quantity(BybitField.positive(lots, "qtyStep"), of: multiplier),
      minimumQuantity: try BybitArithmetic.quantity(
        BybitField.positive(lots, "minOrderQty"), of: multiplier),
      minimumNotional: try BybitField.optionalDecimal(lots, "minNotionalValue") ?? .zero,
      fees: fees, marginTiers: try marginTiers(name))
  }

  /// A tier applies above the limit of the one below it.
  private func marginTiers(_ name: String) throws(DialectError) -> [MarginTier] {
    var limits: [(limit: Notional, row: JSON)] = []
    for row in tiers[name] ?? [] {
      limits.append((try BybitField.positive(row, "riskLimitValue"), row))
    }
    guard !limits.isEmpty else { throw DialectError("margin tiers of \(name) are missing") }
    limits.sort { $0.limit < $1.limit }
    var result: [MarginTier] = []
    var floor = Notional.zero
    for (limit, row) in limits {
      let leverage: Rate = try BybitField.positive(row, "maxLeverage")
      var rate: Rate = try BybitField.positive(row, "maintenanceMargin")
      let initial: Rate = try BybitField.positive(row, "initialMargin")
      // Initial margin is 1 / leverage: where the product is near 100, both rates are percent.
      if initial < Rate(1000), leverage < Rate(1000), initial.times(leverage) > Rate(10) {
        rate = rate.divided(by: 100, rounding: .halfEven)
      }
      result.append(
        MarginTier(
          floor: floor, maintenanceRate: rate,
          deduction: try BybitField.optionalDecimal(row, "mmDeduction") ?? .zero,
          maximumLeverage: leverage))
      floor = limit
    }
    return result
  }

  /// `fundingInterval` is in minutes.
  private func terms(_ row: JSON, _ name: String) throws(DialectError) -> FundingTerms {
    guard let minutes = row["fundingInterval"]?.integer, minutes > 0, minutes % 60 == 0,
      minutes <= 1440
    else { throw DialectError("the funding interval of \(name) is not whole hours") }
    return FundingTerms(
      intervalHours: Int(minutes / 60),
      cap: try BybitField.optionalDecimal(row, "upperFundingRate"),
      floor: try BybitField.optionalDecimal(row, "lowerFundingRate"),
      nextSettlement: tickers[name])
  }

  private static func status(_ row: JSON, delistsAt: Timestamp?) -> TradingStatus {
    guard row["status"]?.text == "Trading" else { return .halted }
    return delistsAt == nil ? .trading : .delisting
  }

  /// The venue's combination of exactly this perpetual and this spot pair, one contract being one
  /// base unit.
  private func combo(_ spotName: String, _ perpName: String) -> Combo? {
    for row in combos
    where row["contractType"]?.text == "FundingRateArb" && row["status"]?.text == "Trading" {
      let legs = row["legs"]?.elements ?? []
      func has(_ type: String, _ name: String) -> Bool {
        legs.contains { $0["contractType"]?.text == type && $0["symbol"]?.text == name }
      }
      guard legs.count == 2, has("LinearPerpetual", perpName), has("Spot", spotName),
        spotName == perpName, let name = row["symbol"]?.text,
        let tick: Price = try? BybitField.positive(row, "tickSize"),
        let lot: Quantity = try? BybitField.positive(row, "lotSize"),
        let least: Quantity = try? BybitField.positive(row, "minSize")
      else { continue }
      return Combo(
        name: name, tick: tick, lot: lot, minimumQuantity: least,
        maximumQuantity: try? BybitField.positive(row, "maxSize"),
        feeShare: BybitDialect.comboFeeShare)
    }
    return nil
  }
}
