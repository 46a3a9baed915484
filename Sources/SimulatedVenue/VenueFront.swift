public import Trading
public import Wire

/// A TCP connection of a client, whether it speaks HTTP or WebSocket; never used twice.
public struct ConnectionID: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Counts up from 1.
  public let number: Int
  /// Wraps a number.
  public init(_ number: Int) { self.number = number }
  /// The number in decimal digits.
  public var description: String { String(number) }
  /// By number, hence in the order of arrival.
  public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// What one listening port speaks: the translation between a venue's own protocol and a `Venue`.
///
/// There is one front per port, such as Binance spot, Binance USDⓈ-M and Bybit. All calls come from
/// one thread. A front reads the clock from its venue, never from the machine. What happens at the
/// venue because of a request (or by itself) comes back through `publish`, always after the answer
/// to that request was queued.
public protocol VenueFront: AnyObject {
  /// Names the port: `binance-spot`, `binance-futures`, `bybit`.
  var name: String { get }

  /// The venue behind it.
  var venue: Venue { get }

  /// Answers a request. Malformed, unsigned and unknown ones are answered too.
  func handle(_ request: HTTPRequest, on connection: ConnectionID) -> HTTPReply

  /// Decides whether a WebSocket may be opened at this path.
  ///
  /// - Returns: nil to open it, else the refusal.
  func refusal(ofUpgrade request: HTTPRequest) -> HTTPResponse?

  /// A WebSocket was opened.
  func opened(_ socket: ConnectionID, _ request: HTTPRequest, into sink: inout FrameSink)

  /// A text frame came in.
  func received(_ text: [UInt8], on socket: ConnectionID, into sink: inout FrameSink)

  /// A WebSocket is gone, whoever closed it.
  func closed(_ socket: ConnectionID)

  /// Tells the sockets what happened at the venue since the last call, in that order.
  func publish(_ events: [WorldEvent], into sink: inout FrameSink)

  /// Called a few times per second for what is due by the clock and not by an event: periodic mark
  /// prices, repeated snapshots, expiry of logins.
  func tick(into sink: inout FrameSink)

  /// The venue's words for a fault that the framework carries out, such as a status 429; nil for
  /// the framework's plain ones.
  func response(to fault: Fault, _ request: HTTPRequest) -> HTTPResponse?

  /// What weighs on the address and the account must count against a request that a fault answers.
  func count(_ request: HTTPRequest, on connection: ConnectionID)

  /// How often the server pings its sockets, in real time; nil for never.
  var pingInterval: TimeSpan? { get }

  /// How long a socket may owe a pong, in real time; then it is closed.
  var pongTimeout: TimeSpan { get }
}

extension VenueFront {
  /// Nothing is due by the clock.
  public func tick(into sink: inout FrameSink) {}
  /// The framework's plain words.
  public func response(to fault: Fault, _ request: HTTPRequest) -> HTTPResponse? { nil }
  /// Nothing is counted.
  public func count(_ request: HTTPRequest, on connection: ConnectionID) {}
  /// Never.
  public var pingInterval: TimeSpan? { nil }
  /// A minute.
  public var pongTimeout: TimeSpan { .minutes(1) }
}

/// An answer to a request.
public enum HTTPReply: Hashable, Sendable {
  /// At once; the connection stays open as the client asked.
  case now(HTTPResponse)
  /// So much of the venue's time later.
  case later(HTTPResponse, TimeSpan)
  /// No answer: the connection is closed.
  case close

  /// JSON at once.
  public static func json(
    _ body: JSON, status: Int = 200, headers: [HTTPHeader] = []
  ) -> HTTPReply {
    .now(
      HTTPResponse(
        status: status,
        headers: [HTTPHeader("Content-Type", "application/json;charset=UTF-8")] + headers,
        body: body.bytes))
  }
}

/// Collects what goes out to WebSockets, in order.
public struct FrameSink {
  /// One thing to be sent.
  public enum Item {
    /// A text frame.
    case text([UInt8])
    /// The closing handshake, after everything before it.
    case close(code: UInt16, reason: String)
  }

  /// What was collected; `isPrivate` marks account events, which faults may lose, double or reorder.
  public private(set) var items: [(socket: ConnectionID, item: Item, isPrivate: Bool)] = []

  /// Makes an empty one.
  public init() {}

  /// Sends text.
  public mutating func send(
    _ text: String, to socket: ConnectionID, isPrivate: Bool = false
  ) {
    items.append((socket, .text(Array(text.utf8)), isPrivate))
  }

  /// Sends text that is bytes already: the cheap way to tell many sockets the same.
  public mutating func send(
    _ bytes: [UInt8], to socket: ConnectionID, isPrivate: Bool = false
  ) {
    items.append((socket, .text(bytes), isPrivate))
  }

  /// Sends JSON.
  public mutating func send(
    _ json: JSON, to socket: ConnectionID, isPrivate: Bool = false
  ) {
    items.append((socket, .text(json.bytes), isPrivate))
  }

  /// Closes a socket.
  public mutating func close(
    _ socket: ConnectionID, code: UInt16 = 1000, reason: String = ""
  ) {
    items.append((socket, .close(code: code, reason: reason), false))
  }

  /// Forgets everything and keeps the space.
  mutating func removeAll() { items.removeAll(keepingCapacity: true) }
}
