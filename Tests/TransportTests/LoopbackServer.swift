import Foundation
import Glibc
import Synchronization
import Wire

/// A server on a port of its own that does to each connection what a test says; hostile or not.
final class LoopbackServer: Sendable {
  let port: Int
  private let listener: Int32
  /// Requests and connections so far, counted by the handlers.
  let arrivals = Mutex<[String]>([])
  let connections = Atomic<Int>(0)

  /// Each connection is handled on a thread of its own and closed when the handler returns.
  init(_ handler: @escaping @Sendable (LoopbackConnection) -> Void) throws {
    listener = try Self.listen()
    port = Self.port(of: listener)
    Thread.detachNewThread { [self] in
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        var on: Int32 = 1
        setsockopt(
          descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        let number = connections.add(1, ordering: .relaxed).newValue
        Thread.detachNewThread {
          let connection = LoopbackConnection(
            reading: descriptor, writing: descriptor, number: number, server: self)
          handler(connection)
          connection.close()
        }
      }
    }
  }

  var http: String { "http://127.0.0.1:\(port)" }
  var ws: String { "ws://127.0.0.1:\(port)" }
  var paths: [String] { arrivals.withLock { $0 } }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// A port on which nobody listens.
  static func deadPort() throws -> Int {
    let descriptor = try listen()
    defer { Glibc.close(descriptor) }
    return port(of: descriptor)
  }

  private static func listen() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0, Glibc.listen(descriptor, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
    return descriptor
  }

  private static func port(of descriptor: Int32) -> Int {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &size)
      }
    }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}

/// The server's end of one connection; blocking.
final class LoopbackConnection {
  let number: Int
  private let reading: Int32
  private let writing: Int32
  private let server: LoopbackServer?
  private var requests = HTTPRequestReader(maximumHead: 65_536, maximumBody: 1 << 20)
  private var frames = WebSocketReader(isServer: true, maximumMessage: 1 << 20)
  private var isClosed = false

  init(reading: Int32, writing: Int32, number: Int, server: LoopbackServer?) {
    self.reading = reading
    self.writing = writing
    self.number = number
    self.server = server
  }

  func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(reading, &buffer, buffer.count)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  /// The next request, counted; nil when the client has gone.
  func request() -> HTTPRequest? {
    while true {
      if let request = try? requests.next() {
        server?.arrivals.withLock { $0.append("\(request.method.rawValue) \(request.target)") }
        return request
      }
      guard let bytes = read() else { return nil }
      bytes.withUnsafeBytes { requests.feed($0) }
    }
  }

  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // SIGPIPE is ignored by the code under test.
      let done = rest.withUnsafeBytes { Glibc.write(writing, $0.baseAddress, $0.count) }
      guard done > 0 else { return }
      rest = rest.dropFirst(done)
    }
  }

  func write(_ text: String) { write(Array(text.utf8)) }

  func answer(_ status: Int = 200, _ headers: [HTTPHeader] = [], _ body: String = "{}") {
    let response = HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
    write(response.serialized(keepAlive: true))
  }

  /// Keeps a line for the test to read.
  func arrive(_ line: String) { server?.arrivals.withLock { $0.append(line) } }

  /// How many requests so far begin like this.
  func count(_ prefix: String) -> Int { server?.paths.count { $0.hasPrefix(prefix) } ?? 0 }

  // MARK: WebSocket

  /// Reads a request; one for a WebSocket is accepted.
  func peekUpgrade() -> HTTPRequest? {
    guard let request = request() else { return nil }
    if let response = WebSocketHandshake.response(to: request) {
      write(response.serialized(keepAlive: true))
    }
    return request
  }

  /// How many connections of a stream there were so far, this one among them.
  func countConnection(_ stream: String) -> Int { count("GET /\(stream)?") }

  /// Reads the handshake and accepts it; bytes can follow in the same packet.
  @discardableResult
  func upgrade(then more: [UInt8] = []) -> HTTPRequest? {
    guard let request = request(), let response = WebSocketHandshake.response(to: request) else {
      return nil
    }
    write(response.serialized(keepAlive: true) + more)
    return request
  }

  func send(_ text: String) { write(WebSocketFrame.encode(.text, text, mask: nil)) }

  func message() -> WebSocketMessage? {
    while true {
      if let message = try? frames.next() { return message }
      guard let bytes = read() else { return nil }
      bytes.withUnsafeBytes { frames.feed($0) }
    }
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    Glibc.close(reading)
    if writing != reading { Glibc.close(writing) }
  }
}

extension HTTPRequest {
  var isUpgrade: Bool { header("Upgrade") != nil }
}
