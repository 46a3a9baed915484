import Accounting
import FixedPoint
import Trading

/// What happens when a carry in motion stands where it should.
extension Engine {
  /// Ends a motion: open, refused or closed, with the records that belong to it.
  mutating func arrive(
    _ pair: PairIndex, _ carry: Carry, at now: Timestamp, into outcome: inout Outcome
  ) {
    let held = carry.holdings
    endExposure(carry, at: now, into: &outcome)
    switch carry.state {
    case .opening:
      if held.perp.isZero && held.spot.isZero {
        move(
          pair, to: .refused, perpTarget: .zero, reason: "no order traded", into: &outcome)
      } else if held.perp.isZero {
        move(pair, to: .closing, perpTarget: .zero, reason: "perpetual leg failed", into: &outcome)
      } else {
        move(pair, to: .open, perpTarget: held.perp, reason: "at target", into: &outcome)
      }
    case .rebalancing, .reducing:
      if carry.failedAttempts >= parameters.execution.attempts {
        market[pair].correctionDueAt = now + Self.betweenCorrections
      }
      if held.perp.isZero {
        close(pair, carry, reason: "nothing left", at: now, into: &outcome)
      } else {
        move(pair, to: .open, perpTarget: held.perp, reason: "at target", into: &outcome)
      }
    case .closing:
      // A short that no lot covers is still a short: it stays in motion and in sight.
      guard held.perp.isZero else { return }
      close(pair, carry, reason: "unwound", at: now, into: &outcome)
    case .open, .closed, .refused: break
    }
  }

  /// Before delta is corrected again when the orders of a correction did not trade.
  private static let betweenCorrections = TimeSpan.minutes(1)

  private mutating func close(
    _ pair: PairIndex, _ carry: Carry, reason: String, at now: Timestamp,
    into outcome: inout Outcome
  ) {
    let spot = universe[universe[pair].spot]
    let rest = carry.holdings.spot
    if !rest.isZero {
      record(
        .booked(
          Booking.dust(
            rest, of: spot.base, carry: carry.id, venue: spot.id.venue,
            wallet: universe.wallet(of: spot.id.venue, .spot), at: now)),
        into: &outcome)
      let mid = carry.holdings.mids?.spot ?? market[pair].spot.mid
      record(
        .adjusted(
          Adjustment(
            carry: carry.id, amount: -mid.notional(of: rest),
            reason: "dust of \(rest) \(spot.base) left behind")),
        into: &outcome)
    }
    move(pair, to: .closed, perpTarget: .zero, reason: reason, into: &outcome)
  }

  /// Records what a change of an open carry did, one row for each leg that traded.
  mutating func recordChange(_ carry: Carry, into outcome: inout Outcome) {
    guard let change = carry.change else { return }
    let reason = state.changeReasons[carry.id] ?? carry.state.rawValue
    let legs: [(Market, Quantity, Notional, Notional)] = [
      (.perp, change.perp, change.perpFees, change.perpSlippage),
      (.spot, change.spot, change.spotFees, change.spotSlippage),
    ]
    for (leg, quantity, fees, slippage) in legs where !quantity.isZero {
      record(
        .rebalanced(
          RebalanceRecord(
            carry: carry.id, reason: reason, deltaBefore: change.deltaBefore,
            deltaAfter: carry.holdings.delta, market: leg, quantity: quantity, fees: fees,
            slippage: slippage)),
        into: &outcome)
    }
  }
}
