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
    /// What a carry must be expected to earn on its capital beyond the cash rate, per year.
    public var minimumExcess: Rate = "-1"
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
    /// A carry whose every settlement was below `staleAnnualRate` for so long is left, hours; 0 never.
    public var staleHours = 0
    /// That yearly rate.
    public var staleAnnualRate: Rate = "0.01"
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
    /// Cash kept beside a carry for its margin, a fraction of the notional.
    public var reserve: Rate = "0.1"

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
    /// The trained model of `forecast.model_file`; nil without one.
    public var boosting: BoostedForecast?
    /// Least probability of the forecast's sign, by that model, for an entry; zero for any.
    public var minimumConfidence: Rate = .zero
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
    /// How the notional of an entry is found.
    public var method = SizeMethod.fixed
    /// Part of the account's worth that a carry may be, by `fraction`.
    public var fraction: Rate = "0.1"
    /// Deviation of the basis in a week above which `volatility` makes a carry smaller, a fraction.
    public var calmBasis: Rate = "0.001"
    /// Yearly volatility of the account that a carry may bring, by `volatility`, a fraction.
    public var targetVolatility: Rate = "0.1"
    /// Probability of losing a venue within a month, by `kelly`.
    public var venueLossProbability: Rate = "0.005"
    /// What is lost with it, a fraction.
    public var venueLoss: Rate = "0.35"
    /// Largest notional on one base asset, all venues together, quote units.
    public var maximumAssetNotional: Notional = "1000000"
    /// Largest notional at one venue, quote units.
    public var maximumVenueNotional: Notional = "1000000"
    /// Assets that move together, such as `BTC+ETH, DOGE+SHIB`.
    public var clusters = ""
    /// Largest notional on one cluster, quote units.
    public var maximumClusterNotional: Notional = "1000000"
    /// Loss of a UTC day after which nothing is entered until the next, a fraction of the account.
    public var dailyLossLimit: Rate = "0.05"
    /// Worth of the account below which nothing is entered, quote units; zero for none.
    public var accountFloor: Notional = .zero
    /// How far the value of a carry may rise above what it was opened with, a fraction; it may fall
    /// below in the same proportion.
    public var band: Rate = "1"
    /// Round trips that another pair must earn more over the holding time before a carry makes room
    /// for it; zero: never.
    public var rotationRoundTrips: Rate = .zero
  }
  /// How orders are sent.
  public struct Execution: Hashable, Codable, Sendable {
    /// Largest notional of one order, and so of what is briefly unhedged, quote units.
    public var clipNotional: Notional = "5000"
    /// Worst price accepted, as a distance from mid.
    public var maximumSlippage: Rate = "0.005"
    /// Impact beyond the spread that plans assume per leg and way.
    public var expectedSlippage: Rate = "0.0001"
    /// Deviations of a day that trading a whole day's turnover would move a market by.
    public var impact: Rate = "1"
    /// An order is void this long after it was decided, milliseconds.
    public var deadlineMilliseconds = 5000
    /// Pause after an order that did not trade, milliseconds.
    public var retryMilliseconds = 1000
    /// Orders without a fill before the other leg is brought to match.
    public var attempts = 5
    /// How long one leg of a carry may stand without the other, quote units × seconds.
    public var unhedgedBudget: Notional = "300000"
    /// Worst price accepted once that is used up, as a distance from mid.
    public var unwindSlippage: Rate = "0.03"
    /// Longest time that an order of the leading leg may rest in the book, seconds; zero: it takes.
    public var makerSeconds = 0
    /// Time between two clips of a change that is not urgent, seconds.
    public var sliceSeconds = 0
    /// Largest part of the market's turnover in that time that a clip may be; zero: any.
    public var participation: Rate = .zero
    /// Orders within a minute; what makes a carry larger waits beyond it, all others beyond twice it.
    public var ordersPerMinute = 120
  }
  /// How much is sold against what is held.
  public struct Hedge: Hashable, Codable, Sendable {
    /// The model.
    public var model = HedgeModel.neutral
    /// How far from one its ratio may be, a fraction; never more than the no-trade band.
    public var width: Rate = "0.005"
    /// Hours of prices without which it is one.
    public var minimumHours = 90
  }
  /// When delta is corrected.
  public struct Rebalance: Hashable, Codable, Sendable {
    /// Half-width of the no-trade band as a fraction of the spot quantity; at least one lot.
    public var bandFraction: Rate = "0.005"
  }
  /// How the short is kept away from liquidation.
  public struct Margin: Hashable, Codable, Sendable {
    /// Distance below which it is said so, a fraction of the mark.
    public var warnDistance: Rate = "0.25"
    /// Distance below which collateral is added, or else both legs are made smaller.
    public var actDistance: Rate = "0.15"
    /// Distance that adding restores.
    public var targetDistance: Rate = "0.35"
    /// Distance below which the carry is closed unless collateral comes at once.
    public var flattenDistance: Rate = "0.1"
    /// Distance beyond which collateral is taken back.
    public var releaseDistance: Rate = "1"
    /// Fastest rise to reckon with, a fraction of the mark in an hour.
    public var fastestRise: Rate = "0.37"
    /// Highest place in the queue of deleveraging without a warning, from 0 to 5, which is next.
    public var highestRank = 3
  }
  /// When nothing grows on a pair for a while; exits and hedges go on.
  public struct Breakers: Hashable, Codable, Sendable {
    /// How long, minutes.
    public var pauseMinutes = 30
    /// Orders in a row that were refused for the same reason.
    public var refusals = 3
    /// What moves are measured in, minutes.
    public var intervalMinutes = 15
    /// Fall of open interest in one interval that, with a move, is a cascade.
    public var interestFall: Rate = "0.03"
    /// That move, either way, a fraction of the price.
    public var cascadeMove: Rate = "0.02"
    /// A move of so many standard deviations is not usual.
    public var deviations: Rate = "3"
    /// A spread of so many times the usual one is not usual.
    public var spreadMultiple: Rate = "10"
    /// No spread below this trips, both legs together, a fraction of the price.
    public var minimumSpread: Rate = "0.002"
    /// How far spot may be from the perpetual, either way, a fraction.
    public var maximumDislocation: Rate = "0.03"
  }
  /// What counts as a market one may trade on.
  public struct Market: Hashable, Codable, Sendable {
    /// Older prices are unknown prices, seconds.
    public var staleSeconds = 5
    /// Least that either leg trades in 24 hours, quote units; zero for any.
    public var minimumTurnover: Notional = "10000000"
    /// Widest spread of either leg, a fraction of its mid.
    public var maximumSpread: Rate = "0.002"
    /// How far both legs' prices may be apart and still be of the same asset, a fraction of spot.
    public var maximumPriceGap: Rate = "0.05"
    /// How far a quote asset may be from another of the same worth, a fraction; zero: not watched.
    public var maximumDepeg: Rate = "0.01"
    /// Largest rate of eight hours, settled or predicted, either way.
    public var extremeRate: Rate = "0.0025"
    /// Days a perpetual must have traded.
    public var minimumListedDays = 30
    /// Largest part of all that is open in a perpetual that a carry may be.
    public var maximumInterestShare: Rate = "0.01"
    /// Rank of both the rate and the open interest among their past above which a market is crowded.
    public var crowdedRank: Rate = "0.95"
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
  /// How much is sold against what is held.
  public var hedge = Hedge()
  /// When delta is corrected.
  public var rebalance = Rebalance()
  /// How the short is kept away from liquidation.
  public var margin = Margin()
  /// When nothing grows on a pair for a while.
  public var breaker = Breakers()
  /// What counts as a market one may trade on.
  public var market = Market()
  /// Whether the engine opens carries by itself.
  public var isAutomatic = true

  /// The defaults.
  public init() {}

  /// No setting lifts leverage above this.
  public static let hardLeverageLimit: Rate = "5"
  /// The most leverage that can be opened within it: a fill at the worst price, s below the mark, brings
  /// less collateral and costs some of it at once; 5 × (1 − s) / (1 + 5 × s).
  public var highestLeverage: Rate {
    let (hard, slip) = (Self.hardLeverageLimit, execution.maximumSlippage)
    return hard.times(.one - slip).divided(by: .one + hard.times(slip), .down)
  }
  /// No setting lowers the liquidation distance after an order that grows the short below this.
  public static let hardFloorDistance: Rate = "0.1"
}
