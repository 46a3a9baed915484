import Accounting
import FixedPoint
import Trading

/// Keeps the short away from liquidation while a carry is held.
///
/// A ladder: it warns, adds collateral, makes both legs smaller, and at last gives them up. What is
/// far too much is taken back. It asks nobody's forecast.
struct MarginGuard: Sendable {
  let parameters: Parameters

  /// Refusals in a row after which cash is not waited for.
  private static let patience = 3
  /// Collateral below this part of the notional is not worth taking back.
  private static let leastRelease: Rate = "0.05"

  /// What to do now; nil when the distance is as it should be or an answer is awaited.
  func decide(_ view: PairView, _ carry: Carry, version: String) -> Decision? {
    let mark = view.market.perp.mark
    guard view.market.margin.isDue(at: mark), view.now >= view.market.marginRequestExpiresAt,
      let position = view.market.position, let liquidation = position.liquidationPrice
    else { return nil }
    let distance = Liquidation.distance(liquidation: liquidation, mark: mark)
    if distance >= parameters.margin.releaseDistance {
      return release(view, carry, position, distance, version: version)
    }
    if distance >= parameters.margin.actDistance {
      guard distance < parameters.margin.warnDistance, !view.market.margin.isWarned else {
        return nil
      }
      return .keep(
        view.record(
          .warn, words(view, distance),
          gates(view, distance, atLeast: parameters.margin.warnDistance), version: version))
    }
    return act(view, carry, position, distance, version: version)
  }

  // MARK: - Too near

  /// Collateral first, then smaller legs, and below the last step no legs.
  private func act(
    _ view: PairView, _ carry: Carry, _ position: Position, _ distance: Rate, version: String
  ) -> Decision {
    let needed = needed(view, position)
    // In cross margin all cash stands behind the position already, and cash that a venue keeps
    // refusing to move is no help either: then only shrinking is left.
    let isCross = view.universe.traits(of: view.pair.venue).margin == .cross
    let isStuck = view.market.marginFailures >= Self.patience
    let cash = isCross || isStuck ? (spot: .zero, futures: .zero) : view.freeCash
    let free = view.purse.isUnified ? cash.futures : cash.spot + cash.futures
    let isLast = distance < parameters.margin.flattenDistance
    let gates =
      gates(
        view, distance,
        atLeast: isLast ? parameters.margin.flattenDistance : parameters.margin.actDistance) + [
        Gate(
          "free_capital", free.reinterpreted(as: Unit.Ratio.self), .atLeast,
          needed.reinterpreted(as: Unit.Ratio.self), unit: "quote")
      ]
    let words = words(view, distance)
    // So near there is time for one try, not for a second one.
    let isTried =
      view.market.marginFailures > 0 || view.market.marginRequestExpiresAt > .distantPast
    if free >= needed, !(isLast && isTried) {
      let transfer = view.purse.isUnified ? .zero : max(.zero, needed - view.freeFutures)
      return .addMargin(
        needed, transfer: transfer, view.record(.addMargin, words, gates, version: version))
    }
    if isLast {
      return .exit(
        view.record(.flatten, "\(words), too near to stay", gates, version: version))
    }
    let remaining = shrunk(view, carry, position: position, needed: needed, free: free)
    return .shrink(
      to: -remaining,
      view.record(.shrink, "\(words), and no cash to add", gates, version: version))
  }

  private func needed(_ view: PairView, _ position: Position) -> Notional {
    Liquidation.topUp(
      margin: position.margin, quantity: position.quantity.magnitude,
      entry: position.cost.magnitude, mark: view.market.perp.mark,
      buffer: parameters.margin.targetDistance, tiers: view.perp.marginTiers
    ).rounded(places: 2, .up)
  }

  /// The short that the cash set free by shrinking can keep at the target distance, base units.
  ///
  /// Closing a fraction f frees f × (spot value + margin − loss) and leaves (1 − f) × needed to be
  /// added: f = (needed − free) / (needed + freed per unit).
  private func shrunk(
    _ view: PairView, _ carry: Carry, position: Position, needed: Notional, free: Notional
  ) -> Quantity {
    // What the venue told last may be older than what was traded since: nothing shrinks upwards.
    let size = min(position.quantity.magnitude, carry.holdings.perp.magnitude)
    let loss =
      view.market.perp.mark.notional(of: position.quantity.magnitude) - position.cost.magnitude
    let costs =
      parameters.execution.maximumSlippage.times(2) + view.spot.fees.taker
      + view.perp.fees.taker
    let spotValue = view.market.spot.mid.notional(of: carry.holdings.spot)
      .times(.one - costs, .down)
    let freed = max("1", spotValue + position.margin - loss)
    let fraction = min(.one, (needed - free).ratio(to: needed + freed, .up))
    return size.times(.one - fraction, .down).rounded(toMultipleOf: view.pair.jointLot, .down)
  }

