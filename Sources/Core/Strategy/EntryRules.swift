import FixedPoint
import Trading

/// Whether and how large to enter: every gate with its value and threshold.
struct EntryRules: Sendable {
  let parameters: Parameters
  let forecast: FundingForecast
  let thresholds: ThresholdRule

  init(parameters: Parameters) {
    self.parameters = parameters
    thresholds = ThresholdRule(parameters: parameters)
    forecast = FundingForecast(parameters)
  }

  /// What an entry would look like.
  struct Assessment: Sendable {
    var entry: Decision.Entry
    var notional: Notional
    var cost: CarryCost?
    /// Why by combo or by legs; nil without prices.
    var executionReason: String?
    var outlook: ForecastOutlook
    var expectedAnnualRate: Rate?
    var liquidation: Price
    var distance: Rate
    var gates: [Gate]
  }

  /// Assesses an entry at the prices of now.
  ///
  /// - Parameters:
  ///   - wanted: base units; nil takes the configured notional.
  ///   - weighsRates: whether funding matters; a rule of its own may see to that.
  func assess(
    _ view: PairView, wanted: Quantity?, weighsRates: Bool = true
  ) -> Assessment {
    let mid = view.market.isQuoted ? view.market.spot.mid : Price.zero
    let outlook = forecast.outlook(view.market)
    let quantity = wanted ?? size(view, outlook.annualRate)
    let notional = mid.notional(of: quantity)
    let clip = mid.isPositive ? clip(view, mid: mid) : .zero
    let choice =
      view.market.isQuoted
      ? ExecutionChoice(
        legs: cost(view, of: quantity), combo: view.pair.combo, quantity: quantity,
        traits: view.universe.traits(of: view.pair.venue)) : nil
    let entry = Decision.Entry(
      quantity: quantity, clip: clip, leverage: parameters.sizing.leverage,
      execution: choice?.execution ?? .legs)
    let cost = choice?.cost
    let perpMid = view.market.isQuoted ? view.market.perp.mid : Price.zero
    var liquidation = Price.zero
    var distance = Rate.zero
    if quantity.isPositive, perpMid.isPositive {
      let sold = perpMid.notional(of: quantity)
      liquidation = Liquidation.price(
        margin: sold.times(Rate.one.divided(by: entry.leverage, .down)), quantity: quantity,
        entry: sold, tiers: view.perp.marginTiers)
      distance = Liquidation.distance(liquidation: liquidation, mark: view.market.perp.mark)
    }
    var result = Assessment(
      entry: entry, notional: notional, cost: cost, executionReason: choice?.reason,
      outlook: outlook, expectedAnnualRate: outlook.annualRate,
      liquidation: liquidation, distance: distance, gates: [])
    if parameters.hedge.model != .neutral {
      result.entry.hedge = HedgeRule(parameters: parameters)
        .ratio(
          view.market,
          confidence: outlook.boosting?.confidence ?? breakEvenProbability(result, view))
    }
    result.gates =
      marketGates(view) + MarketFilter(rules: parameters.market).gates(view, adding: quantity)
      + (weighsRates ? rateGates(view, result) : []) + sizeGates(view, result)
      + Allocation(rules: parameters.sizing).gates(view, adding: notional)
      + hedgeGates(result)
    return result
  }

  /// What is sold per unit of spot, where a model says so; it is kept within its width already.
  private func hedgeGates(_ assessment: Assessment) -> [Gate] {
    parameters.hedge.model == .neutral
      ? []
      : [
        Gate(
          "hedge_ratio", assessment.entry.hedge, .atLeast, .one - parameters.hedge.width,
          unit: "of spot")
      ]
  }

  /// The notional of the size rule, as far as both legs can trade it, base units.
  private func size(_ view: PairView, _ expected: Rate?) -> Quantity {
    guard view.market.isQuoted else { return .zero }
    return Sizing.quantity(
      notional: SizeRule(rules: parameters.sizing).notional(view, expectedAnnualRate: expected),
      at: view.market.spot.mid, lot: view.pair.jointLot)
  }

  private func clip(_ view: PairView, mid: Price) -> Quantity {
    max(
      view.pair.jointLot,
      Sizing.quantity(
        notional: parameters.execution.clipNotional, at: mid, lot: view.pair.jointLot))
  }

  /// Round-trip cost of so many base units at the prices of now.
  func cost(_ view: PairView, of quantity: Quantity) -> CarryCost {
    let notional = view.market.spot.mid.notional(of: quantity)
    let turnovers = [view.market.spotFigures.turnover, view.market.perpFigures.turnover]
    let impact = turnovers.reduce(Rate.zero) { sum, turnover in
      guard let turnover, let deviation = view.market.gauge.dailyDeviation else { return sum }
      return sum
        + CarryCost.impact(
          of: notional, turnover: turnover, deviation: deviation,
          coefficient: parameters.execution.impact)
    }
    return CarryCost(
      spot: view.market.spot, perp: view.market.perp, spotFee: view.spot.fees.taker,
      perpFee: view.perp.fees.taker,
      slippage: parameters.execution.expectedSlippage.times(2) + impact)
  }

  // MARK: - Gates

