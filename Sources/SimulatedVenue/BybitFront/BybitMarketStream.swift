import FixedPoint
import Trading
import Wire

/// The book of one topic as its subscribers know it.
struct BybitBookStream {
  /// Best first: price and size as texts.
  private(set) var bids: [[String]] = []
  private(set) var asks: [[String]] = []
  /// Counts the topic's updates; 1 says that the service started anew.
  private(set) var update: Int64

  init(after update: Int64) { self.update = update }

  /// Takes a new state.
  ///
  /// - Returns: what changed; the best levels again where nothing did.
  mutating func replace(
    bids newBids: [[String]], asks newAsks: [[String]]
  ) -> (bids: [[String]], asks: [[String]]) {
    var changes = (bids: Self.changes(bids, newBids), asks: Self.changes(asks, newAsks))
    if changes.bids.isEmpty, changes.asks.isEmpty {
      changes = (Array(newBids.prefix(1)), Array(newAsks.prefix(1)))
    }
    bids = newBids
    asks = newAsks
    update += 1
    return changes
  }

  /// Levels that are gone, with size "0", and those that are new or different.
  private static func changes(_ old: [[String]], _ new: [[String]]) -> [[String]] {
    var sizes: [String: String] = [:]
    for level in new { sizes[level[0]] = level[1] }
    let gone = old.filter { sizes[$0[0]] == nil }.map { [$0[0], "0"] }
    var former: [String: String] = [:]
    for level in old { former[level[0]] = level[1] }
    return gone + new.filter { former[$0[0]] != $0[1] }
  }
}

/// A ticker as its subscribers know it: values by key.
struct BybitTickerStream {
  private var values: [String: JSON] = [:]

  /// Takes a new state.
  ///
  /// - Returns: the members that changed.
  mutating func replace(_ row: [JSONMember]) -> [JSONMember] {
    let changed = row.filter { values[$0.name] != $0.value }
    for member in changed { values[member.name] = member.value }
    return changed
  }
}

extension BybitFront {
  private static let intervals = [
    "1", "3", "5", "15", "30", "60", "120", "240", "360", "720", "D", "W",
  ]

  /// Tells subscribers of an instrument's new or confirmed prices.
  func publishMarket(_ listing: ListedInstrument, into sink: inout FrameSink) {
    for depth in ["1", "50", "200", "1000"] {
      publishBook("orderbook.\(depth).\(listing.name)", listing, into: &sink)
    }
    publishTicker("tickers.\(listing.name)", listing, into: &sink)
    publishLastPrice("publicTrade.\(listing.name)", listing, into: &sink)
    for interval in Self.intervals {
      publishCandle("kline.\(interval).\(listing.name)", interval, listing, into: &sink)
    }
    let topic = "priceLimit.\(listing.name)"
    send(priceLimitMessage(topic, listing), to: subscribers(topic, listing), into: &sink)
  }

  /// What a new subscriber hears at once.
  func sendSnapshot(
    of topic: String, _ category: BybitCategory, to id: ConnectionID, into sink: inout FrameSink
  ) {
    let parts = topic.split(separator: ".").map(String.init)
    guard let name = parts.last, let listing = venue.listing(category.market, named: name) else {
      return
    }
    switch parts[0] {
    case "orderbook":
      let key = "\(category.rawValue) \(topic)"
      if subscribers(topic, listing).count == 1 || books[key] == nil {
        guard let levels = bookLevels(listing, depth: Int(parts[1]) ?? 1) else { return }
        _ = books[key, default: BybitBookStream(after: firstUpdate)].replace(
          bids: levels.bids, asks: levels.asks)
      }
      guard let book = books[key] else { return }
      sink.send(bookMessage(topic, listing, "snapshot", book, (book.bids, book.asks)), to: id)
    case "tickers":
      guard let row = tickerRow(listing, isStream: true) else { return }
      if subscribers(topic, listing).count == 1 {
        _ = tickers["\(category.rawValue) \(topic)", default: BybitTickerStream()].replace(row)
      }
      sink.send(tickerMessage(topic, "snapshot", row, listing), to: id)
    case "kline":
      if let message = candleMessage(topic, parts[1], listing) { sink.send(message, to: id) }
    default: break
    }
  }

