import FixedPoint
import Trading

/// How much time a change of a carry may take.
public enum Pace: String, Hashable, Codable, Sendable, BitwiseCopyable {
  /// It may wait for better prices: orders may rest, and clips are spread over time.
  case patient
  /// As fast as the legs can follow each other.
  case urgent
}

/// The parts of a large change over time, so that it meets new liquidity instead of its own trace.
///
/// Time-weighted slices are clips a fixed time apart; a participation limit makes each of them no
/// larger than a share of what the market trades in that time. Only the leading leg is paced: the
/// other one follows each fill at once, so that never more than one slice stands alone.
extension Engine {
  /// Whether a carry's orders may take their time now.
  func isPatient(_ carry: Carry) -> Bool {
    carry.pace == .patient && !market[carry.pair].margin.isDue(at: market[carry.pair].perp.mark)
  }

  /// The largest order of a carry now, base units.
  ///
  /// A slice that no venue would accept is traded all the same: the smallest order both legs take.
  func clip(of carry: Carry) -> Quantity {
    let execution = parameters.execution
    guard isPatient(carry), execution.sliceSeconds > 0, execution.participation.isPositive,
      let turnover = market[carry.pair].perpFigures.turnover
    else { return carry.clip }
    let pair = universe[carry.pair]
    let mid = market[carry.pair].perp.mid
    let share = turnover.times(execution.participation)
      .times(Rate(execution.sliceSeconds).divided(by: 86_400, rounding: .down), .down)
    let least = pair.jointLot.times(
      max(
        .one,
        max(universe[pair.spot].minimumNotional, universe[pair.perp].minimumNotional)
          .times("1.1", .up).quantity(at: mid, .up).ratio(to: pair.jointLot, .up)
          .rounded(places: 0, .ceiling)), .up)
    let slice = share.quantity(at: mid, .down).rounded(toMultipleOf: pair.jointLot, .down)
    return min(carry.clip, max(slice, least))
  }

  /// When the next clip of a carry is due; nil when it may go out at once.
  ///
  /// An order that did not trade is tried again without waiting for the next slice.
  func sliceDue(_ carry: Carry, at now: Timestamp) -> Timestamp? {
    guard isPatient(carry), carry.failedAttempts == 0 else { return nil }
    let due = carry.ledAt + .seconds(Int64(parameters.execution.sliceSeconds))
    return due > now ? due : nil
  }
}
