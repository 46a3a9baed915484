import FixedPoint
import Trading

/// Orders that rest in the book instead of taking, for what that saves.
///
/// Only the leading leg of a patient change rests: it is the less certain one, and the other leg
/// follows at once by taking. What does not trade in time is taken back and tried again by taking, at
/// a worst price like every other order.
extension Engine {
  /// How long the next order on the perpetual may rest; nil when it takes.
  ///
  /// Resting saves the difference of fees and the half spread; what it risks grows with the square
  /// root of time. The wait ends where one standard deviation of the price would eat the saving.
  func restingTime(_ carry: Carry) -> TimeSpan? {
    let longest = parameters.execution.makerSeconds
    guard longest > 0, isPatient(carry), carry.failedAttempts == 0, carry.execution == .legs
    else { return nil }
    let pair = market[carry.pair]
    let fees = universe[universe[carry.pair].perp].fees
    let saving =
      fees.taker - fees.maker + pair.perp.spread.divided(by: 2, rounding: .down)
      + parameters.execution.expectedSlippage
    guard saving.isPositive else { return nil }
    guard let variance = pair.gauge.variancePerHour, variance.isPositive else {
      return .seconds(Int64(longest))
    }
    let hours = min(saving.squared().divided(by: variance), Rate(24))
    let seconds = hours.times(3600).rounded(places: 0, .down)
    let worth = Int64(seconds.raw / Decimals.one)
    return worth < 1 ? nil : .seconds(min(worth, Int64(longest)))
  }

  /// Takes back the orders that rest and should not any more.
  mutating func takeBackResting(at now: Timestamp, into outcome: inout Outcome) {
    for id in state.orders.keys.sorted() {
      guard let order = state.orders[id], order.intent.request.kind.rests,
        !isWanted(order, at: now), now >= (takenBackAt[id] ?? .distantPast) + Self.betweenCancels
      else { continue }
      takenBackAt[id] = now
      outcome.actions.append(.request(.cancel(id, order.intent.request.instrument)))
      outcome.actions.append(.wake(now + Self.betweenCancels))
    }
    restsUntil = restsUntil.filter { state.orders[$0.key] != nil }
    takenBackAt = takenBackAt.filter { state.orders[$0.key] != nil }
  }

  /// Before an order is taken back again, whatever became of the last try.
  private static let betweenCancels = TimeSpan.seconds(5)

  /// Whether an order goes on resting.
  ///
  /// Nothing of it traded, its time is not over, and its carry still wants it; what an earlier process
  /// left resting is not wanted.
  private func isWanted(_ order: EngineState.WorkingOrder, at now: Timestamp) -> Bool {
    let request = order.intent.request
    guard let until = restsUntil[request.id], now < until, order.filled.isZero, !isDraining,
      let carry = state.carry(order.intent.carry), isPatient(carry),
      carry.purpose == order.intent.purpose,
      let age = market[carry.pair].age(at: now),
      age <= .seconds(Int64(parameters.market.staleSeconds))
    else { return false }
    let rest = carry.perpTarget - carry.holdings.perp
    return request.side == .sell
      ? rest.isNegative && mayGrow(on: carry.pair, at: now) : rest.isPositive
  }
}
