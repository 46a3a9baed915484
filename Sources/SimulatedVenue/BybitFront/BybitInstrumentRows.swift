import FixedPoint
import Trading
import Wire

extension ListedInstrument {
  /// The venue's word for whether it trades.
  var bybitStatus: String {
    switch status {
    case .trading: "Trading"
    case .reduceOnly: isPerp ? "Delivering" : "Closed"
    case .halted, .cancelOnly, .delisted: "Closed"
    }
  }

  /// Largest order, in units of the wire.
  var maximumQuantity: Quantity { wireLot.times(isPerp ? 1_190_000 : 83_000_000) }

  /// Largest leverage of any tier.
  var maximumLeverage: Rate { instrument.marginTiers.map(\.maximumLeverage).max() ?? "1" }
}

extension BybitFront {
  /// An instrument as `instruments-info` states it.
  func instrumentRow(_ listing: ListedInstrument) -> JSON {
    listing.isPerp ? linearRow(listing) : spotRow(listing)
  }

  private func linearRow(_ listing: ListedInstrument) -> JSON {
    let funding = venue.funding(listing.index)
    let lots = listing.wireLot.places
    let maximum = JSON.string(listing.maximumQuantity.text(minimumPlaces: lots))
    let tick = listing.wireTick.text(minimumPlaces: 0)
    return [
      "symbol": .string(listing.name), "contractType": "LinearPerpetual",
      "status": .string(listing.bybitStatus), "baseCoin": .string(listing.baseName),
      "quoteCoin": .string(listing.quoteName), "launchTime": "1585526400000",
      "deliveryTime": listing.endsAt.map(JSON.stamp) ?? "0", "deliveryFeeRate": "",
      "priceScale": .text(listing.wireTick.places),
      "leverageFilter": [
        "minLeverage": "1", "maxLeverage": .string(listing.maximumLeverage.text(minimumPlaces: 2)),
        "leverageStep": "0.01",
      ],
      "priceFilter": [
        "minPrice": .string(tick), "maxPrice": .text(listing.wireTick.times(19_999_998)),
        "tickSize": .string(tick),
      ],
      "lotSizeFilter": [
        "maxOrderQty": maximum, "minOrderQty": .text(listing.wireMinimum),
        "qtyStep": .text(listing.wireLot), "postOnlyMaxOrderQty": maximum,
        "maxMktOrderQty": .text(listing.maximumQuantity.divided(by: 2, rounding: .down)),
        "minNotionalValue": .text(listing.instrument.minimumNotional),
      ],
      "unifiedMarginTrade": true,
      "fundingInterval": .number(String(funding.intervalHours * 60)),
      "settleCoin": .string(listing.quoteName), "copyTrading": "none",
      "upperFundingRate": .text(funding.cap), "lowerFundingRate": .text(funding.floor),
      "isPreListing": false, "preListingInfo": nil,
      "riskParameters": ["priceLimitRatioX": "0.05", "priceLimitRatioY": "0.1"],
      "displayName": "", "symbolType": "",
    ]
  }

  private func spotRow(_ listing: ListedInstrument) -> JSON {
    let instrument = listing.instrument
    let maximum = JSON.text(listing.maximumQuantity)
    return [
      "symbol": .string(listing.name), "baseCoin": .string(listing.baseName),
      "quoteCoin": .string(listing.quoteName), "innovation": "0",
      "status": .string(listing.bybitStatus), "marginTrading": "utaOnly", "stTag": "0",
      "lotSizeFilter": [
        "basePrecision": .text(instrument.lot), "quotePrecision": "0.0000001",
        "minOrderQty": .text(instrument.minimumQuantity), "maxOrderQty": maximum,
        "minOrderAmt": .text(instrument.minimumNotional), "maxOrderAmt": "8000000",
        "maxLimitOrderQty": maximum,
        "maxMarketOrderQty": .text(listing.maximumQuantity.divided(by: 2, rounding: .down)),
        "postOnlyMaxLimitOrderSize": maximum,
      ],
      "priceFilter": ["tickSize": .text(instrument.tick)],
      "riskParameters": ["priceLimitRatioX": "0.05", "priceLimitRatioY": "0.1"],
      "symbolType": "",
    ]
  }

  /// The tiers of a perpetual as `risk-limit` states them: each up to where the next begins.
  func riskLimitRows(_ listing: ListedInstrument) -> [JSON] {
    let tiers = listing.instrument.marginTiers
    return tiers.indices.map { place in
      let tier = tiers[place]
      let ceiling = place + 1 < tiers.count ? tiers[place + 1].floor : Notional(1_000_000_000)
      let initial = Rate.one.divided(by: tier.maximumLeverage).rounded(places: 6, .halfEven)
      return [
        "id": .number(String(place + 1)), "symbol": .string(listing.name),
        "riskLimitValue": .text(ceiling), "maintenanceMargin": .text(tier.maintenanceRate),
        "initialMargin": .text(initial), "isLowestRisk": place == 0 ? 1 : 0,
        "maxLeverage": .string(tier.maximumLeverage.text(minimumPlaces: 2)),
        "mmDeduction": tier.deduction.isZero ? "" : .text(tier.deduction),
      ]
    }
  }

  /// The highest price of a buy and the lowest of a sell that the venue takes now.
  func priceLimits(_ listing: ListedInstrument) -> (highest: Price, lowest: Price) {
    let price = listing.isPerp ? venue.mark(listing.index) : venue.lastPrice(listing.index)
    let tick = listing.instrument.tick
    return (
      price.times("1.05").rounded(toMultipleOf: tick, .floor),
      price.times("0.95").rounded(toMultipleOf: tick, .ceiling)
    )
  }
}
