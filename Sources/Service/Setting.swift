import Core
import FixedPoint
import Trading

/// One key of the configuration: how to read it, write it and what it may be.
public struct Setting: Sendable {
  /// The key, such as `entry.minimum_annual_rate`.
  public let key: String
  /// The unit of the value.
  public let unit: String
  /// What it may be, in words.
  public let range: String
  /// The value of a configuration as text.
  public let read: @Sendable (Configuration) -> String
  /// Puts a text into a configuration; says what is wrong with it, if anything.
  let write: @Sendable (inout Configuration, String) -> String?

  /// The name as an environment variable.
  public var environmentName: String {
    "HARVESTER_" + key.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
  }

  /// Every key, in the order of the file.
  public static let all: [Setting] =
    [
      choice("mode", ["paper", "live"], { $0.mode }, { $0.mode = $1 }),
      text("instruments", { $0.instruments }, { $0.instruments = $1 }),
      choice(
        "automation.open_carries", ["yes", "no"],
        { $0.parameters.isAutomatic ? "yes" : "no" },
        { $0.parameters.isAutomatic = $1 == "yes" }),
    ] + entry + exitAndForecast + sizing + execution + safety + breakers + paper + live

  private static let entry: [Setting] = [
    choice(
      "entry.thresholds", Parameters.Thresholds.allCases.map(\.rawValue),
      { $0.parameters.entry.thresholds.rawValue },
      { $0.parameters.entry.thresholds = Parameters.Thresholds(rawValue: $1) ?? .fixed }),
    decimal(
      "entry.minimum_annual_rate", "per year", "0", "5", \.parameters.entry.minimumAnnualRate),
    count("entry.horizon_days", "days", 1, 365, \.parameters.entry.horizonDays),
    count(
      "entry.minimum_history_hours", "hours", 8, 2000, \.parameters.entry.minimumHistoryHours),
    count("entry.cooldown_hours", "hours", 0, 2000, \.parameters.entry.cooldownHours),
    decimal(
      "entry.minimum_excess", "per year", "-1", "1", \.parameters.entry.minimumExcess),
  ]

  private static let exitAndForecast: [Setting] = [
    decimal("exit.maximum_annual_rate", "per year", "-5", "5", \.parameters.exit.maximumAnnualRate),
    count("exit.minimum_hold_hours", "hours", 0, 2000, \.parameters.exit.minimumHoldHours),
    count(
      "exit.negative_settlements", "settlements", 0, 100, \.parameters.exit.negativeSettlements),
    decimal("exit.paid_round_trips", "round trips", "0", "100", \.parameters.exit.paidRoundTrips),
    count("exit.stale_hours", "hours", 0, 2000, \.parameters.exit.staleHours),
    decimal(
      "exit.stale_annual_rate", "per year", "-5", "5", \.parameters.exit.staleAnnualRate),
    decimal(
      "timing.basis_deviations", "deviations", "0", "100", \.parameters.timing.basisDeviations),
    count("timing.quiet_seconds", "seconds", 0, 1800, \.parameters.timing.quietSeconds),
    decimal("capital.cash_rate", "per year", "0", "1", \.parameters.capital.cashRate),
    decimal("capital.reserve", "of notional", "0", "5", \.parameters.capital.reserve),
    choice(
      "forecast.model", ForecastModel.allCases.map(\.rawValue),
      { $0.parameters.forecast.model.rawValue },
      { $0.parameters.forecast.model = ForecastModel(rawValue: $1) ?? .ewma }),
    count("forecast.span", "settlements", 2, 1000, \.parameters.forecast.span),
    count("forecast.window_days", "days", 7, 400, \.parameters.forecast.windowDays),
    Setting(
      key: "forecast.model_file", unit: "", range: "a file, or empty", read: { $0.forecastFile },
      write: { configuration, text in
        configuration.forecastFile = text
        return nil
      }),
    decimal(
      "forecast.minimum_confidence", "probability", "0", "1",
      \.parameters.forecast.minimumConfidence),
  ]

