import Glibc

/// A port of the loopback interface (or of all) that connections are accepted from.
final class ListeningPort {
  let descriptor: Int32
  /// The number that it got, also when 0 was asked for.
  let number: UInt16
  let tls: TLSContext?

  /// Binds and listens.
  ///
  /// - Parameters:
  ///   - address: an IPv4 address of this machine.
  ///   - number: 0 for any free one.
  init(address: String, number: UInt16, tls: TLSContext?) throws(ServerError) {
    self.tls = tls
    let descriptor = socket(
      AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw ServerError("no socket: \(Self.reason)") }
    var on: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = number.bigEndian
    guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else {
      Glibc.close(descriptor)
      throw ServerError("\"\(address)\" is not an IPv4 address; give one such as 127.0.0.1")
    }
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 256) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound else {
      let reason = Self.reason
      Glibc.close(descriptor)
      throw ServerError("cannot listen on port \(number) of \(address): \(reason)")
    }
    self.descriptor = descriptor
    self.number = UInt16(bigEndian: name.sin_port)
  }

  deinit { Glibc.close(descriptor) }

  /// Takes the next connection that waits; nil when none does.
  func accept() -> Int32? {
    let accepted = Glibc.accept(descriptor, nil, nil)
    guard accepted >= 0 else { return nil }
    _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
    // A program that is started meanwhile must not keep the connection open.
    _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
    var on: Int32 = 1
    setsockopt(
      accepted, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    return accepted
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