  private func marketGates(_ view: PairView) -> [Gate] {
    let settlements = view.market.funding.recent
    let history = settlements.reduce(0) { $0 + $1.intervalHours }
    let funding = settlements.last.map { (view.now - $0.settlesAt).hours }
    let longest = Rate((settlements.last?.intervalHours ?? 8) * 2)
    let idle =
      view.lastExitAt == .distantPast ? Rate(1_000_000) : (view.now - view.lastExitAt).hours
    return [
      Gate(
        "carry_on_pair", view.carry.map { "carry \($0.id)" } ?? "none", mustBe: "none"),
      Gate("trading_state", view.trading.rawValue, mustBe: TradingState.active.rawValue),
      Gate("market_status", view.market.status, mustBe: TradingStatus.trading.rawValue),
      Gate(
        "breaker", view.market.breaker(at: view.now)?.cause.rawValue ?? "none", mustBe: "none"),
      Gate(
        "quote_age", view.market.age(at: view.now)?.seconds, .atMost,
        Rate(parameters.market.staleSeconds), unit: "seconds"),
      Gate("funding_age", funding, .atMost, longest, unit: "hours"),
      Gate(
        "funding_history", Rate(history), .atLeast, Rate(parameters.entry.minimumHistoryHours),
        unit: "hours"),
      Gate(
        "since_last_exit", idle, .atLeast, Rate(parameters.entry.cooldownHours), unit: "hours"),
    ]
  }

  private func rateGates(_ view: PairView, _ assessment: Assessment) -> [Gate] {
    let horizon = parameters.entry.horizonDays
    let overHorizon = assessment.expectedAnnualRate?.times(horizon).divided(
      by: 365, rounding: .down)
    return [
      Gate(
        "expected_annual_rate", assessment.expectedAnnualRate, .above,
        thresholds.now(view, cost: assessment.cost).enterAbove, unit: "per year"),
      Gate(
        "expected_funding_over_horizon", overHorizon, .above,
        assessment.cost?.roundTrip ?? .one, unit: "of notional"),
      Gate(
        "expected_over_cash",
        netOnCapital(assessment, view).map { $0 - parameters.capital.cashRate }, .atLeast,
        parameters.entry.minimumExcess, unit: "per year on capital"),
      Gate("latest_rate", view.market.funding.last?.rate, .atLeast, .zero, unit: "per interval"),
    ] + assessment.outlook.gates(atLeast: parameters.forecast.minimumConfidence)
      + MarketFilter(rules: parameters.market).rateGates(view)
  }

  private func sizeGates(_ view: PairView, _ assessment: Assessment) -> [Gate] {
    let quantity = assessment.entry.quantity
    let smallest = smallest(view)
    let margin = assessment.notional.times(
      Rate.one.divided(by: assessment.entry.leverage, .up), .up)
    let fees = assessment.notional.times(
      view.spot.fees.taker + view.perp.fees.taker + parameters.execution.maximumSlippage, .up)
    let cash = view.freeCash
    let free = view.purse.isUnified ? cash.spot : cash.spot + cash.futures
    let gross = view.grossNotional + assessment.notional
    return [
      Gate(
        "quantity", quantity.reinterpreted(as: Unit.Ratio.self), .atLeast,
        max(smallest, .ulp).reinterpreted(as: Unit.Ratio.self), unit: "base"),
      Gate(
        "notional", assessment.notional.reinterpreted(as: Unit.Ratio.self), .atMost,
        parameters.sizing.maximumNotional.reinterpreted(as: Unit.Ratio.self), unit: "quote"),
      Gate(
        "gross_notional", gross.reinterpreted(as: Unit.Ratio.self), .atMost,
        parameters.sizing.maximumGrossNotional.reinterpreted(as: Unit.Ratio.self), unit: "quote"),
      Gate(
        "free_capital", free.reinterpreted(as: Unit.Ratio.self), .atLeast,
        (assessment.notional + margin + fees).reinterpreted(as: Unit.Ratio.self), unit: "quote"),
      Gate(
        "leverage", assessment.entry.leverage, .atMost,
        min(
          parameters.highestLeverage,
          view.perp.marginTier(for: assessment.notional)?.maximumLeverage ?? .one), unit: "times"),
      Gate(
        "liquidation_distance", assessment.distance, .atLeast, parameters.margin.actDistance,
        unit: "of mark"),
    ]
  }

  /// The smallest quantity whose orders both venues' filters accept.
  func smallest(_ view: PairView) -> Quantity {
    guard view.market.isQuoted else { return view.pair.jointLot }
    let lot = view.pair.jointLot
    // Twice the venues' minimum: a carry must still be sellable after fees, and after a fall by half.
    let worst = Rate.one - parameters.execution.maximumSlippage
    let spotMid = view.market.spot.mid.times(worst, .down)
    let perpMid = view.market.perp.mid.times(worst, .down)
    let bySpot = view.spot.minimumNotional.times(2).quantity(at: spotMid, .up)
      .rounded(toMultipleOf: lot, .up)
    let byPerp = view.perp.minimumNotional.quantity(at: perpMid, .up)
      .rounded(toMultipleOf: lot, .up)
    return max(lot, view.spot.minimumQuantity, view.perp.minimumQuantity, bySpot, byPerp)
  }
}
