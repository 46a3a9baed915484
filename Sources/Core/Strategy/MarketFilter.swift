import FixedPoint
import Trading

/// Which markets are not entered whatever they pay: too thin, too new, too crowded, or not what they
/// seem.
///
/// What a venue does not tell is not weighed; what it tells, but has not told yet, is unknown and fails.
struct MarketFilter: Sendable {
  let rules: Parameters.Market

  /// Gates that an operator's command need not pass.
  static let judgements = [
    "spread", "eight_hour_rate", "rate_at_cap", "turnover", "listed_days", "interest_share",
    "crowding",
  ]

  /// The gates of an entry of so many base units.
  func gates(_ view: PairView, adding quantity: Quantity) -> [Gate] {
    priceGates(view.market) + pegGate(view) + turnoverGate(view) + ageGate(view)
      + shareGate(view, adding: quantity)
  }

  /// The gates of an entry for the sake of funding.
  func rateGates(_ view: PairView) -> [Gate] {
    [rateGate(view.market)] + capGate(view.market) + crowdingGate(view)
  }

  private func priceGates(_ market: PairMarket) -> [Gate] {
    let mids = market.mids
    let gap = market.isQuoted ? (mids.perp.ratio(to: mids.spot) - .one).magnitude : nil
    let spread = market.isQuoted ? max(market.spot.spread, market.perp.spread) : nil
    return [
      Gate("spread", spread, .atMost, rules.maximumSpread, unit: "of mid"),
      Gate("price_gap", gap, .atMost, rules.maximumPriceGap, unit: "of spot"),
    ]
  }

  /// There where something is traded for a second quote asset; without one the peg is unknown, and no
  /// gate says that it holds.
  private func pegGate(_ view: PairView) -> [Gate] {
    guard rules.maximumDepeg.isPositive else { return [] }
    let witnesses = view.universe.pegWitnesses(of: view.index)
    guard !witnesses.isEmpty else { return [] }
    let departure = Depeg.departure(
      witnesses, view.markets, at: view.now, staleSeconds: rules.staleSeconds)
    return [Depeg.gate(departure, rules)]
  }

  /// Rates far beyond the usual end soon, and often with a jump against the short.
  private func rateGate(_ market: PairMarket) -> Gate {
    let rates = [market.funding.last, market.predicted].compactMap { $0 }
    let largest = rates.map {
      $0.rate.magnitude.times(8).divided(by: $0.intervalHours, rounding: .up)
    }.max()
    return Gate("eight_hour_rate", largest, .atMost, rules.extremeRate, unit: "per 8 hours")
  }

  /// At the cap a venue hides how much longs would pay, and may shorten the interval at any time.
  private func capGate(_ market: PairMarket) -> [Gate] {
    guard let cap = market.perpFigures.fundingCap else { return [] }
    let rates = [market.funding.last, market.predicted].compactMap { $0?.rate }
    return [Gate("rate_at_cap", rates.max(), .below, cap, unit: "per interval")]
  }

  private func turnoverGate(_ view: PairView) -> [Gate] {
    let figures = [view.market.spotFigures.turnover, view.market.perpFigures.turnover]
    let told = figures.compactMap { $0 }
    guard rules.minimumTurnover.isPositive, isTold(view, !told.isEmpty) else { return [] }
    // What one leg trades says nothing of the other; where a recording has only one, it must do.
    let isWhole = told.count == figures.count || !tellsFigures(view)
    let least = isWhole ? told.min() : nil
    return [
      Gate(
        "turnover", least?.reinterpreted(as: Unit.Ratio.self), .atLeast,
        rules.minimumTurnover.reinterpreted(as: Unit.Ratio.self), unit: "quote a day")
    ]
  }

  private func ageGate(_ view: PairView) -> [Gate] {
    let listedAt = view.market.perpFigures.listedAt
    guard rules.minimumListedDays > 0, isTold(view, listedAt != nil) else { return [] }
    let days = listedAt.map { (view.now - $0).hours.divided(by: 24, rounding: .down) }
    return [
      Gate("listed_days", days, .atLeast, Rate(rules.minimumListedDays), unit: "days")
    ]
  }

  private func shareGate(_ view: PairView, adding quantity: Quantity) -> [Gate] {
    let interest = view.market.perpFigures.openInterest
    guard rules.maximumInterestShare < .one, isTold(view, interest != nil) else { return [] }
    let held = view.carry?.holdings.perp.magnitude ?? .zero
    let share = interest.flatMap { $0.isPositive ? (held + quantity).ratio(to: $0, .up) : nil }
    return [
      Gate(
        "interest_share", share, .atMost, rules.maximumInterestShare, unit: "of open interest")
    ]
  }

  /// Crowded is what pays more and is held more than nearly always before: the lower of both ranks.
  private func crowdingGate(_ view: PairView) -> [Gate] {
    guard let interest = view.interestRank, let funding = view.market.funding.rank
    else { return [] }
    return [
      Gate(
        "crowding", min(interest, funding), .atMost, rules.crowdedRank, unit: "of the past below")
    ]
  }

  private func isTold(_ view: PairView, _ isKnown: Bool) -> Bool {
    isKnown || tellsFigures(view)
  }

  private func tellsFigures(_ view: PairView) -> Bool {
    view.universe.traits(of: view.pair.venue).tellsFigures
  }
}
