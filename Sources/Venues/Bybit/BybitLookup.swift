import FixedPoint
import Trading
import Wire

/// The question what became of one order.
struct BybitLookup: Sendable {
  let id: ClientOrderID
  let instrument: InstrumentID
  /// Which orders it is looked for among; nil while that is not known.
  var form: OrderForm?
  /// Nil when nobody asked.
  let task: VenueTask?
  /// Whether it is to be taken back when it works as one of a combination.
  let cancelsCombo: Bool
  var order: BybitOrderRow?
  var trades: [BybitTrade] = []
  /// The executions of a combination that were found.
  var combinations: [String] = []
  var profits = BybitProfits()
}

extension BybitDialect {
  /// Open orders first, then ended ones, then executions.
  ///
  /// An order whose form is not known is looked for among single orders and then among those of
  /// combinations.
  mutating func lookup(
    _ id: ClientOrderID, _ instrument: InstrumentID, _ form: OrderForm?, task: VenueTask?,
    cancelsCombo: Bool = false
  ) -> [Call<BybitPurpose>] {
    guard let market = markets.market(instrument) else {
      let failure = VenueFailure.unavailable("\(instrument) is not attached")
      return task.map { [Self.clockCall(.reply([.failed($0, failure)]))] } ?? []
    }
    // A question of the engine is answered in full, also when the end was told before.
    if task != nil, watches.hasEnded(id) { watches.beginAnew(id) }
    let job = newJob()
    let hasCombo = markets.combo(of: instrument) != nil
    lookups[job] = BybitLookup(
      id: id, instrument: instrument, form: hasCombo ? form : .leg, task: task,
      cancelsCombo: cancelsCombo)
    return form == .combo && hasCombo
      ? [comboCall("/v5/spread/order/realtime", id, BybitPurpose(.openCombo, job: job))]
      : [orderCall("/v5/order/realtime", id, market, BybitPurpose(.openOrder, job: job))]
  }

  private func orderCall(
    _ path: String, _ id: ClientOrderID, _ market: BybitMarket, _ purpose: BybitPurpose
  ) -> Call<BybitPurpose> {
    get(
      path,
      [
        Parameter("category", market.category.rawValue), Parameter("symbol", market.name),
        Parameter("orderLinkId", id.description),
      ], signed: true, urgency: .high, purpose)
  }

  /// Lookups that are due: ends without executions, and lost answers.
  mutating func dueLookups(at time: Timestamp) -> [Call<BybitPurpose>] {
    watches.due(at: time).flatMap { lookup($0.0, $0.1, watches.open[$0.0]?.form, task: nil) }
  }

  mutating func finishLookup(
    _ call: Call<BybitPurpose>, _ answer: BybitAnswer, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    let number = call.purpose.job
    guard var job = lookups.removeValue(forKey: number), let market = markets.market(job.instrument)
    else { return }
    do throws(BybitFailure) {
      let next = try step(&job, call, answer.result(), market)
      guard let next else { return conclude(job, market, at: time, &reaction) }
      reaction.calls.append(next)
      lookups[number] = job
    } catch {
      fail(job, error.failure, at: time, &reaction)
    }
  }

  /// Takes an answer in; the next call, or nil when everything is known.
  private func step(
    _ job: inout BybitLookup, _ call: Call<BybitPurpose>, _ result: JSON, _ market: BybitMarket
  ) throws(BybitFailure) -> Call<BybitPurpose>? {
    do throws(DialectError) {
      let rows = try BybitField.list(result)
      let hasMore = !rows.isEmpty && BybitField.cursor(result) != nil
      switch call.purpose.step {
      case .openOrder, .closedOrder: return try stepOrder(&job, call.purpose, rows, market)
      case .executionsOfOrder: try job.absorb(rows, of: market)
      case .openCombo, .closedCombo, .executionsOfCombo:
        if let next = try stepCombo(&job, call.purpose, rows) { return next }
        if call.purpose.step != .executionsOfCombo { return nil }
      default:
        for row in rows { try job.profits.add(row) }
      }
      if hasMore, let cursor = BybitField.cursor(result) { return page(call, cursor) }
      if call.purpose.step == .profits { return nil }
      // Nothing among single orders: it may be one of a combination.
      if call.purpose.step == .executionsOfOrder, job.form == nil {
        return comboCall(
          "/v5/spread/order/realtime", job.id, BybitPurpose(.openCombo, job: call.purpose.job))
      }
      return profitsCall(of: job.trades, call.purpose.job)
    } catch {
      throw BybitFailure(error)
    }
  }

  private func stepOrder(
    _ job: inout BybitLookup, _ purpose: BybitPurpose, _ rows: [JSON], _ market: BybitMarket
  ) throws(DialectError) -> Call<BybitPurpose>? {
    for row in rows
    where row["orderLinkId"]?.text == job.id.description && !BybitOrderRow.isLeg(row) {
      job.order = try BybitOrderRow(row, multiplier: market.multiplier)
      job.form = .leg
    }
    if job.order == nil, purpose.step == .openOrder {
      return orderCall(
        "/v5/order/history", job.id, market, BybitPurpose(.closedOrder, job: purpose.job))
    }
    if let order = job.order, order.executed.isZero { return nil }
    return get(
      "/v5/execution/list",
      [
        Parameter("category", market.category.rawValue),
        Parameter("orderLinkId", job.id.description), Parameter("limit", "100"),
      ], signed: true, urgency: .high, BybitPurpose(.executionsOfOrder, job: purpose.job))
  }

