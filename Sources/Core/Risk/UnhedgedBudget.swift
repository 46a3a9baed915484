import FixedPoint
import Trading

extension ExposureWindow {
  /// Σ |delta| × mid × seconds up to a moment, quote × seconds.
  func used(at now: Timestamp) -> Notional {
    notionalSeconds + current.times((now - changedAt).seconds, .up)
  }

  /// When so much will be used up if nothing trades until then; nil when that is far away.
  func end(of budget: Notional) -> Timestamp? {
    guard current.isPositive else { return nil }
    let left = max(.zero, budget - notionalSeconds)
    // Compared before the quotient, which a tiny rest would take out of range.
    guard left < current.times(86_400) else { return nil }
    let seconds = left.ratio(to: current, .up)
    let nanoseconds = Rounding.ceiling.quotient(seconds.raw, 1_000_000_000)
    return changedAt + TimeSpan(nanoseconds: Int64(nanoseconds))
  }
}

/// How long one leg may stand without the other.
///
/// An opening carry whose budget is used up waits for spot no more: the short is bought back to what
/// spot holds. On the way down there is only one leg to wait for, and its orders accept worse prices.
extension Engine {
  /// Whether a carry has stood naked for longer than it may.
  func isOverBudget(_ carry: Carry, at now: Timestamp) -> Bool {
    guard let window = carry.exposure else { return false }
    return window.used(at: now) >= parameters.execution.unhedgedBudget
  }

  /// Turns an opening carry around once its budget is used up.
  ///
  /// - Returns: whether it did.
  mutating func giveUpLaggingLeg(
    _ pair: PairIndex, _ carry: Carry, at now: Timestamp, into outcome: inout Outcome
  ) -> Bool {
    guard carry.state == .opening, carry.imbalance.isNegative, let window = carry.exposure,
      isOverBudget(carry, at: now)
    else { return false }
    let used = window.used(at: now).rounded(places: 0, .down)
    let gate = Gate(
      "unhedged_notional_seconds", used.reinterpreted(as: Unit.Ratio.self), .below,
      parameters.execution.unhedgedBudget.reinterpreted(as: Unit.Ratio.self),
      unit: "quote × seconds")
    let reason = "unhedged budget used up"
    record(
      .decided(
        view(of: pair, at: now).record(.unwind, reason, [gate], version: policy.version)),
      into: &outcome)
    let lot = universe[universe[pair].perp].lot
    move(
      pair, to: .reducing, perpTarget: carry.short(for: carry.holdings.spot, lot: lot),
      purpose: .hedge, reason: reason, into: &outcome)
    return true
  }

  /// How far from mid an order of a carry may trade.
  ///
  /// Beyond the budget each attempt accepts more, up to a limit, and only to make legs match.
  func slippage(of carry: Carry, at now: Timestamp) -> Rate {
    let usual = parameters.execution.maximumSlippage
    guard carry.state == .closing || carry.state == .reducing, isOverBudget(carry, at: now) else {
      return usual
    }
    return max(
      usual, min(parameters.execution.unwindSlippage, usual.times(2 + carry.failedAttempts)))
  }

  /// How long a carry waits after an order that did not trade.
  ///
  /// Exits and hedges never give up. Beyond the attempts in which the other leg would be brought to
  /// match, each pause is twice the last, so that they do not hammer a venue: up to a minute while a
  /// leg stands alone, else up to a quarter of an hour. No pause outlives the budget.
  func retry(after carry: CarryID, at now: Timestamp) -> Timestamp {
    guard let carry = state.carry(carry) else { return now }
    let failures = carry.failedAttempts - parameters.execution.attempts
    let pause = TimeSpan.milliseconds(Int64(parameters.execution.retryMilliseconds))
    let isMatched = carry.imbalance.magnitude <= universe[carry.pair].jointLot
    let longest = isMatched ? TimeSpan.minutes(15) : .minutes(1)
    let moment = now + min(pause.times(1 << Int64(max(0, min(failures, 12)))), longest)
    guard let end = carry.exposure?.end(of: parameters.execution.unhedgedBudget) else {
      return moment
    }
    if end > now { return min(moment, end) }
    return carry.state == .opening && carry.imbalance.isNegative ? now : moment
  }
}
