import Glibc
import Trading

/// Where the files of one symbol are.
struct MarketFolder {
  let folder: String
  let venue: VenueID
  let symbol: Symbol
  let interval: TimeSpan
  private let intervalName: String

  /// Checks the names before any path is built from them.
  init(
    folder: String, venue: VenueID, symbol: Symbol, interval: String
  ) throws(MarketDataError) {
    try Self.check(venue)
    // A slash is fit for a symbol but not for a file name.
    guard symbol.isWellFormed, !symbol.rawValue.contains("/") else {
      let text = symbol.rawValue.prefix(40).filter { $0.isASCII && !$0.isNewline }
      throw MarketDataError(
        .badRequest, "\"\(text)\" is not a symbol",
        remedy: "give the name of a recorded file, such as BTCUSDT")
    }
    self.folder = folder
    self.venue = venue
    self.symbol = symbol
    self.interval = try Self.span(interval)
    intervalName = interval
  }

  func bars(_ market: Market) throws(MarketDataError) -> String {
    try existing("\(folder)/klines/\(venue)/\(market.rawValue)/\(symbol)-\(intervalName).csv")
  }

  func mark() -> String? {
    Self.existing("\(folder)/klines/\(venue)/mark/\(symbol)-\(intervalName).csv")
  }

  func funding() throws(MarketDataError) -> String {
    try existing("\(folder)/funding/\(venue)/\(symbol).csv")
  }

  private func existing(_ path: String) throws(MarketDataError) -> String {
    if let path = Self.existing(path) { return path }
    throw MarketDataError(
      .missing, "there is no file \"\(path)\", compressed or not",
      remedy: "check the folder, the venue and the symbol, or import the history")
  }

  private static func existing(_ path: String) -> String? {
    [path, path + ".gz"].first { access($0, F_OK) == 0 }
  }

  /// The symbols with files for both legs and funding, sorted.
  static func symbols(
    folder: String, venue: VenueID, interval: String
  ) throws(MarketDataError) -> [Symbol] {
    try check(venue)
    _ = try span(interval)
    let spot = try names("\(folder)/klines/\(venue)/spot", suffix: "-\(interval)")
    let perp = try names("\(folder)/klines/\(venue)/perp", suffix: "-\(interval)")
    let funding = try names("\(folder)/funding/\(venue)", suffix: "")
    return spot.intersection(perp).intersection(funding).map { Symbol(rawValue: $0) }
      .filter(\.isWellFormed).sorted()
  }

  /// What stands before a suffix in the names of a folder's CSV files.
  private static func names(
    _ path: String, suffix: String
  ) throws(MarketDataError) -> Set<String> {
    guard let directory = opendir(path) else {
      throw MarketDataError(
        .missing, "there is no readable folder \"\(path)\"",
        remedy: "check the folder and the venue")
    }
    defer { closedir(directory) }
    var names: Set<String> = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      for ending in ["\(suffix).csv", "\(suffix).csv.gz"] where name.hasSuffix(ending) {
        names.insert(String(name.dropLast(ending.count)))
      }
    }
    return names
  }

  private static func check(_ venue: VenueID) throws(MarketDataError) {
    let name = venue.rawValue
    let isWellFormed =
      (1...20).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
    guard isWellFormed else {
      let text = name.prefix(40).filter { $0.isASCII && !$0.isNewline }
      throw MarketDataError(
        .badRequest, "\"\(text)\" is not a venue", remedy: "give its name, such as binance")
    }
  }

  /// The length of `5m`, `1h` or `1d`, at most a day.
  private static func span(_ text: String) throws(MarketDataError) -> TimeSpan {
    let units: [Character: TimeSpan] = ["m": .minutes(1), "h": .hours(1), "d": .days(1)]
    guard let unit = text.last.flatMap({ units[$0] }), text.utf8.count <= 4,
      let count = UInt16(text.dropLast()), count > 0, "\(count)" == text.dropLast(),
      case let span = unit.times(Int64(count)), span <= .days(1)
    else {
      throw MarketDataError(
        .badRequest, "\"\(text.prefix(20))\" is not an interval", remedy: "give 5m, 1h or 1d")
    }
    return span
  }
}
