import FixedPoint
import Trading
import Wire

/// Settlements that happened, as the tickers show, and that the venue's history does not have yet.
struct BybitSettlements: Sendable {
  struct Waiting: Sendable {
    let instrument: InstrumentID
    /// The first settlement that is missing.
    var from: Timestamp
    /// Hours it stands for.
    let intervalHours: Int
    /// Mark prices at settlements, where a ticker was heard close to them.
    var marks: [Timestamp: Price]
    var askAt: Timestamp
    var attempts = 0
  }

  var waiting: [Waiting] = []

  /// One reading covers all that an instrument misses.
  mutating func add(_ settlement: Waiting) {
    guard let place = waiting.firstIndex(where: { $0.instrument == settlement.instrument }) else {
      return waiting.append(settlement)
    }
    waiting[place].from = min(waiting[place].from, settlement.from)
    waiting[place].marks.merge(settlement.marks) { first, _ in first }
    waiting[place].askAt = min(waiting[place].askAt, settlement.askAt)
  }

  /// Asks again later: every 2 s at first, every minute in the end.
  mutating func retry(_ settlement: Waiting, at time: Timestamp) {
    var again = settlement
    again.attempts = min(settlement.attempts + 1, 30)
    again.askAt = time + .seconds(Int64(min(again.attempts * 2, 60)))
    add(again)
  }
}

/// Reading one instrument's settlements, the payments for them, and the marks.
struct BybitSettlementJob: Sendable {
  let settlement: BybitSettlements.Waiting
  var rates: [FundingRate] = []
  var payments: [FundingPayment] = []
  var marks: [Timestamp: Price] = [:]
}

extension BybitField {
  /// When a row of the funding history was settled.
  ///
  /// On the hour: venues stamp some rows late, and payments are known by the hour as well.
  static func settlement(_ row: JSON) throws(DialectError) -> Timestamp {
    try time(row, "fundingRateTimestamp").floored(to: .hours(1))
  }
}

extension BybitDialect {
  /// How far back a question for history is also one for settlements that were missed: as far as one
  /// answer of executions reaches.
  private static let recent = TimeSpan.days(7)

  /// Settled rates; those of the last days with their marks and payments too.
  mutating func beginHistory(
    _ task: VenueTask, _ id: InstrumentID, since: Timestamp, at time: Timestamp
  ) -> [Call<BybitPurpose>] {
    if since >= time - Self.recent, let place = markets.all.firstIndex(where: { $0.id == id }) {
      settlements.add(
        BybitSettlements.Waiting(
          instrument: id, from: since, intervalHours: books[place].intervalHours ?? 8, marks: [:],
          askAt: time))
    }
    return beginSeries(.fundingHistory, task, id, from: since, to: time)
  }

  mutating func dueSettlements(at time: Timestamp) -> [Call<BybitPurpose>] {
    let due = settlements.waiting.filter { $0.askAt <= time }
    settlements.waiting.removeAll { $0.askAt <= time }
    return due.compactMap { settlement in
      guard let market = markets.market(settlement.instrument) else { return nil }
      let job = newJob()
      settlementJobs[job] = BybitSettlementJob(settlement: settlement)
      return ratesCall(
        market, from: settlement.from, to: max(time, settlement.from),
        BybitPurpose(.rates, job: job))
    }
  }

  mutating func finishSettlement(
    _ call: Call<BybitPurpose>, _ answer: BybitAnswer, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    let id = call.purpose.job
    guard var job = settlementJobs.removeValue(forKey: id),
      let market = markets.market(job.settlement.instrument)
    else { return }
    do throws(BybitFailure) {
      let result = try answer.result()
      do throws(DialectError) {
        guard let next = try step(&job, call, result, market) else {
          return conclude(job, market, &reaction)
        }
        reaction.calls.append(next)
        settlementJobs[id] = job
      } catch {
        throw BybitFailure(error)
      }
    } catch {
      if job.settlement.attempts == 5 {
        reaction.messages.append(
          .notice("bybit: the settlement of \(market.id) cannot be read: \(error.failure)"))
      }
      settlements.retry(job.settlement, at: time)
    }
  }

  /// Takes an answer in; the next call, or nil when everything is known.
  private func step(
    _ job: inout BybitSettlementJob, _ call: Call<BybitPurpose>, _ result: JSON,
    _ market: BybitMarket
  ) throws(DialectError) -> Call<BybitPurpose>? {
    let rows = try BybitField.list(result)
    switch call.purpose.step {
    case .rates:
      var rates: [(at: Timestamp, rate: Rate)] = []
      for row in rows {
        let at = try BybitField.settlement(row)
        let rate: Rate = try BybitField.decimal(row, "fundingRate")
        if at >= job.settlement.from { rates.append((at, rate)) }
      }
      rates.sort { $0.at < $1.at }
      guard !rates.isEmpty else { throw DialectError("it is not in the history yet") }
      job.rates = BybitSeries.rates(rates, usual: job.settlement.intervalHours)
      return paymentsCall(job, market, call.purpose.job)
    case .payments:
      for row in rows where row["symbol"]?.text == market.name {
        guard case .payment(let payment, let mark) = try BybitExecution(row, of: market) else {
          continue
        }
        job.payments.append(payment)
        job.marks[payment.settledAt] = mark
      }
      job.marks.merge(job.settlement.marks) { paid, _ in paid }
    case .markAt(let time):
      guard let bar = rows.last, BybitField.timestamp(bar[0]?.integer) == time,
        let mark: Price = bar[1]?.decimal(), mark.isPositive, mark < Price(1_000_000_000_000)
      else { throw DialectError("its mark price is not known yet") }
      job.marks[time] = try market.price(mark)
    default: break
    }
    guard let missing = job.rates.first(where: { job.marks[$0.settlesAt] == nil }) else {
      return nil
    }
    return markCall(missing.settlesAt, market, call.purpose.job)
  }

  private func paymentsCall(
    _ job: BybitSettlementJob, _ market: BybitMarket, _ id: Int
  ) -> Call<BybitPurpose> {
    get(
      "/v5/execution/list",
      [
        Parameter("execType", "Funding"), Parameter("symbol", market.name),
        Parameter("category", "linear"), Parameter("limit", "100"),
        Parameter("startTime", (job.settlement.from - .minutes(1)).bybitMilliseconds),
      ], signed: true, urgency: .low, BybitPurpose(.payments, job: id))
  }

  /// The mark price's bar that begins with the settlement: its opening price is what was paid on.
  private func markCall(
    _ time: Timestamp, _ market: BybitMarket, _ id: Int
  ) -> Call<BybitPurpose> {
    get(
      "/v5/market/mark-price-kline",
      [
        Parameter("category", "linear"), Parameter("symbol", market.name),
        Parameter("interval", "1"), Parameter("start", time.bybitMilliseconds),
        Parameter("end", time.bybitMilliseconds), Parameter("limit", "1"),
      ], signed: false, urgency: .low, BybitPurpose(.markAt(time), job: id))
  }

  private mutating func conclude(
    _ job: BybitSettlementJob, _ market: BybitMarket, _ reaction: inout Reaction<BybitPurpose>
  ) {
    for rate in job.rates {
      guard let mark = job.marks[rate.settlesAt] else { continue }
      reaction.messages.append(.event(.fundingSettled(market.index, rate, mark: mark)))
    }
    for payment in job.payments.sorted(by: { $0.settledAt < $1.settledAt }) {
      reaction.messages.append(.event(.fundingPaid(payment)))
    }
  }
}
