import Backtest
import Core
import FixedPoint
import Foundation
import Service
import Trading

/// The figures of a backtest for people and for programs.
struct BacktestPage {
  let summary: BacktestSummary
  let market: PaperMarket
  let seconds: Double
  let rules: RulesPage
  let forecasts: ForecastsPage?

  func print(as format: Format) {
    switch format {
    case .json: Swift.print(JSONText.pretty(json))
    case .csv: row.print(as: .csv)
    case .table:
      table.print(as: .table)
      Swift.print()
      rules.table.print(as: .table)
      if let forecasts {
        Swift.print()
        forecasts.table.print(as: .table)
      }
    }
  }

  private var figures: [(name: String, kind: ColumnKind, value: String?)] {
    let profit = summary.profit
    return [
      ("bars", .integer, String(market.bars)), ("entries", .integer, String(summary.entries)),
      ("exits", .integer, String(summary.exits)),
      ("rebalances", .integer, String(summary.rebalances)),
      ("fills", .integer, String(summary.fills)), ("payments", .integer, String(summary.payments)),
      ("funding", .money, profit.funding.description),
      ("basis_pnl", .money, profit.basis.description),
      ("directional_pnl", .money, profit.directional.description),
      ("spot_fees", .money, profit.spotFees.description),
      ("perp_fees", .money, profit.perpFees.description),
      ("slippage", .money, profit.slippage.description),
      ("other", .money, profit.other.description),
      ("dust", .money, summary.dustValue.description),
      ("liquidations", .integer, String(summary.liquidations)),
      ("uncollected", .money, summary.uncollected.description),
      ("initial_equity", .money, summary.initialEquity.description),
      ("final_equity", .money, summary.finalEquity.description),
      ("unexplained", .number, summary.unexplained.description),
      ("max_drawdown", .percent, summary.maximumDrawdown.description),
      ("days_in_market", .number, summary.daysInMarket),
      ("return_on_capital_annualized", .percent, summary.returnOnCapital?.description),
      ("sharpe_daily", .number, summary.dailySharpe?.description),
      ("idle_interest", .money, summary.idle.interest.description),
    ] + (profit.tilt.map { [("tilt_pnl", .money, $0.description)] } ?? [])
  }

  var json: JSONText {
    var members: [(String, JSONText)] = []
    members.append(("symbols", .array(market.names.map { .string($0) })))
    members += figures.map { ($0.name, JSONText($0.value, $0.kind)) }
    members.append(("rules", .array(rules.table.objects)))
    if let forecasts { members.append(("forecasts", .array(forecasts.table.objects))) }
    members.append(("seconds", .raw(String(format: "%.3f", seconds))))
    return .object(members)
  }

  private var table: Table {
    var copy = Table([Column("figure", .text), Column("value", .text)])
    copy.rows =
      [["symbols", market.names.joined(separator: ", ")]]
      + figures.map { figure in
        [
          figure.name.replacingOccurrences(of: "_", with: " "),
          Table.shown(figure.value, figure.kind),
        ]
      } + [["seconds", String(format: "%.3f", seconds)]]
    return copy
  }

  private var row: Table {
    Table(figures.map { Column($0.name, $0.kind) }, [figures.map(\.value)])
  }
}

extension BacktestSummary {
  /// Days in which carries were held, summed over carries, to the sixth place.
  var daysInMarket: String {
    timeInMarket.hours.divided(by: 24, rounding: .halfEven).rounded(places: 6, .halfEven)
      .description
  }
}

/// The shipped rule and the plain ones side by side.
struct RulesPage {
  let results: [RuleResult]

  init(_ results: [RuleResult]) { self.results = results }

  static let columns = [
    Column("rule", .text), Column("period", .text),
    Column("net_return_annualized", .percent, "net a year"),
    Column("max_drawdown", .percent, "drawdown"), Column("entries", .integer, "in"),
    Column("exits", .integer, "out"), Column("liquidations", .integer, "liquidated"),
    Column("days_in_market", .number, "days in"),
    Column("funding", .money), Column("basis_pnl", .money, "basis"), Column("costs", .money),
    Column("idle_interest", .money, "interest"), Column("capture_ratio", .percent, "capture"),
    Column("excess_sharpe", .number, "Sharpe"), Column("deflated_sharpe", .percent, "deflated"),
    Column("trials", .integer, isShown: false),
  ]

  var table: Table { Table(Self.columns, results.map(Self.row)) }

  static func row(_ result: RuleResult) -> [String?] {
    let summary = result.summary
    return [
      result.rule, result.period, result.netReturn?.description,
      result.maximumDrawdown.description, String(summary.entries), String(summary.exits),
      String(summary.liquidations),
      Rate(summary.daysInMarket)?.rounded(places: 1, .halfEven).description,
      summary.profit.funding.description,
      summary.profit.basis.description, summary.profit.costs.description,
      summary.idle.interest.description, result.captureRatio?.description,
      result.excessSharpe?.rounded(places: 4, .halfEven).description,
      result.deflatedSharpe?.description, String(result.trials),
    ]
  }
}

/// How good each forecast of funding was over a market.
struct ForecastsPage {
  let table: Table

  /// Over the span of the average and over the planned holding time.
  init(_ market: PaperMarket, _ parameters: Parameters) {
    let planned = FundingForecast(parameters).horizon
    var rows: [[String?]] = []
    for horizon in Set([parameters.forecast.span, planned]).sorted() {
      rows += Self.rows(market, parameters, horizon: horizon)
    }
    table = Table(
      [
        Column("symbol", .text), Column("model", .text), Column("days_ahead", .number, "days"),
        Column("forecasts", .integer), Column("r2_against_last", .number, "R² to last"),
        Column("hit_rate", .percent, "sign right"),
        Column("mean_error", .percent, "mean error a year"),
        Column("fell_back", .integer, "fell back"),
      ], rows)
  }

  private static func rows(
    _ market: PaperMarket, _ parameters: Parameters, horizon: Int
  ) -> [[String?]] {
    let range = market.choice.from..<market.choice.to
    let window = TimeSpan.days(Int64(parameters.forecast.windowDays))
    let scores = Parallel.map(market.series.count) { place in
      ForecastStudy.run(
        market.series[place], over: range, span: parameters.forecast.span, horizon: horizon,
        window: window, boosting: parameters.forecast.boosting)
    }
    var total = scores.first ?? []
    for other in scores.dropFirst() {
      for index in total.indices { total[index] += other[index] }
    }
    let days = Rate(horizon).divided(by: 3, rounding: .halfEven).rounded(places: 1, .halfEven)
    var rows: [[String?]] = []
    for (series, scores) in zip(market.series, scores) {
      rows += scores.map { row(market.name(of: series), $0, days: days) }
    }
    if scores.count > 1 { rows += total.map { row("all", $0, days: days) } }
    return rows
  }

  private static func row(
    _ symbol: String, _ score: ForecastScore, days: Rate
  ) -> [String?] {
    [
      symbol, score.model.rawValue, days.description, String(score.count),
      score.againstLast?.rounded(places: 4, .halfEven).description,
      score.hitRate?.description, score.meanError?.description, String(score.fallbacks),
    ]
  }
}
