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
    ] + entry + exitAndForecast + sizing + execution + safety + paper + live

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
  ]

  private static let exitAndForecast: [Setting] = [
    decimal("exit.maximum_annual_rate", "per year", "-5", "5", \.parameters.exit.maximumAnnualRate),
    count("exit.minimum_hold_hours", "hours", 0, 2000, \.parameters.exit.minimumHoldHours),
    count(
      "exit.negative_settlements", "settlements", 0, 100, \.parameters.exit.negativeSettlements),
    decimal("exit.paid_round_trips", "round trips", "0", "100", \.parameters.exit.paidRoundTrips),
    decimal(
      "timing.basis_deviations", "deviations", "0", "100", \.parameters.timing.basisDeviations),
    count("timing.quiet_seconds", "seconds", 0, 1800, \.parameters.timing.quietSeconds),
    decimal("capital.cash_rate", "per year", "0", "1", \.parameters.capital.cashRate),
    choice(
      "forecast.model", ForecastModel.allCases.map(\.rawValue),
      { $0.parameters.forecast.model.rawValue },
      { $0.parameters.forecast.model = ForecastModel(rawValue: $1) ?? .ewma }),
    count("forecast.span", "settlements", 2, 1000, \.parameters.forecast.span),
    count("forecast.window_days", "days", 7, 400, \.parameters.forecast.windowDays),
  ]

  private static let sizing: [Setting] = [
    decimal("sizing.notional", "quote", "1", "1000000000", \.parameters.sizing.notional),
    decimal(
      "sizing.maximum_notional", "quote", "1", "1000000000", \.parameters.sizing.maximumNotional),
    decimal(
      "sizing.maximum_gross_notional", "quote", "1", "1000000000",
      \.parameters.sizing.maximumGrossNotional),
    decimal("sizing.leverage", "times", "1", "5", \.parameters.sizing.leverage),
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
    count(
      "execution.deadline_milliseconds", "milliseconds", 100, 60_000,
      \.parameters.execution.deadlineMilliseconds),
    count(
      "execution.retry_milliseconds", "milliseconds", 1, 600_000,
      \.parameters.execution.retryMilliseconds),
    count("execution.attempts", "orders", 1, 1000, \.parameters.execution.attempts),
  ]

  private static let safety: [Setting] = [
    decimal(
      "rebalance.band_fraction", "fraction", "0.0001", "0.1",
      \.parameters.rebalance.bandFraction),
    decimal("margin.act_distance", "of mark", "0.11", "2", \.parameters.margin.actDistance),
    decimal("margin.target_distance", "of mark", "0.12", "4", \.parameters.margin.targetDistance),
    count("market.stale_seconds", "seconds", 1, 86_400, \.parameters.market.staleSeconds),
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
