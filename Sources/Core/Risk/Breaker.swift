public import Trading

/// Why nothing grows on a pair for a while.
///
/// Breakers limit damage; they stop entries and growth, never exits or hedges, and none outlives the
/// process.
public struct Breaker: Hashable, Sendable {
  /// What tripped it.
  public enum Cause: String, Hashable, Sendable, CaseIterable {
    /// Orders were refused for the same reason, one after the other.
    case refusals
    /// Open interest fell while the price moved: positions are being closed by force.
    case cascade
    /// The price moved further than it usually does.
    case volatility
    /// The spread is many times what it usually is.
    case spread
    /// Spot and perpetual are far apart: one of them, or what stands behind it, is worth less.
    case dislocation
    /// The quote asset is worth less, or more, than another of its kind.
    case depeg
  }

  /// What tripped it.
  public let cause: Cause
  /// Until when it holds.
  public let until: Timestamp
}

/// Refusals in a row for one reason.
struct RefusalCount: Sendable {
  private var reason: RefusalReason?
  private(set) var count = 0

  mutating func add(_ next: RefusalReason) {
    count = next == reason ? count + 1 : 1
    reason = next
  }

  mutating func end() { self = RefusalCount() }
}

extension Engine {
  /// Counts a refusal; after a few equal ones nothing grows on the pair for a while.
  mutating func noteRefusal(of order: ClientOrderID, _ reason: RefusalReason, at now: Timestamp) {
    guard let request = state.orders[order]?.intent.request,
      let instrument = universe.index(of: request.instrument)
    else { return }
    let pair = universe.pairOfInstrument[instrument.position]
    market[pair].refusals.add(reason)
    guard market[pair].refusals.count >= parameters.breaker.refusals else { return }
    trip(pair, .refusals, at: now)
  }

  /// The venue took an order: what was refused before is over.
  mutating func endRefusals(on instrument: InstrumentID) {
    guard let index = universe.index(of: instrument) else { return }
    market[universe.pairOfInstrument[index.position]].refusals.end()
  }

  /// Lets nothing grow on a pair for a while.
  mutating func trip(_ pair: PairIndex, _ cause: Breaker.Cause, at now: Timestamp) {
    let pause = TimeSpan.minutes(Int64(parameters.breaker.pauseMinutes))
    market[pair].trip(Breaker(cause: cause, until: now + pause))
  }
}
