import FixedPoint
import Trading
import Wire

/// Steps and minimums of an instrument, in the venue's units.
struct BinanceFilters: Hashable, Sendable {
  let tick: Price
  let lot: Quantity
  let minimumQuantity: Quantity
  let minimumNotional: Notional
  /// Of an order at market; nil when there is no limit.
  let largestAtMarket: Quantity?

  init(_ row: BinanceRow) throws(DialectError) {
    var tick = Price.zero
    var lot = Quantity.zero
    var smallest = Quantity.zero
    var notional = Notional.zero
    var largest: [Quantity] = []
    for filter in try row.rows("filters") {
      switch try filter.text("filterType") {
      case "PRICE_FILTER": tick = try filter.decimal("tickSize")
      case "LOT_SIZE":
        lot = try filter.decimal("stepSize")
        smallest = try filter.decimal("minQty")
        if let most: Quantity = filter.json["maxQty"]?.decimal() { largest.append(most) }
      case "MARKET_LOT_SIZE":
        if let most: Quantity = filter.json["maxQty"]?.decimal() { largest.append(most) }
      case "NOTIONAL": notional = try filter.decimal("minNotional")
      case "MIN_NOTIONAL":
        notional = try filter.decimal(filter.json["notional"] == nil ? "minNotional" : "notional")
      default: break
      }
    }
    self.tick = tick
    self.lot = lot
    minimumQuantity = smallest
    minimumNotional = notional
    largestAtMarket = largest.filter(\.isPositive).min()
  }

  /// Per base unit, and with the smallest quantity on the grid of the lot.
  func neutral(_ instrument: BinanceInstrument) throws(DialectError) -> BinanceSteps {
    guard tick.isPositive, lot.isPositive else { throw DialectError("no price or quantity step") }
    let lot = try instrument.quantity(lot)
    let smallest = max(lot, try instrument.quantity(minimumQuantity))
    return BinanceSteps(
      tick: try instrument.price(tick), lot: lot,
      minimumQuantity: smallest.rounded(toMultipleOf: lot, .ceiling))
  }
}

/// Steps per base unit.
struct BinanceSteps {
  let tick: Price
  let lot: Quantity
  let minimumQuantity: Quantity
}

/// A spot pair as listed.
struct BinanceSpotTerms: Hashable, Sendable {
  let name: String
  let base: String
  let quote: String
  let status: TradingStatus
  let filters: BinanceFilters

  init(_ row: BinanceRow) throws(DialectError) {
    name = try row.text("symbol")
    base = try row.text("baseAsset")
    quote = try row.text("quoteAsset")
    status = Self.status(
      try row.text("status"), isAllowed: try row.bool("isSpotTradingAllowed"))
    filters = try BinanceFilters(row)
  }

  static func status(_ text: String, isAllowed: Bool) -> TradingStatus {
    switch text {
    case "TRADING" where isAllowed: .trading
    case "CANCEL_ONLY": .reduceOnly
    default: .halted
    }
  }
}

/// A perpetual as listed.
struct BinancePerpTerms: Hashable, Sendable {
  let name: String
  let base: String
  let quote: String
  let margin: String
  let status: TradingStatus
  let delistsAt: Timestamp?
  /// Nil when it is not told.
  let listedAt: Timestamp?
  let filters: BinanceFilters

  init(_ row: BinanceRow) throws(DialectError) {
    name = try row.text("symbol")
    base = try row.text("baseAsset")
    quote = try row.text("quoteAsset")
    margin = try row.text("marginAsset")
    delistsAt = try Self.delisting(row)
    listedAt = Self.listing(row)
    status = Self.status(try row.text("status"), delistsAt: delistsAt)
    filters = try BinanceFilters(row)
  }

  /// A perpetual has a delivery date in the year 2100 or later until its end is announced.
  static func delisting(_ row: BinanceRow) throws(DialectError) -> Timestamp? {
    let date = try row.time("deliveryDate")
    return date.milliseconds > 0 && date.milliseconds < 4_102_444_800_000 ? date : nil
  }

  /// The day of its listing; trading does not wait for it, so what is no date is not told.
  private static func listing(_ row: BinanceRow) -> Timestamp? {
    guard let date = row.json["onboardDate"]?.integer, (1..<4_102_444_800_000).contains(date) else {
      return nil
    }
    return Timestamp(milliseconds: date)
  }

