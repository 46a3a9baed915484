import Backtest
import FixedPoint
import Foundation
import Service
import Synchronization
import Trading

/// Many settings, each over its market.
struct Sweep {
  /// One combination of values.
  struct Run: Sendable {
    let values: [String]
    let configuration: Configuration
    let market: PaperMarket

    /// The whole time of its market.
    var range: Range<Timestamp> { market.choice.from..<market.choice.to }
  }

  let keys: [String]
  let runs: [Run]
  /// Rules that stand beside every combination.
  let benchmarks: [Benchmark]
  /// The time that stretches are taken from.
  let range: Range<Timestamp>

  private var combinations: [[String]] { runs.map(\.values) }

  /// What a combination and the benchmarks made of one stretch.
  private struct Outcome {
    let shipped: RuleResult
    /// Net a year, in the order of `Sweep.benchmarks`.
    let benchmarks: [String?]
  }

  private func benchmarkColumns(_ period: String? = nil) -> [Column] {
    benchmarks.map {
      let title = $0.rawValue.replacing("_", with: $0 == .holdThrough ? " " : "/")
      return Column(
        (period.map { "\($0)_" } ?? "") + "\($0.rawValue)_net_return_annualized", .percent,
        (period.map { "\($0): " } ?? "") + title)
    }
  }

  /// Every combination over the whole range.
  func whole() -> Table {
    let results = run([nil])[0]
    let columns =
      keys.map { Column($0, .text) } + [
        Column("entries", .integer), Column("exits", .integer), Column("funding", .money),
        Column("costs", .money), Column("total", .money),
        Column("final_equity", .money, "final equity"),
        Column("max_drawdown", .percent, "drawdown"),
        Column("return_on_capital_annualized", .percent, "on capital a year"),
        Column("sharpe_daily", .number, "Sharpe"), Column("unexplained", .number),
        Column("net_return_annualized", .percent, "net a year"),
        Column("capture_ratio", .percent, "capture"),
        Column("deflated_sharpe", .percent, "deflated"),
        Column("liquidations", .integer, "liquidated"),
      ] + benchmarkColumns()
    let rows = zip(combinations, results).map { values, outcome -> [String?] in
      let result = outcome.shipped
      let summary = result.summary
      return values.map { $0 } + [
        String(summary.entries), String(summary.exits), summary.profit.funding.description,
        summary.profit.costs.description, summary.profit.total.description,
        summary.finalEquity.description, summary.maximumDrawdown.description,
        summary.returnOnCapital?.description,
        summary.dailySharpe?.rounded(places: 4, .halfEven).description,
        summary.unexplained.description, result.netReturn?.description,
        result.captureRatio?.description, result.deflatedSharpe?.description,
        String(summary.liquidations),
      ] + outcome.benchmarks
    }
    return Table(columns, rows)
  }

  /// Every combination on both sides of a moment, with its rank on the side that may choose.
  func split(at moment: Timestamp) -> Table {
    let results =
      run([range.lowerBound..<moment], isJudged: false) + run([moment..<range.upperBound])
    let order = results[0].indices.sorted { better(results[0], $0, $1) }
    var ranks = [Int](repeating: 0, count: order.count)
    for (rank, index) in order.enumerated() { ranks[index] = rank + 1 }
    let figures = [
      ("net_return_annualized", ColumnKind.percent, "net a year"),
      ("max_drawdown", .percent, "drawdown"), ("entries", .integer, "in"),
      ("capture_ratio", .percent, "capture"), ("excess_sharpe", .number, "Sharpe"),
      ("deflated_sharpe", .percent, "deflated"),
    ]
    let columns =
      keys.map { Column($0, .text) } + [Column("rank", .integer)]
      + ["before", "after"].flatMap { period in
        figures.map { Column("\(period)_\($0.0)", $0.1, "\(period): \($0.2)") }
      } + benchmarkColumns("after")
    let rows = combinations.indices.map { index -> [String?] in
      combinations[index].map { $0 } + [String(ranks[index])]
        + results.flatMap { figuresRow($0[index].shipped) } + results[1][index].benchmarks
    }
    return Table(columns, rows)
  }

