import Glibc
import Trading
import Wire

/// What the sockets report.
protocol SocketHandler: AnyObject {
  /// A request came in; it is answered with `reply`, `upgrade` or `cut`, now or later.
  func request(_ request: HTTPRequest, on connection: Connection)
  /// A text came in on a WebSocket.
  func text(_ bytes: [UInt8], on connection: Connection)
  /// A pong came in.
  func pong(_ bytes: [UInt8], on connection: Connection)
  /// A connection is gone.
  func gone(_ connection: Connection)
}

/// Sockets of one thread: HTTP/1.1 with keep-alive and WebSocket on several ports, by `poll`.
///
/// Nothing a client does can block or stop it: reads and writes never wait, queues and messages are
/// bounded, a client that breaks a protocol or does not finish a request is cut off.
final class SocketServer {
  /// Most connections at a time; further ones are closed as soon as they are accepted.
  static let mostConnections = 1000
  /// How long a request or a frame may take to arrive, and an idle HTTP connection may live.
  static let patience = (request: TimeSpan.seconds(30), idle: TimeSpan.minutes(10))

  weak var handler: (any SocketHandler)?
  /// In order of arrival.
  private(set) var connections: [Connection] = []
  private(set) var ports: [ListeningPort] = []
  /// Bytes went out or requests came in since this was last cleared.
  var isActive = false

  private var accepted = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var descriptors: [pollfd] = []

  deinit { buffer.deallocate() }

  /// Opens a port.
  ///
  /// - Returns: its place in `ports`.
  func listen(address: String, number: UInt16, tls: TLSContext?) throws(ServerError) -> Int {
    ports.append(try ListeningPort(address: address, number: number, tls: tls))
    return ports.count - 1
  }

  /// The machine's steady clock.
  static func steadyTime() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// Lets the sockets work once: waits at most so long for something to happen.
  ///
  /// - Returns: whether something came in.
  @discardableResult
  func turn(milliseconds: Int32) -> Bool {
    let isPending = connections.contains { $0.hasPending && $0.silentUntil == nil }
    descriptors.removeAll(keepingCapacity: true)
    for port in ports {
      descriptors.append(pollfd(fd: port.descriptor, events: Int16(POLLIN), revents: 0))
    }
    let polled = connections
    for connection in polled {
      let wants = connection.silentUntil == nil ? Int16(POLLIN) : 0
      let has = connection.hasOutgoing ? Int16(POLLOUT) : 0
      descriptors.append(pollfd(fd: connection.descriptor, events: wants | has, revents: 0))
    }
    let count = poll(&descriptors, nfds_t(descriptors.count), isPending ? 0 : milliseconds)
    var isHeard = false
    if count > 0 || isPending {
      let now = Self.steadyTime()
      for place in ports.indices where descriptors[place].revents != 0 {
        isHeard = accept(place, at: now) || isHeard
      }
      for (place, connection) in polled.enumerated() {
        let events = descriptors[ports.count + place].revents
        if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 || connection.hasPending {
          if connection.silentUntil == nil || events & Int16(POLLHUP | POLLERR) != 0 {
            isHeard = receive(connection, at: now) || isHeard
          }
        }
      }
    }
    flush()
    return isHeard
  }

  /// Writes what can be written and forgets what is closed.
  func flush() {
    for connection in connections where connection.hasOutgoing || connection.isClosing {
      connection.flush()
    }
    guard connections.contains(where: \.isBroken) else { return }
    let broken = connections.filter(\.isBroken)
    connections.removeAll(where: \.isBroken)
    for connection in broken { handler?.gone(connection) }
  }

  /// Answers the request that a connection waits with.
  func reply(_ response: HTTPResponse, to connection: Connection) {
    isActive = true
    connection.send(response.serialized(keepAlive: connection.keepsAlive))
    connection.isBusy = false
    if !connection.keepsAlive { connection.isClosing = true } else { read(connection) }
  }

