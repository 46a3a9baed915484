import FixedPoint
import Trading
import Wire

extension BybitSnapshot {
  /// Weeks, since the venue answers for no longer window.
  static func weeks(_ from: Timestamp, _ to: Timestamp) -> [(Timestamp, Timestamp)] {
    var result: [(Timestamp, Timestamp)] = []
    var start = from
    while start < to {
      let stop = min(start + .days(7), to)
      result.append((start, stop))
      start = stop
    }
    return result
  }

  /// From the first to the last leg whose combination is not known, with a margin.
  var windowWithoutNames: (Timestamp, Timestamp)? {
    let times = fills.filter { unnamed.contains($0.fill.trade) }.map(\.fill.at)
    guard let first = times.min(), let last = times.max() else { return nil }
    return (first - .seconds(10), last + .seconds(10))
  }

  /// Lets old legs be nobody's order, with a notice; false when one is so young that the list of
  /// combinations may still lag.
  mutating func leaveUnnamed(before time: Timestamp) -> Bool {
    let legs = fills.map(\.fill).filter { unnamed.contains($0.trade) }
    guard legs.allSatisfy({ $0.at < time }) else { return false }
    notices += legs.map { "bybit: the order behind execution \($0.trade) is not known" }
    unnamed = []
    return true
  }

  /// From the first to the last execution whose profit is not known, with a margin.
  var windowWithoutProfits: (Timestamp, Timestamp)? {
    let times = fills.filter(\.needsProfit).map(\.fill.at)
    guard let first = times.min(), let last = times.max() else { return nil }
    return (first - .seconds(10), last + .seconds(10))
  }

  /// Takes the rows of a page in; whether the page was empty.
  mutating func absorb(
    _ step: BybitStep, _ result: JSON, _ markets: BybitMarkets
  ) throws(DialectError) -> Bool {
    let rows = try BybitField.list(result)
    switch step {
    case .wallet: try absorbWallet(rows)
    case .positions: for row in rows { try absorbPosition(row, markets) }
    case .orders(let category): for row in rows { try absorbOrder(row, category, markets) }
    case .comboOrders: for row in rows { try absorbComboOrder(row, markets) }
    case .combinations: for row in rows { try absorbCombination(row) }
    case .executions(let category):
      for row in rows { try absorbExecution(row, category, markets) }
    case .profits: try absorbProfits(rows, markets)
    default: break
    }
    return rows.isEmpty
  }

  /// `walletBalance` is cash with what is set aside and without unrealised profit.
  private mutating func absorbWallet(_ rows: [JSON]) throws(DialectError) {
    guard !rows.isEmpty else { throw DialectError("the wallet is missing") }
    for coin in rows.flatMap({ $0["coin"]?.elements ?? [] }) {
      let total: Amount = try BybitField.optionalDecimal(coin, "walletBalance") ?? .zero
      guard !total.isZero else { continue }
      let asset = AssetID(rawValue: try BybitField.text(coin, "coin"))
      balances.append(Balance(wallet: .unified, asset: asset, total: total))
    }
    balances.sort { $0.asset < $1.asset }
  }

  private mutating func absorbPosition(
    _ row: JSON, _ markets: BybitMarkets
  ) throws(DialectError) {
    let symbol = try BybitField.text(row, "symbol")
    let market = markets.market(.linear, symbol)
    let id = market?.id ?? Self.foreign(.linear, symbol)
    if row["positionIdx"]?.integer != 0 {
      notices.append("bybit: \(id) has a position of hedge mode")
    }
    let position = try BybitPositionRow.position(
      row, id: id, multiplier: market?.multiplier ?? 1, margin: margin)
    if !position.quantity.isZero { positions.append(position) }
    if let market, row["positionIdx"]?.integer == 0 {
      ranks[market.id] = BybitPositionRow.rank(row)
    }
  }

  private mutating func absorbOrder(
    _ row: JSON, _ category: BybitCategory, _ markets: BybitMarkets
  ) throws(DialectError) {
    if BybitOrderRow.isLeg(row) { return }
    let symbol = try BybitField.text(row, "symbol")
    let market = markets.market(category, symbol)
    let order = try BybitOrderRow(row, multiplier: market?.multiplier ?? 1)
    guard order.ending == nil else { return }
    openOrders.append(
      OpenOrder(
        instrument: market?.id ?? Self.foreign(category, symbol), id: order.id,
        venueOrder: order.venueOrder))
  }

  /// An order of both legs stands under the perpetual.
  private mutating func absorbComboOrder(
    _ row: JSON, _ markets: BybitMarkets
  ) throws(DialectError) {
    let symbol = try BybitField.text(row, "symbol")
    let order = try BybitOrderRow(row, multiplier: 1, legs: 2)
    guard order.ending == nil else { return }
    openCombos.insert(order.venueOrder)
    openOrders.append(
      OpenOrder(
        instrument: markets.combo(named: symbol)?.perp.id ?? Self.foreign(.linear, symbol),
        id: order.id, venueOrder: order.venueOrder))
  }

  /// Names the legs of a combination.
  private mutating func absorbCombination(_ row: JSON) throws(DialectError) {
    let combination = try BybitComboExecution(row)
    for trade in combination.trades where unnamed.remove(trade) != nil {
      for index in fills.indices where fills[index].fill.trade == trade {
        fills[index].fill = fills[index].fill.of(combination.order, combination.venueOrder)
      }
    }
  }

  /// An instrument that is not traded here, under the venue's own name.
  private static func foreign(_ category: BybitCategory, _ symbol: String) -> InstrumentID {
    InstrumentID(venue: "bybit", market: category.market, symbol: Symbol(rawValue: symbol))
  }

  /// Windows overlap at their ends, and a check reads again what is known: each record counts once.
  private mutating func absorbExecution(
    _ row: JSON, _ category: BybitCategory, _ markets: BybitMarkets
  ) throws(DialectError) {
    guard let market = markets.market(category, try BybitField.text(row, "symbol")) else { return }
    switch try BybitExecution(row, of: market) {
    case .fill(let fill, let needsProfit):
      let isKnown = fills.contains {
        $0.fill.trade == fill.trade && $0.fill.instrument == fill.instrument
      }
      guard !isKnown else { return }
      fills.append((fill, needsProfit))
      if BybitExecution.isLeg(row) { unnamed.insert(fill.trade) }
    case .payment(let payment, _):
      let isKnown = payments.contains {
        $0.id == payment.id && $0.instrument == payment.instrument
      }
      if !isKnown { payments.append(payment) }
    case .other(let notice):
      if let notice, !notices.contains(notice) { notices.append(notice) }
    }
  }

  /// Profits that the log has; the others stay open.
  private mutating func absorbProfits(
    _ rows: [JSON], _ markets: BybitMarkets
  ) throws(DialectError) {
    var profits = BybitProfits()
    for row in rows { try profits.add(row) }
    for index in fills.indices where fills[index].needsProfit {
      guard let market = markets.market(fills[index].fill.instrument),
        let profit = profits.take(fills[index].fill, of: market)
      else { continue }
      fills[index] = (fills[index].fill.withProfit(profit), false)
    }
  }
}
