import FixedPoint
import Trading
import Wire

// The futures account.
extension BinanceFuturesFront {
  /// Assets that positions settle in, and whatever else lies in the wallet.
  private var marginAssets: [AssetID] {
    var assets: [AssetID] = []
    let quotes = symbols.map(\.instrument.quote)
    for asset in quotes + venue.balances(in: .futures).map(\.asset) where !assets.contains(asset) {
      assets.append(asset)
    }
    return assets
  }

  func futuresBalance(_ call: BinanceCall) -> JSON {
    .array(
      marginAssets.map { asset in
        let margin = venue.margin(in: asset)
        return [
          "accountAlias": "SgsR", "asset": .string(asset.rawValue),
          "balance": margin.wallet.eightJSON, "crossWalletBalance": margin.crossWallet.eightJSON,
          "crossUnPnl": margin.crossUnrealized.eightJSON,
          "availableBalance": margin.available.eightJSON,
          "maxWithdrawAmount": venue.transferable(asset, from: .futures).eightJSON,
          "marginAvailable": true, "updateTime": .millis(call.time),
        ]
      })
  }

  func futuresAccount(_ call: BinanceCall, version: Int) -> JSON {
    let margins = marginAssets.map { venue.margin(in: $0) }
    let shown = shownPositions(all: version == 2)
    var head: [(String, JSON)] = []
    if version == 2 {
      head = [
        ("feeTier", 0), ("feeBurn", false), ("canTrade", true), ("canDeposit", true),
        ("canWithdraw", true), ("updateTime", 0), ("multiAssetsMargin", .bool(isMultiAssets)),
        ("tradeGroupId", -1),
      ]
    }
    let rows = shown.map { symbol, position in
      accountPosition(symbol, position, version: version)
    }
    return .members(
      head + totals(margins) + [
        ("assets", .array(margins.map { assetRow($0, call) })), ("positions", .array(rows)),
      ])
  }

