import FixedPoint
import Trading

extension Plan {
  /// Makes a plan from an assessment.
  init(_ assessment: EntryRules.Assessment, by rules: EntryRules, view: PairView, id: Int64) {
    let cost =
      assessment.cost ?? CarryCost(spotFee: .zero, perpFee: .zero, spread: .zero, slippage: .zero)
    let perpMid = view.market.perp.mid
    let spotMid = view.market.spot.mid
    let quantity = assessment.entry.quantity
    let latest = view.market.funding.last
    self.init(
      id: id, at: view.now, venue: view.pair.venue, symbol: view.pair.symbol, quantity: quantity,
      jointLot: view.pair.jointLot, notional: assessment.notional,
      leverage: assessment.entry.leverage,
      legs: [
        Leg(
          market: .perp, side: .sell, quantity: quantity, clip: assessment.entry.clip,
          mid: perpMid, fee: perpMid.notional(of: quantity).times(cost.perpFee)),
        Leg(
          market: .spot, side: .buy,
          quantity: Sizing.gross(
            net: assessment.entry.hedge == .one
              ? quantity : quantity.divided(by: assessment.entry.hedge, .halfEven),
            feeInBase: view.spot.fees.isTakenFromReceivedAsset ? cost.spotFee : .zero,
            lot: view.spot.lot), clip: assessment.entry.clip, mid: spotMid,
          fee: spotMid.notional(of: quantity).times(cost.spotFee)),
      ],
      cost: cost, execution: assessment.entry.execution,
      executionReason: assessment.executionReason,
      roundTripCost: assessment.notional.times(cost.roundTrip),
      expectedAnnualRate: assessment.expectedAnnualRate, intervalHours: latest?.intervalHours,
      breakEvenSettlements: breakEven(assessment, latest),
      breakEvenProbability: rules.breakEvenProbability(assessment, view),
      liquidationPrice: assessment.liquidation, liquidationDistance: assessment.distance,
      capital: Sizing.capital(notional: assessment.notional, leverage: assessment.entry.leverage),
      expectedNetAnnualRateOnCapital: rules.netOnCapital(assessment, view),
      gates: assessment.gates)
  }
}

extension Candidate {
  /// Ranks a pair from its assessment.
  init(_ assessment: EntryRules.Assessment, by rules: EntryRules, view: PairView) {
    let latest = view.market.funding.last
    let net = rules.netOnCapital(assessment, view)
    self.init(
      venue: view.pair.venue, spotVenue: view.spot.id.venue, symbol: view.pair.symbol,
      expectedAnnualRate: assessment.expectedAnnualRate,
      latestAnnualRate: latest.map {
        Annualising.simple($0.rate, intervalHours: $0.intervalHours)
      },
      roundTrip: assessment.cost?.roundTrip,
      breakEvenSettlements: breakEven(assessment, latest),
      breakEvenProbability: rules.breakEvenProbability(assessment, view),
      expectedNetAnnualRateOnCapital: net,
      expectedExcess: net.map { $0 - rules.parameters.capital.cashRate },
      expectedResizes: rules.resizesOverHorizon(view),
      carry: view.carry?.id,
      isEligible: view.carry == nil && assessment.gates.allSatisfy(\.passed),
      gates: assessment.gates)
  }

  /// Best expected net return first; unknown ones last, by name.
  static func ranked(_ candidates: [Candidate]) -> [Candidate] {
    candidates.sorted { left, right in
      switch (left.expectedNetAnnualRateOnCapital, right.expectedNetAnnualRateOnCapital) {
      case (let left?, let right?) where left != right: left > right
      case (.some, nil): true
      case (nil, .some): false
      default:
        (left.venue, left.symbol) == (right.venue, right.symbol)
          ? left.spotVenue ?? left.venue < right.spotVenue ?? right.venue
          : (left.venue, left.symbol) < (right.venue, right.symbol)
      }
    }
  }
}

/// Settlements until expected funding pays the round trip.
private func breakEven(_ assessment: EntryRules.Assessment, _ latest: FundingRate?) -> Int? {
  guard let cost = assessment.cost, let rate = assessment.expectedAnnualRate, let latest
  else { return nil }
  let perSettlement = rate.times(latest.intervalHours)
    .divided(by: Annualising.hoursPerYear, rounding: .down)
  return cost.breakEvenSettlements(ratePerSettlement: perSettlement)
}

extension EntryRules {
  /// What a carry held for the planned time is expected to earn, per year, on the capital that it
  /// binds: spot, margin, and the reserve kept beside them.
  ///
  /// Funding − round trip × 365 / days − resizes a year × what each trades × one way. Nil while the
  /// forecast or a price is unknown; before the price's volatility is known no resize is expected.
  func netOnCapital(_ assessment: Assessment, _ view: PairView) -> Rate? {
    guard let cost = assessment.cost, let rate = assessment.expectedAnnualRate else { return nil }
    let opening = cost.breakEvenAnnualRate(holdingDays: parameters.entry.horizonDays)
    let resizing = (resizesPerYear(view) ?? .zero).times(parameters.sizing.band)
      .times(cost.oneWay, .up)
    let capital =
      Rate.one + Rate.one.divided(by: assessment.entry.leverage) + parameters.capital.reserve
    return (rate - opening - resizing).divided(by: capital)
  }

  /// How often prices are expected to carry a carry out of its band; nil while the volatility is
  /// unknown.
  func resizesOverHorizon(_ view: PairView) -> Rate? {
    resizesPerYear(view)?.times(parameters.entry.horizonDays).divided(by: 365, rounding: .halfEven)
  }

  private func resizesPerYear(_ view: PairView) -> Rate? {
    view.market.gauge.variancePerHour.map {
      RebalanceBand.resizesPerYear(
        variance: $0.times(Annualising.hoursPerYear), band: parameters.sizing.band)
    }
  }
}

extension Gate {
  /// The gate in words: `free_capital 100 must be at_least 200 quote`.
  public var text: String {
    let words = relation.rawValue.split(separator: "_").joined(separator: " ")
    return "\(name) \(value.text) must be \(words) \(threshold.text)"
      + (unit.isEmpty ? "" : " \(unit)")
  }
}

extension Gate.Value {
  /// The value in words.
  public var text: String {
    switch self {
    case .number(let number): number.rounded(places: 8, .halfEven).description
    case .text(let text): text
    case .unknown: "unknown"
    }
  }
}