  private static let sizing: [Setting] = [
    decimal("sizing.notional", "quote", "1", "1000000000", \.parameters.sizing.notional),
    decimal(
      "sizing.maximum_notional", "quote", "1", "1000000000", \.parameters.sizing.maximumNotional),
    decimal(
      "sizing.maximum_gross_notional", "quote", "1", "1000000000",
      \.parameters.sizing.maximumGrossNotional),
    decimal("sizing.leverage", "times", "1", "5", \.parameters.sizing.leverage),
    choice(
      "sizing.method", SizeMethod.allCases.map(\.rawValue),
      { $0.parameters.sizing.method.rawValue },
      { $0.parameters.sizing.method = SizeMethod(rawValue: $1) ?? .fixed }),
    decimal("sizing.fraction", "of the account", "0.001", "5", \.parameters.sizing.fraction),
    decimal("sizing.calm_basis", "of spot", "0.00001", "1", \.parameters.sizing.calmBasis),
    decimal(
      "sizing.target_volatility", "per year", "0.001", "10", \.parameters.sizing.targetVolatility),
    decimal(
      "sizing.venue_loss_probability", "per month", "0", "1",
      \.parameters.sizing.venueLossProbability),
    decimal("sizing.venue_loss", "fraction", "0.01", "1", \.parameters.sizing.venueLoss),
    decimal(
      "sizing.maximum_asset_notional", "quote", "1", "1000000000",
      \.parameters.sizing.maximumAssetNotional),
    decimal(
      "sizing.maximum_venue_notional", "quote", "1", "1000000000",
      \.parameters.sizing.maximumVenueNotional),
    Setting(
      key: "sizing.clusters", unit: "", range: "text", read: { $0.parameters.sizing.clusters },
      write: { configuration, text in
        guard text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+, ".contains($0)) })
        else { return "it must be names like BTC+ETH, DOGE+SHIB" }
        configuration.parameters.sizing.clusters = text
        return nil
      }),
    decimal(
      "sizing.maximum_cluster_notional", "quote", "1", "1000000000",
      \.parameters.sizing.maximumClusterNotional),
    decimal(
      "sizing.daily_loss_limit", "fraction", "0.001", "1", \.parameters.sizing.dailyLossLimit),
    decimal("sizing.account_floor", "quote", "0", "1000000000", \.parameters.sizing.accountFloor),
    decimal("sizing.band", "of the target", "0.05", "100", \.parameters.sizing.band),
    decimal(
      "sizing.rotation_round_trips", "round trips", "0", "100",
      \.parameters.sizing.rotationRoundTrips),
  ]

  private static let execution: [Setting] = [
    decimal(
      "execution.clip_notional", "quote", "1", "1000000000", \.parameters.execution.clipNotional),
    decimal(
      "execution.maximum_slippage", "fraction", "0.0001", "0.1",
      \.parameters.execution.maximumSlippage),
    decimal(
      "execution.expected_slippage", "fraction", "0", "0.1",
      \.parameters.execution.expectedSlippage),
    decimal("execution.impact", "deviations", "0", "10", \.parameters.execution.impact),
    count(
      "execution.deadline_milliseconds", "milliseconds", 100, 60_000,
      \.parameters.execution.deadlineMilliseconds),
    count(
      "execution.retry_milliseconds", "milliseconds", 1, 600_000,
      \.parameters.execution.retryMilliseconds),
    count("execution.attempts", "orders", 1, 1000, \.parameters.execution.attempts),
    decimal(
      "execution.unhedged_budget", "quote × seconds", "1", "1000000000000",
      \.parameters.execution.unhedgedBudget),
    decimal(
      "execution.unwind_slippage", "fraction", "0.0001", "0.2",
      \.parameters.execution.unwindSlippage),
    count("execution.maker_seconds", "seconds", 0, 3600, \.parameters.execution.makerSeconds),
    count("execution.slice_seconds", "seconds", 0, 86_400, \.parameters.execution.sliceSeconds),
    decimal("execution.participation", "fraction", "0", "1", \.parameters.execution.participation),
    count(
      "execution.orders_per_minute", "orders", 1, 10_000,
      \.parameters.execution.ordersPerMinute),
  ]

