import Accounting
import Core
import FixedPoint
import Trading

/// Facts of trading as rows of the typed tables of schema `book`.
enum BookRows {
  /// The rows of a fact; none for facts that only the engine needs.
  static func statements(
    _ fact: Fact, body: String, sequence: Int64, mode: String
  ) -> [SQLStatement] {
    switch fact.body {
    case .carryPlanned(let planned): carry(planned, fact.at, sequence, mode)
    case .carryMoved(let moved): [event(moved.carry, moved.state, moved.reason, fact.at, sequence)]
    case .intended(let intent): [order(intent, fact.at)]
    case .accepted(let accepted):
      [
        insert(
          "book.order_ack", ("client_order_id", SQLValue(accepted.order)),
          ("venue_order_id", SQLValue(accepted.venueOrder)), ("accepted_at", SQLValue(fact.at)))
      ]
    case .orderEnded(let ended):
      [
        insert(
          "book.order_end", ("client_order_id", SQLValue(ended.order)),
          ("outcome", .text(ended.outcome.rawValue)),
          ("filled_quantity", SQLValue(ended.filled)), ("reason", SQLValue(ended.reason)),
          ("finished_at", SQLValue(fact.at)))
      ]
    case .filled(let booked): fill(booked, mode, sequence)
    case .settled(let settlement): [self.settlement(settlement, mode)]
    case .settlementCorrected(let correction): [self.correction(correction, sequence)]
    case .fundingReceived(let received): [payment(received, fact.at, mode)]
    case .adjusted(let adjustment):
      [
        self.adjustment(
          adjustment.carry, adjustment.amount, adjustment.reason, fact.at, sequence)
      ]
    case .rebalanced(let record): [rebalance(record, fact.at, mode, sequence)]
    case .exposed(let record): [exposure(record, sequence)]
    case .marked(let record): [mark(record, fact.at)]
    case .valued(let record):
      [
        insert(
          "book.equity", ("mode", .text(mode)), ("venue", SQLValue(record.venue)),
          ("asset", SQLValue(record.asset)), ("at", SQLValue(fact.at)),
          ("equity", SQLValue(record.equity)))
      ]
    case .planned(let plan):
      [
        insert(
          "control.plan", ("plan_id", .integer(plan.id)), ("at", SQLValue(fact.at)),
          ("venue", SQLValue(plan.venue)), ("symbol", SQLValue(plan.symbol)),
          ("body", .text(body)))
      ]
    case .mismatched(let mismatch): [self.mismatch(mismatch, fact.at)]
    case .compared(let compared):
      [
        insert(
          "book.comparison", ("seq", .integer(sequence)), ("at", SQLValue(fact.at)),
          ("venue", SQLValue(compared.venue)),
          ("differences", .integer(Int64(compared.differences))))
      ]
    case .tradingChanged(let changed): resolution(changed, fact.at)
    case .booked(let entry): adoption(entry, fact.at)
    case .started, .decided, .interestNoted, .transferIntended, .transferEnded, .commandEnded:
      []
    }
  }

  /// A decision with its gates as JSON.
  static func decision(
    _ record: DecisionRecord, gates: String, at: Timestamp, sequence: Int64
  ) -> SQLStatement {
    insert(
      "book.decision", ("seq", .integer(sequence)), ("at", SQLValue(at)),
      ("carry_id", SQLValue(record.carry?.number)), ("venue", SQLValue(record.venue)),
      ("symbol", SQLValue(record.symbol)), ("action", .text(record.action.rawValue)),
      ("reason", .text(record.reason)), ("inputs", .text(gates)),
      ("policy_version", .text(record.policyVersion)))
  }

  /// The answer to a command; a command that was answered already stops the commit.
  ///
  /// One that its asker has given up meanwhile stays given up.
  static func reply(_ ended: CommandEnded, reply: String) -> SQLStatement {
    (
      "UPDATE control.command SET status = $2, reply = $3 "
        + "WHERE command_id = $1 AND status <> 'expired'",
      [
        .integer(ended.command), .text(ended.succeeded ? "done" : "refused"), .text(reply),
      ]
    )
  }

