import Accounting
import FixedPoint
import Trading

/// Whether another pair pays so much more than a carry that changing over is worth its cost.
///
/// Weighed only where money or a limit binds at the venue, and only by the weakest carry there: what
/// can be entered beside it needs no room.
struct Rotation: Sendable {
  let parameters: Parameters
  let entryRules: EntryRules

  /// The limits that leaving a carry makes room in.
  private static let room = ["gross_notional", "venue_notional", "free_capital"]

  /// An exit in favour of a better pair; nil when there is none.
  func decide(_ view: PairView, _ carry: Carry, version: String) -> Decision? {
    guard parameters.sizing.rotationRoundTrips.isPositive, !carry.isHeldByOperator,
      let openedAt = carry.openedAt,
      (view.now - openedAt).hours >= Rate(parameters.exit.minimumHoldHours),
      isRoomShort(view), !isRoomOnItsWay(view), let own = expected(view), isWeakest(view, own),
      let better = best(view, carry),
      let offered = better.assessment.expectedAnnualRate, let cost = better.assessment.cost
    else { return nil }
    let gain = (offered - own).times(parameters.entry.horizonDays)
      .divided(by: 365, rounding: .down)
    let hurdle = max(
      cost.roundTrip, entryRules.cost(view, of: carry.holdings.perp.magnitude).roundTrip
    )
    .times(parameters.sizing.rotationRoundTrips, .up)
    let gates = [
      Gate("expected_annual_rate", own, .below, offered, unit: "per year"),
      Gate("rotation_gain", gain, .above, hurdle, unit: "of notional"),
    ]
    guard gates.allSatisfy(\.passed) else { return nil }
    return .exit(
      view.record(.exit, "\(better.symbol) pays more", gates, version: version))
  }

  /// Whether there is no room for another carry of the largest size; found without a forecast.
  private func isRoomShort(_ view: PairView) -> Bool {
    let rules = parameters.sizing
    let atVenue = view.notional { view.universe[$0].venue == view.pair.venue }
    let cash = view.freeCash
    let free = view.purse.isUnified ? cash.spot : cash.spot + cash.futures
    // Fees and slippage of the entry come on top; a hundredth covers them.
    let needed = Sizing.capital(notional: rules.notional, leverage: rules.leverage)
      .times("1.01", .up)
    return view.grossNotional + rules.notional > rules.maximumGrossNotional
      || atVenue + rules.notional > rules.maximumVenueNotional || free < needed
  }

  /// Whether another carry of the same money moves: one that closes makes the room already, and all
  /// would leave for the same pair.
  private func isRoomOnItsWay(_ view: PairView) -> Bool {
    !view.withSameMoney { $0?.state.isInMotion == true }.isEmpty
  }

  private func expected(_ view: PairView) -> Rate? {
    entryRules.forecast.outlook(view.market).annualRate
  }

  /// Whether no other carry of the same money that might be left is expected to earn less.
  private func isWeakest(_ view: PairView, _ own: Rate) -> Bool {
    view.withSameMoney { $0?.state == .open && $0?.isHeldByOperator == false }
      .allSatisfy { other in expected(other).map { $0 >= own } ?? true }
  }

  /// The pair that earns most for its risk among those that only want for room that this carry takes.
  private func best(
    _ view: PairView, _ carry: Carry
  ) -> (assessment: EntryRules.Assessment, symbol: Symbol)? {
    let held = view.market.perp.mid.notional(of: carry.holdings.perp.magnitude)
    let freed = Sizing.capital(notional: held, leverage: carry.leverage)
    let candidates = view.withSameMoney { $0 == nil }.compactMap {
      other -> (EntryRules.Assessment, Symbol, Rate)? in
      let assessment = entryRules.assess(other, wanted: nil)
      let failed = assessment.gates.filter { !$0.passed }
      guard !failed.isEmpty,
        failed.allSatisfy({ fits($0, held: held, freed: freed) }),
        let worth = entryRules.carryPerRisk(assessment, other)
      else { return nil }
      return (assessment, other.pair.symbol, worth)
    }
    return candidates.max { $0.2 < $1.2 }.map { ($0.0, $0.1) }
  }

  /// Whether a gate that fails now would pass without the carry.
  private func fits(_ gate: Gate, held: Notional, freed: Notional) -> Bool {
    guard Self.room.contains(gate.name), case .number(let value) = gate.value,
      case .number(let threshold) = gate.threshold
    else { return false }
    return gate.relation == .atLeast
      ? value + freed.reinterpreted(as: Unit.Ratio.self) >= threshold
      : value - held.reinterpreted(as: Unit.Ratio.self) <= threshold
  }
}

extension EntryRules {
  /// Expected net return on capital per unit of margin risk, which is a day's usual move over the
  /// distance to liquidation; nil while either is unknown.
  func carryPerRisk(_ assessment: Assessment, _ view: PairView) -> Rate? {
    guard
      let net = netOnCapital(assessment, view),
      let move = view.market.gauge.dailyDeviation, move.isPositive, assessment.distance.isPositive
    else { return nil }
    return net.times(assessment.distance).divided(by: move)
  }
}

extension Engine {
  /// The pairs that changed, in the order in which they are decided on: those that hold a carry first,
  /// then those that might be entered, the best for its risk first, so that it gets what room there is.
  ///
  /// - Returns: nil when at most one might be entered, and the order does not matter.
  func orderOfEntries(at now: Timestamp) -> [PairIndex]? {
    guard parameters.isAutomatic else { return nil }
    let changed = market.changed
    guard changed.count > 1, changed.count(where: mightEnter) > 1 else { return nil }
    let rules = EntryRules(parameters: parameters)
    var gauges: AccountGauges = [:]
    let entries = changed.filter(mightEnter).map { pair -> (pair: PairIndex, worth: Rate?) in
      let view = view(of: pair, at: now, account: account(of: pair, &gauges))
      guard view.market.isQuoted else { return (pair, nil) }
      return (pair, rules.carryPerRisk(rules.assess(view, wanted: nil), view))
    }
    let best = entries.sorted { left, right in
      guard left.worth == right.worth else { return isMore(left.worth, right.worth) }
      return left.pair.position < right.pair.position
    }
    return changed.filter { !mightEnter($0) } + best.map(\.pair)
  }

  /// What is not known comes last.
  private func isMore(_ left: Rate?, _ right: Rate?) -> Bool {
    guard let left else { return false }
    return right.map { left > $0 } ?? true
  }

  private func mightEnter(_ pair: PairIndex) -> Bool {
    state.carries[pair.position] == nil && hasNewSettlement(pair)
  }
}
