import FixedPoint
import Trading
import Wire

/// Settlements that happened, as the tickers show, and that the venue's history does not have yet.
struct BybitSettlements: Sendable {
  struct Waiting: Sendable {
    let instrument: InstrumentID
    /// The first settlement that is missing.
    let from: Timestamp
    /// Hours it stands for.
    let intervalHours: Int
    /// The mark price at that moment; nil when no ticker was heard close to it.
    let mark: Price?
    var askAt: Timestamp
    var attempts = 0
  }

  var waiting: [Waiting] = []
  /// The newest settlement that was told.
  private(set) var told: [InstrumentID: Timestamp] = [:]

  mutating func add(_ settlement: Waiting) {
    guard !waiting.contains(where: { $0.instrument == settlement.instrument }) else { return }
    waiting.append(settlement)
  }

  /// Asks again later: every 2 s at first, every minute in the end.
  mutating func retry(_ settlement: Waiting, at time: Timestamp) {
    var again = settlement
    again.attempts = min(settlement.attempts + 1, 30)
    again.askAt = time + .seconds(Int64(min(again.attempts * 2, 60)))
    waiting.append(again)
  }

  mutating func noteTold(_ instrument: InstrumentID, _ time: Timestamp) {
    told[instrument] = max(told[instrument] ?? .distantPast, time)
  }
}

/// Reading one instrument's settlements, the payments for them, and the marks.
struct BybitSettlementJob: Sendable {
  let settlement: BybitSettlements.Waiting
  var rates: [FundingRate] = []
  var payments: [FundingPayment] = []
  var marks: [Timestamp: Price] = [:]
}

extension BybitDialect {
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
      let told = settlements.told[market.id] ?? .distantPast
      var rates: [(at: Timestamp, rate: Rate)] = []
      for row in rows {
        let at = try BybitField.time(row, "fundingRateTimestamp")
        let rate: Rate = try BybitField.decimal(row, "fundingRate")
        if at >= job.settlement.from, at > told { rates.append((at, rate)) }
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
      if let mark = job.settlement.mark, job.marks[job.settlement.from] == nil {
        job.marks[job.settlement.from] = mark
      }
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
      ], signed: true, BybitPurpose(.payments, job: id))
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
      settlements.noteTold(market.id, rate.settlesAt)
      reaction.messages.append(.event(.fundingSettled(market.index, rate, mark: mark)))
    }
    for payment in job.payments.sorted(by: { $0.settledAt < $1.settledAt }) {
      reaction.messages.append(.event(.fundingPaid(payment)))
    }
  }
}