  // MARK: - Carries and orders

  private static func carry(
    _ planned: CarryPlanned, _ at: Timestamp, _ sequence: Int64, _ mode: String
  ) -> [SQLStatement] {
    [
      insert(
        "book.carry", ("carry_id", .integer(planned.carry.number)), ("mode", .text(mode)),
        ("venue", SQLValue(planned.venue)), ("symbol", SQLValue(planned.symbol)),
        ("base", SQLValue(planned.base)), ("quote", SQLValue(planned.quote)),
        ("planned_at", SQLValue(at)), ("target_notional", SQLValue(planned.notional)),
        ("leverage", SQLValue(planned.leverage)), ("origin", .text(planned.origin.rawValue)),
        ("open_reason", .text(planned.reason)), ("hedge_ratio", SQLValue(planned.hedge ?? .one))),
      event(planned.carry, .opening, planned.reason, at, sequence),
    ]
  }

  private static func event(
    _ carry: CarryID, _ state: CarryState, _ reason: String, _ at: Timestamp, _ sequence: Int64
  ) -> SQLStatement {
    // Resizing both legs is a rebalancing to whoever reads the reports.
    let shown = state == .reducing ? CarryState.rebalancing : state
    return insert(
      "book.carry_event", ("carry_id", .integer(carry.number)), ("seq", .integer(sequence)),
      ("at", SQLValue(at)), ("state", .text(shown.rawValue)), ("reason", .text(reason)))
  }

  private static func order(_ intent: OrderIntent, _ at: Timestamp) -> SQLStatement {
    let request = intent.request
    let isSpot = request.instrument.market == .spot
    let isCombo = request.form == .combo
    return insert(
      "book.order_intent", ("client_order_id", SQLValue(request.id)),
      ("carry_id", .integer(intent.carry.number)),
      ("market", .text(request.instrument.market.rawValue)),
      ("venue", SQLValue(request.instrument.venue)),
      ("symbol", SQLValue(request.instrument.symbol)), ("side", .text(request.side.rawValue)),
      ("quantity", SQLValue(request.quantity)),
      ("form", .text(request.form.rawValue)),
      ("limit_price", SQLValue(isCombo ? nil : request.kind.limit?.description)),
      ("combo_limit", SQLValue(isCombo ? request.kind.limit?.description : nil)),
      ("reduce_only", .boolean(request.reduceOnly)), ("purpose", .text(intent.purpose.rawValue)),
      ("decision_mid", SQLValue(isSpot ? intent.mids.spot : intent.mids.perp)),
      ("spot_mid", SQLValue(intent.mids.spot)), ("perp_mid", SQLValue(intent.mids.perp)),
      ("intended_at", SQLValue(at)), ("deadline", SQLValue(request.deadline)))
  }

