import FixedPoint
import Trading
import Wire

/// Orders, executions and positions of the account as they happen.
extension BybitDialect {
  /// Understands a frame of the private stream: wholly, or it changes nothing.
  mutating func receiveAccount(
    _ frame: JSON, _ topic: String, at time: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    guard case .array(let rows)? = frame["data"] else { throw DialectError("data is missing") }
    let created = try BybitField.time(frame, "creationTime")
    switch topic {
    case "order": try receiveOrders(rows, at: time, into: &messages)
    case "execution": try receiveExecutions(rows, at: time, into: &messages)
    case "spread.order": try receiveComboOrders(rows, at: time, into: &messages)
    case "spread.execution": try receiveComboExecutions(rows, at: time, into: &messages)
    case "position": try receivePositions(rows, into: &messages)
    // Balances follow from executions and payments; they are compared when the account is read.
    case "wallet": break
    default: throw DialectError("a topic was not asked for")
    }
    hear(created)
  }

  /// The market of a row; nil for product lines and instruments that are not traded here.
  private func market(of row: JSON) throws(DialectError) -> BybitMarket? {
    let symbol = try BybitField.text(row, "symbol")
    guard let category = BybitCategory(rawValue: try BybitField.text(row, "category")) else {
      return nil
    }
    return markets.market(category, symbol)
  }

  private mutating func receiveOrders(
    _ rows: [JSON], at time: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    var orders: [(order: BybitOrderRow, id: ClientOrderID, market: BybitMarket)] = []
    for row in rows {
      guard let market = try market(of: row), !BybitOrderRow.isLeg(row) else { continue }
      let order = try BybitOrderRow(row, multiplier: market.multiplier)
      if let id = order.id { orders.append((order, id, market)) }
    }
    for (order, id, market) in orders {
      tell(order, id, market.id, .leg, at: time, into: &messages)
    }
  }

  /// Tells that an order works, or that it ended once its executions were told.
  mutating func tell(
    _ order: BybitOrderRow, _ id: ClientOrderID, _ instrument: InstrumentID, _ form: OrderForm,
    at time: Timestamp, into messages: inout [VenueMessage]
  ) {
    guard var ending = order.ending else {
      messages.append(.event(.orderAccepted(id, order.venueOrder)))
      return
    }
    ending.text = masked(ending.text)
    if let end = watches.finished(id, instrument, form, ending, at: time) {
      messages.append(.event(end))
    }
  }

  private mutating func receiveExecutions(
    _ rows: [JSON], at time: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    var executions: [BybitExecution] = []
    for row in rows {
      guard let market = try market(of: row) else { continue }
      // In cross margin `spread.execution` tells legs of combinations, with the order behind them.
      if margin == .cross, BybitExecution.isLeg(row) { continue }
      executions.append(try BybitExecution(row, of: market))
    }
    for execution in executions {
      switch execution {
      case .fill(let fill, let needsProfit):
        tellOrPrice(
          BybitTrade(fill: fill, needsProfit: needsProfit), form: .leg, at: time, into: &messages)
      case .payment(let payment, _): messages.append(.event(.fundingPaid(payment)))
      case .other(let notice?): messages.append(.notice("bybit: \(notice)"))
      case .other(nil): break
      }
    }
  }

  private mutating func receivePositions(
    _ rows: [JSON], into messages: inout [VenueMessage]
  ) throws(DialectError) {
    var positions: [VenueMessage] = []
    var ranked: [(id: InstrumentID, row: JSON)] = []
    for row in rows {
      guard let market = try market(of: row) else { continue }
      guard row["positionIdx"]?.integer == 0 else {
        positions.append(.notice("bybit: \(market.id) has a position of hedge mode"))
        continue
      }
      let position = try BybitPositionRow.position(
        row, id: market.id, multiplier: market.multiplier, margin: margin)
      positions.append(.event(.position(position)))
      ranked.append((market.id, row))
    }
    messages += positions
    for (id, row) in ranked { tellRank(row, of: id, into: &messages) }
  }
}
