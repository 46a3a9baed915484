import ArgumentParser
import Foundation
import Service
import Trading

/// Which market is played, by run and backtest alike.
struct MarketOptions: ParsableArguments {
  @Option(help: "A folder of recorded markets; without it the built-in generator plays.")
  var data: String?

  @Option(help: "The seed of the built-in generator.")
  var seed: UInt64 = 7

  @Option(help: "The venue, or several, comma-separated, each with its part of the deposit.")
  var venue = "binance"

  @Option(help: "Symbols, comma-separated; default: all that instruments.yaml has for the venue.")
  var symbols = ""

  @Option(help: "From, inclusive: YYYY-MM-DD or RFC 3339, UTC.")
  var from = Moment(Timestamp(milliseconds: 1_704_067_200_000))

  @Option(help: "To, exclusive.")
  var to = Moment(Timestamp(milliseconds: 1_735_689_600_000))

  @Option(help: "Length of a recorded bar, as its files are named.")
  var interval = "1h"

  @Option(name: .customLong("max-gap-hours"), help: "Longest outage in recorded bars to accept.")
  var maximumGapHours = 6

  /// 1990-01-01 to 2200-01-01.
  private static let years =
    Timestamp(milliseconds: 631_152_000_000)..<Timestamp(milliseconds: 7_258_118_400_000)

  /// The market, loaded and checked.
  ///
  /// - Parameter research: what is assumed beyond what was recorded.
  func load(
    _ common: CommonOptions, _ loaded: ConfigurationLoader.Loaded,
    _ research: ResearchOptions? = nil
  ) throws -> PaperMarket {
    let names = symbols.split(separator: ",").map { Symbol(typed: $0) }
    for name in names where !name.isWellFormed {
      throw Failure(.usage, "not a symbol (\(name)); write them like BTCUSDT,ETHUSDT")
    }
    for moment in [from.value, to.value] where !Self.years.contains(moment) {
      throw Failure(.usage, "no market then (\(moment.dayText)); give a day from 1990 to 2199")
    }
    let source: MarketChoice.Source =
      switch (data, research?.flat ?? false) {
      case (let data?, true): .flat(folder: data)
      case (let data?, false): .recorded(folder: data, maximumGapHours: maximumGapHours)
      case (nil, true): throw Failure(.usage, "--flat plays recorded funding; give --data <folder>")
      case (nil, false): .generated(seed: seed)
      }
    var choice = MarketChoice(
      source: source, venues: try venues(), symbols: names, from: from.value,
      to: to.value,
      interval: interval)
    choice.fees = research?.fees.fees ?? .taker
    choice.historyDays = max(
      choice.historyDays, loaded.configuration.parameters.forecast.windowDays)
    let instruments = try common.instruments(loaded)
    do throws(PaperMarketError) {
      return try PaperMarket(choice, instruments: instruments)
    } catch .choice(let text) {
      throw Failure(.usage, text)
    } catch {
      throw Failure(.refused, error.description)
    }
  }

  private func venues() throws -> [VenueID] {
    let names = venue.split(separator: ",").map { VenueID(String($0)) }
    guard !names.isEmpty, Set(names).count == names.count else {
      throw Failure(.usage, "not venues (\(venue)); name each once, like binance,okx")
    }
    return names
  }
}
