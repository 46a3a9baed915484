import ArgumentParser
import Backtest
import Boosting
import Core
import FixedPoint
import Foundation
import Markets
import Service
import Simulation
import Trading

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a boosted forecast of funding on recorded history.",
    discussion: """
      Walks forward over the last three fifths of the range: each stretch is forecast by a model of \
      what was known before it, beside the moving average, AR and HAR. Then a model of the whole range \
      is written, for forecast.model_file; what the walk found about it is in the file. Needs XGBoost \
      (libxgboost0); trading with the file does not.
      """)
  @Option(help: "A folder of recorded markets.")
  var data: String

  @Option(help: "The venue.")
  var venue = "binance"

  @Option(help: "Symbols, comma-separated.")
  var symbols: String

  @Option(help: "From, inclusive; default: where each record begins.")
  var from: Moment?

  @Option(help: "Until, exclusive: nothing from here on is seen.")
  var until: Moment

  @Option(help: "Length of a recorded bar, as its files are named.")
  var interval = "1h"

  @Option(help: "The file to write.")
  var out: String

  @Option(help: "Steps of eight hours to forecast; forecast.span must be the same.")
  var span = 21

  @Option(help: "Stretches of the walk.")
  var folds = 6

  @Option(help: "Trees.")
  var rounds = BoostingSettings().rounds

  @Option(help: "Questions on the longest way through a tree.")
  var depth = BoostingSettings().depth

  @Option(
    name: .customLong("learning-rate"),
    help: ArgumentHelp("How much of each tree counts, in thousandths.", valueName: "thousandths"))
  var learningRate = BoostingSettings().learningThousandths

  @OptionGroup var output: FormatOption

  /// What the fitted models see, and enough for the features.
  private static let window = TimeSpan.days(365)
  /// Settlements before the first bar are learned from, too.
  private static let historyDays = 3650

  func validate() throws {
    let limits: [(String, Int, ClosedRange<Int>)] = [
      ("--span", span, 2...90), ("--folds", folds, 2...50), ("--rounds", rounds, 1...2000),
      ("--depth", depth, 1...6), ("--learning-rate", learningRate, 1...1000),
    ]
    for (name, value, range) in limits where !range.contains(value) {
      throw ValidationError(
        "\(name) must be \(range.lowerBound) … \(range.upperBound) (\(value)); give another")
    }
  }

  func run() throws {
    let series = try load()
    let range = try learned(series)
    let horizon = span
    let rows = Parallel.map(series.count) { place in
      TrainingRow.rows(series[place], over: range, horizon: horizon, window: Self.window)
    }
    .flatMap { $0 }
    let model: BoostedForecast
    let page: TrainPage
    do throws(BoostingError) {
      let training = try WalkForwardTraining(settings, horizon: span)
      let stretches = WalkForwardTraining.stretches(of: range, count: folds)
      let folds = try training.folds(rows, over: stretches) {
        Output.status("fold \($0 + 1) of \(stretches.count)")
      }
      model = try training.model(rows, folds) { count, errors in
        BoostedForecast.Training(
          trainer: training.xgboostVersion, venue: venue, symbols: series.map(\.symbol.rawValue),
          from: range.lowerBound.dayText, until: range.upperBound.dayText, forecasts: count,
          meanError: errors.withPrices, meanErrorWithoutPrices: errors.without)
      }
      Output.status("judging")
      page = TrainPage(folds, series, span: span, window: Self.window)
      Output.status("")
    } catch {
      throw Failure(.refused, error.description)
    }
    page.print(as: output.format)
    try write(model)
    Output.note(page.verdict)
  }

  private var settings: BoostingSettings {
    var settings = BoostingSettings()
    settings.rounds = rounds
    settings.depth = depth
    settings.learningThousandths = learningRate
    return settings
  }

  private func load() throws -> [PairSeries] {
    let names = symbols.split(separator: ",").map { Symbol($0) }
    guard !names.isEmpty else {
      throw Failure(.usage, "no symbols; give --symbols BTCUSDT,ETHUSDT")
    }
    for name in names where !name.isWellFormed {
      throw Failure(.usage, "not a symbol (\(name)); write them like BTCUSDT,ETHUSDT")
    }
    let markets = RecordedMarkets(folder: data)
    var series: [PairSeries] = []
    var unknown: [Symbol] = []
    do throws(MarketDataError) {
      for name in names {
        let recorded = try markets.availableRange(
          venue: VenueID(venue), symbol: name, interval: interval)
        guard let recorded else {
          unknown.append(name)
          continue
        }
        let start = max(recorded.lowerBound, from?.value ?? recorded.lowerBound)
        guard start < until.value else {
          Output.note("\(name) is left out: its record begins at \(start.dayText)")
          continue
        }
        series += try markets.load(
          venue: VenueID(venue), symbols: [name], interval: interval, from: start,
          to: min(until.value, recorded.upperBound), historyDays: Self.historyDays
        ).pairs
      }
    } catch {
      throw Failure(.refused, error.description)
    }
    if let name = unknown.first {
      throw Failure(
        .refused,
        "nothing of \(name) at \(venue) is recorded in bars of \(interval) (\(data)); leave it out")
    }
    guard !series.isEmpty else {
      throw Failure(
        .refused, "nothing was recorded before \(until.value.dayText); give a later --until")
    }
    return series
  }

  /// From the first settlement of all to the end.
  private func learned(_ series: [PairSeries]) throws -> Range<Timestamp> {
    let first = series.compactMap { $0.funding.first?.rate.settlesAt }.min() ?? until.value
    let start = max(first, from?.value ?? first)
    return start..<until.value
  }

  private func write(_ model: BoostedForecast) throws {
    let bytes = try ForecastFile.encode(model)
    do {
      try bytes.write(to: URL(fileURLWithPath: out), options: .atomic)
    } catch {
      throw Failure(.refused, "cannot write the model (\(out)); name another with --out")
    }
    Output.note("wrote \(out), boosting \(ForecastFile.name(of: bytes))")
  }
}
