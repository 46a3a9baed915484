import FixedPoint
import Trading
import Wire

/// The question what became of one order.
struct BybitLookup: Sendable {
  let id: ClientOrderID
  let instrument: InstrumentID
  /// Nil when nobody asked.
  let task: VenueTask?
  var order: BybitOrderRow?
  var fills: [(fill: Fill, needsProfit: Bool)] = []
  var profits = BybitProfits()
}

extension BybitDialect {
  /// Open orders first, then ended ones, then executions.
  mutating func lookup(
    _ id: ClientOrderID, _ instrument: InstrumentID, task: VenueTask?
  ) -> [Call<BybitPurpose>] {
    guard let market = markets.market(instrument) else {
      let failure = VenueFailure.unavailable("\(instrument) is not attached")
      return task.map { [Self.clockCall(.reply([.failed($0, failure)]))] } ?? []
    }
    let job = newJob()
    lookups[job] = BybitLookup(id: id, instrument: instrument, task: task)
    return [orderCall("/v5/order/realtime", id, market, BybitPurpose(.openOrder, job: job))]
  }

  private func orderCall(
    _ path: String, _ id: ClientOrderID, _ market: BybitMarket, _ purpose: BybitPurpose
  ) -> Call<BybitPurpose> {
    get(
      path,
      [
        Parameter("category", market.category.rawValue), Parameter("symbol", market.name),
        Parameter("orderLinkId", id.description),
      ], signed: true, purpose)
  }

  /// Lookups that are due: ends without executions, and lost answers.
  mutating func dueLookups(at time: Timestamp) -> [Call<BybitPurpose>] {
    watches.due(at: time).flatMap { lookup($0.0, $0.1, task: nil) }
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
      let number = call.purpose.job
      let rows = try BybitField.list(result)
      switch call.purpose.step {
      case .openOrder, .closedOrder:
        for row in rows where row["orderLinkId"]?.text == job.id.description {
          job.order = try BybitOrderRow(row, multiplier: market.multiplier)
        }
        if job.order == nil, call.purpose.step == .openOrder {
          return orderCall(
            "/v5/order/history", job.id, market, BybitPurpose(.closedOrder, job: number))
        }
        if let order = job.order, order.executed.isZero { return nil }
        return executionsCall(job, market, number)
      case .executionsOfOrder:
        for row in rows where row["symbol"]?.text == market.name {
          if case .fill(let fill, let needsProfit) = try BybitExecution(row, of: market) {
            job.fills.append((fill, needsProfit))
          }
        }
        if let cursor = BybitField.cursor(result), !rows.isEmpty { return page(call, cursor) }
        return profitsCall(of: job.fills, number)
      default:
        for row in rows { try job.profits.add(row) }
        if let cursor = BybitField.cursor(result), !rows.isEmpty { return page(call, cursor) }
        return nil
      }
    } catch {
      throw BybitFailure(error)
    }
  }

  private func executionsCall(
    _ job: BybitLookup, _ market: BybitMarket, _ number: Int
  ) -> Call<BybitPurpose> {
    get(
      "/v5/execution/list",
      [
        Parameter("category", market.category.rawValue),
        Parameter("orderLinkId", job.id.description), Parameter("limit", "100"),
      ], signed: true, BybitPurpose(.executionsOfOrder, job: number))
  }

  /// The transaction log around the executions whose profit is not known; nil when there is none.
  func profitsCall(
    of fills: [(fill: Fill, needsProfit: Bool)], _ job: Int
  ) -> Call<BybitPurpose>? {
    let times = fills.filter(\.needsProfit).map(\.fill.at)
    guard let first = times.min(), let last = times.max() else { return nil }
    // No order of ours lives for days: one window of the log holds all of its executions.
    let end = min(last + .seconds(10), first + .days(7) - .seconds(10))
    return profitsCall(from: first - .seconds(10), to: end, job)
  }

  func profitsCall(from: Timestamp, to: Timestamp, _ job: Int) -> Call<BybitPurpose> {
    get(
      "/v5/account/transaction-log",
      [
        Parameter("accountType", "UNIFIED"), Parameter("category", "linear"),
        Parameter("startTime", from.bybitMilliseconds), Parameter("endTime", to.bybitMilliseconds),
        Parameter("limit", "50"),
      ], signed: true, BybitPurpose(.profits, job: job))
  }

  /// Answers of the transaction log go to whoever asked.
  mutating func finishProfits(
    _ call: Call<BybitPurpose>, _ answer: BybitAnswer, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    if lookups[call.purpose.job] != nil {
      finishLookup(call, answer, at: time, &reaction)
    } else if snapshots[call.purpose.job] != nil {
      finishSnapshot(call, answer, at: time, &reaction)
    } else {
      finishPricing(call, answer, at: time, &reaction)
    }
  }

  private mutating func conclude(
    _ job: BybitLookup, _ market: BybitMarket, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    if let order = job.order {
      reaction.messages.append(.event(.orderAccepted(job.id, order.venueOrder)))
    } else if let fill = job.fills.first?.fill {
      reaction.messages.append(.event(.orderAccepted(job.id, fill.venueOrder)))
    } else {
      return concludeNotFound(job, at: time, &reaction)
    }
    var profits = job.profits
    var isComplete = true
    for (fill, needsProfit) in job.fills.sorted(by: { $0.fill.at < $1.fill.at }) {
      var fill = fill
      if needsProfit {
        guard let profit = profits.take(fill, of: market) else {
          isComplete = false
          continue
        }
        fill = fill.withProfit(profit)
      }
      reaction.messages.append(.event(.fill(fill)))
      if let end = watches.executed(fill) { reaction.messages.append(.event(end)) }
    }
    if let ending = job.order?.ending {
      if let end = watches.finished(job.id, job.instrument, ending, at: time) {
        reaction.messages.append(.event(end))
      }
      if watches.open[job.id] != nil { isComplete = false }
    } else if job.order == nil {
      isComplete = false
    }
    if !isComplete {
      watches.lookAgain(job.id, job.instrument, at: time, notBefore: .distantPast)
    }
  }

  /// Not to be found is proof only when the order can no longer arrive and the lists do not lag.
  private mutating func concludeNotFound(
    _ job: BybitLookup, at time: Timestamp, _ reaction: inout Reaction<BybitPurpose>
  ) {
    let deadline = watches.open[job.id]?.deadline ?? .distantPast
    if watches.mayStillArrive(job.id, at: time) {
      watches.lookAgain(
        job.id, job.instrument, at: time, notBefore: deadline + BybitWatches.lookupDelay)
      return
    }
    if watches.open[job.id]?.ending != nil {
      watches.lookAgain(job.id, job.instrument, at: time, notBefore: .distantPast)
      return
    }
    watches.forget(job.id)
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
