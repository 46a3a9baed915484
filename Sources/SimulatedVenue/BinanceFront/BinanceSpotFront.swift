public import Trading
public import Wire

/// The spot port of this venue: REST of `/api/v3` and `/sapi`, market streams, and requests and
/// account events over `/ws-api/v3`.
public final class BinanceSpotFront: BinanceFront {
  /// `binance-spot`.
  public let name = "binance-spot"
  /// The venue behind it.
  public let venue: Venue
  /// Twenty seconds.
  public let pingInterval: TimeSpan? = .seconds(20)
  /// A minute.
  public let pongTimeout = TimeSpan.minutes(1)

  let market = Market.spot
  let gate: BinanceGate<BinanceSpotFront>
  let walletGate: BinanceGate<BinanceSpotFront>
  let teller: BinanceMarketTeller
  /// Sockets for requests.
  var sessions: [ConnectionID: Session] = [:]
  /// The ids under which orders were cancelled.
  var cancelIDs: [Int64: String] = [:]
  /// Whether the account wants to pay fees in BNB.
  var isBurning = false

  /// Opens the port of a venue.
  public init(_ venue: Venue) {
    self.venue = venue
    isBurning = venue.plan.rules.tokenFee?.spotDiscount != nil
    gate = BinanceGate(
      BinanceSpotPaths.market + BinanceSpotPaths.orders, limits: .spot, market: .spot,
      venue: venue)
    walletGate = BinanceGate(
      BinanceWalletPaths.all, limits: .wallet, market: .spot, venue: venue)
    teller = BinanceMarketTeller(
      BinanceStreams(instruments: venue.listings.count, framesPerSecond: 5) { [unowned venue] in
        venue.listing(.spot, named: $0)?.index
      })
  }

  /// Answers a request of either interface.
  public func handle(_ request: HTTPRequest, on connection: ConnectionID) -> HTTPReply {
    request.path.hasPrefix("/sapi/")
      ? walletGate.handle(request, for: self) : gate.handle(request, for: self)
  }

  /// Opens `/ws`, `/stream` and `/ws-api/v3`.
  public func refusal(ofUpgrade request: HTTPRequest) -> HTTPResponse? {
    let isKnown =
      request.path == "/ws-api/v3" || BinanceStreamAddress(request, groups: [.spot]) != nil
    return isKnown ? nil : HTTPResponse(status: 404)
  }

  /// Takes a socket.
  public func opened(_ socket: ConnectionID, _ request: HTTPRequest, into sink: inout FrameSink) {
    if request.path == "/ws-api/v3" {
      sessions[socket] = Session()
      try? gate.limits.charge(2, at: venue.world.meterTime)
    } else if let address = BinanceStreamAddress(request, groups: [.spot]) {
      teller.open(
        socket, group: .spot, isCombined: address.isCombined, names: address.names, at: venue)
    }
  }

  /// Answers a frame.
  public func received(_ text: [UInt8], on socket: ConnectionID, into sink: inout FrameSink) {
    if sessions[socket] != nil {
      answer(text, on: socket, into: &sink)
    } else {
      teller.received(text, on: socket, at: venue, into: &sink)
    }
  }

  /// Forgets a socket.
  public func closed(_ socket: ConnectionID) {
    sessions[socket] = nil
    teller.streams.close(socket)
  }

  /// Tells prices and account events.
  public func publish(_ events: [WorldEvent], into sink: inout FrameSink) {
    teller.publish(events, of: self, into: &sink)
    tellAccount(events, into: &sink)
  }

  /// Tells what is told every second.
  public func tick(into sink: inout FrameSink) { teller.tick(of: self, into: &sink) }

  /// The venue's words for a fault.
  public func response(to fault: Fault, _ request: HTTPRequest) -> HTTPResponse? {
    BinanceFaultWords.response(to: fault, isSpot: true)
  }

  /// Counts a request that a fault answers.
  public func count(_ request: HTTPRequest, on connection: ConnectionID) {
    if request.path.hasPrefix("/sapi/") { walletGate.count(request) } else { gate.count(request) }
  }
}

/// The address of a market stream socket.
struct BinanceStreamAddress {
  let group: BinanceStreamGroup
  let isCombined: Bool
  let names: [String]

  /// Reads `/ws`, `/ws/<name>`, `/stream?streams=<name>/<name>`, behind `/<group>` on futures; a
  /// number in place of a name is only a number.
  ///
  /// - Returns: nil for any other path.
  init?(_ request: HTTPRequest, groups: [BinanceStreamGroup]) {
    var parts = request.path.split(separator: "/").map(String.init)
    if groups == [.spot] {
      group = .spot
    } else {
      guard let first = parts.first, let found = groups.first(where: { $0.rawValue == first })
      else { return nil }
      group = found
      parts.removeFirst()
    }
    guard let kind = parts.first, kind == "ws" || kind == "stream" else { return nil }
    isCombined = kind == "stream"
    var names = parts.dropFirst().filter { Int($0) == nil }
    for pair in FormText.split(request.query) ?? [] where pair.name == "streams" {
      names += pair.value.split(separator: "/").map(String.init)
    }
    self.names = names
  }
}
