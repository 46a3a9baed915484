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
      The same engine, exchange and settings as 'harvester run', with the facts in memory, beside \
      plain rules over the same market: hold through, in above 50 % and out below 25 %, 8 % and 2 %, \
      cash. When a database answers, one row in research.backtest remembers the settings and the \
      result.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup var market: MarketOptions
  @OptionGroup var research: ResearchOptions
  @OptionGroup var output: FormatOption

  @Option(help: "Rules that were tried before this one, by which its Sharpe ratio is deflated.")
  var trials = 0

  @Flag(help: "Also judge every forecast of funding out of sample.")
  var forecasts = false

  @Option(help: "Write a page with charts, all in one HTML file.")
  var report: String?

  @Flag(name: .customLong("no-database"), help: "Remember nothing.") var noDatabase = false

  func run() throws {
    let loaded = try common.configuration()
    let paper = try market.load(common, loaded, research)
    let split = try research.checkedSplit(paper.choice)
    Output.notices(paper.notices)
    let progress = ProgressLine(paper.choice.from..<paper.choice.to)
    let start = ContinuousClock.now
    let summary = BacktestRun.run(paper, loaded.configuration) { progress.update($0, "backtest") }
    progress.clear()
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let results = RuleComparison(paper, loaded.configuration, split: split, trials: trials)
      .run(shipped: summary)
    let page = BacktestPage(
      summary: summary, market: paper, seconds: seconds, rules: RulesPage(results),
      forecasts: forecasts ? ForecastsPage(paper, loaded.configuration.parameters) : nil)
    page.print(as: output.format)
    if let report {
      let html = ReportPage(
        summary: summary, results: results, market: paper, configuration: loaded.configuration)
      try html.write(to: report)
    }
    if !noDatabase { remember(page, loaded, paper) }
    for result in results where !result.summary.unexplained.isZero {
      throw Failure(
        .refused,
        "\(result.summary.unexplained) of the result is unexplained (\(result.rule)); report this")
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
