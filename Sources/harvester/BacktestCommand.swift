import ArgumentParser
import Backtest
import Core
import FixedPoint
import Foundation
import Service
import Store
import Trading

struct BacktestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest", abstract: "Run the engine over a recorded or generated market.",
    discussion: """
      The same engine, exchange and settings as 'harvester run', with the facts in memory. When a \
      database answers, one row in research.backtest remembers the settings and the result.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup var market: MarketOptions
  @OptionGroup var output: FormatOption
  @Flag(name: .customLong("no-database"), help: "Remember nothing.") var noDatabase = false

  func run() throws {
    let loaded = try common.configuration()
    let paper = try market.load(common, loaded)
    Output.notices(paper.notices)
    let progress = ProgressLine(paper.choice.from..<paper.choice.to)
    let start = ContinuousClock.now
    let summary = BacktestRun.run(paper, loaded.configuration) { progress.update($0, "backtest") }
    progress.clear()
    let page = BacktestPage(
      summary: summary, market: paper, seconds: (ContinuousClock.now - start) / .seconds(1))
    switch output.format {
    case .json: print(JSONText.pretty(page.json))
    case .table: page.table.print(as: .table)
    case .csv: page.row.print(as: .csv)
    }
    if !noDatabase { remember(page, loaded, paper) }
    guard summary.unexplained.isZero else {
      throw Failure(.refused, "\(summary.unexplained) of the result is unexplained; report this")
    }
  }

  /// A missing database does not spoil a backtest.
  private func remember(
    _ page: BacktestPage, _ loaded: ConfigurationLoader.Loaded, _ paper: PaperMarket
  ) {
    do {
      let connection = try common.connectToBooks(as: .operator)
      try connection.execute(
        "INSERT INTO research.backtest (version, market, settings, result) VALUES ($1, $2, $3, $4)",
        [
          .text(Version.text), .text("\(paper.identity) to \(paper.choice.to)"),
          .text(JSONText.compact(Settings.json(loaded.configuration))),
          .text(JSONText.compact(page.json)),
        ])
    } catch {
      if Output.isWatched { Output.note("not remembered: no database with books answers") }
    }
  }
}

/// One run of the engine over a market.
enum BacktestRun {
  static func run(
    _ market: PaperMarket, _ configuration: Configuration, observe: (Timestamp) -> Void = { _ in }
  ) -> BacktestSummary {
    var backtest = Backtest(
      engine: market.engine(configuration.parameters), venue: market.venue(configuration))
    var summary = BacktestSummary()
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

/// The figures of a backtest for people and for programs.
struct BacktestPage {
  let summary: BacktestSummary
  let market: PaperMarket
  let seconds: Double

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
      ("initial_equity", .money, summary.initialEquity.description),
      ("final_equity", .money, summary.finalEquity.description),
      ("unexplained", .number, summary.unexplained.description),
      ("max_drawdown", .percent, summary.maximumDrawdown.description),
      ("days_in_market", .number, days),
      ("return_on_capital_annualized", .percent, summary.returnOnCapital?.description),
      ("sharpe_daily", .number, summary.dailySharpe?.description),
    ]
  }

  private var days: String {
    summary.timeInMarket.hours.divided(by: 24, rounding: .halfEven).rounded(places: 6, .halfEven)
      .description
  }

  var json: JSONText {
    .object(
      [("symbols", .array(market.choice.symbols.map { .string($0.rawValue) }))]
        + figures.map { ($0.name, JSONText($0.value, $0.kind)) }
        + [("seconds", .raw(String(format: "%.3f", seconds)))])
  }

  var table: Table {
    var copy = Table([Column("figure", .text), Column("value", .text)])
    copy.rows =
      [["symbols", market.choice.symbols.map(\.rawValue).joined(separator: ", ")]]
      + figures.map { figure in
        [
          figure.name.replacingOccurrences(of: "_", with: " "),
          Table.shown(figure.value, figure.kind),
        ]
      } + [["seconds", String(format: "%.3f", seconds)]]
    return copy
  }

  var row: Table {
    Table(figures.map { Column($0.name, $0.kind) }, [figures.map(\.value)])
  }
}
