public import FixedPoint
public import Trading

/// The worth of an account as far as sizes depend on it.
public struct AccountGauge: Hashable, Sendable, BitwiseCopyable {
  /// Now, quote units; nil while a price is unknown.
  public internal(set) var equity: Notional?
  /// At the last UTC midnight, with what came from outside since; nil before the first.
  public internal(set) var equityAtMidnight: Notional?

  /// The result of the day so far, a fraction; nil while unknown.
  public var dailyResult: Rate? {
    guard let equity, let equityAtMidnight, equityAtMidnight.isPositive else { return nil }
    return equity.ratio(to: equityAtMidnight, .floor) - .one
  }
}

/// How much may stand on one asset, one venue, or assets that move together, and when nothing may.
struct Allocation: Sendable {
  let rules: Parameters.Sizing

  /// The gates of an entry of a notional.
  func gates(_ view: PairView, adding notional: Notional) -> [Gate] {
    let base = view.spot.base
    var gates = [
      gate("asset_notional", notional + held(view) { $0.base == base }, rules.maximumAssetNotional),
      gate(
        "venue_notional", notional + held(view) { $0.id.venue == view.pair.venue },
        rules.maximumVenueNotional),
    ]
    if let cluster = rules.cluster(of: base) {
      gates.append(
        gate(
          "cluster_notional", notional + held(view) { cluster.contains($0.base) },
          rules.maximumClusterNotional))
    }
    // Before the first midnight there is no day to judge; after it an unknown result is no good one.
    if view.account.equityAtMidnight != nil {
      gates.append(
        Gate(
          "daily_result", view.account.dailyResult, .above, -rules.dailyLossLimit,
          unit: "of the account"))
    }
    if !rules.accountFloor.isZero {
      gates.append(
        Gate(
          "account", view.account.equity?.reinterpreted(as: Unit.Ratio.self), .atLeast,
          rules.accountFloor.reinterpreted(as: Unit.Ratio.self), unit: "quote"))
    }
    return gates
  }

  private func gate(_ name: String, _ value: Notional, _ limit: Notional) -> Gate {
    Gate(
      name, value.reinterpreted(as: Unit.Ratio.self), .atMost,
      limit.reinterpreted(as: Unit.Ratio.self), unit: "quote")
  }

  /// Notional of the carries whose spot leg is meant, quote units.
  private func held(_ view: PairView, where isMeant: (Instrument) -> Bool) -> Notional {
    view.notional { isMeant(view.universe[view.universe[$0].spot]) }
  }

  /// The short that a carry was meant to have, once prices have made more of it; nil within the band.
  func resized(_ view: PairView, _ carry: Carry) -> (quantity: Quantity, gate: Gate)? {
    guard let gate = driftGate(view, carry), !gate.passed else { return nil }
    let quantity = Sizing.quantity(
      notional: carry.notional, at: view.market.perp.mid, lot: view.pair.jointLot)
    return quantity.isPositive ? (quantity, gate) : nil
  }

  /// How far prices have carried the short from its notional; nil without prices.
  func driftGate(_ view: PairView, _ carry: Carry) -> Gate? {
    guard !carry.isHeldByOperator, carry.notional.isPositive, view.market.isQuoted else {
      return nil
    }
    let value = view.market.perp.mid.notional(of: carry.holdings.perp.magnitude)
    return Gate(
      "notional_drift", value.ratio(to: carry.notional, .down) - .one, .atMost, rules.band,
      unit: "of the target")
  }

  /// Whether the margin behind a short is hardly thinner than that of a new one, so that a larger one
  /// keeps within the hard limit too; nil where the whole account stands behind it.
  static func marginGate(_ view: PairView, _ carry: Carry) -> Gate? {
    guard view.universe.traits(of: view.pair.venue).margin == .isolated else { return nil }
    let held = view.market.position.flatMap { position -> Rate? in
      let value = view.market.perp.mark.notional(of: position.quantity)
      let worth = position.margin + value - position.cost
      return worth.isPositive ? value.magnitude.ratio(to: worth, .up) : nil
    }
    return Gate(
      "leverage_held", held, .atMost,
      min(carry.leverage.times("1.1"), Parameters.hardLeverageLimit), unit: "times")
  }

  /// What a carry wants of the notional it was meant to have, once prices have made less of it, base
  /// units; nil within the band.
  func missing(_ view: PairView, _ carry: Carry) -> (quantity: Quantity, gate: Gate)? {
    guard !carry.isHeldByOperator, carry.notional.isPositive, view.market.isQuoted else {
      return nil
    }
    let mid = view.market.perp.mid
    let held = carry.holdings.perp.magnitude
    let shortfall = Rate.one - mid.notional(of: held).ratio(to: carry.notional, .up)
    // As far below in proportion as the band reaches above.
    let limit = rules.band.divided(by: .one + rules.band)
    guard shortfall > limit else { return nil }
    let quantity =
      Sizing.quantity(notional: carry.notional, at: mid, lot: view.pair.jointLot) - held
    let gate = Gate("notional_shortfall", shortfall, .above, limit, unit: "of the target")
    return quantity.isPositive ? (quantity, gate) : nil
  }
}

extension Parameters.Sizing {
  /// The assets that move with one, itself among them; nil when it is in no cluster.
  func cluster(of asset: AssetID) -> [AssetID]? {
    clusters.split(separator: ",").map { cluster in
      cluster.split(whereSeparator: { $0 == "+" || $0 == " " }).map { AssetID(String($0)) }
    }
    .first { $0.contains(asset) }
  }
}

/// The worth of each account, found once in a step however many pairs ask; by `Pair.money`.
typealias AccountGauges = [Int: AccountGauge]

extension Engine {
  /// The same for one of many pairs.
  func account(of pair: PairIndex, _ known: inout AccountGauges) -> AccountGauge {
    let money = universe.pairs[pair.position].money
    if let gauge = known[money] { return gauge }
    let gauge = account(of: pair)
    known[money] = gauge
    return gauge
  }

  /// What a decision about an entry may know of the account.
  func account(of pair: PairIndex) -> AccountGauge {
    let key = EngineState.EquityKey(
      venue: universe[pair].venue, asset: universe[universe[pair].perp].quote)
    return AccountGauge(
      equity: equity(of: key.venue, in: key.asset),
      equityAtMidnight: state.midnightEquity[key])
  }
}
