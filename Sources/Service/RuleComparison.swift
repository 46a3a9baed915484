public import Backtest
public import Core
public import FixedPoint
public import Trading

/// Rules that stand beside every backtest, so that a result can be weighed.
public enum Benchmark: String, CaseIterable, Sendable {
  /// Enter at once and stay.
  case holdThrough = "hold_through"
  /// Above 50 % a year of the latest settlement in, below half of that out.
  case plain = "50_25"
  /// Above 8 % of the moving average in, below 2 % out.
  case narrow = "8_2"
  /// Stay out and take the cash rate.
  case cash

  /// The rule.
  public var rule: FixedRule {
    switch self {
    case .holdThrough: .holdThrough
    case .plain: .thresholds(enterAbove: "0.5", leaveBelow: "0.25", signal: .latest)
    case .narrow: .thresholds(enterAbove: "0.08", leaveBelow: "0.02", signal: .average)
    case .cash: .cash
    }
  }
}

/// What one rule made of one stretch of a market.
public struct RuleResult: Sendable {
  /// `shipped`, or the name of a benchmark.
  public let rule: String
  /// `whole`, `before` or `after` the split.
  public let period: String
  /// The stretch.
  public let range: Range<Timestamp>
  /// The figures of the run.
  public let summary: BacktestSummary
  /// What perfect foresight would have gained with the same capital, quote units, interest on what
  /// it left idle included.
  public let optimum: Notional
  /// How many rules were tried.
  public let trials: Int

  /// States a result.
  public init(
    rule: String, period: String, range: Range<Timestamp>, summary: BacktestSummary,
    optimum: Notional, trials: Int
  ) {
    self.rule = rule
    self.period = period
    self.range = range
    self.summary = summary
    self.optimum = optimum
    self.trials = trials
  }

  /// Net gain and interest per year on the whole account, not compounded.
  public var netReturn: Rate? { summary.netReturn(over: range.upperBound - range.lowerBound) }

  /// The deepest fall, with interest.
  public var maximumDrawdown: Rate {
    Performance.maximumDrawdown(summary.equityWithInterest.map(\.value))
  }

  /// Mean over deviation of daily returns beyond the cash rate, annualised; nil without variation.
  public var excessSharpe: Rate? {
    Performance.sharpe(summary.dailyExcess, periodsPerYear: 365)
  }

  /// The probability that this ratio is more than the luck of so many trials.
  public var deflatedSharpe: Rate? {
    DeflatedSharpe.probability(equity: summary.dailyExcess, trials: trials)
  }

  /// Net gain over what perfect foresight would have gained; nil where even that gains nothing.
  public var captureRatio: Rate? {
    optimum.isPositive ? summary.netGain.ratio(to: optimum) : nil
  }
}

/// The shipped rule and the benchmarks over one market.
public struct RuleComparison: Sendable {
  /// The market.
  public let market: PaperMarket
  /// The settings of the shipped rule.
  public let configuration: Configuration
  /// Stretches with their names.
  public let periods: [(name: String, range: Range<Timestamp>)]
  /// How many rules were tried, these five included.
  public let trials: Int

  /// Prepares a comparison.
  ///
  /// - Parameters:
  ///   - split: divides the range in two that are run apart; nil: the whole.
  ///   - trials: how many rules were tried before this one was chosen.
  public init(
    _ market: PaperMarket, _ configuration: Configuration, split: Timestamp? = nil, trials: Int = 0
  ) {
    self.market = market
    self.configuration = configuration
    let (from, to) = (market.choice.from, market.choice.to)
    periods =
      split.map { [("before", from..<$0), ("after", $0..<to)] } ?? [("whole", from..<to)]
    self.trials = max(1 + Benchmark.allCases.count, trials)
  }

  /// Runs everything, on all cores.
  ///
  /// - Parameter shipped: the run of the shipped rule over the whole, where it is known already.
  public func run(shipped: BacktestSummary? = nil) -> [RuleResult] {
    let rules: [Benchmark?] = [nil] + Benchmark.allCases
    let optima = periods.map { optimum(over: $0.range) }
    return Parallel.map(periods.count * rules.count) { index in
      let place = index / rules.count
      let benchmark = rules[index % rules.count]
      let (name, range) = periods[place]
      let known = benchmark == nil && periods.count == 1 ? shipped : nil
      return RuleResult(
        rule: benchmark?.rawValue ?? "shipped", period: name, range: range,
        summary: known ?? summary(of: benchmark, over: range), optimum: optima[place],
        trials: trials)
    }
  }

  /// What a rule makes of a stretch; nil for the shipped one.
  public func summary(of benchmark: Benchmark?, over range: Range<Timestamp>) -> BacktestSummary {
    BacktestRun.run(
      market.within(range), configuration,
      policy: benchmark.map {
        FixedRulePolicy($0.rule, name: $0.rawValue, parameters: configuration.parameters)
      })
  }

  /// The best that one carry of the configured size per pair could have made of a stretch.
  public func optimum(over range: Range<Timestamp>) -> Notional {
    let parameters = configuration.parameters
    let cashRate = parameters.capital.cashRate
    let capital = Sizing.capital(
      notional: parameters.sizing.notional, leverage: parameters.sizing.leverage)
    let years = (range.upperBound - range.lowerBound).seconds
      .divided(by: 31_536_000, rounding: .halfEven)
    let idle = configuration.paper.deposit.times(cashRate).times(years)
    return market.series.reduce(idle) { sum, series in
      guard let pair = market.universe.pair(venue: series.venue, symbol: series.symbol)
      else { return sum }
      let foresight = Foresight(
        notional: parameters.sizing.notional, oneWay: cost(of: pair),
        idlePerYear: capital.times(cashRate))
      return sum + foresight.best(Foresight.stops(of: series, in: range))
    }
  }

  /// Fees, half spreads and slippage of both legs, one way.
  private func cost(of index: PairIndex) -> Rate {
    let pair = market.universe[index]
    let paper = configuration.paper
    return market.universe[pair.spot].fees.taker + market.universe[pair.perp].fees.taker
      + paper.spotHalfSpread + paper.perpHalfSpread + paper.slippage.times(2)
  }
}
