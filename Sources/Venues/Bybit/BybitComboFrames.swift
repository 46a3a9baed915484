import FixedPoint
import Trading
import Wire

/// What was heard of one execution of a combination: the venue tells it and each leg on its own, in
/// no promised order, and names the order only in the first.
struct BybitComboTrade: Sendable {
  /// When the first part was heard.
  let since: Timestamp
  /// The order; set once the combination itself was heard.
  var order: (id: ClientOrderID?, venueOrder: VenueOrderID)?
  /// Whether it is of an attached pair, and both legs are to be waited for.
  var isPair = true
  var perp: (fill: Fill, needsProfit: Bool)?
  var spot: Fill?

  /// Both legs, when all is there.
  var whole: BybitTrade? {
    guard let order, let perp, let spot else { return nil }
    return BybitTrade(
      fill: perp.fill.of(order.id, order.venueOrder), needsProfit: perp.needsProfit,
      companion: spot.of(order.id, order.venueOrder))
  }
}

/// The executions of combinations of which something is missing.
struct BybitComboTrades: Sendable {
  /// How long parts wait for each other.
  static let patience = TimeSpan.seconds(10)

  /// By the id of the combination's execution.
  private var open: [String: BybitComboTrade] = [:]
  /// The last that were told.
  private var told: [String] = []

  subscript(id: String, at time: Timestamp) -> BybitComboTrade? {
    get { told.contains(id) ? nil : open[id] ?? BybitComboTrade(since: time) }
    set { open[id] = newValue }
  }

  /// Forgets an execution that was told, also by another way.
  mutating func close(_ id: String) {
    open[id] = nil
    guard !told.contains(id) else { return }
    told.append(id)
    if told.count > 128 { told.removeFirst(64) }
  }

  /// Forgets what waited too long; whether something of it was never told.
  mutating func expire(at time: Timestamp) -> Bool {
    let old = open.filter { $0.value.since + Self.patience <= time }
    for id in old.keys { open[id] = nil }
    return old.values.contains(where: \.isPair)
  }
}

/// The topics `spread.order` and `spread.execution`.
extension BybitDialect {
  /// The topics of the account; combinations exist in cross margin only.
  var accountTopics: [[String]] {
    let topics = [["order", "execution", "position", "wallet"]]
    return margin == .cross ? topics + [["spread.order", "spread.execution"]] : topics
  }

  /// Legs have rows of their own, without our id: the combination's row says all of it.
  mutating func receiveComboOrders(
    _ rows: [JSON], at time: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    var orders: [(order: BybitOrderRow, id: ClientOrderID, market: BybitMarket)] = []
    for row in rows where try BybitField.text(row, "category") == "combination" {
      guard let combo = markets.combo(named: try BybitField.text(row, "symbol")) else { continue }
      let order = try BybitOrderRow(row, multiplier: 1, legs: 2)
      if let id = order.id { orders.append((order, id, combo.perp)) }
    }
    for (order, id, market) in orders {
      tell(order, id, market.id, .combo, at: time, into: &messages)
    }
  }

  mutating func receiveComboExecutions(
    _ rows: [JSON], at time: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    // A copy, so that a broken row changes nothing.
    var trades = comboTrades
    var complete: [BybitTrade] = []
    for row in rows {
      let category = try BybitField.text(row, "category")
      let isCombination = category == "combination"
      let id = try BybitField.text(row, isCombination ? "execId" : "parentExecId")
      guard var trade = trades[id, at: time] else { continue }
      if isCombination {
        trade.isPair = markets.combo(named: try BybitField.text(row, "symbol")) != nil
        trade.order = (
          ClientOrderID(BybitField.optionalText(row, "orderLinkId")),
          VenueOrderID(rawValue: try BybitField.text(row, "orderId"))
        )
      } else {
        guard let leg = try comboLeg(row, category) else { continue }
        if leg.fill.instrument.market == .perp { trade.perp = leg } else { trade.spot = leg.fill }
      }
      if let whole = trade.whole {
        complete.append(whole)
        trades.close(id)
      } else {
        if !trade.isPair { complete += trade.takeLegs() }
        trades[id, at: time] = trade
      }
    }
    comboTrades = trades
    for trade in complete { tellOrPrice(trade, form: .combo, at: time, into: &messages) }
  }

  /// The execution of a leg; nil when its instrument is not attached.
  private func comboLeg(
    _ row: JSON, _ category: String
  ) throws(DialectError) -> (fill: Fill, needsProfit: Bool)? {
    let line: BybitCategory
    switch category {
    case "future_leg": line = .linear
    case "spot_leg": line = .spot
    default: throw DialectError("a leg is neither spot nor future")
    }
    guard let market = markets.market(line, try BybitField.text(row, "symbol")) else { return nil }
    guard case .fill(let fill, let needsProfit) = try BybitExecution(row, of: market) else {
      throw DialectError("a leg is no trade")
    }
    return (fill, needsProfit)
  }

  /// Parts that never came are read from the account.
  mutating func staleCombos(at time: Timestamp) -> [Call<BybitPurpose>] {
    guard comboTrades.expire(at: time) else { return [] }
    let text = "an execution of a combination was told in part"
    return [Self.clockCall(.reply([.resynchronise(text)]))]
  }
}

extension BybitComboTrade {
  /// The attached legs of a combination that is not of a pair: nobody's order here.
  fileprivate mutating func takeLegs() -> [BybitTrade] {
    let venueOrder = order?.venueOrder
    var legs: [BybitTrade] = []
    if let perp {
      legs.append(
        BybitTrade(
          fill: perp.fill.of(nil, venueOrder ?? perp.fill.venueOrder),
          needsProfit: perp.needsProfit))
    }
    if let spot {
      legs.append(
        BybitTrade(fill: spot.of(nil, venueOrder ?? spot.venueOrder), needsProfit: false))
    }
    perp = nil
    spot = nil
    return legs
  }
}
