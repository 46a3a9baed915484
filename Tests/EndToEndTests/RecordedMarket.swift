import FixedPoint
import Foundation
import Service
import Simulation
import Trading

/// Hourly history of two symbols, made from a seed and written as recorded markets are.
final class RecordedMarket: Sendable {
  static let symbols: [Symbol] = ["BTCUSDT", "ETHUSDT"]
  static let from = "2024-01-01"
  static let to = "2024-03-01"

  /// Sixty days in which carries are opened, closed and opened again.
  static let shared = Result { try RecordedMarket() }

  /// Settings under which sixty days are eventful: many small orders, quick exits.
  static let settings = [
    "entry.horizon_days=60", "entry.cooldown_hours=8", "exit.maximum_annual_rate=0.02",
    "exit.minimum_hold_hours=8", "execution.clip_notional=1000", "market.minimum_listed_days=0",
  ].flatMap { ["--set", $0] }

  let series: [PairSeries]
  private let folder = TemporaryFolder()

  var path: String { folder.path }

  init() throws {
    let file = try InstrumentsFile(path: "\(Program.root)/config/instruments.yaml")
    let listings = try file.select(venue: "binance", symbols: Self.symbols)
    series = MarketGenerator.generate(
      seed: 2, markets: listings.map { ($0.spot, $0.perp, $0.startPrice) },
      from: try Timestamp(Self.from), days: 60, interval: .hours(1))
    for pair in series {
      try write(pair.spot, "spot", pair.symbol)
      try write(pair.perp, "perp", pair.symbol)
      if let mark = pair.mark { try write(mark, "mark", pair.symbol) }
      let rows = pair.funding.map { settlement in
        let rate = settlement.rate
        let mark = settlement.mark?.description ?? ""
        return "\(rate.settlesAt),\(rate.rate),\(rate.intervalHours),\(mark)\n"
      }
      try folder.write(
        "funding/binance/\(pair.symbol).csv",
        "time,rate,interval_hours,mark_price\n" + rows.joined())
    }
  }

  private func write(_ bars: BarSeries, _ market: String, _ symbol: Symbol) throws {
    let rows = bars.bars.map {
      "\($0.opensAt),\($0.open),\($0.high),\($0.low),\($0.close),100000\n"
    }
    try folder.write(
      "klines/binance/\(market)/\(symbol)-1h.csv",
      "open_time,open,high,low,close,volume\n" + rows.joined())
  }

  /// What `run` and `backtest` are told to play this market.
  func arguments(to end: String = to) -> [String] {
    ["--data", path, "--symbols", Self.symbols.map(\.rawValue).joined(separator: ",")]
      + ["--from", Self.from, "--to", end] + Self.settings
  }

  /// Starts the process on it.
  func run(
    _ books: Books, to end: String = to, _ more: String...
  ) throws -> Program {
    try Program(["run", "--database-url", books.url] + arguments(to: end) + more)
  }
}

/// Books of the first forty days, complete; only to be copied.
enum History {
  static let to = "2024-02-10"
  static let books = Result {
    let books = try Books()
    let ending = try RecordedMarket.shared.get().run(books, to: to).wait()
    guard ending.code == 0 else { throw TestFailure(ending.errors) }
    return books
  }
}
