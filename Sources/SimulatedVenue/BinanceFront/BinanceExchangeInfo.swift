import FixedPoint
import Trading
import Wire

extension BinanceSymbol {
  /// The symbol as `/api/v3/exchangeInfo` lists it.
  var spotJSON: JSON {
    let isTrading = listed.status == .trading || listed.status == .reduceOnly
    let status: JSON =
      switch listed.status {
      case .trading, .reduceOnly: "TRADING"
      case .halted: "HALT"
      case .cancelOnly: "CANCEL_ONLY"
      case .delisted: "BREAK"
      }
    return [
      "symbol": nameJSON, "status": status,
      "baseAsset": .string(instrument.base.rawValue), "baseAssetPrecision": 8,
      "quoteAsset": .string(instrument.quote.rawValue), "quotePrecision": 8,
      "quoteAssetPrecision": 8, "baseCommissionPrecision": 8, "quoteCommissionPrecision": 8,
      "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
      "icebergAllowed": false, "ocoAllowed": false, "otoAllowed": false, "opoAllowed": false,
      "quoteOrderQtyMarketAllowed": true, "allowTrailingStop": false,
      "cancelReplaceAllowed": false, "amendAllowed": false, "pegInstructionsAllowed": false,
      "isSpotTradingAllowed": .bool(isTrading), "isMarginTradingAllowed": false,
      "filters": spotFilters, "permissions": [], "permissionSets": [["SPOT"]],
      "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
      "allowedSelfTradePreventionModes": ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    ]
  }

  private var spotFilters: JSON {
    [
      [
        "filterType": "PRICE_FILTER", "minPrice": lowestPrice.eightJSON,
        "maxPrice": highestPrice.eightJSON, "tickSize": listed.wireTick.eightJSON,
      ],
      [
        "filterType": "LOT_SIZE", "minQty": listed.wireMinimum.eightJSON,
        "maxQty": largest.eightJSON, "stepSize": listed.wireLot.eightJSON,
      ],
      [
        "filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000",
        "maxQty": largestAtMarket.eightJSON, "stepSize": "0.00000000",
      ],
      [
        "filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": "2", "bidMultiplierDown": "0.5",
        "askMultiplierUp": "2", "askMultiplierDown": "0.5", "avgPriceMins": 5,
      ],
      [
        "filterType": "NOTIONAL", "minNotional": instrument.minimumNotional.eightJSON,
        "applyMinToMarket": true, "maxNotional": "9000000.00000000", "applyMaxToMarket": false,
        "avgPriceMins": 5,
      ],
      ["filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200],
      ["filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5],
    ]
  }

  /// The symbol as `/fapi/v1/exchangeInfo` lists it.
  var futuresJSON: JSON {
    let status: JSON =
      switch listed.status {
      case .trading, .reduceOnly: "TRADING"
      case .halted, .cancelOnly: "PENDING_TRADING"
      case .delisted: "SETTLING"
      }
    return [
      "symbol": nameJSON, "pair": nameJSON, "contractType": "PERPETUAL",
      "deliveryDate": listed.endsAt.map(JSON.millis) ?? 4_133_404_800_000,
      "onboardDate": 1_569_398_400_000, "status": status,
      "maintMarginPercent": "2.5000", "requiredMarginPercent": "5.0000",
      "baseAsset": .string(listed.baseName), "quoteAsset": .string(instrument.quote.rawValue),
      "marginAsset": .string(instrument.quote.rawValue),
      "pricePrecision": .whole(pricePrecision), "quantityPrecision": .whole(quantityPrecision),
      "baseAssetPrecision": 8, "quotePrecision": 8, "underlyingType": "COIN",
      "underlyingSubType": [], "triggerProtect": "0.0500", "liquidationFee": "0.012500",
      "marketTakeBound": "0.05", "maxMoveOrderLimit": 10000, "filters": futuresFilters,
      "orderTypes": ["LIMIT", "MARKET"],
      "timeInForce": ["GTC", "IOC", "FOK", "GTX"], "permissionSets": ["GRID", "COPY"],
    ]
  }

  private var futuresFilters: JSON {
    [
      [
        "filterType": "PRICE_FILTER", "minPrice": plain(lowestPrice),
        "maxPrice": plain(highestPrice), "tickSize": plain(listed.wireTick),
      ],
      [
        "filterType": "LOT_SIZE", "minQty": plain(listed.wireMinimum), "maxQty": plain(largest),
        "stepSize": plain(listed.wireLot),
      ],
      [
        "filterType": "MARKET_LOT_SIZE", "minQty": plain(listed.wireMinimum),
        "maxQty": plain(largestAtMarket), "stepSize": plain(listed.wireLot),
      ],
      ["filterType": "MAX_NUM_ORDERS", "limit": 200],
      ["filterType": "MIN_NOTIONAL", "notional": plain(instrument.minimumNotional)],
      [
        "filterType": "PERCENT_PRICE", "multiplierUp": "1.0500", "multiplierDown": "0.9500",
        "multiplierDecimal": "4",
      ],
      ["filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"],
    ]
  }

  private func plain<U>(_ number: Fixed<U>) -> JSON { .string(number.description) }
}
