import Glibc
import Wire

/// The peer's end of one connection; never waits.
final class PeerConnection {
  private let descriptor: Int32
  private var requests = HTTPRequestReader(maximumHead: 64 << 10)
  private var frames: WebSocketReader?
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)
  /// Path and query of the WebSocket; nil while it is plain HTTP.
  private(set) var target: String?
  private(set) var isClosed = false

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { close(descriptor) }

  /// Takes what has arrived.
  ///
  /// - Returns: whether something had.
  func receive() -> Bool {
    let count = recv(descriptor, &buffer, buffer.count, 0)
    if count > 0 {
      buffer.withUnsafeBytes { bytes in
        let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        if frames == nil { requests.feed(bytes) } else { frames?.feed(bytes) }
      }
      return true
    }
    if count == 0 || errno != EAGAIN { isClosed = true }
    return false
  }

  /// Answers everything that has arrived.
  func answer(_ desk: PeerDesk) {
    do {
      while target == nil, let request = try requests.next() {
        if let response = WebSocketHandshake.response(to: request) {
          target = request.target
          frames = WebSocketReader(isServer: true, maximumMessage: 1 << 20)
          send(response.serialized(keepAlive: true))
          let rest = requests.takeRemainder()
          rest.withUnsafeBytes { frames?.feed($0) }
        } else {
          send(desk.answer(request).serialized(keepAlive: true))
        }
      }
      while let message = try frames?.next() { answer(message) }
    } catch {
      isClosed = true
    }
  }

  private func answer(_ message: WebSocketMessage) {
    switch message {
    case .text:
      // A subscription.
      let isAccount = target?.hasPrefix("/ws-api") == true
      let text =
        isAccount
        ? #"{"id":"1","status":200,"result":{"subscriptionId":0}}"# : #"{"result":null,"id":1}"#
      send(WebSocketFrame.encode(.text, text, mask: nil))
    case .ping(let bytes): send(WebSocketFrame.encode(.pong, bytes, mask: nil))
    case .close:
      send(WebSocketFrame.close(code: 1000, mask: nil))
      isClosed = true
    case .binary, .pong: break
    }
  }

  /// Sends all of it, however long that takes.
  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count, !isClosed {
      let count = bytes.withUnsafeBytes {
        // SIGPIPE is ignored.
        Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, 0)
      }
      if count > 0 {
        sent += count
      } else if errno != EAGAIN {
        isClosed = true
      }
    }
  }
}
