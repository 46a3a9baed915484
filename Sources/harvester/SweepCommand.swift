import ArgumentParser
import Backtest
import Dispatch
import Foundation
import Service
import Synchronization
import Trading

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Backtest every combination of some settings, on all cores.",
    discussion: "Prints one row per combination, in the order of the grids; nothing is remembered.")
  @Option(
    name: .customLong("grid"), parsing: .singleValue,
    help: ArgumentHelp("Values of a setting; may be repeated.", valueName: "key=a,b,c"))
  var grids: [String] = []
  @OptionGroup var common: CommonOptions
  @OptionGroup var market: MarketOptions
  @OptionGroup var output: FormatOption

  private static let limit = 100_000

  func run() throws {
    let axes = try grids.map(axis)
    guard !axes.isEmpty else {
      throw Failure(.usage, "nothing to sweep; give --grid key=a,b,c at least once")
    }
    var combinations: [[String]] = [[]]
    for axis in axes {
      combinations = combinations.flatMap { left in axis.values.map { left + [$0] } }
      guard combinations.count <= Self.limit else {
        throw Failure(.usage, "too many combinations; the limit is \(Self.limit)")
      }
    }
    let loaded = try common.configuration()
    let configurations = try combinations.map { values in
      try configuration(zip(axes.map(\.key), values).map { "\($0)=\($1)" })
    }
    let paper = try market.load(common, loaded)
    let results = sweep(paper, configurations)
    table(axes.map(\.key), combinations, results).print(as: output.format)
  }

  private func axis(_ text: String) throws -> (key: String, values: [String]) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    let values = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
    guard !values.isEmpty else {
      throw Failure(.usage, "not a grid (\(text)); write --grid key=a,b,c")
    }
    return (parts[0], values)
  }

  private func configuration(_ overrides: [String]) throws -> Configuration {
    var options = common
    options.overrides += overrides
    return try options.configuration().configuration
  }

  private func sweep(
    _ market: PaperMarket, _ configurations: [Configuration]
  ) -> [BacktestSummary] {
    let results = Mutex([BacktestSummary?](repeating: nil, count: configurations.count))
    let done = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: configurations.count) { index in
      let summary = BacktestRun.run(market, configurations[index])
      results.withLock { $0[index] = summary }
      let count = done.add(1, ordering: .relaxed).newValue
      Output.status("\(count) of \(configurations.count)")
    }
    Output.status("")
    return results.withLock { $0.compactMap { $0 } }
  }

  private func table(
    _ keys: [String], _ combinations: [[String]], _ results: [BacktestSummary]
  ) -> Table {
    let columns =
      keys.map { Column($0, .text) } + [
        Column("entries", .integer), Column("exits", .integer), Column("funding", .money),
        Column("costs", .money), Column("total", .money),
        Column("final_equity", .money, "final equity"),
        Column("max_drawdown", .percent, "drawdown"),
        Column("return_on_capital_annualized", .percent, "on capital a year"),
        Column("sharpe_daily", .number, "Sharpe"), Column("unexplained", .number),
      ]
    let rows = zip(combinations, results).map { values, summary -> [String?] in
      values.map { $0 } + [
        String(summary.entries), String(summary.exits), summary.profit.funding.description,
        summary.profit.costs.description, summary.profit.total.description,
        summary.finalEquity.description, summary.maximumDrawdown.description,
        summary.returnOnCapital?.description,
        summary.dailySharpe?.rounded(places: 4, .halfEven).description,
        summary.unexplained.description,
      ]
    }
    return Table(columns, rows)
  }
}
