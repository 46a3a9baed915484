import Accounting
import FixedPoint
import Trading

/// Keeps the short away from liquidation while a carry is held.
///
/// Collateral is added first, then both legs are made smaller. It asks nobody's forecast.
struct MarginGuard: Sendable {
  let parameters: Parameters

  /// Refusals in a row after which cash is not waited for.
  private static let patience = 3

  /// What to do now; nil when the distance is wide enough or an answer is awaited.
  func decide(_ view: PairView, _ carry: Carry, version: String) -> Decision? {
    guard view.market.perp.mark >= view.market.marginTrigger,
      let position = view.market.position, view.now >= view.market.marginRequestExpiresAt,
      let liquidation = position.liquidationPrice
    else { return nil }
    let mark = view.market.perp.mark
    let distance = Liquidation.distance(liquidation: liquidation, mark: mark)
    let size = position.quantity.magnitude
    let needed = Liquidation.topUp(
      margin: position.margin, quantity: size, entry: position.cost.magnitude, mark: mark,
      buffer: parameters.margin.targetDistance, tiers: view.perp.marginTiers
    ).rounded(places: 2, .up)
    // In cross margin all cash stands behind the position already, and cash that a venue keeps
    // refusing to move is no help either: then only shrinking is left.
    let isCross = view.universe.traits(of: view.pair.venue).margin == .cross
    let isStuck = view.market.marginFailures >= Self.patience
    let cash = isCross || isStuck ? (spot: .zero, futures: .zero) : view.freeCash
    let free = view.purse.isUnified ? cash.futures : cash.spot + cash.futures
    let gates = [
      Gate(
        "liquidation_distance", distance, .atLeast, parameters.margin.actDistance, unit: "of mark"),
      Gate(
        "free_capital", free.reinterpreted(as: Unit.Ratio.self), .atLeast,
        needed.reinterpreted(as: Unit.Ratio.self), unit: "quote"),
    ]
    let percent = distance.times(100).rounded(places: 1, .down)
    if free >= needed {
      let transfer = view.purse.isUnified ? .zero : max(.zero, needed - view.freeFutures)
      return .addMargin(
        needed, transfer: transfer,
        view.record(.addMargin, "liquidation \(percent) % away", gates, version: version))
    }
    let remaining = shrunk(view, carry, position: position, needed: needed, free: free)
    return .shrink(
      to: -remaining,
      view.record(
        .shrink, "liquidation \(percent) % away and no cash to add", gates, version: version))
  }

  /// The short that the cash set free by shrinking can keep at the target distance, base units.
  ///
  /// Closing a fraction f frees f × (spot value + margin − loss) and leaves (1 − f) × needed to be
  /// added: f = (needed − free) / (needed + freed per unit).
  private func shrunk(
    _ view: PairView, _ carry: Carry, position: Position, needed: Notional, free: Notional
  ) -> Quantity {
    let size = position.quantity.magnitude
    let loss = view.market.perp.mark.notional(of: size) - position.cost.magnitude
    let costs =
      parameters.execution.maximumSlippage.times(2) + view.spot.fees.taker
      + view.perp.fees.taker
    let spotValue = view.market.spot.mid.notional(of: carry.holdings.spot)
      .times(.one - costs, .down)
    let freed = max("1", spotValue + position.margin - loss)
    let fraction = min(.one, (needed - free).ratio(to: needed + freed, .up))
    return size.times(.one - fraction, .down).rounded(toMultipleOf: view.pair.jointLot, .down)
  }
}
