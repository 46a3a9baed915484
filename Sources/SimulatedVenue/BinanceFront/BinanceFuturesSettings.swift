import FixedPoint
import Trading
import Wire

/// One step of a perpetual's margin table as the venue shows it.
struct BinanceBracket {
  let number: Int
  let leverage: Int64
  let floor: Notional
  let cap: Notional
  let rate: Rate
  let deduction: Notional
}

extension BinanceSymbol {
  /// The margin table; the last step ends at two billion.
  var brackets: [BinanceBracket] {
    let tiers = instrument.marginTiers
    return tiers.enumerated().map { place, tier in
      BinanceBracket(
        number: place + 1, leverage: tier.maximumLeverage.whole, floor: tier.floor,
        cap: place + 1 < tiers.count ? tiers[place + 1].floor : "2000000000",
        rate: tier.maintenanceRate, deduction: tier.deduction)
    }
  }

  /// The largest notional that a leverage allows.
  func largestNotional(at leverage: Rate) -> Notional {
    brackets.last { $0.leverage >= leverage.whole }?.cap ?? .zero
  }
}

extension Fixed where Unit == Trading.Unit.Ratio {
  /// The number without its decimals.
  fileprivate var whole: Int64 { Int64(raw / Decimals.one) }
}

// Settings of the futures account.
extension BinanceFuturesFront {
  private static let done: JSON = ["code": 200, "msg": "success"]

  func leverageBrackets(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call).map { [$0] } ?? symbols
    return .array(
      chosen.map { symbol in
        let rows = symbol.brackets.map { bracket -> JSON in
          [
            "bracket": .whole(bracket.number), "initialLeverage": .whole(bracket.leverage),
            "notionalCap": .number(bracket.cap.description),
            "notionalFloor": .number(bracket.floor.description),
            "maintMarginRatio": .number(bracket.rate.description),
            "cum": .number(bracket.deduction.description),
          ]
        }
        return ["symbol": symbol.nameJSON, "notionalCoef": 1, "brackets": .array(rows)]
      })
  }

  func symbolConfig(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call).map { [$0] } ?? symbols
    return .array(
      chosen.map { symbol in
        let leverage = venue.leverage(of: symbol.index)
        return [
          "symbol": symbol.nameJSON,
          "marginType": venue.isCross(symbol.index) ? "CROSSED" : "ISOLATED",
          "isAutoAddMargin": false, "leverage": .whole(leverage.whole),
          "maxNotionalValue": .string(symbol.largestNotional(at: leverage).description),
        ]
      })
  }

  func accountConfig(_ call: BinanceCall) -> JSON {
    [
      "feeTier": 0, "canTrade": true, "canDeposit": true, "canWithdraw": true,
      "dualSidePosition": .bool(isHedgeMode), "updateTime": 0,
      "multiAssetsMargin": .bool(isMultiAssets), "tradeGroupId": -1,
    ]
  }

  func setLeverage(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    guard let leverage = try call.parameters.integer("leverage") else { throw .missing("leverage") }
    let most = symbol.brackets.map(\.leverage).max() ?? 1
    guard (1...most).contains(leverage) else { throw .leverage(leverage) }
    do throws(OrderRefusal) {
      try venue.setLeverage(Rate(Int(leverage)), of: symbol.index)
    } catch {
      throw error.reason == .leverageTooHigh ? .positionTooLarge : .leverageTooSmall
    }
    return [
      "leverage": .whole(leverage),
      "maxNotionalValue": .string(symbol.largestNotional(at: Rate(Int(leverage))).description),
      "symbol": symbol.nameJSON,
    ]
  }

  func setMarginType(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    let isCross: Bool
    switch try call.parameters.mandatory("marginType") {
    case "CROSSED": isCross = true
    case "ISOLATED": isCross = false
    default: throw .invalid("marginType")
    }
    if isCross == venue.isCross(symbol.index) { throw .sameMarginType }
    if !venue.openOrders(on: symbol.index).isEmpty { throw .marginTypeWithOrders }
    do throws(OrderRefusal) {
      try venue.setCross(isCross, of: symbol.index)
    } catch {
      throw .marginTypeWithPosition
    }
    return Self.done
  }

  func setPositionMode(_ call: BinanceCall) throws(BinanceError) -> JSON {
    guard let isHedge = try call.parameters.flag("dualSidePosition") else {
      throw .missing("dualSidePosition")
    }
    if isHedge == isHedgeMode { throw .samePositionSide }
    if venue.openOrders().contains(where: { symbol(at: $0.request.instrument).isPerp }) {
      throw .positionSideWithOrders
    }
    if !venue.positions.isEmpty { throw .positionSideWithPosition }
    venue.isHedgeMode = isHedge
    return Self.done
  }

  func setMultiAssets(_ call: BinanceCall) throws(BinanceError) -> JSON {
    guard let isMulti = try call.parameters.flag("multiAssetsMargin") else {
      throw .missing("multiAssetsMargin")
    }
    if isMulti == isMultiAssets { throw .sameAssetMode }
    isMultiAssets = isMulti
    return Self.done
  }

  func changeMargin(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    guard let amount = try call.parameters.decimal("amount", as: Unit.Quote.self) else {
      throw .missing("amount")
    }
    guard let type = try call.parameters.integer("type") else { throw .missing("type") }
    guard type == 1 || type == 2 else { throw .invalid("type") }
    if !amount.isPositive { throw .amountNotPositive }
    if BinanceSymbol.places(amount) > 8 { throw .precision }
    if venue.isCross(symbol.index) { throw .marginNeedsIsolated }
    do throws(OrderRefusal) {
      try venue.adjustMargin(of: symbol.index, by: type == 1 ? amount : -amount)
    } catch {
      if error.reason == .notFound { throw .noPosition }
      throw type == 1 ? .crossBalance : .isolatedBalance
    }
    marginChanges.append(
      BinanceMarginChange(
        instrument: symbol.index, amount: amount, isAddition: type == 1, at: venue.now))
    return [
      "amount": .number(amount.description), "code": 200,
      "msg": "Successfully modify position margin.", "type": .whole(type),
    ]
  }

  func marginHistory(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    let type = try call.parameters.integer("type")
    let page = try BinancePage(call.parameters, window: nil, maximum: 500)
    let rows = marginChanges.filter {
      $0.instrument == symbol.index && type ?? ($0.isAddition ? 1 : 2) == ($0.isAddition ? 1 : 2)
        && page.holds($0.at + venue.clockSkew)
    }
    return .array(
      page.cut(rows).map { change in
        [
          "symbol": symbol.nameJSON, "type": change.isAddition ? 1 : 2,
          "deltaType": "USER_ADJUST", "amount": change.amount.eightJSON,
          "asset": .string(symbol.instrument.quote.rawValue), "time": stamp(change.at),
          "positionSide": "BOTH",
        ]
      })
  }

  func openListenKey(_ call: BinanceCall) -> JSON {
    ["listenKey": .string(venue.openListenKey(for: call.key?.name ?? ""))]
  }

  func keepListenKey(_ call: BinanceCall) throws(BinanceError) -> JSON {
    guard let key = venue.prolongListenKey(for: call.key?.name ?? "") else { throw .listenKey }
    return ["listenKey": .string(key)]
  }

  func closeListenKey(_ call: BinanceCall) throws(BinanceError) -> JSON {
    venue.closeListenKey(for: call.key?.name ?? "")
    return [:]
  }
}
