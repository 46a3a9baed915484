public import Core
public import FixedPoint
public import Simulation
public import Trading

/// All settings of a process.
///
/// The initialiser is the list of defaults; `Setting.all` gives each its key, and
/// `config/harvester.yaml` its meaning.
public struct Configuration: Hashable, Sendable {
  /// What the simulated venue of a paper account assumes.
  public struct Paper: Hashable, Sendable {
    /// Quote units in the spot wallet of a new account.
    public var deposit: Notional = "100000"
    /// Half the spread of spot, a fraction of the price.
    public var spotHalfSpread: Rate = "0.00005"
    /// Half the spread of the perpetual, a fraction of the price.
    public var perpHalfSpread: Rate = "0.00005"
    /// What a taker pays beyond the spread, a fraction of the price.
    public var slippage: Rate = "0.0001"
    /// From an order to its fill.
    public var latencyMilliseconds = 50
    /// Quote units at the best price; zero is unlimited.
    public var depthNotional: Notional = .zero
    /// Until what was taken stands again.
    public var depthRefillMilliseconds = 1000
    /// Decimal places of fees.
    public var feePlaces = 8
    /// Fraction of the notional.
    public var liquidationFee: Rate = "0.0125"

    /// The models of the exchange.
    public var models: ExchangeModels {
      ExchangeModels(
        spread: SpreadModel(spotHalf: spotHalfSpread, perpHalf: perpHalfSpread),
        slippage: SlippageModel(fraction: slippage, tickRule: .against),
        latency: LatencyModel(milliseconds: latencyMilliseconds),
        depth: DepthModel(
          notional: depthNotional.isZero ? nil : depthNotional,
          refillMilliseconds: depthRefillMilliseconds),
        charges: ChargeModel(feePlaces: feePlaces, liquidationFee: liquidationFee))
    }
  }

  /// `paper` or `live`.
  public var mode = "paper"
  /// The file of instruments, beside the configuration file unless absolute.
  public var instruments = "instruments.yaml"
  /// Strategy, sizing, execution and risk.
  public var parameters = Parameters()
  /// The file of a trained forecast, read into the parameters; empty for none.
  public var forecastFile = ""
  /// The simulated venue.
  public var paper = Paper()
  /// Real venues.
  public var live = LiveSettings()

  /// The defaults.
  public init() {}
}

/// Everything wrong with a configuration, told together.
public struct ConfigurationError: Error, Sendable, CustomStringConvertible {
  /// One line each: where, what and what to do.
  public let problems: [String]

  /// States problems.
  public init(_ problems: [String]) { self.problems = problems }

  /// The problems, one to a line.
  public var description: String { problems.joined(separator: "\n") }
}
