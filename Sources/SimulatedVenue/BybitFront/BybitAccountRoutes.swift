import FixedPoint
import Trading
import Wire

extension BybitFront {
  /// `/v5/account`.
  func accountAnswer(_ call: BybitCall) throws(BybitRefusal) -> BybitAnswer? {
    let parameters = call.parameters
    switch call.route {
    case "GET /v5/account/info": return BybitAnswer(accountRow)
    case "GET /v5/account/wallet-balance": return try wallet(parameters)
    case "GET /v5/account/fee-rate": return try feeRates(parameters)
    case "GET /v5/account/instruments-info": return try instruments(parameters)
    case "GET /v5/account/transaction-log": return try transactionLog(parameters)
    case "GET /v5/account/collateral-info": return collateral(parameters)
    case "GET /v5/account/borrow-history": return .list([], cursor: "")
    case "POST /v5/account/set-margin-mode": return try setMarginMode(parameters)
    default: return nil
    }
  }

  /// The perpetuals decide; they all have the same mode.
  var isIsolated: Bool {
    venue.listings(of: .perp).first.map { !venue.isCross($0.index) } ?? false
  }

  private var accountRow: JSON {
    [
      "marginMode": isIsolated ? "ISOLATED_MARGIN" : "REGULAR_MARGIN",
      "updatedTime": .stamp(venue.plan.range.lowerBound), "unifiedMarginStatus": 5,
      "dcpStatus": "OFF", "timeWindow": 10, "smpGroup": 0, "isMasterTrader": false,
      "spotHedgingStatus": "OFF",
    ]
  }

  private func wallet(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    guard try parameters.required("accountType") == "UNIFIED" else {
      throw .parameter("accountType only support UNIFIED.")
    }
    let coins = parameters.text("coin").map { $0.split(separator: ",").map { AssetID($0) } }
    return .list([walletRow(coins: coins)])
  }

  private func feeRates(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let category = try parameters.category()
    let rows = try listings(category, parameters)
      .filter { parameters.text("baseCoin") ?? $0.baseName == $0.baseName }
      .map { listing -> JSON in
        [
          "symbol": .string(listing.name), "takerFeeRate": .text(listing.instrument.fees.taker),
          "makerFeeRate": .text(listing.instrument.fees.maker),
        ]
      }
    return .list(rows)
  }

  /// One row for each asset that something was ever held of, and for those of the instruments.
  private func collateral(_ parameters: BybitParameters) -> BybitAnswer {
    var assets: [AssetID] = []
    for listing in venue.listings {
      for asset in [listing.instrument.quote, listing.instrument.base]
      where !assets.contains(asset) {
        assets.append(asset)
      }
    }
    if let currency = parameters.text("currency") {
      assets = assets.filter { $0.rawValue == currency }
    }
    let rows = assets.map { asset -> JSON in
      [
        "availableToBorrow": "0", "freeBorrowingAmount": "", "freeBorrowAmount": "0",
        "maxBorrowingAmount": "0", "hourlyBorrowRate": "0.00000147", "borrowUsageRate": "0",
        "collateralSwitch": true, "borrowAmount": "0", "borrowable": false,
        "currency": .string(asset.rawValue), "otherBorrowAmount": "0", "marginCollateral": true,
        "freeBorrowingLimit": "0", "collateralRatio": .text(collateralRatio(of: asset)),
      ]
    }
    return .list(rows)
  }

  /// Sets every perpetual; refused as a whole while there is a position or an order.
  private func setMarginMode(_ parameters: BybitParameters) throws(BybitRefusal) -> BybitAnswer {
    let mode = try parameters.required("setMarginMode")
    guard mode == "ISOLATED_MARGIN" || mode == "REGULAR_MARGIN" else {
      throw BybitRefusal(3_400_045, "Set margin mode failed")
    }
    let isCross = mode == "REGULAR_MARGIN"
    for listing in venue.listings(of: .perp) where venue.isCross(listing.index) != isCross {
      do throws(OrderRefusal) {
        try venue.setCross(isCross, of: listing.index)
      } catch {
        throw BybitRefusal(3_400_045, "Set margin mode failed")
      }
    }
    return BybitAnswer(["reasons": []], text: "Request accepted")
  }

  /// What the venue counts of an asset as margin.
  private func collateralRatio(of asset: AssetID) -> Rate {
    if venue.listings.contains(where: { $0.instrument.quote == asset }) { return .one }
    return venue.plan.rules.collateral.first { $0.asset == asset }?.rate ?? .zero
  }
}
