import FixedPoint
import Trading
import Wire

/// An execution of the stream that closed a position without saying with what profit.
struct BybitUnpriced: Sendable {
  var trade: BybitTrade
  let form: OrderForm
  var askAt: Timestamp
  var attempts = 0
}

/// The question to the transaction log what executions realized.
struct BybitPricing: Sendable {
  let unpriced: [BybitUnpriced]
  var profits = BybitProfits()
}

extension BybitDialect {
  /// The transaction log around the executions whose profit is not known; nil when there is none.
  func profitsCall(
    of trades: [BybitTrade], _ job: Int
  ) -> Call<BybitPurpose>? {
    let times = trades.filter(\.needsProfit).map(\.fill.at)
    guard let first = times.min(), let last = times.max() else { return nil }
    // No order of ours lives for days: one window of the log holds all of its executions.
    let end = min(last + .seconds(10), first + .days(7) - .seconds(10))
    return profitsCall(from: first - .seconds(10), to: end, job)
  }

  func profitsCall(
    from: Timestamp, to: Timestamp, _ job: Int, urgency: Urgency = .normal
  ) -> Call<BybitPurpose> {
    get(
      "/v5/account/transaction-log",
      [
        Parameter("accountType", "UNIFIED"), Parameter("category", "linear"),
        Parameter("startTime", from.bybitMilliseconds), Parameter("endTime", to.bybitMilliseconds),
        Parameter("limit", "50"),
      ], signed: true, urgency: urgency, BybitPurpose(.profits, job: job))
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

  /// One question for all executions that are due.
  mutating func duePricings(at time: Timestamp) -> [Call<BybitPurpose>] {
    let due = unpriced.filter { $0.askAt <= time }
    let times = due.map(\.trade.fill.at)
    guard let first = times.min(), let last = times.max() else { return [] }
    let job = newJob()
    pricings[job] = BybitPricing(unpriced: due)
    for index in unpriced.indices where unpriced[index].askAt <= time {
      unpriced[index].attempts = min(unpriced[index].attempts + 1, 5)
      unpriced[index].askAt = time + .seconds(Int64(1 << unpriced[index].attempts))
    }
    let end = min(last + .seconds(10), first + .days(7) - .seconds(10))
    return [profitsCall(from: first - .seconds(10), to: end, job)]
  }

  mutating func finishPricing(
    _ call: Call<BybitPurpose>, _ answer: BybitAnswer, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    guard var job = pricings.removeValue(forKey: call.purpose.job) else { return }
    do throws(BybitFailure) {
      let result = try answer.result()
      do throws(DialectError) {
        let rows = try BybitField.list(result)
        for row in rows { try job.profits.add(row) }
        if !rows.isEmpty, let cursor = BybitField.cursor(result) {
          reaction.calls.append(page(call, cursor))
          pricings[call.purpose.job] = job
          return
        }
      } catch {
        throw BybitFailure(error)
      }
    } catch {
      reaction.messages.append(
        .notice(
          "bybit: the profit of \(job.unpriced.count) executions is not known: \(error.failure)"))
      return
    }
    for var item in job.unpriced {
      let fill = item.trade.fill
      guard let market = markets.market(fill.instrument),
        let profit = job.profits.take(fill, of: market)
      else { continue }
      unpriced.removeAll {
        $0.trade.fill.trade == fill.trade && $0.trade.fill.instrument == fill.instrument
      }
      item.trade.fill = fill.withProfit(profit)
      tell(item.trade, form: item.form, into: &reaction.messages)
    }
  }

  /// Tells an execution, or first asks what it realized.
  mutating func tellOrPrice(
    _ trade: BybitTrade, form: OrderForm, at time: Timestamp, into messages: inout [VenueMessage]
  ) {
    if trade.needsProfit {
      unpriced.append(BybitUnpriced(trade: trade, form: form, askAt: time + .seconds(1)))
    } else {
      tell(trade, form: form, into: &messages)
    }
  }

  /// Tells an execution, and the end of its order when it was the last.
  mutating func tell(
    _ trade: BybitTrade, form: OrderForm, into messages: inout [VenueMessage]
  ) {
    for fill in [trade.fill] + (trade.companion.map { [$0] } ?? []) {
      messages.append(.event(.fill(fill)))
      if let end = watches.executed(fill, form) { messages.append(.event(end)) }
    }
  }
}