  private static let safety: [Setting] = [
    choice(
      "hedge.model", HedgeModel.allCases.map(\.rawValue),
      { $0.parameters.hedge.model.rawValue },
      { $0.parameters.hedge.model = HedgeModel(rawValue: $1) ?? .neutral }),
    decimal("hedge.width", "fraction", "0", "0.02", \.parameters.hedge.width),
    count("hedge.minimum_hours", "hours", 2, 167, \.parameters.hedge.minimumHours),
    decimal(
      "rebalance.band_fraction", "fraction", "0.0001", "0.1",
      \.parameters.rebalance.bandFraction),
    decimal("margin.warn_distance", "of mark", "0.11", "2", \.parameters.margin.warnDistance),
    decimal("margin.act_distance", "of mark", "0.11", "2", \.parameters.margin.actDistance),
    decimal("margin.target_distance", "of mark", "0.12", "4", \.parameters.margin.targetDistance),
    decimal(
      "margin.flatten_distance", "of mark", "0.1", "2", \.parameters.margin.flattenDistance),
    decimal(
      "margin.release_distance", "of mark", "0.2", "100", \.parameters.margin.releaseDistance),
    decimal("margin.fastest_rise", "per hour", "0.01", "10", \.parameters.margin.fastestRise),
    count("margin.highest_rank", "of 5", 0, 5, \.parameters.margin.highestRank),
    count("market.stale_seconds", "seconds", 1, 86_400, \.parameters.market.staleSeconds),
    decimal(
      "market.minimum_turnover", "quote", "0", "1000000000000",
      \.parameters.market.minimumTurnover),
    decimal(
      "market.maximum_spread", "of mid", "0.00001", "1", \.parameters.market.maximumSpread),
    decimal(
      "market.maximum_price_gap", "of spot", "0.001", "0.5", \.parameters.market.maximumPriceGap),
    decimal("market.maximum_depeg", "of the peg", "0", "0.5", \.parameters.market.maximumDepeg),
    decimal("market.extreme_rate", "per 8 hours", "0.0001", "1", \.parameters.market.extremeRate),
    count(
      "market.minimum_listed_days", "days", 0, 3650, \.parameters.market.minimumListedDays),
    decimal(
      "market.maximum_interest_share", "of open interest", "0.00001", "1",
      \.parameters.market.maximumInterestShare),
    decimal("market.crowded_rank", "of the past", "0.5", "1", \.parameters.market.crowdedRank),
  ]

  private static let breakers: [Setting] = [
    count("breaker.pause_minutes", "minutes", 1, 10_000, \.parameters.breaker.pauseMinutes),
    count("breaker.refusals", "orders", 1, 1000, \.parameters.breaker.refusals),
    count("breaker.interval_minutes", "minutes", 1, 1440, \.parameters.breaker.intervalMinutes),
    decimal("breaker.interest_fall", "fraction", "0.001", "1", \.parameters.breaker.interestFall),
    decimal("breaker.cascade_move", "fraction", "0.001", "1", \.parameters.breaker.cascadeMove),
    decimal("breaker.deviations", "σ", "1", "100", \.parameters.breaker.deviations),
    decimal("breaker.spread_multiple", "times", "1", "1000", \.parameters.breaker.spreadMultiple),
    decimal(
      "breaker.minimum_spread", "fraction", "0.0001", "1", \.parameters.breaker.minimumSpread),
    decimal(
      "breaker.maximum_dislocation", "fraction", "0.001", "1",
      \.parameters.breaker.maximumDislocation),
  ]

  private static let paper: [Setting] = [
    decimal("paper.deposit", "quote", "1", "1000000000", \.paper.deposit),
    decimal("paper.spot_half_spread", "fraction", "0", "0.1", \.paper.spotHalfSpread),
    decimal("paper.perp_half_spread", "fraction", "0", "0.1", \.paper.perpHalfSpread),
    decimal("paper.slippage", "fraction", "0", "0.1", \.paper.slippage),
    count("paper.latency_milliseconds", "milliseconds", 0, 60_000, \.paper.latencyMilliseconds),
    decimal("paper.depth_notional", "quote", "0", "1000000000", \.paper.depthNotional),
    count(
      "paper.depth_refill_milliseconds", "milliseconds", 1, 3_600_000,
      \.paper.depthRefillMilliseconds),
    count("paper.fee_places", "places", 2, 18, \.paper.feePlaces),
    decimal("paper.liquidation_fee", "fraction", "0", "0.1", \.paper.liquidationFee),
  ]
}
