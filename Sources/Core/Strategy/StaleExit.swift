import FixedPoint
import Trading

/// Leaves a carry that has earned next to nothing for long, where that is wanted.
///
/// By elapsed hours, so that a market that turns hourly is not left eight times too late.
struct StaleExit: Sendable {
  let rules: Parameters.Exit

  /// The exit of a stale carry; nil for any other.
  func decide(_ view: PairView, _ carry: Carry, version: String) -> Decision? {
    guard let gate = gate(view, carry), !gate.passed else { return nil }
    return .exit(view.record(.exit, "funding has gone stale", [gate], version: version))
  }

  /// The best rate of so many hours; nil where it is not weighed.
  func gate(_ view: PairView, _ carry: Carry) -> Gate? {
    let span = TimeSpan.hours(Int64(rules.staleHours))
    guard rules.staleHours > 0, !carry.isHeldByOperator, let openedAt = carry.openedAt,
      view.now - openedAt >= span
    else { return nil }
    let best = view.market.funding.recent.filter { $0.settlesAt > view.now - span }
      .map { Annualising.simple($0.rate, intervalHours: $0.intervalHours) }.max()
    return best.map {
      Gate(
        "best_annual_rate", $0, .atLeast, rules.staleAnnualRate,
        unit: "per year in \(rules.staleHours) hours")
    }
  }
}
