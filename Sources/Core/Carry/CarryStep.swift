import Accounting
import FixedPoint
import Trading

/// What a carry in motion needs next.
enum CarryStep: Hashable {
  /// Trade one leg by a signed quantity.
  case trade(Market, Quantity)
  /// Trade both legs by one order: the perpetual's signed quantity, spot goes the other way.
  case tradeBoth(Combo, Quantity)
  /// The spot leg cannot follow: bring the short to what spot holds.
  case matchShort(to: Quantity)
  /// Both legs stand where they should, or as near as lots allow.
  case arrived

  /// Whether it trades the leg that the other one follows.
  var leads: Bool {
    switch self {
    case .trade(.perp, _), .tradeBoth: true
    case .trade(.spot, _), .matchShort, .arrived: false
    }
  }
}

extension Carry {
  /// The next step: the perpetual leads towards its target in clips, and spot follows what was
  /// filled, net of fees, before the next clip.
  ///
  /// The coarser lot leads because the finer one can match it. Going down, the same order holds:
  /// the short is bought back first, then spot is sold to match, so a spot order never waits for a
  /// margin check.
  func nextStep(
    spot: Instrument, perp: Instrument, worst: LegMids, lot: Quantity, clip: Quantity,
    combo: Combo?, attempts: Int, mayGrow: Bool
  ) -> CarryStep {
    if state == .rebalancing {
      return correction(spot: spot, perp: perp, worst: worst, attempts: attempts)
    }
    let isGoingUp = state == .opening
    let order = order(on: spot, missing: -imbalance, worst: worst.spot)
    // Going down, the short is bought back before missing spot would be bought.
    if let order, isGoingUp || order.isNegative {
      let isStuck = isGoingUp && failedAttempts >= attempts && order.isPositive
      return isStuck
        ? .matchShort(to: short(for: holdings.spot, lot: perp.lot))
        : .trade(.spot, order)
    }
    let rest = perpTarget - holdings.perp
    if rest.isZero { return order.map { .trade(.spot, $0) } ?? .arrived }
    let isGrowing = rest.isNegative
    if isGrowing, !mayGrow || failedAttempts >= attempts { return .arrived }
    let size = Sizing.clip(of: rest.magnitude, clip: clip, lot: lot)
    guard perp.accepts(quantity: size, at: worst.perp, reduceOnly: !isGrowing) else {
      return .arrived
    }
    if let combo, let both = both(combo, of: size, spot: spot, isGrowing: isGrowing, worst: worst) {
      return .tradeBoth(combo, isGrowing ? -both : both)
    }
    return .trade(.perp, isGrowing ? -size : size)
  }

  /// How much of a clip one order for both legs can trade; nil when the legs have to do it.
  ///
  /// A combo that did not fill once is not waited for: its book may be empty while the legs trade.
  private func both(
    _ combo: Combo, of size: Quantity, spot: Instrument, isGrowing: Bool, worst: LegMids
  ) -> Quantity? {
    guard execution == .combo, failedAttempts == 0 else { return nil }
    let possible = min(size, combo.maximumQuantity ?? size, isGrowing ? size : holdings.spot)
      .rounded(toMultipleOf: combo.lot, .down)
    guard possible >= combo.minimumQuantity,
      spot.accepts(quantity: possible, at: worst.spot, reduceOnly: false)
    else { return nil }
    return possible
  }

  /// The spot order for a signed quantity that is missing; nil when it is too small to trade.
  private func order(on spot: Instrument, missing: Quantity, worst: Price) -> Quantity? {
    // One order follows a clip of the perpetual, whatever the hedge ratio makes of it.
    let size = min(missing.magnitude, hedge < .one ? clip.divided(by: hedge, .up) : clip)
    let isBuying = missing.isPositive
    let fee = spot.fees.isTakenFromReceivedAsset ? spot.fees.taker : .zero
    let quantity =
      isBuying
      ? Sizing.gross(net: size, feeInBase: fee, lot: spot.lot)
      : size.rounded(toMultipleOf: spot.lot, .down)
    guard spot.accepts(quantity: quantity, at: worst, reduceOnly: false) else { return nil }
    return isBuying ? quantity : -quantity
  }

  private func correction(
    spot: Instrument, perp: Instrument, worst: LegMids, attempts: Int
  ) -> CarryStep {
    if failedAttempts >= attempts { return .arrived }
    switch correctedLeg {
    case .spot:
      let missing = spotTarget - holdings.spot
      return order(on: spot, missing: missing, worst: worst.spot).map { .trade(.spot, $0) }
        ?? .arrived
    case .perp:
      let rest = perpTarget - holdings.perp
      let size = min(rest.magnitude.rounded(toMultipleOf: perp.lot, .down), clip)
      guard perp.accepts(quantity: size, at: worst.perp, reduceOnly: rest.isPositive) else {
        return .arrived
      }
      return .trade(.perp, rest.isNegative ? -size : size)
    }
  }
}