  /// The service begins its books anew: every subscriber gets a snapshot with `u` 1.
  func restartBooks(into sink: inout FrameSink) {
    books.removeAll()
    firstUpdate = 0
    for id in sockets.keys.sorted() {
      guard let socket = sockets[id], case .market(let category) = socket.kind else { continue }
      for topic in socket.topics where topic.hasPrefix("orderbook.") {
        sendSnapshot(of: topic, category, to: id, into: &sink)
      }
    }
  }

  /// Who subscribed to a topic of an instrument's category, in order of arrival.
  func subscribers(_ topic: String, _ listing: ListedInstrument) -> [ConnectionID] {
    let kind = BybitSocket.Kind.market(listing.category)
    return sockets.filter { $0.value.kind == kind && $0.value.topics.contains(topic) }.keys.sorted()
  }

  func send(
    _ message: @autoclosure () -> JSON, to ids: [ConnectionID], into sink: inout FrameSink
  ) {
    if ids.isEmpty { return }
    let bytes = message().bytes
    for id in ids { sink.send(bytes, to: id) }
  }

  private func publishBook(
    _ topic: String, _ listing: ListedInstrument, into sink: inout FrameSink
  ) {
    let ids = subscribers(topic, listing)
    let key = "\(listing.category.rawValue) \(topic)"
    if ids.isEmpty { return }
    let depth = Int(topic.split(separator: ".")[1]) ?? 1
    guard let levels = bookLevels(listing, depth: depth) else { return }
    let isNew = books[key] == nil
    let changes = books[key, default: BybitBookStream(after: firstUpdate)]
      .replace(bids: levels.bids, asks: levels.asks)
    guard let book = books[key] else { return }
    let isWhole = depth == 1 || isNew
    send(
      bookMessage(
        topic, listing, isWhole ? "snapshot" : "delta", book,
        isWhole ? (book.bids, book.asks) : changes),
      to: ids, into: &sink)
  }

  private func bookLevels(
    _ listing: ListedInstrument, depth: Int
  ) -> (bids: [[String]], asks: [[String]])? {
    guard let book = venue.book(listing.index, depth: min(depth, 50)) else { return nil }
    func texts(_ levels: [BookLevel]) -> [[String]] {
      levels.map { [listing.text($0.price), listing.text($0.quantity)] }
    }
    return (texts(book.bids), texts(book.asks))
  }

  private func bookMessage(
    _ topic: String, _ listing: ListedInstrument, _ type: String, _ book: BybitBookStream,
    _ levels: (bids: [[String]], asks: [[String]])
  ) -> JSON {
    func list(_ levels: [[String]]) -> JSON {
      .array(levels.map { .array($0.map(JSON.string)) })
    }
    return [
      "topic": .string(topic), "type": .string(type), "ts": .milliseconds(venue.clock),
      "data": [
        "s": .string(listing.name), "b": list(levels.bids), "a": list(levels.asks),
        "u": .number(String(book.update)),
        "seq": .number(String(venue.updateIDs(listing.index).current)),
      ],
      "cts": .milliseconds(venue.clock),
    ]
  }

  private func publishTicker(
    _ topic: String, _ listing: ListedInstrument, into sink: inout FrameSink
  ) {
    let ids = subscribers(topic, listing)
    guard !ids.isEmpty, let row = tickerRow(listing, isStream: true) else { return }
    let key = "\(listing.category.rawValue) \(topic)"
    var changed = tickers[key, default: BybitTickerStream()].replace(row)
    if !listing.isPerp {
      return send(tickerMessage(topic, "snapshot", row, listing), to: ids, into: &sink)
    }
    let best = ["bid1Price", "bid1Size", "ask1Price", "ask1Size"]
    if changed.isEmpty { changed = row.filter { best.contains($0.name) } }
    let delta = [JSONMember("symbol", listing.name)] + changed.filter { $0.name != "symbol" }
    send(tickerMessage(topic, "delta", delta, listing), to: ids, into: &sink)
  }

  private func tickerMessage(
    _ topic: String, _ type: String, _ row: [JSONMember], _ listing: ListedInstrument
  ) -> JSON {
    [
      "topic": .string(topic), "type": .string(type), "data": .object(row),
      "cs": .number(String(venue.updateIDs(listing.index).current)),
      "ts": .milliseconds(venue.clock),
    ]
  }
}
