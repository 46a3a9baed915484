public import Trading
public import Wire

/// The USDⓈ-M futures port of this venue: REST of `/fapi`, and the streams `/public`, `/market` and
/// `/private`.
public final class BinanceFuturesFront: BinanceFront {
  /// `binance-futures`.
  public let name = "binance-futures"
  /// The venue behind it.
  public let venue: Venue
  /// Three minutes.
  public let pingInterval: TimeSpan? = .minutes(3)
  /// Ten minutes.
  public let pongTimeout = TimeSpan.minutes(10)

  let market = Market.perp
  let gate: BinanceGate<BinanceFuturesFront>
  let teller: BinanceMarketTeller
  /// Sockets of account events.
  var accounts = BinanceAccountSockets()
  /// Changes of collateral, oldest first.
  var marginChanges: [BinanceMarginChange] = []
  /// When all orders of an instrument are taken back, by its place.
  var countdowns: [Int: Timestamp] = [:]
  /// Whether several assets count as collateral; only kept, never computed with.
  var isMultiAssets = false
  /// Profit of closed positions, by place, from the ledger's entries before `realizedUntil`.
  var realized: [Int: Amount] = [:]
  var realizedUntil = 0
  /// Positions for which a margin call was sent.
  var called: Set<Int> = []

  /// Whether long and short stand beside each other.
  var isHedgeMode: Bool { venue.isHedgeMode }

  private static let groups: [BinanceStreamGroup] = [.public, .market, .private]

  /// Opens the port of a venue.
  public init(_ venue: Venue) {
    self.venue = venue
    gate = BinanceGate(
      BinanceFuturesPaths.market + BinanceFuturesPaths.orders + BinanceFuturesPaths.account
        + BinanceFuturesPaths.settings, limits: .futures, market: .perp, venue: venue)
    teller = BinanceMarketTeller(
      BinanceStreams(instruments: venue.listings.count, framesPerSecond: 10) { [unowned venue] in
        venue.listing(.perp, named: $0)?.index
      })
  }

  /// Answers a request.
  public func handle(_ request: HTTPRequest, on connection: ConnectionID) -> HTTPReply {
    gate.handle(request, for: self)
  }

  /// Opens streams behind a group; the form without one was retired.
  public func refusal(ofUpgrade request: HTTPRequest) -> HTTPResponse? {
    BinanceStreamAddress(request, groups: Self.groups) == nil ? HTTPResponse(status: 404) : nil
  }

  /// Takes a socket.
  public func opened(_ socket: ConnectionID, _ request: HTTPRequest, into sink: inout FrameSink) {
    guard let address = BinanceStreamAddress(request, groups: Self.groups) else { return }
    try? gate.limits.charge(5, at: venue.world.meterTime)
    if address.group == .private {
      accounts.open(socket, address, query: request.query)
    } else {
      teller.open(
        socket, group: address.group, isCombined: address.isCombined, names: address.names,
        at: venue)
    }
  }

  /// Answers a frame.
  public func received(_ text: [UInt8], on socket: ConnectionID, into sink: inout FrameSink) {
    if accounts.has(socket) {
      accounts.received(text, on: socket, into: &sink)
    } else {
      teller.received(text, on: socket, at: venue, into: &sink)
    }
  }

  /// Forgets a socket.
  public func closed(_ socket: ConnectionID) {
    accounts.close(socket)
    teller.streams.close(socket)
  }

  /// Tells prices and account events.
  public func publish(_ events: [WorldEvent], into sink: inout FrameSink) {
    teller.publish(events, of: self, into: &sink)
    if accounts.isEmpty { return }
    for event in accountEvents(events) {
      accounts.tell(event, of: venue, into: &sink)
    }
  }

  /// Tells what is told every second, and calls for margin.
  public func tick(into sink: inout FrameSink) {
    venue.expireListenKeys()
    teller.tick(of: self, into: &sink)
    if accounts.isEmpty { return }
    for event in marginCalls() { accounts.tell(event, of: venue, into: &sink) }
  }

  /// The venue's words for a fault.
  public func response(to fault: Fault, _ request: HTTPRequest) -> HTTPResponse? {
    BinanceFaultWords.response(to: fault, isSpot: false)
  }

  /// Counts a request that a fault answers.
  public func count(_ request: HTTPRequest, on connection: ConnectionID) { gate.count(request) }
}

/// A change of collateral that was asked for.
struct BinanceMarginChange {
  let instrument: InstrumentIndex
  let amount: Notional
  let isAddition: Bool
  let at: Timestamp
}