  private static func fill(
    _ booked: BookedFill, _ mode: String, _ sequence: Int64
  ) -> [SQLStatement] {
    let fill = booked.fill
    let attribution = booked.attribution
    let profit = attribution?.profit
    let holdings = attribution?.holdings
    func text(_ value: (some CustomStringConvertible)?) -> SQLValue { SQLValue(value?.description) }
    let row = insert(
      "book.fill", ("seq", .integer(sequence)), ("mode", .text(mode)),
      ("venue", SQLValue(fill.instrument.venue)),
      ("market", .text(fill.instrument.market.rawValue)),
      ("symbol", SQLValue(fill.instrument.symbol)), ("trade_id", SQLValue(fill.trade)),
      ("carry_id", SQLValue(booked.carry?.number)), ("client_order_id", text(fill.order)),
      ("venue_order_id", SQLValue(fill.venueOrder)), ("filled_at", SQLValue(fill.at)),
      ("side", .text(fill.side.rawValue)), ("quantity", SQLValue(fill.quantity)),
      ("price", SQLValue(fill.price)), ("fee", SQLValue(fill.fee)),
      ("fee_asset", SQLValue(fill.feeAsset)),
      ("fee_value", SQLValue(attribution?.feeValue ?? .zero)),
      ("realized", SQLValue(fill.realized)), ("liquidity", .text(fill.liquidity.rawValue)),
      ("purpose", .text(booked.purpose.rawValue)), ("cause", .text(fill.cause.rawValue)),
      ("spot_mid", SQLValue(booked.mids.spot)), ("perp_mid", SQLValue(booked.mids.perp)),
      ("slippage", text(profit?.slippage)), ("spot_price_pnl", text(profit?.spotPrice)),
      ("perp_price_pnl", text(profit?.perpPrice)), ("basis_pnl", text(profit?.basis)),
      ("directional_pnl", text(profit?.directional)), ("tilt_pnl", text(profit?.tilt)),
      ("spot_quantity", text(holdings?.spot)),
      ("perp_quantity", text(holdings?.perp)), ("perp_cost", text(holdings?.perpCost)))
    guard let carry = booked.carry, let other = profit?.other, !other.isZero else { return [row] }
    return [row, adjustment(carry, other, "loss the venue did not collect", fill.at, sequence)]
  }

  // MARK: - Funding and other results

  private static func settlement(_ settlement: Settlement, _ mode: String) -> SQLStatement {
    insert(
      "book.settlement", ("carry_id", .integer(settlement.carry.number)), ("mode", .text(mode)),
      ("venue", SQLValue(settlement.venue)), ("symbol", SQLValue(settlement.symbol)),
      ("settled_at", SQLValue(settlement.rate.settlesAt)),
      ("interval_hours", .integer(Int64(settlement.rate.intervalHours))),
      ("rate", SQLValue(settlement.rate.rate)),
      ("position_quantity", SQLValue(settlement.quantity)),
      ("mark_price", SQLValue(settlement.mark)),
      ("expected_amount", SQLValue(settlement.expected)))
  }

  private static func correction(
    _ correction: SettlementCorrection, _ sequence: Int64
  ) -> SQLStatement {
    let settlement = correction.settlement
    return insert(
      "book.settlement_correction", ("seq", .integer(sequence)),
      ("carry_id", .integer(settlement.carry.number)),
      ("settled_at", SQLValue(settlement.rate.settlesAt)),
      ("believed_quantity", SQLValue(correction.believed)),
      ("position_quantity", SQLValue(settlement.quantity)),
      ("expected_amount", SQLValue(settlement.expected)))
  }

  private static func payment(
    _ received: BookedPayment, _ at: Timestamp, _ mode: String
  ) -> SQLStatement {
    let payment = received.payment
    return insert(
      "book.funding_payment", ("venue", SQLValue(payment.instrument.venue)),
      ("venue_payment_id", SQLValue(payment.id)), ("mode", .text(mode)),
      ("symbol", SQLValue(payment.instrument.symbol)),
      ("carry_id", SQLValue(received.carry?.number)),
      ("settled_at", SQLValue(payment.settledAt)), ("amount", SQLValue(payment.amount)),
      ("asset", SQLValue(payment.asset)), ("booked_at", SQLValue(at)))
  }

  private static func adjustment(
    _ carry: CarryID, _ amount: Notional, _ reason: String, _ at: Timestamp, _ sequence: Int64
  ) -> SQLStatement {
    insert(
      "book.adjustment", ("seq", .integer(sequence)), ("carry_id", .integer(carry.number)),
      ("at", SQLValue(at)),
      ("amount", SQLValue(amount)), ("reason", .text(reason)))
  }

  private static func rebalance(
    _ record: RebalanceRecord, _ at: Timestamp, _ mode: String, _ sequence: Int64
  ) -> SQLStatement {
    insert(
      "book.rebalance", ("seq", .integer(sequence)), ("carry_id", .integer(record.carry.number)),
      ("mode", .text(mode)),
      ("at", SQLValue(at)), ("reason", .text(record.reason)),
      ("delta_before", SQLValue(record.deltaBefore)), ("delta_after", SQLValue(record.deltaAfter)),
      ("market", .text(record.market.rawValue)), ("quantity", SQLValue(record.quantity)),
      ("fees", SQLValue(record.fees)), ("slippage", SQLValue(record.slippage)))
  }

