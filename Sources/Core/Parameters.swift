public import FixedPoint
public import Trading

/// Every parameter of strategy, sizing, execution and risk.
///
/// The initialiser is the list of defaults; `config/harvester.yaml` gives each its meaning, unit,
/// range and reason.
public struct Parameters: Hashable, Codable, Sendable {
  /// Where the thresholds of entry and exit come from.
  public enum Thresholds: String, Hashable, Codable, Sendable, CaseIterable {
    /// From the settings.
    case fixed
    /// From the switching problem that the window's persistence, mean and deviation, the cost of
    /// now and the cash rate pose; the settings where the window is too short to fit.
    case optimal
  }
  /// When to enter.
  public struct Entry: Hashable, Codable, Sendable {
    /// Where this threshold and that of the exit come from.
    public var thresholds = Thresholds.fixed
    /// Expected funding must be above this yearly rate.
    public var minimumAnnualRate: Rate = "0.08"
    /// Planned holding time, over which funding must pay the round trip, days.
    public var horizonDays = 30
    /// Settled history required before any entry, hours.
    public var minimumHistoryHours = 168
    /// Time after an exit during which the pair is left alone, hours.
    public var cooldownHours = 24
  }
  /// When to leave.
  public struct Exit: Hashable, Codable, Sendable {
    /// Expected funding must be below this yearly rate.
    public var maximumAnnualRate: Rate = "0.02"
    /// Nothing but risk ends a carry younger than this, hours.
    public var minimumHoldHours = 168
    /// So many of the last settlements must have been negative, all of them.
    public var negativeSettlements = 3
    /// Leave, whatever is expected, once the carry has paid so many round trips of funding since
    /// its best moment; zero: never.
    public var paidRoundTrips: Rate = "2"
  }
  /// When within a window that thresholds opened to trade.
  public struct Timing: Hashable, Codable, Sendable {
    /// No entry at a basis so many deviations below its weekly mean, no exit at one so many above;
    /// zero: any basis.
    public var basisDeviations: Rate = .zero
    /// No entry and no exit this shortly before a settlement, seconds.
    public var quietSeconds = 60
  }
  /// What capital earns that no carry binds.
  public struct Capital: Hashable, Codable, Sendable {
    /// Per year.
    public var cashRate: Rate = "0.04"

    /// What the capital of a carry would earn idle, per year and unit of its notional.
    func cashRate(perNotionalAt leverage: Rate) -> Rate {
      cashRate.times(.one + Rate.one.divided(by: leverage))
    }
  }
  /// How funding is forecast.
  public struct Forecast: Hashable, Codable, Sendable {
    /// The model.
    public var model = ForecastModel.ewma
    /// Span of the moving average, in settlements of eight hours.
    public var span = 21
    /// Settled history that enters the average, days.
    public var windowDays = 42
  }
  /// How large carries are.
  public struct Sizing: Hashable, Codable, Sendable {
    /// Notional of a carry opened by the engine, quote units.
    public var notional: Notional = "10000"
    /// Largest notional of one carry, whoever opens it, quote units.
    public var maximumNotional: Notional = "1000000"
    /// Largest notional of all carries together, quote units.
    public var maximumGrossNotional: Notional = "1000000"
    /// Leverage of the perpetual leg.
    public var leverage: Rate = "2"
  }
  /// How orders are sent.
  public struct Execution: Hashable, Codable, Sendable {
    /// Largest notional of one order, and so of what is briefly unhedged, quote units.
    public var clipNotional: Notional = "5000"
    /// Worst price accepted, as a distance from mid.
    public var maximumSlippage: Rate = "0.005"
    /// Impact beyond the spread that plans assume per leg and way.
    public var expectedSlippage: Rate = "0.0001"
    /// An order is void this long after it was decided, milliseconds.
    public var deadlineMilliseconds = 5000
    /// Pause after an order that did not trade, milliseconds.
    public var retryMilliseconds = 1000
    /// Orders without a fill before the other leg is brought to match.
    public var attempts = 5
  }
  /// When delta is corrected.
  public struct Rebalance: Hashable, Codable, Sendable {
    /// Half-width of the no-trade band as a fraction of the spot quantity; at least one lot.
    public var bandFraction: Rate = "0.005"
  }
  /// How the short is kept away from liquidation.
  public struct Margin: Hashable, Codable, Sendable {
    /// Distance below which collateral is added, a fraction of the mark.
    public var actDistance: Rate = "0.15"
    /// Distance that adding restores.
    public var targetDistance: Rate = "0.35"
  }
  /// What counts as a market one may trade on.
  public struct Market: Hashable, Codable, Sendable {
    /// Older prices are unknown prices, seconds.
    public var staleSeconds = 5
  }

  /// When to enter.
  public var entry = Entry()
  /// When to leave.
  public var exit = Exit()
  /// When to trade once thresholds allow it.
  public var timing = Timing()
  /// What idle capital earns.
  public var capital = Capital()
  /// How funding is forecast.
  public var forecast = Forecast()
  /// How large carries are.
  public var sizing = Sizing()
  /// How orders are sent.
  public var execution = Execution()
  /// When delta is corrected.
  public var rebalance = Rebalance()
  /// How the short is kept away from liquidation.
  public var margin = Margin()
  /// What counts as a market one may trade on.
  public var market = Market()
  /// Whether the engine opens carries by itself.
  public var isAutomatic = true

  /// The defaults.
  public init() {}

  /// No setting lifts leverage above this.
  public static let hardLeverageLimit: Rate = "5"
  /// No setting lowers the liquidation distance after an order that grows the short below this.
  public static let hardFloorDistance: Rate = "0.1"
}
