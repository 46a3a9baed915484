import FoundationEssentials
import Markets
import Simulation
import Trading

/// A folder of recorded markets of four hours, made for one test and removed with it.
final class MarketFixture {
  let folder: String
  let markets: RecordedMarkets

  static let from = moment("2024-01-01T00:00:00Z")
  static let to = moment("2024-01-01T12:00:00Z")
  static let barHeader = "open_time,open,high,low,close,volume\n"
  static let fundingHeader = "time,rate,interval_hours,mark_price\n"

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/markets-\(UUID().uuidString)"
    markets = RecordedMarkets(folder: folder)
    for kind in ["spot", "perp", "mark"] {
      try write("klines/binance/\(kind)/BTCUSDT-1h.csv", Self.barHeader + Self.bars())
    }
    try write("funding/binance/BTCUSDT.csv", Self.fundingHeader + Self.funding())
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ path: String, _ text: String) throws {
    try write(path, Data(text.utf8))
  }

  func write(_ path: String, _ data: Data) throws {
    let file = URL(filePath: "\(folder)/\(path)")
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(atPath: "\(folder)/\(path)")
  }

  func load(
    from: Timestamp = from, to: Timestamp = to, gap: Int = 6, historyDays: Int = 60
  ) throws(MarketDataError) -> LoadedMarkets {
    try markets.load(
      venue: "binance", symbols: ["BTCUSDT"], from: from, to: to, historyDays: historyDays,
      maximumGapHours: gap)
  }

  /// The error of a load, with the folder cut out of its text; empty when there is none.
  func refusal(gap: Int = 6, from: Timestamp = from, to: Timestamp = to) -> String {
    do {
      _ = try load(from: from, to: to, gap: gap)
      return ""
    } catch {
      return error.description.replacing("\(folder)/", with: "")
    }
  }

  /// Hourly bars from the evening before to the evening after, but for the hours left out.
  static func bars(without hours: Set<Int> = []) -> String {
    (-2..<14).filter { !hours.contains($0) }
      .map { "\(from + .hours(Int64($0))),100.5,101,99.25,100.75,12.5\n" }.joined()
  }

  static func funding() -> String {
    """
    2023-12-31T08:00:00.000Z,0.0003,8,
    2023-12-31T16:00:00.012Z,-0.0001,8,
    2024-01-01T00:00:03.001Z,0.00012345,8,100.3
    2024-01-01T08:00:00.000Z,0.0002,8,
    2024-01-01T16:00:00.000Z,0.0002,8,

    """
  }

  static func moment(_ text: String) -> Timestamp {
    guard let moment = try? Timestamp(text) else { preconditionFailure("not a time: \(text)") }
    return moment
  }
}