  /// The same questions about orders of combinations.
  private func stepCombo(
    _ job: inout BybitLookup, _ purpose: BybitPurpose, _ rows: [JSON]
  ) throws(DialectError) -> Call<BybitPurpose>? {
    guard let combo = markets.combo(of: job.instrument) else { return nil }
    let ours = rows.filter { $0["orderLinkId"]?.text == job.id.description }
    if !ours.isEmpty { job.form = .combo }
    if purpose.step == .executionsOfCombo {
      for row in ours {
        let execution = try BybitComboExecution(row)
        job.trades.append(try execution.trade(combo))
        job.combinations.append(execution.id)
      }
      return nil
    }
    for row in ours { job.order = try BybitOrderRow(row, multiplier: 1, legs: 2) }
    if job.order == nil, purpose.step == .openCombo {
      return comboCall(
        "/v5/spread/order/history", job.id, BybitPurpose(.closedCombo, job: purpose.job))
    }
    if let order = job.order, order.executed.isZero { return nil }
    return comboCall(
      "/v5/spread/execution/list", job.id, BybitPurpose(.executionsOfCombo, job: purpose.job))
  }

  private mutating func conclude(
    _ job: BybitLookup, _ market: BybitMarket, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    if let order = job.order {
      reaction.messages.append(.event(.orderAccepted(job.id, order.venueOrder)))
    } else if let fill = job.trades.first?.fill {
      reaction.messages.append(.event(.orderAccepted(job.id, fill.venueOrder)))
    } else {
      return concludeNotFound(job, at: time, &reaction)
    }
    let form = job.form ?? .leg
    if form == .combo { watches.found(job.id, job.instrument) }
    for execution in job.combinations { comboTrades.close(execution) }
    var isComplete = tellTrades(job, form, market, &reaction)
    if var ending = job.order?.ending {
      ending.text = masked(ending.text)
      if let end = watches.finished(job.id, job.instrument, form, ending, at: time) {
        reaction.messages.append(.event(end))
      }
      if watches.open[job.id] != nil { isComplete = false }
    } else if job.order == nil {
      isComplete = false
    } else if job.cancelsCombo, form == .combo {
      reaction.calls.append(comboCancelCall(job.id, job.instrument))
    }
    if !isComplete {
      watches.lookAgain(job.id, job.instrument, at: time, notBefore: .distantPast)
    }
  }

  /// Tells the executions of which everything is known; whether these are all.
  private mutating func tellTrades(
    _ job: BybitLookup, _ form: OrderForm, _ market: BybitMarket,
    _ reaction: inout Reaction<BybitPurpose>
  ) -> Bool {
    var profits = job.profits
    var isComplete = true
    for var trade in job.trades.sorted(by: { $0.fill.at < $1.fill.at }) {
      if trade.needsProfit {
        guard let profit = profits.take(trade.fill, of: market) else {
          isComplete = false
          continue
        }
        trade.fill = trade.fill.withProfit(profit)
      }
      tell(trade, form: form, into: &reaction.messages)
    }
    return isComplete
  }

  /// Not to be found is proof only when the order can no longer arrive and the lists do not lag.
  private mutating func concludeNotFound(
    _ job: BybitLookup, at time: Timestamp, _ reaction: inout Reaction<BybitPurpose>
  ) {
    if let proof = watches.missed(job.id, at: time), time < proof {
      watches.lookAgain(job.id, job.instrument, at: time, notBefore: proof)
      return
    }
    if watches.open[job.id]?.ending != nil {
      watches.lookAgain(job.id, job.instrument, at: time, notBefore: .distantPast)
      return
    }
    // A process before this one may have sent it a moment ago: what comes later is heard.
    watches.beginAnew(job.id)
    reaction.messages.append(.event(.orderNotFound(job.id)))
  }

  private mutating func fail(
    _ job: BybitLookup, _ failure: VenueFailure, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    if let task = job.task {
      reaction.messages.append(.failed(task, failure))
    } else {
      reaction.messages.append(
        .notice("bybit: order \(job.id) cannot be looked up: \(failure)"))
      watches.lookAgain(job.id, job.instrument, at: time, notBefore: .distantPast)
    }
  }
}

extension BybitLookup {
  /// Executions of a single order; a leg of a combination is none.
  fileprivate mutating func absorb(
    _ rows: [JSON], of market: BybitMarket
  ) throws(DialectError) {
    for row in rows
    where row["symbol"]?.text == market.name && !BybitExecution.isLeg(row) {
      if case .fill(let fill, let needsProfit) = try BybitExecution(row, of: market) {
        trades.append(BybitTrade(fill: fill, needsProfit: needsProfit))
        form = .leg
      }
    }
  }
}
