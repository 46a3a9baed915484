public import Backtest
public import Core
import Dispatch
import Synchronization
public import Trading

/// One run of the engine over a market, with the facts in memory.
public enum BacktestRun {
  /// Runs to the end of the market.
  ///
  /// - Parameters:
  ///   - policy: the shipped one unless another is given.
  ///   - observe: told the moment of each step.
  public static func run(
    _ market: PaperMarket, _ configuration: Configuration, policy: (any Policy)? = nil,
    observe: (Timestamp) -> Void = { _ in }
  ) -> BacktestSummary {
    var backtest = Backtest(
      engine: market.engine(configuration.parameters, policy: policy),
      venues: market.venues(configuration))
    var summary = BacktestSummary(cashRate: configuration.parameters.capital.cashRate)
    var end = market.choice.from
    backtest.run { outcome, now in
      for fact in outcome.facts { summary.add(fact) }
      end = now
      observe(now)
    }
    summary.finish(at: end)
    return summary
  }
}

/// Work that has nothing in common, on all cores.
public enum Parallel {
  /// The results of 0 ..< count, in that order.
  public static func map<Result: Sendable>(
    _ count: Int, _ body: @Sendable (Int) -> Result
  ) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: count) { index in
      let result = body(index)
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0.compactMap { $0 } }
  }
}