  private static func exposure(_ record: ExposureRecord, _ sequence: Int64) -> SQLStatement {
    insert(
      "book.exposure", ("seq", .integer(sequence)), ("carry_id", .integer(record.carry.number)),
      ("window_opened_at", SQLValue(record.openedAt)),
      ("window_closed_at", SQLValue(record.closedAt)), ("reason", .text(record.reason)),
      ("peak_delta_notional", SQLValue(record.peak)),
      ("naked_notional_seconds", SQLValue(record.notionalSeconds)))
  }

  private static func mark(_ record: MarkRecord, _ at: Timestamp) -> SQLStatement {
    insert(
      "book.mark", ("venue", SQLValue(record.venue)), ("symbol", SQLValue(record.symbol)),
      ("at", SQLValue(at)), ("spot_mid", SQLValue(record.mids.spot)),
      ("perp_mid", SQLValue(record.mids.perp)), ("mark_price", SQLValue(record.mark)),
      ("liquidation_price", SQLValue(record.liquidationPrice?.description)))
  }

  /// The end of a halt settles every difference that led to it.
  private static func resolution(_ changed: TradingChanged, _ at: Timestamp) -> [SQLStatement] {
    guard changed.change == .released, let venue = changed.venue else { return [] }
    return [
      (
        """
        INSERT INTO book.reconciliation_resolution (break_id, resolved_at, resolution)
        SELECT break_id, $2, $3 FROM book.reconciliation_break
        WHERE venue = $1 AND NOT EXISTS
          (SELECT FROM book.reconciliation_resolution AS r
           WHERE r.break_id = reconciliation_break.break_id)
        """, [SQLValue(venue), SQLValue(at), .text(changed.reason)]
      )
    ]
  }

  /// What an operator explained is settled, with the explanation; it ends the entry's source key.
  private static func adoption(_ entry: JournalEntry, _ at: Timestamp) -> [SQLStatement] {
    guard entry.kind == .adjustment else { return [] }
    let reason = entry.sourceKey.split(separator: ":", maxSplits: 5).last.map(String.init) ?? ""
    return entry.postings.compactMap { posting -> SQLStatement? in
      guard case .assets(_, let wallet) = posting.account else { return nil }
      return (
        """
        INSERT INTO book.reconciliation_resolution (break_id, resolved_at, resolution)
        SELECT break_id, $4, $5 FROM book.reconciliation_break
        WHERE venue = $1 AND kind = 'balance' AND asset_or_symbol = $2 AND difference = $3::numeric
          AND NOT EXISTS (SELECT FROM book.reconciliation_resolution AS r
                          WHERE r.break_id = reconciliation_break.break_id)
        """,
        [
          SQLValue(entry.venue), .text("\(wallet.rawValue):\(posting.asset)"),
          .text(posting.amount.description), SQLValue(at), .text("adopted: \(reason)"),
        ]
      )
    }
  }

  private static func mismatch(_ mismatch: Mismatch, _ at: Timestamp) -> SQLStatement {
    insert(
      "book.reconciliation_break", ("detected_at", SQLValue(at)),
      ("venue", SQLValue(mismatch.venue)), ("kind", .text(mismatch.kind)),
      ("asset_or_symbol", .text(mismatch.subject)), ("books", .text(mismatch.books)),
      ("venue_value", .text(mismatch.venueValue)), ("difference", SQLValue(mismatch.difference)))
  }

  /// An insert of named columns; the names are constants of this file.
  static func insert(_ table: String, _ columns: (String, SQLValue)...) -> SQLStatement {
    let names = columns.map(\.0).joined(separator: ", ")
    let places = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    return ("INSERT INTO \(table) (\(names)) VALUES (\(places))", columns.map(\.1))
  }
}
