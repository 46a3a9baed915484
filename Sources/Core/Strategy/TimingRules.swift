import FixedPoint
import Trading

/// When to trade within the window that thresholds opened: not at a stamp, and not at a basis that
/// would give back in the price what funding brings.
///
/// Timing only ever waits until the next settlement is weighed; alone it is no reason to trade.
struct TimingRules: Sendable {
  let parameters: Parameters

  /// A perpetual far below its usual basis is a poor thing to sell.
  func entryGates(_ view: PairView) -> [Gate] {
    stampGates(view) + basisGate(view, .atLeast, -parameters.timing.basisDeviations)
  }

  /// A perpetual far above its usual basis is a poor thing to buy back.
  func exitGates(_ view: PairView) -> [Gate] {
    stampGates(view) + basisGate(view, .atMost, parameters.timing.basisDeviations)
  }

  /// Orders near a stamp may be filled on either side of it, so that nobody knows who is paid.
  private func stampGates(_ view: PairView) -> [Gate] {
    guard let last = view.market.funding.last else { return [] }
    let next = last.settlesAt + .hours(Int64(last.intervalHours))
    // Once it is due, the stamp is behind, and what it brings is on its way.
    guard next > view.now else { return [] }
    return [
      Gate(
        "until_settlement", (next - view.now).seconds, .atLeast,
        Rate(parameters.timing.quietSeconds), unit: "seconds")
    ]
  }

  /// No gate before the usual basis is known: it times, it does not forbid.
  private func basisGate(
    _ view: PairView, _ relation: Gate.Relation, _ threshold: Rate
  ) -> [Gate] {
    guard !threshold.isZero, view.market.isQuoted,
      let score = view.market.trail.score(of: view.market.mids)
    else { return [] }
    return [Gate("basis_score", score, relation, threshold, unit: "deviations")]
  }
}
