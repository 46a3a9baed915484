import ArgumentParser
import Foundation
import Service
import Trading
import Transport

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Fetch a pair's history from what a venue publishes.",
    discussion: """
      Writes bars of both legs and settled funding into a folder that run, backtest and sweep read with \
      --data. Needs no key. Files of the same pair and interval are replaced.
      """)
  @Argument(help: "binance or bybit.") var venue: String
  @Argument(help: "The pair, such as BTCUSDT.") var symbol: String
  @Option(help: "From, inclusive: YYYY-MM-DD or RFC 3339, UTC.") var from: Moment
  @Option(help: "To, exclusive.") var to: Moment
  @Option(help: "Length of a bar: 5m, 15m, 1h, 4h or 1d.") var interval = "1h"
  @Option(help: "The folder to write into.") var data = "data"
  @Option(help: "The perpetual's name at the venue where it differs, such as 1000PEPEUSDT.")
  var contract: String?
  @OptionGroup var common: CommonOptions

  private static let intervals: [String: TimeSpan] = [
    "5m": .minutes(5), "15m": .minutes(15), "1h": .hours(1), "4h": .hours(4), "1d": .days(1),
  ]

  func run() throws {
    let name = Symbol(typed: symbol)
    guard name.isWellFormed else {
      throw Failure(.usage, "not a symbol (\(symbol)); write it like BTCUSDT")
    }
    guard let length = Self.intervals[interval] else {
      throw Failure(.usage, "not an interval (\(interval)); give 5m, 15m, 1h, 4h or 1d")
    }
    guard from.value < to.value else {
      throw Failure(.usage, "the range is empty (\(from.value) to \(to.value)); give a later --to")
    }
    let configuration = try common.configuration().configuration
    let session: any AnyVenueSession
    do throws(ConfigurationError) {
      session = try VenueSessions.anonymous(VenueID(venue), configuration)
    } catch {
      throw Failure(.usage, error.description)
    }
    defer { session.close() }
    let history = HistoryImport(
      session, symbol: name, contract: contract, multiplier: multiplier(of: name),
      range: from.value..<to.value)
    do throws(HistoryImportError) {
      let summary = try history.run(interval: interval, length: length, into: data)
      Output.note(
        "\(data): \(summary.spotBars) spot bars, \(summary.perpBars) perpetual bars, "
          + "\(summary.settlements) settlements of \(name)")
    } catch {
      throw Failure(error.isUnavailable ? .unavailable : .refused, error.description)
    }
  }

  /// How many base units the contract's name says, such as 1000 of `1000PEPEUSDT`.
  private func multiplier(of symbol: Symbol) -> Int {
    guard let contract, let place = contract.range(of: symbol.rawValue) else { return 1 }
    return Int(contract[..<place.lowerBound]) ?? 1
  }
}