  // MARK: - Too far

  /// Takes back what stands behind the short beyond what an entry of now would set aside; nil when
  /// that is not worth a request, or one was made lately.
  private func release(
    _ view: PairView, _ carry: Carry, _ position: Position, _ distance: Rate, version: String
  ) -> Decision? {
    let isCross = view.universe.traits(of: view.pair.venue).margin == .cross
    guard !isCross, carry.state == .open, view.now >= view.market.margin.releaseDueAt
    else { return nil }
    let value = view.market.perp.mark.notional(of: position.quantity.magnitude, .up)
    let loss = max(.zero, value - position.cost.magnitude)
    // A little more than the venue asks for, because the mark moves while the request is under way.
    let initial = value.times(Rate.one.divided(by: carry.leverage, .up), .up).times("1.02", .up)
    let excess = (position.margin - initial - loss).rounded(places: 2, .floor)
    guard excess >= value.times(Self.leastRelease) else { return nil }
    let gate = Gate(
      "liquidation_distance", distance, .below, parameters.margin.releaseDistance, unit: "of mark")
    return .addMargin(
      -excess, transfer: .zero,
      view.record(.releaseMargin, words(view, distance), [gate], version: version))
  }

  /// The distance as a gate, with where collateral would be added; nil when flat or not told.
  func gate(_ view: PairView) -> Gate? {
    guard let liquidation = view.market.position?.liquidationPrice else { return nil }
    return Gate(
      "liquidation_distance",
      Liquidation.distance(liquidation: liquidation, mark: view.market.perp.mark), .atLeast,
      parameters.margin.actDistance, unit: "of mark")
  }

  // MARK: - In words

  /// The distance in percent, in standard deviations of a day, and in hours at the fastest rise known.
  private func gates(_ view: PairView, _ distance: Rate, atLeast threshold: Rate) -> [Gate] {
    var gates = [
      Gate("liquidation_distance", distance, .atLeast, threshold, unit: "of mark"),
      Gate(
        "liquidation_hours", hours(view, distance), .atLeast, .one,
        unit: "hours at the fastest rise"),
    ]
    if let deviations = Self.deviations(view, distance) {
      gates.append(
        Gate("liquidation_deviations", deviations, .atLeast, "3", unit: "σ of a day"))
    }
    return gates
  }

  private func words(_ view: PairView, _ distance: Rate) -> String {
    let percent = distance.times(100).rounded(places: 1, .down)
    let hours = hours(view, distance).rounded(places: 1, .down)
    let deviations = Self.deviations(view, distance).map { "\($0.rounded(places: 1, .down)) σ, " }
    return "liquidation \(percent) % away: \(deviations ?? "")\(hours) h at the fastest rise"
  }

  /// Hours until liquidation at the fastest rise that the settings or this process know.
  func hours(_ view: PairView, _ distance: Rate) -> Rate {
    let fastest = max(parameters.margin.fastestRise, view.market.gauge.fastestRise)
    return max(.zero, distance).divided(by: fastest)
  }

  private static func deviations(_ view: PairView, _ distance: Rate) -> Rate? {
    guard let day = view.market.gauge.dailyDeviation, day.isPositive else { return nil }
    return max(.zero, distance).divided(by: day)
  }
}

/// The marks at which the margin guard looks at a short.
struct MarginTriggers: Sendable {
  /// From here up it warns.
  private var warn = PairMarket.outOfReach
  /// From here up it acts.
  private var act = PairMarket.outOfReach
  /// From here down collateral is too much.
  private var release = Price.zero
  /// Below here a warning is over.
  private var calm = Price.zero
  /// Whether it warned already.
  private(set) var isWarned = false
  /// Collateral is not taken back before.
  var releaseDueAt = Timestamp.distantPast

  /// Takes over where the short would be liquidated; nil when nothing is held.
  mutating func set(_ liquidation: Price?, _ margin: Parameters.Margin) {
    guard let liquidation else {
      self = MarginTriggers()
      return
    }
    func mark(at distance: Rate) -> Price {
      liquidation.times(.one.divided(by: .one + distance, .down), .down)
    }
    warn = mark(at: margin.warnDistance)
    act = mark(at: margin.actDistance)
    release = mark(at: margin.releaseDistance)
    calm = mark(at: max(margin.warnDistance, margin.targetDistance))
  }

  /// Whether there may be something to do at a mark.
  func isDue(at mark: Price) -> Bool { mark > (isWarned ? act : warn) || mark <= release }

  mutating func noteWarning() { isWarned = true }

  /// Ends a warning once the mark is far away again.
  mutating func note(_ mark: Price) {
    if isWarned, mark < calm { isWarned = false }
  }
}
