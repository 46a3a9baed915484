import Glibc
import Trading
import Wire

/// One connection of a client: bytes in, bytes out, nothing that blocks.
final class Connection {
  /// Most bytes that may wait for a client that does not read; then it is cut off.
  static let mostWaiting = 32 << 20
  /// Most bytes of one message of a client.
  static let longestMessage = 1 << 20

  let id: ConnectionID
  let port: Int
  let descriptor: Int32
  let acceptedAt: Timestamp
  private let session: TLSSession?

  /// Reads HTTP until the connection changes its protocol.
  var http = HTTPRequestReader()
  /// Set as soon as the connection is a WebSocket.
  var socket: WebSocketReader?
  /// The path that the WebSocket was opened at.
  var path = ""
  /// Whether a request waits for its answer; the next one is not looked at before.
  var isBusy = false
  /// Whether a request was read at all.
  var hasAsked = false
  /// Bytes came in that are no complete request or message yet.
  var isMidway = false
  /// Whether the request being answered lets the connection live on.
  var keepsAlive = true
  /// Closed as soon as everything is out.
  var isClosing = false
  /// Closed at once.
  var isBroken = false
  /// Says nothing until then, and hears nothing.
  var silentUntil: Timestamp?
  /// When bytes came in last.
  var heardAt: Timestamp
  /// When a pong is owed since; nil when none is.
  var owesPongSince: Timestamp?
  /// When it was last pinged for the venue's own sake.
  var pingedAt: Timestamp
  /// The newest round of pings that was answered.
  var answeredRound = 0
  /// The newest round of pings that was sent.
  var sentRound = 0

  private var outgoing: [UInt8] = []
  private var sent = 0

  init(
    _ id: ConnectionID, port: Int, descriptor: Int32, session: TLSSession?, at time: Timestamp
  ) {
    self.id = id
    self.port = port
    self.descriptor = descriptor
    self.session = session
    acceptedAt = time
    heardAt = time
    pingedAt = time
  }

  deinit {
    // The peer hears of it even where another process has come to hold the descriptor.
    shutdown(descriptor, Int32(SHUT_RDWR))
    Glibc.close(descriptor)
  }

  var isWebSocket: Bool { socket != nil }
  var hasOutgoing: Bool { sent < outgoing.count && silentUntil == nil }
  var hasPending: Bool { (session?.pending ?? 0) > 0 }

  /// Queues bytes; a client that leaves too many unread is cut off.
  func send(_ bytes: [UInt8]) {
    if isBroken || isClosing { return }
    if outgoing.count - sent + bytes.count > Self.mostWaiting {
      isBroken = true
      return
    }
    outgoing += bytes
  }

  /// Queues a frame.
  func send(_ opcode: WebSocketOpcode, _ payload: [UInt8]) {
    if isBroken || isClosing { return }
    if outgoing.count - sent + payload.count > Self.mostWaiting {
      isBroken = true
      return
    }
    WebSocketFrame.append(opcode, payload, mask: nil, into: &outgoing)
  }

  /// Writes what the system takes.
  func flush() {
    if silentUntil != nil { return }
    while sent < outgoing.count, !isBroken {
      let count = outgoing.withUnsafeBytes { bytes in
        write(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
      }
      guard let count else { break }
      if count < 0 { isBroken = true } else { sent += count }
    }
    if sent == outgoing.count {
      outgoing.removeAll(keepingCapacity: outgoing.capacity <= 1 << 20)
      sent = 0
      if isClosing { isBroken = true }
    } else if sent > 1 << 20 {
      outgoing.removeFirst(sent)
      sent = 0
    }
  }

  /// Reads what is there; nil when nothing is, 0 at the end, below zero after an error.
  func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
    if let session { return session.read(buffer) }
    let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EINTR ? nil : -1
  }

  private func write(_ buffer: UnsafeRawBufferPointer) -> Int? {
    if let session { return session.write(buffer) }
    let count = Glibc.send(
      descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
    if count >= 0 { return count }
    return errno == EAGAIN || errno == EINTR ? nil : -1
  }
}
