import FixedPoint
import Trading
import Wire

extension BybitFront {
  /// The unified account by REST and on the topic `wallet`: its sums and its coins.
  ///
  /// - Parameter coins: only these; nil for all.
  func walletRow(coins: [AssetID]?) -> JSON {
    tally.read(venue)
    let quote = venue.listings.first?.instrument.quote ?? "USDT"
    let margin = venue.margin(in: quote)
    let balances = venue.balances(in: .unified)
    let shown = balances.filter { coins?.contains($0.asset) ?? true }
    var holdings = Amount.zero
    for balance in balances { holdings += value(balance.total, of: balance.asset, in: quote) }
    return .object(
      sums(margin, holdings)
        + [
          .init("accountType", "UNIFIED"), .init("accountLTV", "0"),
          .init(name: "coin", value: .array(shown.map { coinRow($0, margin, quote) })),
        ])
  }

  /// Sums in the quote asset, which stands for the dollar; margin's do not apply in isolated mode.
  private func sums(_ margin: MarginSummary, _ holdings: Amount) -> [JSONMember] {
    let balance = margin.crossWallet + margin.collateral + margin.crossUnrealized
    func rate(_ part: Amount) -> String {
      if isIsolated { return "" }
      if !balance.isPositive { return part.isZero ? "0" : "1" }
      return Rate(raw: Wide.ratio(part.raw, balance.raw, .halfEven))
        .rounded(places: 6, .halfEven).description
    }
    func sum(_ amount: Amount) -> String {
      isIsolated ? "" : amount.rounded(places: 8, .halfEven).description
    }
    let initial = margin.positionInitial
    let equity = holdings + margin.unrealized
    return [
      .init("totalEquity", equity.rounded(places: 8, .halfEven).description),
      .init("totalWalletBalance", sum(holdings)),
      .init("totalMarginBalance", sum(holdings + margin.unrealized)),
      .init("totalAvailableBalance", sum(margin.available)),
      .init("totalPerpUPL", margin.unrealized.rounded(places: 8, .halfEven).description),
      .init("totalInitialMargin", sum(initial)), .init("totalInitialMarginByMp", sum(initial)),
      .init("totalMaintenanceMargin", sum(margin.maintenance)),
      .init("totalMaintenanceMarginByMp", sum(margin.maintenance)),
      .init("accountIMRate", rate(initial)), .init("accountIMRateByMp", rate(initial)),
      .init("accountMMRate", rate(margin.crossMaintenance)),
      .init("accountMMRateByMp", rate(margin.crossMaintenance)),
    ]
  }

  private func coinRow(
    _ balance: WalletBalance, _ margin: MarginSummary, _ quote: AssetID
  ) -> JSON {
    let isQuote = balance.asset == quote
    let unrealized = isQuote ? margin.unrealized : .zero
    let equity = balance.total + unrealized
    let borrowed = balance.total.isNegative ? -balance.total : .zero
    func held(_ amount: Amount) -> JSON {
      isQuote ? .text(amount.rounded(places: 8, .halfEven)) : "0"
    }
    return [
      "coin": .string(balance.asset.rawValue), "equity": .text(equity),
      "usdValue": .text(value(equity, of: balance.asset, in: quote).rounded(places: 8, .halfEven)),
      "walletBalance": .text(balance.total), "locked": .text(spotLocked(balance)),
      "free": "", "availableToWithdraw": "", "availableToBorrow": "",
      "borrowAmount": .text(borrowed), "spotBorrow": "0", "accruedInterest": "0",
      "totalOrderIM": .text(balance.locked - spotLocked(balance)),
      "totalPositionIM": held(margin.positionInitial),
      "totalPositionMM": held(margin.maintenance), "unrealisedPnl": .text(unrealized),
      "cumRealisedPnl": .text(tally.earned(in: balance.asset)), "bonus": "0",
      "collateralSwitch": true, "marginCollateral": true, "spotHedgingQty": "0", "colRes": "0",
    ]
  }

  /// What spot orders reserve; what orders of perpetuals reserve is margin.
  private func spotLocked(_ balance: WalletBalance) -> Amount {
    if balance.locked.isZero { return .zero }
    var locked = Amount.zero
    for order in venue.openOrders() {
      let listing = venue.listing(order.request.instrument)
      guard !listing.isPerp, let price = order.request.price else { continue }
      switch order.request.side {
      case .buy where listing.instrument.quote == balance.asset:
        locked += price.notional(of: order.remaining).amount
      case .sell where listing.instrument.base == balance.asset:
        locked += order.remaining.amount
      default: break
      }
    }
    return min(locked, balance.locked)
  }

  /// What an amount of an asset is worth at the index of its pair.
  private func value(_ amount: Amount, of asset: AssetID, in quote: AssetID) -> Amount {
    if asset == quote { return amount }
    guard
      let spot = venue.listings.first(where: { !$0.isPerp && $0.instrument.base == asset })
    else { return .zero }
    // An amount of the base asset of a spot instrument is a quantity of that instrument.
    let quantity = amount.reinterpreted(as: Unit.Base.self)
    return venue.lastPrice(spot.index).notional(of: quantity).amount
  }
}
