import Trading
import Wire

/// Tells the listeners of market streams what happened and what is due.
final class BinanceMarketTeller {
  /// Who listens.
  var streams: BinanceStreams
  private var books = BinanceBooks()
  private var nextTick = Timestamp.distantPast

  init(_ streams: BinanceStreams) { self.streams = streams }

  /// Takes a socket.
  func open(
    _ socket: ConnectionID, group: BinanceStreamGroup, isCombined: Bool, names: [String],
    at venue: Venue
  ) {
    streams.open(socket, group: group, isCombined: isCombined, names: names)
    begin(at: venue)
  }

  /// Answers a frame.
  func received(
    _ text: [UInt8], on socket: ConnectionID, at venue: Venue, into sink: inout FrameSink
  ) {
    streams.received(text, on: socket, at: venue.world.meterTime, into: &sink)
    begin(at: venue)
  }

  /// Tells new books, each instrument once.
  func publish(_ events: [WorldEvent], of front: some BinanceFront, into sink: inout FrameSink) {
    if streams.places.isEmpty, streams.overall.isEmpty { return }
    var told = Set<Int>()
    for event in events {
      switch event.change {
      case .quote(let index):
        if told.insert(index.position).inserted { tellBook(index, front, into: &sink) }
      case .funding(let index): tell(index, front, into: &sink) { $0 == .markPrice }
      case .terms(let index): tellTerms(index, front, into: &sink)
      case .order(let order, .traded) where order.origin == .liquidation:
        tellForced(order, front, into: &sink)
      default: break
      }
    }
  }

  /// Tells what is told every second of the venue's clock.
  func tick(of front: some BinanceFront, into sink: inout FrameSink) {
    let now = front.venue.clock
    guard now >= nextTick else { return }
    nextTick = now.floored(to: .seconds(1)) + .seconds(1)
    for place in streams.places {
      tell(InstrumentIndex(place), front, into: &sink) { $0.isPeriodic }
    }
    for channel in streams.overall where channel.name.kind.isPeriodic {
      let rows = front.symbols.compactMap { front.payload(channel.name.kind, $0) }
      channel.send(.array(rows), into: &sink)
    }
  }

  private func begin(at venue: Venue) {
    for place in streams.places {
      let index = InstrumentIndex(place)
      if streams.channels(of: index).contains(where: { $0.name.kind == .depth }) {
        books.begin(index, at: venue)
      }
    }
  }

  private func tellBook(
    _ index: InstrumentIndex, _ front: some BinanceFront, into sink: inout FrameSink
  ) {
    let symbol = front.symbol(at: index)
    guard symbol.instrument.id.market == front.market else { return }
    for channel in streams.overall where channel.name.kind == .bookTicker {
      if let payload = front.payload(.bookTicker, symbol) { channel.send(payload, into: &sink) }
    }
    let channels = streams.channels(of: index)
    if channels.isEmpty { return }
    let isWanted = channels.contains { $0.name.kind == .depth }
    let change = isWanted ? books.change(of: index, at: front.venue) : nil
    for channel in channels where !channel.name.kind.isPeriodic {
      if let payload = front.payload(channel.name.kind, symbol, change: change) {
        channel.send(payload, into: &sink)
      }
    }
  }

  private func tell(
    _ index: InstrumentIndex, _ front: some BinanceFront, into sink: inout FrameSink,
    _ isChosen: (BinanceStreamKind) -> Bool
  ) {
    let channels = streams.channels(of: index).filter { isChosen($0.name.kind) }
    if channels.isEmpty { return }
    let symbol = front.symbol(at: index)
    for channel in channels {
      if let payload = front.payload(channel.name.kind, symbol) {
        channel.send(payload, into: &sink)
      }
    }
  }

  private func tellTerms(
    _ index: InstrumentIndex, _ front: some BinanceFront, into sink: inout FrameSink
  ) {
    let symbol = front.symbol(at: index)
    guard symbol.isPerp, front.market == .perp else { return }
    let row = symbol.futuresJSON
    let brackets = symbol.brackets.map { bracket -> JSON in
      [
        "bs": .whole(bracket.number), "bnf": .number(bracket.floor.description),
        "bnc": .number(bracket.cap.description), "mmr": .number(bracket.rate.description),
        "cf": .number(bracket.deduction.description), "mi": 1,
        "ma": .number(bracket.leverage.description),
      ]
    }
    let payload: JSON = [
      "e": "contractInfo", "E": .millis(front.venue.clock), "s": symbol.nameJSON,
      "ps": symbol.nameJSON, "ct": "PERPETUAL", "dt": row["deliveryDate"] ?? .null,
      "ot": row["onboardDate"] ?? .null, "cs": row["status"] ?? .null,
      "bks": .array(brackets), "st": 1,
    ]
    for channel in streams.overall where channel.name.kind == .contractInfo {
      channel.send(payload, into: &sink)
    }
  }

  private func tellForced(
    _ order: WorldOrder, _ front: some BinanceFront, into sink: inout FrameSink
  ) {
    let symbol = front.symbol(at: order.request.instrument)
    guard front.market == .perp else { return }
    let payload: JSON = [
      "e": "forceOrder", "E": .millis(front.venue.clock),
      "o": [
        "s": symbol.nameJSON, "S": order.binanceSide, "o": "LIMIT", "f": "IOC",
        "q": symbol.quantity(order.quantity), "p": symbol.price(order.averagePrice),
        "ap": symbol.price(order.averagePrice), "X": order.binanceStatus,
        "l": symbol.quantity(order.executed), "z": symbol.quantity(order.executed),
        "T": .millis(front.venue.clock),
      ], "st": 1,
    ]
    let own = streams.channels(of: order.request.instrument)
    for channel in own + streams.overall where channel.name.kind == .forcedOrder {
      channel.send(payload, into: &sink)
    }
  }
}
