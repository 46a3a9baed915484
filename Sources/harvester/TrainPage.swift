import Backtest
import Boosting
import Core
import FixedPoint
import Service
import Simulation
import Trading

/// How a boosted forecast did on what it had not seen, beside the others.
struct TrainPage {
  private let stretches: [Range<Timestamp>]
  /// By stretch, then by model.
  private let scores: [[ForecastScore]]

  init(
    _ folds: [WalkForwardTraining.Fold], _ series: [PairSeries], span: Int, window: TimeSpan
  ) {
    stretches = folds.map(\.range)
    let parts = Parallel.map(folds.count * series.count) { index in
      let fold = folds[index / series.count]
      return ForecastStudy.run(
        series[index % series.count], over: fold.range, span: span, window: window,
        boosting: fold.model)
    }
    scores = folds.indices.map { place in
      Self.sum(parts[(place * series.count)..<((place + 1) * series.count)])
    }
  }

  private static func sum(_ parts: some Collection<[ForecastScore]>) -> [ForecastScore] {
    var total = parts.first ?? []
    for part in parts.dropFirst() {
      for index in total.indices { total[index] += part[index] }
    }
    return total
  }

  private var total: [ForecastScore] { Self.sum(scores) }

  func print(as format: Format) { table.print(as: format) }

  private var table: Table {
    var columns = [
      Column("from", .text), Column("until", .text), Column("forecasts", .integer),
    ]
    for score in total {
      columns.append(Column("\(score.model.rawValue)_error", .percent, score.model.rawValue))
    }
    for score in total {
      columns.append(
        Column("\(score.model.rawValue)_r2", .number, "R² \(score.model.rawValue)"))
    }
    var rows: [[String?]] = []
    for (stretch, scores) in zip(stretches, scores) {
      rows.append([stretch.lowerBound.dayText, stretch.upperBound.dayText] + Self.cells(scores))
    }
    if let first = stretches.first, let last = stretches.last {
      rows.append(
        [first.lowerBound.dayText, last.upperBound.dayText] + Self.cells(total))
    }
    return Table(columns, rows)
  }

  private static func cells(_ scores: [ForecastScore]) -> [String?] {
    [scores.first.map { String($0.count) }] + scores.map { $0.meanError?.description }
      + scores.map { $0.againstLast?.rounded(places: 4, .halfEven).description }
  }

  /// Whether the walk speaks for using the model: it must be ahead of the average in both figures.
  var verdict: String {
    guard let average = total.first(where: { $0.model == .ewma }),
      let boosted = total.first(where: { $0.model == .boosting }),
      let error = boosted.meanError, let usual = average.meanError,
      let fit = boosted.againstLast, let usualFit = average.againstLast
    else { return "nothing was compared" }
    let figures =
      "mean error \(Table.shown(error.description, .percent)) a year against "
      + "\(Table.shown(usual.description, .percent)), R² \(fit.rounded(places: 4, .halfEven)) "
      + "against \(usualFit.rounded(places: 4, .halfEven))"
    return error < usual && fit > usualFit
      ? "out of sample it beats the moving average (\(figures)); judge it on what comes after"
      : "out of sample it does not beat the moving average (\(figures)); leave forecast.model at ewma"
  }
}