  /// Makes a WebSocket of a connection.
  func upgrade(_ connection: Connection, _ response: HTTPResponse) {
    isActive = true
    connection.send(response.serialized(keepAlive: true))
    connection.isBusy = false
    var socket = WebSocketReader(isServer: true, maximumMessage: Connection.longestMessage)
    connection.http.takeRemainder().withUnsafeBytes { socket.feed($0) }
    connection.socket = socket
  }

  /// Cuts a connection without a word.
  func cut(_ connection: Connection) { connection.isBroken = true }

  /// The connection of that id; nil when it is gone.
  func connection(_ id: ConnectionID) -> Connection? { connections.first { $0.id == id } }

  /// Ends silences that are over and cuts off who takes too long.
  func sweep(at now: Timestamp) {
    for connection in connections {
      if let end = connection.silentUntil, end <= now { connection.silentUntil = nil }
      if connection.isBusy || connection.silentUntil != nil { continue }
      if connection.isWebSocket && !connection.isMidway { continue }
      let patience = connection.isMidway ? Self.patience.request : Self.patience.idle
      if now - connection.heardAt > patience { connection.isBroken = true }
    }
    flush()
  }

  private func accept(_ place: Int, at now: Timestamp) -> Bool {
    var isAny = false
    while let descriptor = ports[place].accept() {
      isAny = true
      guard connections.count < Self.mostConnections else {
        Glibc.close(descriptor)
        continue
      }
      var session: TLSSession?
      if let tls = ports[place].tls {
        session = tls.session(on: descriptor)
        if session == nil {
          Glibc.close(descriptor)
          continue
        }
      }
      accepted += 1
      connections.append(
        Connection(
          ConnectionID(accepted), port: place, descriptor: descriptor, session: session, at: now))
    }
    return isAny
  }

  private func receive(_ connection: Connection, at now: Timestamp) -> Bool {
    var isHeard = false
    // A bounded number of reads, so that one client cannot keep the others waiting.
    for _ in 0..<8 {
      guard let count = connection.read(buffer) else { break }
      if count <= 0 {
        connection.isBroken = true
        return true
      }
      isHeard = true
      connection.heardAt = now
      connection.isMidway = true
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      if connection.isWebSocket {
        connection.socket?.feed(bytes)
      } else {
        connection.http.feed(bytes)
      }
      read(connection)
      if connection.isBroken || count < buffer.count { break }
    }
    return isHeard
  }

  /// Hands over what is complete.
  private func read(_ connection: Connection) {
    while !connection.isBroken, !connection.isClosing, !connection.isBusy {
      if connection.isWebSocket {
        guard readMessage(connection) else { return }
        continue
      }
      do throws(HTTPError) {
        guard let request = try connection.http.next() else { return }
        isActive = true
        connection.isBusy = true
        connection.hasAsked = true
        connection.isMidway = false
        connection.keepsAlive = request.keepsAlive
        handler?.request(request, on: connection)
      } catch {
        connection.keepsAlive = false
        connection.send(HTTPResponse(status: error.status).serialized(keepAlive: false))
        connection.isClosing = true
      }
    }
  }

  /// - Returns: whether there was one.
  private func readMessage(_ connection: Connection) -> Bool {
    do throws(WebSocketError) {
      guard let message = try connection.socket?.next() else { return false }
      connection.isMidway = false
      switch message {
      case .text(let bytes):
        isActive = true
        handler?.text(bytes, on: connection)
      case .binary:
        connection.send(WebSocketFrame.close(code: 1003, mask: nil))
        connection.isClosing = true
      case .ping(let bytes): connection.send(.pong, bytes)
      case .pong(let bytes): handler?.pong(bytes, on: connection)
      case .close(let code, _):
        connection.send(WebSocketFrame.close(code: code ?? 1000, mask: nil))
        connection.isClosing = true
      }
      return true
    } catch {
      connection.send(WebSocketFrame.close(code: error.closeCode, mask: nil))
      connection.isClosing = true
      return false
    }
  }
}
