import FixedPoint
import Trading
import Wire

extension BinanceDialect {
  mutating func submitted(
    _ order: OrderRequest, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) throws(DialectError) {
    switch answer {
    case .success(let json):
      let instrument = markets[order.instrument]
      let row = BinanceRow(json)
      let state = try BinanceOrderState(id: order.id, instrument, row)
      // A spot answer lists its executions; that of a perpetual does not.
      var fills: [Fill] = []
      if order.instrument.market == .spot, json["fills"] != nil {
        let moment = try row.time("transactTime")
        hear(moment)
        for part in try row.rows("fills") {
          fills.append(try fill(part, of: order, instrument, state.venueOrder, at: moment))
        }
      }
      tell(state, fills, attempt: 0, at: time, into: &reaction)
    case .refused(let refusal) where refusal.reason == .duplicateID:
      // It got through before: what the venue has is what counts.
      reaction.messages.append(
        .notice("order \(order.id) is at the venue already: \(refusal.words); asking"))
      reaction.calls.append(lookup(of: order.id, order.instrument))
    case .refused(let refusal):
      // A refusal for a time that ran out before sending is one for the deadline.
      let reason: RefusalReason =
        refusal.code == nil && time > order.deadline ? .pastDeadline : refusal.reason
      if orders.finish(order.id) {
        reaction.messages.append(.event(.orderRefused(order.id, reason, refusal.words)))
      }
    case .unknown(let why):
      reaction.messages.append(
        .notice("nobody knows what became of order \(order.id): \(why); asking"))
      reaction.calls.append(lookup(of: order.id, order.instrument))
    }
  }

  private func fill(
    _ row: BinanceRow, of order: OrderRequest, _ instrument: BinanceInstrument,
    _ venueOrder: VenueOrderID, at moment: Timestamp
  ) throws(DialectError) -> Fill {
    Fill(
      instrument: instrument.id, trade: TradeID(try row.text("tradeId")), order: order.id,
      venueOrder: venueOrder, at: moment, side: order.side,
      quantity: try instrument.quantity(try row.positive("qty")),
      price: try instrument.price(try row.positive("price")),
      fee: try row.decimal("commission"), feeAsset: AssetID(try row.text("commissionAsset")),
      realized: .zero, liquidity: .taker, cause: .order)
  }

  mutating func cancelled(
    _ id: ClientOrderID, _ instrument: InstrumentID, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) throws(DialectError) {
    switch answer {
    case .success(let json):
      let state = try BinanceOrderState(id: id, markets[instrument], BinanceRow(json))
      tell(state, [], attempt: 0, at: time, into: &reaction)
    case .refused(let refusal) where refusal.code == -2011 || refusal.code == -2013:
      // It does not work any more: filled, ended or never there.
      reaction.calls.append(lookup(of: id, instrument))
    case .refused(let refusal):
      reaction.messages.append(.notice("order \(id) was not taken back: \(refusal.words)"))
    case .unknown(let why):
      reaction.messages.append(
        .notice("nobody knows whether order \(id) was taken back: \(why); asking"))
      reaction.calls.append(lookup(of: id, instrument))
    }
  }

  mutating func lookedUp(
    _ id: ClientOrderID, _ instrument: InstrumentID, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) throws(DialectError) {
    switch answer {
    case .success(let json):
      let state = try BinanceOrderState(id: id, markets[instrument], BinanceRow(json))
      tell(state, [], attempt: 0, at: time, into: &reaction)
    case .refused(let refusal) where refusal.code == -2013:
      reaction.messages.append(.event(.orderNotFound(id)))
    case .refused(let refusal) where refusal.code == -2026:
      // Archived: it ended long ago without an execution.
      if orders.finish(id) {
        reaction.messages.append(.event(.orderFinished(id, .cancelled)))
      }
    default:
      Self.failed(.request(.query(id, instrument)), answer).map { reaction.messages.append($0) }
    }
  }

  mutating func traded(
    _ order: BinanceOrderState, attempt: Int, _ call: BinanceCall, _ answer: BinanceAnswer,
    at time: Timestamp, into reaction: inout BinanceReaction
  ) throws(DialectError) {
    guard case .success(let json) = answer else {
      // The executions are at the venue: they are asked for until they are known.
      again(order, attempt: attempt, at: time, into: &reaction)
      return
    }
    let rows = try BinanceRow.list(json)
    let fills = try fills(rows, of: markets[order.instrument])
    if rows.count == 1000, let last = rows.last {
      for fill in fills where orders.note(fill.of(order.id)) {
        reaction.messages.append(.event(.fill(fill.of(order.id))))
      }
      let next = try last.integer("id") &+ 1
      reaction.calls.append(
        call.with("fromId", String(next), step: .trades(order, attempt: attempt)))
      return
    }
    tell(order, fills.map { $0.of(order.id) }, attempt: attempt + 1, at: time, into: &reaction)
  }

  /// Tells what is known of an order: accepted, executions, end; reads executions that are missing.
  private mutating func tell(
    _ order: BinanceOrderState, _ fills: [Fill], attempt: Int, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) {
    if attempt == 0, order.outcome != .refused {
      reaction.messages.append(.event(.orderAccepted(order.id, order.venueOrder)))
    }
    for fill in fills where orders.note(fill) { reaction.messages.append(.event(.fill(fill))) }
    guard orders.filled(order.id) >= order.executed else {
      if attempt == 0 {
        reaction.calls.append(trades(of: order, attempt: 0))
      } else {
        again(order, attempt: attempt - 1, at: time, into: &reaction)
      }
      return
    }
    guard let outcome = order.outcome, orders.finish(order.id) else { return }
    reaction.messages.append(
      .event(
        outcome == .refused
          ? .orderRefused(order.id, .other, "REJECTED") : .orderFinished(order.id, outcome)))
  }

  /// Asks for missing executions again, first soon and then less often.
  private mutating func again(
    _ order: BinanceOrderState, attempt: Int, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) {
    if attempt == 5 {
      reaction.messages.append(
        .notice("executions of order \(order.id) are still missing: asking on"))
    }
    let pause = TimeSpan.seconds(Int64(1 << min(attempt, 5)))
    agenda.add(trades(of: order, attempt: attempt + 1), at: time + pause)
  }
}
