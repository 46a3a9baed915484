import Glibc
import Testing
import Wire

@testable import SimulatedVenue

/// A client in the thread of the server: whenever it waits, the server works.
final class Client {
  private let descriptor: Int32
  private let server: VenueServer
  private var http = HTTPResponseReader()
  private var socket: WebSocketReader?
  /// Whether pings are answered as they come.
  var answersPings = true
  /// Pings that came in and were not answered.
  var pings: [[UInt8]] = []
  /// The server closed the connection.
  private(set) var isClosed = false
  private(set) var bytesRead = 0

  init(_ server: VenueServer, port: UInt16) throws {
    self.server = server
    descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(result == 0)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { Glibc.close(descriptor) }

  func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno == EAGAIN {
        server.turn(milliseconds: 0)
      } else {
        return
      }
    }
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  func say(_ text: String) { send(WebSocketFrame.encode(.text, text, mask: 0x1234_5678)) }

  func pong(_ payload: [UInt8]) {
    send(WebSocketFrame.encode(.pong, payload, mask: 0x1234_5678))
  }

  /// Asks and waits for the answer; nil when the connection was closed instead.
  func ask(_ request: HTTPRequest, turns: Int = 400) throws -> HTTPResponse? {
    send(request.serialized())
    return try answer(turns: turns)
  }

  func answer(turns: Int = 400) throws -> HTTPResponse? {
    for _ in 0..<turns {
      if let response = try http.next() { return response }
      if isClosed { return nil }
      server.turn(milliseconds: 1)
      read()
    }
    return nil
  }

  /// Opens a WebSocket.
  func upgrade(_ path: String) throws -> Int? {
    let request = WebSocketHandshake.request(
      host: "127.0.0.1", target: path, key: "dGhlIHNhbXBsZSBub25jZQ==")
    let response = try ask(request)
    if response?.status == 101 {
      var reader = WebSocketReader(isServer: false, maximumMessage: 1 << 24)
      http.takeRemainder().withUnsafeBytes { reader.feed($0) }
      socket = reader
    }
    return response?.status
  }

  /// The next text; nil when none came.
  func hear(turns: Int = 200) throws -> String? {
    for _ in 0..<turns {
      while let message = try socket?.next() {
        switch message {
        case .text(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .ping(let bytes): if answersPings { pong(bytes) } else { pings.append(bytes) }
        default: break
        }
      }
      if isClosed { return nil }
      server.turn(milliseconds: 1)
      read()
    }
    return nil
  }

  /// Takes in what is there.
  func read() {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0 {
        if errno != EAGAIN { isClosed = true }
        return
      }
      if count == 0 {
        isClosed = true
        return
      }
      bytesRead += count
      buffer.withUnsafeBytes {
        let bytes = UnsafeRawBufferPointer(rebasing: $0[..<count])
        if socket == nil { http.feed(bytes) } else { socket?.feed(bytes) }
      }
    }
  }
}
