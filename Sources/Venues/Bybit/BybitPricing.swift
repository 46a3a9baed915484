import FixedPoint
import Trading
import Wire

/// An execution of the stream that closed a position without saying with what profit.
struct BybitUnpriced: Sendable {
  let fill: Fill
  var askAt: Timestamp
  var attempts = 0
}

/// The question to the transaction log what executions realized.
struct BybitPricing: Sendable {
  let fills: [Fill]
  var profits = BybitProfits()
}

extension BybitDialect {
  /// One question for all executions that are due.
  mutating func duePricings(at time: Timestamp) -> [Call<BybitPurpose>] {
    let due = unpriced.filter { $0.askAt <= time }.map(\.fill)
    guard let first = due.map(\.at).min(), let last = due.map(\.at).max() else { return [] }
    let job = newJob()
    pricings[job] = BybitPricing(fills: due)
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
        .notice("bybit: the profit of \(job.fills.count) executions is not known: \(error.failure)")
      )
      return
    }
    for fill in job.fills {
      guard let market = markets.market(fill.instrument),
        let profit = job.profits.take(fill, of: market)
      else { continue }
      unpriced.removeAll { $0.fill.trade == fill.trade && $0.fill.instrument == fill.instrument }
      tell(fill.withProfit(profit), into: &reaction.messages)
    }
  }

  /// Tells an execution, and the end of its order when it was the last.
  mutating func tell(_ fill: Fill, into messages: inout [VenueMessage]) {
    messages.append(.event(.fill(fill)))
    if let end = watches.executed(fill) { messages.append(.event(end)) }
  }
}