  static func status(_ text: String, delistsAt: Timestamp?) -> TradingStatus {
    switch text {
    case "TRADING": delistsAt == nil ? .trading : .delisting
    case "PENDING_TRADING": .halted
    // PRE_DELIVERING, DELIVERING, DELIVERED, PRE_SETTLE, SETTLING, CLOSE.
    default: .delisting
    }
  }
}

/// Both legs of a pair as listed.
struct BinancePairTerms: Hashable, Sendable {
  let symbol: Symbol
  let spot: BinanceSpotTerms
  let perp: BinancePerpTerms
  let multiplier: Int

  func listing(
    venue: VenueID, spotFees: FeeSchedule, perpFees: FeeSchedule, tiers: [MarginTier],
    terms: FundingTerms
  ) throws(DialectError) -> Listing {
    let spotLeg = try instrument(
      .spot, spot.filters, name: spot.name, multiplier: 1, venue: venue, fees: spotFees, tiers: [])
    let perpLeg = try instrument(
      .perp, perp.filters, name: perp.name, multiplier: multiplier, venue: venue, fees: perpFees,
      tiers: tiers)
    return Listing(
      spot: spotLeg, perp: perpLeg, spotName: spot.name, perpName: perp.name,
      multiplier: multiplier, terms: terms, spotStatus: spot.status, perpStatus: perp.status,
      delistsAt: perp.delistsAt, combo: nil, listedAt: perp.listedAt)
  }

  private func instrument(
    _ market: Market, _ filters: BinanceFilters, name: String, multiplier: Int, venue: VenueID,
    fees: FeeSchedule, tiers: [MarginTier]
  ) throws(DialectError) -> Instrument {
    let id = InstrumentID(venue: venue, market: market, symbol: symbol)
    let steps = try filters.neutral(
      BinanceInstrument(id: id, index: nil, name: name, multiplier: multiplier))
    return Instrument(
      id: id, base: AssetID(spot.base), quote: AssetID(spot.quote), tick: steps.tick,
      lot: steps.lot, minimumQuantity: steps.minimumQuantity,
      minimumNotional: filters.minimumNotional, fees: fees, marginTiers: tiers)
  }
}

/// What the account pays.
enum BinanceFees {
  /// Standard, special and tax rates add up; a rate of the buyer's or seller's side comes on top.
  ///
  /// The discount for paying in BNB is left out: it ends silently when there is no BNB left.
  static func spot(_ row: BinanceRow) throws(DialectError) -> FeeSchedule {
    var maker = Rate.zero
    var taker = Rate.zero
    for name in ["standardCommission", "specialCommission", "taxCommission"] {
      guard let rates = row.json[name] else {
        if name == "standardCommission" { throw DialectError("no standard commission") }
        continue
      }
      let part = BinanceRow(rates)
      let side: Rate = max(try part.decimal("buyer"), try part.decimal("seller"))
      maker += try part.decimal("maker") + side
      taker += try part.decimal("taker") + side
    }
    return FeeSchedule(maker: maker, taker: taker, isTakenFromReceivedAsset: true)
  }

  static func perp(_ row: BinanceRow) throws(DialectError) -> FeeSchedule {
    FeeSchedule(
      maker: try row.decimal("makerCommissionRate"), taker: try row.decimal("takerCommissionRate"),
      isTakenFromReceivedAsset: false)
  }
}

/// Index and next settlement of a perpetual.
struct BinancePremium: Hashable, Sendable {
  let index: Price
  let nextSettlement: Timestamp?

  init(_ row: BinanceRow) throws(DialectError) {
    index = try row.decimal("indexPrice")
    let next = try row.time("nextFundingTime")
    nextSettlement = next.milliseconds > 0 ? next : nil
  }
}

/// Funding terms that differ from the usual ones.
enum BinanceFundingInfo {
  /// Of a perpetual that is not in the list.
  static let usual = FundingTerms(intervalHours: 8, cap: nil, floor: nil, nextSettlement: nil)

  static func terms(_ json: JSON) throws(DialectError) -> [String: FundingTerms] {
    var result: [String: FundingTerms] = [:]
    for row in try BinanceRow.list(json) {
      let hours = try row.integer("fundingIntervalHours")
      guard (1...24).contains(hours) else { throw DialectError("a funding interval out of range") }
      result[try row.text("symbol")] = FundingTerms(
        intervalHours: Int(hours), cap: try row.decimal("adjustedFundingRateCap"),
        floor: try row.decimal("adjustedFundingRateFloor"), nextSettlement: nil)
    }
    return result
  }
}
