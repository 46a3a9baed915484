public import Trading
public import Wire

/// One WebSocket connection as a client: never blocks; for one thread.
///
/// Pongs wait until `flushPongs`, so that a venue which counts them knows that everything it sent
/// before its ping was not only read but acted on.
public final class WebSocketClient: PollSource {
  /// Where the connection is.
  public enum State: Hashable, Sendable {
    /// TCP, TLS or the handshake is under way.
    case connecting
    /// Messages go both ways.
    case open
    /// We said goodbye and wait for the peer's.
    case closing
    /// Gone, with the reason.
    case closed(String)
  }

  /// Bytes that may wait for a peer that does not read.
  private static let maximumUnsent = 1 << 20
  private static let maximumPongs = 64

  private let socket: StreamSocket
  private let handshake: [UInt8]
  private let key: String
  private var random = SystemRandom()
  private var head = HTTPResponseReader()
  private var isAsked = false
  private var isUpgraded = false
  private var reader: WebSocketReader
  private var pongs: [[UInt8]] = []

  /// Where it is.
  public private(set) var state = State.connecting

  /// Begins to connect.
  ///
  /// - Parameters:
  ///   - base: `ws://` or `wss://`, host and port, without a slash at the end.
  ///   - target: path and query.
  public init(base: String, target: String, options: TransportOptions = TransportOptions()) {
    let parts = Self.split(base)
    key = Base64.encode(random.bytes(16))
    handshake = WebSocketHandshake.request(host: parts.host, target: target, key: key).serialized()
    socket = StreamSocket(url: parts.url, options: options)
    reader = WebSocketReader(isServer: false, maximumMessage: options.maximumMessage)
  }

  /// Sends a text message.
  public func send(_ text: String) {
    guard state == .open else { return }
    post(.text, Array(text.utf8))
  }

  /// Asks the peer for a sign of life.
  public func ping() {
    guard state == .open else { return }
    post(.ping, [])
  }

  /// Answers the pings that were read.
  public func flushPongs() {
    guard state == .open else { return }
    for pong in pongs { post(.pong, pong) }
    pongs = []
  }

  /// Says goodbye; the connection ends when the peer has answered.
  public func close() {
    switch state {
    case .connecting: state = .closed("closed by us")
    case .open:
      post(.close, [0x03, 0xE8])
      if state == .open { state = .closing }
    case .closing, .closed: break
    }
  }

  /// Whether `receive` may have something to do.
  var hasWork: Bool { state != .open || socket.hasWork }

  /// Goes on with everything that does not have to wait, and hands over each message, ping and pong
  /// that has arrived whole.
  public func receive(_ body: (WebSocketOpcode, UnsafeRawBufferPointer) -> Void) {
    if case .closed = state { return }
    if state == .connecting && !isAsked {
      socket.connect()
      if socket.stage == .connected {
        isAsked = true
        socket.send(handshake)
      }
    }
    socket.flush()
    socket.receive { bytes in
      take(bytes, body)
      if case .closed = state { return false }
      return true
    }
    if case .failed(let reason) = socket.stage { end(reason) }
  }

  /// Adds the socket.
  public func describe(into list: inout PollList) {
    if case .closed = state { return }
    socket.describe(into: &list)
  }

  /// Hears whether the socket is ready.
  public func hear(_ list: PollList) { socket.hear(list) }

  /// When it has something to do by itself.
  public var nextDeadline: Timestamp? {
    if case .closed = state { return nil }
    return socket.nextDeadline
  }

  // MARK: Inside

  private func take(
    _ bytes: UnsafeRawBufferPointer, _ body: (WebSocketOpcode, UnsafeRawBufferPointer) -> Void
  ) {
    if isUpgraded {
      reader.feed(bytes)
    } else {
      head.feed(bytes)
      guard isAccepted() else { return }
      head.takeRemainder().withUnsafeBytes { reader.feed($0) }
    }
    readFrames(body)
  }

  private func readFrames(_ body: (WebSocketOpcode, UnsafeRawBufferPointer) -> Void) {
    do {
      while try reader.withNext({ handle($0, $1, body) }) != nil {
        if case .closed = state { return }
      }
    } catch {
      socket.send(WebSocketFrame.close(code: error.closeCode, mask: random.next32()))
      end("the peer broke the protocol: \(error)")
    }
  }

  private func handle(
    _ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer,
    _ body: (WebSocketOpcode, UnsafeRawBufferPointer) -> Void
  ) {
    switch opcode {
    case .close:
      // An endpoint answers a close with the same code.
      if state == .open { post(.close, Array(payload.prefix(2))) }
      end(Self.goodbye(payload))
    case .ping:
      pongs.append(Array(payload))
      if pongs.count > Self.maximumPongs { pongs.removeFirst() }
      body(opcode, payload)
    default:
      if state == .open { body(opcode, payload) }
    }
  }

  private func post(_ opcode: WebSocketOpcode, _ payload: [UInt8]) {
    socket.send(WebSocketFrame.encode(opcode, payload, mask: random.next32()))
    if socket.unsent > Self.maximumUnsent { end("the peer does not read") }
    if case .failed(let reason) = socket.stage { end(reason) }
  }

  private func end(_ reason: String) {
    if case .closed = state { return }
    state = .closed(reason)
  }

  /// Whether the answer to the handshake is there, and right.
  private func isAccepted() -> Bool {
    do {
      guard let response = try head.next() else { return false }
      guard WebSocketHandshake.isAccepted(response, key: key) else {
        end("the handshake was refused with status \(response.status)")
        return false
      }
    } catch {
      end("the answer to the handshake is not HTTP: \(error)")
      return false
    }
    isUpgraded = true
    state = .open
    return true
  }

  private static func goodbye(_ payload: UnsafeRawBufferPointer) -> String {
    guard payload.count >= 2 else { return "closed by the peer" }
    let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
    let reason = String(decoding: payload.dropFirst(2), as: UTF8.self)
    return reason.isEmpty
      ? "closed by the peer with \(code)" : "closed by the peer with \(code): \(reason)"
  }

  /// libcurl's spelling of the address, and the host with its port for the request.
  private static func split(_ base: String) -> (url: String, host: String) {
    for (scheme, spelling) in [("wss://", "https://"), ("ws://", "http://")]
    where base.hasPrefix(scheme) {
      let host = String(base.dropFirst(scheme.count))
      return (spelling + host, host)
    }
    // Refused by libcurl: no such protocol.
    return ("invalid://" + base, base)
  }
}