  /// The best combination of each past, over the stretch that followed it.
  func walkForward(_ walk: WalkForward) throws -> Table {
    var stretches: [(past: Range<Timestamp>, next: Range<Timestamp>)] = []
    var start = range.lowerBound
    while start + .days(walk.choosing) < range.upperBound {
      let middle = start + .days(walk.choosing)
      let end = min(middle + .days(walk.running), range.upperBound)
      stretches.append((start..<middle, middle..<end))
      start = start + .days(walk.running)
    }
    guard !stretches.isEmpty else {
      throw Failure(
        .usage, "the range is not longer than \(walk.choosing) days; give a longer one")
    }
    let columns =
      [Column("from", .time), Column("to", .time)] + keys.map { Column($0, .text) } + [
        Column("chosen_by_net_return", .percent, "net a year before"),
        Column("net_return_annualized", .percent, "net a year"),
        Column("max_drawdown", .percent, "drawdown"), Column("entries", .integer, "in"),
        Column("capture_ratio", .percent, "capture"), Column("excess_sharpe", .number, "Sharpe"),
        Column("deflated_sharpe", .percent, "deflated"),
      ] + benchmarkColumns()
    let past = run(stretches.map(\.past), isJudged: false)
    let rows = stretches.indices.map { place -> [String?] in
      let best = past[place].indices.min { better(past[place], $0, $1) } ?? 0
      let next = run([stretches[place].next], only: best)[0][0]
      return [stretches[place].next.lowerBound.dayText, stretches[place].next.upperBound.dayText]
        + combinations[best].map { $0 } + [past[place][best].shipped.netReturn?.description]
        + figuresRow(next.shipped) + next.benchmarks
    }
    return Table(columns, rows)
  }

  /// By net return, then by the order of the grids.
  private func better(_ results: [Outcome], _ left: Int, _ right: Int) -> Bool {
    let (a, b) = (
      results[left].shipped.netReturn ?? .zero, results[right].shipped.netReturn ?? .zero
    )
    return a != b ? a > b : left < right
  }

  private func figuresRow(_ result: RuleResult) -> [String?] {
    [
      result.netReturn?.description, result.maximumDrawdown.description,
      String(result.summary.entries), result.captureRatio?.description,
      result.excessSharpe?.rounded(places: 4, .halfEven).description,
      result.deflatedSharpe?.description,
    ]
  }

  /// The results by stretch, nil for all of a market's time, then by combination.
  ///
  /// - Parameter isJudged: whether the benchmarks are run too.
  private func run(
    _ ranges: [Range<Timestamp>?], only: Int? = nil, isJudged: Bool = true
  ) -> [[Outcome]] {
    let chosen = only.map { [$0] } ?? Array(runs.indices)
    let done = Atomic<Int>(0)
    let all = ranges.count * chosen.count
    let results = Parallel.map(all) { index in
      let run = runs[chosen[index % chosen.count]]
      let range = ranges[index / chosen.count] ?? run.range
      let comparison = RuleComparison(run.market, run.configuration)
      let outcome = Outcome(
        shipped: RuleResult(
          rule: "shipped", period: "whole", range: range,
          summary: comparison.summary(of: nil, over: range),
          optimum: comparison.optimum(over: range), trials: runs.count),
        benchmarks: (isJudged ? benchmarks : []).map {
          comparison.summary(of: $0, over: range)
            .netReturn(over: range.upperBound - range.lowerBound)?.description
        })
      let count = done.add(1, ordering: .relaxed).newValue
      Output.status("\(count) of \(all)")
      return outcome
    }
    Output.status("")
    return ranges.indices.map { place in
      Array(results[(place * chosen.count)..<((place + 1) * chosen.count)])
    }
  }
}
