import FixedPoint
import Trading
import Wire

/// Reading the whole account.
///
/// Balances, positions and history come from different calls. The history is read first and read
/// again afterwards; when something traded in between, balances and positions are read again too,
/// so that a snapshot never shows a balance without the execution behind it.
struct BybitSnapshot: Sendable {
  enum Phase { case history, state, check }

  let task: VenueTask
  /// Nil when the history is not wanted.
  let since: Timestamp?
  /// What stands behind positions.
  let margin: MarginMode
  var phase: Phase
  /// From when on the next check looks for executions.
  var checkFrom: Timestamp
  var rounds = 0
  var pending = 0
  var failure: VenueFailure?
  var hasProfits = true
  var balances: [Balance] = []
  var positions: [Position] = []
  /// Places in the queue of deleveraging, of those positions that say theirs.
  var ranks: [InstrumentID: Int] = [:]
  var openOrders: [OpenOrder] = []
  /// Those of them that are of combinations.
  var openCombos: Set<VenueOrderID> = []
  var fills: [(fill: Fill, needsProfit: Bool)] = []
  /// Executions of legs of combinations, which name no order of ours.
  var unnamed: Set<TradeID> = []
  /// Whether the combinations behind them were asked for.
  var hasCombinations = false
  var payments: [FundingPayment] = []
  var notices: [String] = []
  /// How many records were known when balances and positions were read.
  var countOfRecords = 0
}

extension BybitDialect {
  mutating func beginSnapshot(
    _ task: VenueTask, since: Timestamp?, at time: Timestamp
  ) -> [Call<BybitPurpose>] {
    let id = newJob()
    var job = BybitSnapshot(
      task: task, since: since, margin: margin, phase: since == nil ? .state : .history,
      checkFrom: time)
    let calls = since.map { executionCalls(from: $0, to: time, id) } ?? stateCalls(id)
    job.pending = calls.count
    snapshots[id] = job
    return calls
  }

  /// One call per product line and week; both ends of a window are sent.
  private func executionCalls(
    from: Timestamp, to: Timestamp, _ job: Int
  ) -> [Call<BybitPurpose>] {
    var calls: [Call<BybitPurpose>] = []
    // The venue's stamps may be a little ahead of the clock that is known here.
    let end = to + .seconds(5)
    // Nothing is kept longer than two years.
    for (start, stop) in BybitSnapshot.weeks(max(min(from, to), to - .days(729)), end) {
      for category in [BybitCategory.spot, .linear] {
        calls.append(
          get(
            "/v5/execution/list",
            [
              Parameter("category", category.rawValue),
              Parameter("startTime", start.bybitMilliseconds),
              Parameter("endTime", stop.bybitMilliseconds), Parameter("limit", "100"),
            ], signed: true, urgency: .low, BybitPurpose(.executions(category), job: job)))
      }
    }
    return calls
  }

  private func stateCalls(_ job: Int) -> [Call<BybitPurpose>] {
    let coin = Parameter("settleCoin", "USDT")
    let linear = Parameter("category", "linear")
    let combos =
      margin == .cross
      ? [
        get(
          "/v5/spread/order/realtime", [Parameter("limit", "50")], signed: true,
          BybitPurpose(.comboOrders, job: job))
      ] : []
    return combos + [
      get(
        "/v5/account/wallet-balance", [Parameter("accountType", "UNIFIED")], signed: true,
        BybitPurpose(.wallet, job: job)),
      get(
        "/v5/position/list", [coin, Parameter("limit", "200"), linear], signed: true,
        BybitPurpose(.positions, job: job)),
      get(
        "/v5/order/realtime", [Parameter("category", "spot"), Parameter("limit", "50")],
        signed: true, BybitPurpose(.orders(.spot), job: job)),
      get(
        "/v5/order/realtime", [linear, coin, Parameter("limit", "50")], signed: true,
        BybitPurpose(.orders(.linear), job: job)),
    ]
  }

  mutating func finishSnapshot(
    _ call: Call<BybitPurpose>, _ answer: BybitAnswer, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    let id = call.purpose.job
    guard var job = snapshots[id] else { return }
    job.pending -= 1
    var calls: [Call<BybitPurpose>] = []
    do throws(BybitFailure) {
      let result = try answer.result()
      do throws(DialectError) {
        let isEmpty = try job.absorb(call.purpose.step, result, markets)
        if !isEmpty, let cursor = BybitField.cursor(result) { calls.append(page(call, cursor)) }
      } catch {
        throw BybitFailure(error)
      }
    } catch {
      job.failure = job.failure ?? error.failure
    }
    if job.failure == nil, job.pending == 0, calls.isEmpty { calls = advance(&job, id, at: time) }
    job.pending += calls.count
    reaction.calls += calls
    snapshots[id] = job.pending == 0 ? nil : job
    guard job.pending == 0 else { return }
    conclude(job, &reaction)
  }

  /// The calls of the next phase; none when everything was read.
  private func advance(
    _ job: inout BybitSnapshot, _ id: Int, at time: Timestamp
  ) -> [Call<BybitPurpose>] {
    // Names and profits first: every phase that reads executions may need them.
    if let window = job.windowWithoutNames {
      if !job.hasCombinations {
        job.hasCombinations = true
        return comboExecutionCalls(from: window.0, to: window.1, id)
      }
      guard job.leaveUnnamed(before: time - .minutes(1)) else {
        job.failure = .unavailable("the list of combinations does not have every execution yet")
        return []
      }
    }
    job.hasCombinations = false
    if job.phase != .state, let window = job.windowWithoutProfits {
      if job.hasProfits {
        job.hasProfits = false
        return BybitSnapshot.weeks(window.0, window.1).map {
          profitsCall(from: $0.0, to: $0.1, id, urgency: .low)
        }
      }
      job.failure = .unavailable("the transaction log does not have every execution yet")
      return []
    }
    job.hasProfits = true
    let records = job.fills.count + job.payments.count
    switch job.phase {
    case .state:
      guard job.since != nil else { return [] }
      job.phase = .check
      return executionCalls(from: job.checkFrom - .seconds(10), to: time, id)
    case .check where records == job.countOfRecords || job.rounds >= 3:
      return []
    case .history, .check:
      job.phase = .state
      job.rounds += 1
      job.countOfRecords = records
      job.checkFrom = time
      job.balances = []
      job.positions = []
      job.ranks = [:]
      job.openOrders = []
      return stateCalls(id)
    }
  }

  private mutating func conclude(_ job: BybitSnapshot, _ reaction: inout Reaction<BybitPurpose>) {
    if let failure = job.failure {
      reaction.messages.append(.failed(job.task, failure))
      return
    }
    openCombos = job.openCombos
    for order in job.openOrders where job.openCombos.contains(order.venueOrder) {
      if let id = order.id { watches.found(id, order.instrument) }
    }
    reaction.messages += job.notices.map(VenueMessage.notice)
    reaction.messages.append(
      .event(
        .snapshot(
          AccountSnapshot(
            venue: venue, balances: job.balances, positions: job.positions,
            openOrders: job.openOrders,
            fills: job.fills.map(\.fill).sorted {
              ($0.at, $0.instrument, $0.trade) < ($1.at, $1.instrument, $1.trade)
            },
            payments: job.payments.sorted {
              ($0.settledAt, $0.instrument, $0.id) < ($1.settledAt, $1.instrument, $1.id)
            }, transfers: []))))
    tellRanks(job.ranks, held: job.positions, into: &reaction.messages)
  }
}
