import Trading
import Wire

/// What a market stream tells.
enum BinanceStreamKind: Hashable {
  case bookTicker
  case miniTicker
  case ticker
  /// Changes of the book.
  case depth
  /// The best levels of the book.
  case levels(Int)
  case trade
  case aggregateTrade
  case candle(String)
  case markPrice
  case forcedOrder
  case contractInfo

  /// Reads the part of a name behind the symbol; nil when there is no such stream.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard let head = parts.first else { return nil }
    let rest = parts.dropFirst()
    let isTimed =
      rest.isEmpty || (rest.count == 1 && ["100ms", "500ms", "1s"].contains(rest.first))
    guard isTimed else { return nil }
    switch head {
    case "bookTicker": self = .bookTicker
    case "miniTicker": self = .miniTicker
    case "ticker": self = .ticker
    case "depth": self = .depth
    case "depth5", "depth10", "depth20": self = .levels(Int(head.dropFirst(5)) ?? 5)
    case "trade": self = .trade
    case "aggTrade": self = .aggregateTrade
    case "markPrice": self = .markPrice
    case "forceOrder": self = .forcedOrder
    default:
      guard head.hasPrefix("kline_"), BinanceInterval(String(head.dropFirst(6))) != nil else {
        return nil
      }
      self = .candle(String(head.dropFirst(6)))
    }
  }

  /// Whether it is told every second and not when something changes.
  var isPeriodic: Bool {
    switch self {
    case .miniTicker, .ticker, .candle, .markPrice: true
    case .bookTicker, .depth, .levels, .trade, .aggregateTrade, .forcedOrder, .contractInfo: false
    }
  }
}

/// Where streams are asked for.
enum BinanceStreamGroup: String, Hashable {
  /// The spot stream host.
  case spot
  /// Futures: books.
  case `public`
  /// Futures: everything else of the market.
  case market
  /// Futures: the account.
  case `private`

  /// Whether streams of a kind come here; elsewhere they may be asked for and stay silent.
  func carries(_ kind: BinanceStreamKind) -> Bool {
    switch (self, kind) {
    case (.spot, .markPrice), (.spot, .forcedOrder), (.spot, .contractInfo), (.private, _): false
    case (.spot, _): true
    case (.public, .bookTicker), (.public, .depth), (.public, .levels): true
    case (.public, _): false
    case (.market, .bookTicker), (.market, .depth), (.market, .levels): false
    case (.market, _): true
    }
  }
}

/// A market stream by name: one instrument or all, and what is told.
struct BinanceStreamName: Hashable {
  /// As it was asked for.
  let text: String
  /// Nil for all instruments.
  let symbol: InstrumentIndex?
  let kind: BinanceStreamKind

  /// Reads a name such as `btcusdt@depth@100ms` or `!markPrice@arr@1s`.
  ///
  /// - Parameter find: the instrument of an upper-case name.
  /// - Throws: a name that is malformed.
  /// - Returns: nil for an instrument that is not listed, whose stream stays silent.
  static func parse(
    _ text: String, find: (String) -> InstrumentIndex?
  ) throws(BinanceError) -> BinanceStreamName? {
    if text.first == "!" {
      let kind: BinanceStreamKind? =
        switch text {
        case "!markPrice@arr", "!markPrice@arr@1s", "!markPrice@arr@3s": .markPrice
        case "!miniTicker@arr": .miniTicker
        case "!ticker@arr": .ticker
        case "!bookTicker": .bookTicker
        case "!forceOrder@arr": .forcedOrder
        case "!contractInfo": .contractInfo
        default: nil
        }
      guard let kind else { throw BinanceError(2, "Invalid request: invalid stream") }
      return Self(text: text, symbol: nil, kind: kind)
    }
    guard let mark = text.firstIndex(of: "@"), mark > text.startIndex,
      let kind = BinanceStreamKind(text[text.index(after: mark)...])
    else { throw BinanceError(2, "Invalid request: invalid stream") }
    let name = text[..<mark]
    // The venue knows only lower-case names here.
    guard name == name.lowercased(), let index = find(name.uppercased()) else { return nil }
    return Self(text: text, symbol: index, kind: kind)
  }
}

/// The length of a candle by the venue's name.
struct BinanceInterval: Hashable {
  let name: String
  let span: TimeSpan

  /// Nil for a name that is not among the venue's.
  init?(_ name: String) {
    let seconds: Int64? =
      switch name {
      case "1s": 1
      case "1m": 60
      case "3m": 180
      case "5m": 300
      case "15m": 900
      case "30m": 1800
      case "1h": 3600
      case "2h": 7200
      case "4h": 14_400
      case "6h": 21_600
      case "8h": 28_800
      case "12h": 43_200
      case "1d": 86_400
      case "3d": 259_200
      default: nil
      }
    guard let seconds else { return nil }
    self.name = name
    span = .seconds(seconds)
  }
}
