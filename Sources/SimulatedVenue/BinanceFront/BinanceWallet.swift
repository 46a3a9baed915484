import FixedPoint
import Trading
import Wire

// The wallet interface: the key, transfers, and what concerns the account as a whole.
extension BinanceSpotFront {
  func keyRestrictions(_ call: BinanceCall) throws(BinanceError) -> JSON {
    guard let key = call.key else { throw .key }
    return [
      "ipRestrict": .bool(key.isBoundToAddress), "createTime": 1_623_840_271_000,
      "enableReading": .bool(key.mayRead), "enableWithdrawals": .bool(key.mayWithdraw),
      "enableInternalTransfer": .bool(key.mayWithdraw), "enableMargin": false,
      "enableFutures": .bool(key.mayTradePerpetuals),
      "permitsUniversalTransfer": .bool(key.mayTransfer), "enableVanillaOptions": false,
      "enableFixApiTrade": false, "enableFixReadOnly": false,
      "enableSpotAndMarginTrading": .bool(key.mayTradeSpot),
      "enablePortfolioMarginTrading": false,
    ]
  }

  func tradingStatus(_ call: BinanceCall) -> JSON {
    [
      "data": [
        "isLocked": false, "plannedRecoverTime": 0,
        "triggerCondition": ["GCR": 150, "IFER": 150, "UFR": 300],
        "updateTime": .millis(call.time),
      ]
    ]
  }

  func transfer(_ call: BinanceCall) throws(BinanceError) -> JSON {
    guard call.key?.mayTransfer == true else { throw .unauthorised }
    let type = try call.parameters.mandatory("type")
    let asset = AssetID(try call.parameters.mandatory("asset"))
    guard let amount = try call.parameters.decimal("amount", as: Unit.Asset.self) else {
      throw .missing("amount")
    }
    guard let way = BinanceTransferType(rawValue: type) else { throw .invalid("type") }
    if BinanceSymbol.places(amount) > 8 { throw .tooPrecise("amount") }
    do throws(OrderRefusal) {
      let record = try venue.transfer(amount, of: asset, from: way.from, to: way.to)
      return ["tranId": .whole(record.binanceNumber)]
    } catch {
      switch error.reason {
      case .invalidQuantity: throw .amountNotPositive
      case .insufficientBalance, .insufficientMargin: throw .transferBalance
      default: throw .invalid("type")
      }
    }
  }

  func transfers(_ call: BinanceCall) throws(BinanceError) -> JSON {
    guard let type = BinanceTransferType(rawValue: try call.parameters.mandatory("type")) else {
      throw .invalid("type")
    }
    let from = try call.parameters.moment("startTime")
    let to = try call.parameters.moment("endTime")
    let size = Int(min(max(try call.parameters.integer("size") ?? 10, 1), 100))
    let page = Int(min(max(try call.parameters.integer("current") ?? 1, 1), 10_000))
    let rows = venue.transfers.reversed().filter {
      let at = $0.at + venue.clockSkew
      return $0.from == type.from && $0.to == type.to
        && at >= from ?? .distantPast && at <= to ?? .distantFuture
    }
    let shown = rows.dropFirst(size * (page - 1)).prefix(size).map { record -> JSON in
      [
        "asset": .string(record.asset.rawValue), "amount": record.amount.eightJSON,
        "type": .string(type.rawValue), "status": "CONFIRMED",
        "tranId": .whole(record.binanceNumber), "timestamp": stamp(record.at),
      ]
    }
    return ["total": .whole(rows.count), "rows": .array(shown)]
  }

  func fundingAssets(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let asset = try call.parameters.text("asset")
    let held = venue.balances(in: .funding)
      .filter { !$0.total.isZero && asset ?? $0.asset.rawValue == $0.asset.rawValue }
    return .array(
      held.map { balance in
        [
          "asset": .string(balance.asset.rawValue), "free": balance.free.eightJSON,
          "locked": "0.00000000", "freeze": "0.00000000", "withdrawing": "0.00000000",
          "btcValuation": "0.00000000",
        ]
      })
  }

  /// Spot symbols whose end is known, by time.
  func delistSchedule() -> JSON {
    let ending = symbols.filter { $0.listed.endsAt != nil && $0.listed.status != .delisted }
    let times = Set(ending.compactMap(\.listed.endsAt)).sorted()
    return .array(
      times.map { time in
        [
          "delistTime": stamp(time),
          "symbols": .array(ending.filter { $0.listed.endsAt == time }.map(\.nameJSON)),
        ]
      })
  }

  /// Whether fees are to be paid in BNB.
  func burn() -> JSON { ["spotBNBBurn": .bool(isBurning), "interestBNBBurn": false] }

  func setBurn(_ call: BinanceCall) throws(BinanceError) -> JSON {
    if let isBurning = try call.parameters.flag("spotBNBBurn") { self.isBurning = isBurning }
    _ = try call.parameters.flag("interestBNBBurn")
    return burn()
  }

  func currencies() -> JSON {
    var assets: [AssetID] = []
    for symbol in symbols {
      for asset in [symbol.instrument.base, symbol.instrument.quote] where !assets.contains(asset) {
        assets.append(asset)
      }
    }
    return .array(assets.map { Self.currency(venue.balance(of: $0, in: .spot)) })
  }

  private static func currency(_ balance: WalletBalance) -> JSON {
    let coin = JSON.string(balance.asset.rawValue)
    return [
      "coin": coin, "depositAllEnable": true, "free": balance.free.eightJSON,
      "freeze": "0.00000000", "ipoable": "0.00000000", "ipoing": "0.00000000",
      "isLegalMoney": false, "locked": balance.locked.eightJSON, "name": coin,
      "storage": "0.00000000", "trading": true, "withdrawAllEnable": true,
      "withdrawing": "0.00000000",
      "networkList": [
        [
          "network": coin, "coin": coin, "withdrawIntegerMultiple": "0.00000001",
          "isDefault": true, "depositEnable": true, "withdrawEnable": true, "depositDesc": "",
          "withdrawDesc": "", "specialTips": "", "name": coin, "resetAddressStatus": false,
          "addressRegex": "", "memoRegex": "", "withdrawFee": "0.00050000",
          "withdrawMin": "0.00100000", "withdrawMax": "1000000.00000000", "minConfirm": 1,
          "unLockConfirm": 2, "sameAddress": false, "busy": false, "country": "",
        ]
      ],
    ]
  }
}

/// A way of assets between wallets by the venue's name.
enum BinanceTransferType: String {
  case mainToFutures = "MAIN_UMFUTURE"
  case futuresToMain = "UMFUTURE_MAIN"
  case mainToFunding = "MAIN_FUNDING"
  case fundingToMain = "FUNDING_MAIN"
  case fundingToFutures = "FUNDING_UMFUTURE"
  case futuresToFunding = "UMFUTURE_FUNDING"

  var from: AccountWallet {
    switch self {
    case .mainToFutures, .mainToFunding: .spot
    case .futuresToMain, .futuresToFunding: .futures
    case .fundingToMain, .fundingToFutures: .funding
    }
  }

  var to: AccountWallet {
    switch self {
    case .futuresToMain, .fundingToMain: .spot
    case .mainToFutures, .fundingToFutures: .futures
    case .mainToFunding, .futuresToFunding: .funding
    }
  }
}

extension TransferRecord {
  /// The number that the venue shows.
  var binanceNumber: Int64 { 13_526_850_000 + number }
}