  func positionRisk(_ call: BinanceCall, version: Int) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call)
    let shown = shownPositions(all: version == 2)
      .filter { $0.symbol.index == chosen?.index ?? $0.symbol.index }
    return .array(shown.map { riskRow($0.symbol, $0.position, version: version) })
  }

  func adlQuantile(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let chosen = try optionalSymbol(call)
    return .array(
      shownPositions(all: false).filter { $0.symbol.index == chosen?.index ?? $0.symbol.index }
        .map { symbol, position in
          [
            "symbol": symbol.nameJSON,
            "adlQuantile": ["LONG": 0, "SHORT": 0, "BOTH": Self.queue(position)],
          ]
        })
  }

  func commissionRate(_ call: BinanceCall) throws(BinanceError) -> JSON {
    let symbol = try symbol(call)
    let fees = symbol.instrument.fees
    return [
      "symbol": symbol.nameJSON, "makerCommissionRate": .string(fees.maker.text(minimumPlaces: 6)),
      "takerCommissionRate": .string(fees.taker.text(minimumPlaces: 6)),
      "rpiCommissionRate": .string(fees.maker.text(minimumPlaces: 6)),
    ]
  }

  /// Positions that are not flat or have orders; all of them where asked.
  private func shownPositions(
    all: Bool
  ) -> [(symbol: BinanceSymbol, position: WorldPosition)] {
    let working = Set(venue.openOrders().map(\.request.instrument))
    return symbols.compactMap { symbol in
      let position = venue.position(symbol.index)
      let isShown = all || !position.quantity.isZero || working.contains(symbol.index)
      return isShown ? (symbol, position) : nil
    }
  }

  private func totals(_ margins: [MarginSummary]) -> [(String, JSON)] {
    func sum(_ value: (MarginSummary) -> Amount) -> JSON {
      margins.reduce(Amount.zero) { $0 + value($1) }.eightJSON
    }
    return [
      ("totalInitialMargin", sum { $0.positionInitial + $0.orderInitial }),
      ("totalMaintMargin", sum(\.maintenance)), ("totalWalletBalance", sum(\.wallet)),
      ("totalUnrealizedProfit", sum(\.unrealized)),
      ("totalMarginBalance", sum { $0.wallet + $0.unrealized }),
      ("totalPositionInitialMargin", sum(\.positionInitial)),
      ("totalOpenOrderInitialMargin", sum(\.orderInitial)),
      ("totalCrossWalletBalance", sum(\.crossWallet)),
      ("totalCrossUnPnl", sum(\.crossUnrealized)), ("availableBalance", sum(\.available)),
      ("maxWithdrawAmount", sum { venue.transferable($0.asset, from: .futures) }),
    ]
  }

  private func assetRow(_ margin: MarginSummary, _ call: BinanceCall) -> JSON {
    [
      "asset": .string(margin.asset.rawValue), "walletBalance": margin.wallet.eightJSON,
      "unrealizedProfit": margin.unrealized.eightJSON,
      "marginBalance": (margin.wallet + margin.unrealized).eightJSON,
      "maintMargin": margin.maintenance.eightJSON,
      "initialMargin": (margin.positionInitial + margin.orderInitial).eightJSON,
      "positionInitialMargin": margin.positionInitial.eightJSON,
      "openOrderInitialMargin": margin.orderInitial.eightJSON,
      "crossWalletBalance": margin.crossWallet.eightJSON,
      "crossUnPnl": margin.crossUnrealized.eightJSON,
      "availableBalance": margin.available.eightJSON,
      "maxWithdrawAmount": venue.transferable(margin.asset, from: .futures).eightJSON,
      "marginAvailable": true, "updateTime": .millis(call.time),
    ]
  }

  private func accountPosition(
    _ symbol: BinanceSymbol, _ position: WorldPosition, version: Int
  ) -> JSON {
    let head: [(String, JSON)] = [
      ("symbol", symbol.nameJSON), ("positionSide", "BOTH"),
      ("positionAmt", symbol.quantity(position.quantity)),
      ("unrealizedProfit", position.unrealized.eightJSON),
      ("isolatedMargin", Self.isolatedMargin(position)),
      ("notional", position.notional.eightJSON), ("isolatedWallet", position.margin.eightJSON),
      ("initialMargin", position.initialMargin.eightJSON),
      ("maintMargin", position.maintenanceMargin.eightJSON),
    ]
    if version == 3 { return .members(head + [("updateTime", stamp(position.updatedAt))]) }
    return .members(
      head + [
        ("positionInitialMargin", position.initialMargin.eightJSON),
        ("openOrderInitialMargin", "0"), ("leverage", .string(position.leverage.description)),
        ("isolated", .bool(!position.isCross)), ("entryPrice", symbol.price(position.entryPrice)),
        ("breakEvenPrice", breakEven(symbol, position)),
        ("maxNotional", .string(symbol.largestNotional(at: position.leverage).description)),
        ("bidNotional", "0"), ("askNotional", "0"), ("updateTime", stamp(position.updatedAt)),
      ])
  }

  private func riskRow(
    _ symbol: BinanceSymbol, _ position: WorldPosition, version: Int
  ) -> JSON {
    let head: [(String, JSON)] = [
      ("symbol", symbol.nameJSON), ("positionSide", "BOTH"),
      ("positionAmt", symbol.quantity(position.quantity)),
      ("entryPrice", position.quantity.isZero ? "0.0" : symbol.price(position.entryPrice)),
      ("breakEvenPrice", breakEven(symbol, position)), ("markPrice", symbol.mark(position.mark)),
      ("unRealizedProfit", position.unrealized.eightJSON),
      ("liquidationPrice", position.liquidationPrice.map(symbol.mark) ?? "0"),
      ("isolatedMargin", Self.isolatedMargin(position)), ("notional", position.notional.eightJSON),
      ("isolatedWallet", position.isCross ? "0" : position.margin.eightJSON),
      ("updateTime", stamp(position.updatedAt)),
    ]
    if version == 3 {
      return .members(
        head + [
          ("marginAsset", .string(symbol.instrument.quote.rawValue)),
          ("initialMargin", position.initialMargin.eightJSON),
          ("maintMargin", position.maintenanceMargin.eightJSON),
          ("positionInitialMargin", position.initialMargin.eightJSON),
          ("openOrderInitialMargin", "0"), ("adl", Self.queue(position)), ("bidNotional", "0"),
          ("askNotional", "0"),
        ])
    }
    return .members(
      head + [
        ("leverage", .string(position.leverage.description)),
        ("maxNotionalValue", .string(symbol.largestNotional(at: position.leverage).description)),
        ("marginType", position.isCross ? "cross" : "isolated"), ("isAutoAddMargin", "false"),
        ("isolated", .bool(!position.isCross)), ("adlQuantile", Self.queue(position)),
      ])
  }

  /// Collateral of an isolated position with its profit, as the venue counts it.
  private static func isolatedMargin(_ position: WorldPosition) -> JSON {
    position.isCross ? "0" : (position.margin + position.unrealized).eightJSON
  }

  /// Place in the queue of auto-deleveraging, 0 … 4: profit brings a position forward.
  private static func queue(_ position: WorldPosition) -> JSON {
    if position.quantity.isZero { return 0 }
    return position.unrealized.isPositive ? 2 : 1
  }

  /// The price at which closing gives back the fees of opening and closing.
  private func breakEven(_ symbol: BinanceSymbol, _ position: WorldPosition) -> JSON {
    if position.quantity.isZero { return "0.0" }
    let fees = symbol.instrument.fees.taker.times(2)
    let factor = position.quantity.isNegative ? Rate.one - fees : Rate.one + fees
    return .string(
      symbol.listed.wire(position.entryPrice.times(factor)).rounded(places: 8, .halfUp)
        .description)
  }
}
