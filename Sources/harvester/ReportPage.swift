import Backtest
import Core
import FixedPoint
import Foundation
import Service
import Trading

/// A backtest as one page of HTML that needs nothing else.
struct ReportPage {
  let summary: BacktestSummary
  let results: [RuleResult]
  let market: PaperMarket
  let configuration: Configuration

  private static let mostSymbols = 12

  func write(to path: String) throws {
    do {
      try Data(html.utf8).write(to: URL(fileURLWithPath: path))
    } catch {
      throw Failure(
        .refused, "cannot write the report (\(path)); give a file in a folder that exists")
    }
  }

  var html: String {
    let symbols = market.names.joined(separator: ", ")
    let venues = market.choice.venues.map(\.rawValue).joined(separator: ", ")
    let days = "\(market.choice.from.dayText) to \(market.choice.to.dayText)"
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Backtest \(days)</title>
      <style>\(ReportStyle.sheet)</style>
      </head>
      <body>
      <header>
      <h1>Funding carry, \(venues)</h1>
      <p>\(Self.shortened(symbols)) · \(days)\(assumptions)</p>
      </header>
      <section class="tiles">\(tiles)</section>
      \(equityCharts)
      <section><h2>Where it came from</h2>\(sources)</section>
      <section><h2>Beside plain rules</h2>\(rulesTable)</section>
      \(fundingCharts)
      <section><h2>Settings</h2>\(settings)</section>
      </body>
      </html>

      """
  }

  private var assumptions: String {
    let fees =
      switch market.choice.fees {
      case .taker: "taker fees"
      case .maker: "maker fees"
      case .roundTrip(let cost): "\(Table.shown(cost.description, .percent)) round trip"
      }
    let prices =
      if case .flat = market.choice.source { " · prices held flat" } else { "" }
    return " · \(fees)\(prices)"
  }

  // MARK: - Figures

  /// The shipped rule over the last stretch: the whole, or what comes after the split.
  private var judged: [RuleResult] { results.filter { $0.period == results.last?.period } }

  private var tiles: String {
    guard let shipped = judged.first else { return "" }
    let figures: [(String, String?, ColumnKind)] = [
      ("net a year on capital", shipped.netReturn?.description, .percent),
      ("deepest drawdown", shipped.maximumDrawdown.description, .percent),
      ("of what foresight could earn", shipped.captureRatio?.description, .percent),
      (
        "Sharpe beyond cash, daily",
        shipped.excessSharpe?.rounded(places: 2, .halfEven).description, .number
      ),
      ("entries", String(shipped.summary.entries), .integer),
    ]
    return figures.map { name, value, kind in
      "<div><b>\(Table.shown(value, kind))</b><span>\(name)</span></div>"
    }
    .joined()
  }

  private var rulesTable: String {
    let shown = RulesPage.columns.enumerated().filter { $0.element.isShown }
    let head = shown.map { "<th>\($0.element.title)</th>" }.joined()
    let rows = results.map { result in
      var cells = RulesPage.row(result)
      cells[0] = Self.name(result.rule)
      let row = shown.map { index, column in
        "<td>\(Table.shown(cells[index], column.kind))</td>"
      }
      let style = result.rule == "shipped" ? " class=\"own\"" : ""
      return "<tr\(style)>\(row.joined())</tr>"
    }
    let trials = results.first?.trials ?? 1
    return "<div class=\"scroll\"><table><thead><tr>\(head)</tr></thead>"
      + "<tbody>\(rows.joined(separator: "\n"))</tbody></table></div>"
      + "<p class=\"note\">Net a year: profit and interest on what was idle, on the whole account, not "
      + "compounded. Capture: that gain over what perfect foresight of every settlement would have made "
      + "with the same capital. Sharpe: of daily returns beyond the cash rate. Deflated: probability that the Sharpe ratio is more than the luck of "
      + "\(trials) rules tried.</p>"
  }

  private var sources: String {
    let profit = summary.profit
    let parts: [(String, Notional)] = [
      ("funding", profit.funding), ("basis", profit.basis),
      ("unhedged", profit.directional - (profit.tilt ?? .zero)), ("spot fees", -profit.spotFees),
      ("perpetual fees", -profit.perpFees), ("slippage", -profit.slippage),
      ("tilt of the hedge", profit.tilt ?? .zero), ("other", profit.other),
      ("interest on idle capital", summary.idle.interest),
    ]
    let largest = parts.map { Self.double($0.1.magnitude) }.max() ?? 1
    let rows = parts.filter { !$0.1.isZero }.map { name, amount in
      let width = 100 * Self.double(amount.magnitude) / max(largest, 1e-9)
      let style = amount.isNegative ? "loss" : "gain"
      return "<tr><td>\(name)</td><td class=\"bar\"><i class=\"\(style)\" style=\"width:"
        + String(format: "%.1f", width) + "%\"></i></td>"
        + "<td>\(Table.shown(amount.description, .money))</td></tr>"
    }
    return "<table class=\"bars\"><tbody>\(rows.joined())</tbody></table>"
  }

  private var settings: String {
    let items = Setting.all.filter {
      !$0.key.hasPrefix("live.") && !$0.key.hasPrefix("binance.") && !$0.key.hasPrefix("bybit.")
    }
    .map { "<li><code>\($0.key)</code> \(Self.escaped($0.read(configuration)))</li>" }
    return "<ul class=\"settings\">\(items.joined())</ul>"
  }

  // MARK: - Charts

  private var equityCharts: String {
    guard let range = judged.first?.range else { return "" }
    let lines = judged.enumerated().reversed().map { place, result in
      LineChart.Line(
        name: result.rule, style: place == 0 ? "s0" : "s\(place)", points: Self.growth(result))
    }
    let equity = LineChart(
      title: "Net result with interest on idle capital", range: range, lines: Array(lines),
      height: 320)
    let legend = judged.enumerated().map { place, result in
      "<span><i class=\"s\(place)\"></i>\(Self.name(result.rule)) "
        + "\(Table.shown(result.netReturn?.description, .percent))</span>"
    }
    var section =
      "<section><h2>Net result, percent of the account</h2><p class=\"legend\">"
      + "\(legend.joined())</p>\(equity.svg)</section>"
    if let shipped = judged.first {
      let fall = LineChart(
        title: "Drawdown", range: range,
        lines: [LineChart.Line(name: "drawdown", style: "s0", points: Self.falls(shipped))],
        isFilled: true, height: 140)
      section += "<section><h2>Fall from the last peak</h2>\(fall.svg)</section>"
    }
    return section
  }

  private var fundingCharts: String {
    let parameters = configuration.parameters
    let forecast = FundingForecast(parameters)
    let window = TimeSpan.days(Int64(parameters.forecast.windowDays))
    let range = market.choice.from..<market.choice.to
    return market.series.prefix(Self.mostSymbols).map { series in
      let rates = series.funding.map(\.rate)
      var oldest = 0
      var points: [(at: Timestamp, value: Double)] = []
      var due = range.lowerBound
      for (place, rate) in rates.enumerated() where rate.settlesAt < range.upperBound {
        while rates[oldest].settlesAt <= rate.settlesAt - window { oldest += 1 }
        guard rate.settlesAt >= due, let expected = forecast.annualized(rates[oldest...place])
        else { continue }
        due = rate.settlesAt + .hours(23)
        points.append((rate.settlesAt, 100 * Self.double(expected)))
      }
      let chart = LineChart(
        title: "Expected funding of \(market.name(of: series))", range: range,
        lines: [LineChart.Line(name: "expected", style: "s0", points: points)],
        shaded: summary.stays.filter { $0.venue == series.venue && $0.symbol == series.symbol }
          .map(\.span),
        marks: [
          ("in", 100 * Self.double(parameters.entry.minimumAnnualRate)),
          ("out", 100 * Self.double(parameters.exit.maximumAnnualRate)),
        ], height: 200)
      return "<section><h2>\(market.name(of: series)): expected funding, percent a year</h2>"
        + "<p class=\"legend\"><span><i class=\"held\"></i>held</span></p>\(chart.svg)</section>"
    }
    .joined(separator: "\n")
  }

  /// Percent gained since the start, by days.
  private static func growth(_ result: RuleResult) -> [(at: Timestamp, value: Double)] {
    let start = double(result.summary.initialEquity)
    let points = daily(result).map { ($0.at, 100 * (double($0.value) / max(start, 1e-9) - 1)) }
    return [(result.range.lowerBound, 0)] + points
  }

  private static func falls(_ result: RuleResult) -> [(at: Timestamp, value: Double)] {
    var peak = double(result.summary.initialEquity)
    return daily(result).map { at, value in
      peak = max(peak, double(value))
      return (at, 100 * (double(value) / max(peak, 1e-9) - 1))
    }
  }

  private static func daily(_ result: RuleResult) -> [(at: Timestamp, value: Notional)] {
    var day = Timestamp.distantPast
    return result.summary.equityWithInterest.filter { point in
      defer { day = point.at.floored(to: .days(1)) }
      return point.at.floored(to: .days(1)) != day
    }
  }

  /// For pixels only.
  private static func double<Unit>(_ value: Fixed<Unit>) -> Double {
    Double(value.description) ?? 0
  }

  private static func name(_ rule: String) -> String {
    switch Benchmark(rawValue: rule) {
    case nil, .cash: rule
    case .holdThrough: "hold through"
    case .plain: "50 % / 25 %"
    case .narrow: "8 % / 2 %"
    }
  }

  private static func shortened(_ text: String) -> String {
    text.count > 120 ? "\(text.prefix(110))… " : text
  }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
  }
}
