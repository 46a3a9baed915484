import CPostgres
import Glibc

/// A connection that is being made, without waiting for it.
public final class ConnectionAttempt {
  /// libpq's handle; nil once it was handed over or given up.
  private var handle: OpaquePointer?
  private var awaited = PGRES_POLLING_WRITING
  private let endsAt = ContinuousClock.now + .seconds(5)

  /// Begins; only the look-up of a host's name may take a moment.
  ///
  /// - Parameter conninfo: a libpq URI or `key=value` text.
  public init(_ conninfo: String) throws(PostgresError) {
    try ConnectionInfo.check(conninfo)
    handle = PostgresConnection.withOptions(conninfo) { PQconnectStartParams($0, $1, 1) }
    guard let handle, PQstatus(handle) != CONNECTION_BAD else { throw giveUp() }
  }

  deinit { PQfinish(handle) }

  /// The socket, to wait on; -1 when there is none.
  public var fileDescriptor: Int32 { handle == nil ? -1 : PQsocket(handle) }

  /// Goes on as far as it can; nil while the server has not answered.
  public func advance() throws(PostgresError) -> PostgresConnection? {
    while let handle {
      guard ContinuousClock.now < endsAt else { throw giveUp("no answer in 5 s") }
      let events = Int16(awaited == PGRES_POLLING_READING ? POLLIN : POLLOUT)
      var waiter = pollfd(fd: PQsocket(handle), events: events, revents: 0)
      guard poll(&waiter, 1, 0) > 0 else { return nil }
      awaited = PQconnectPoll(handle)
      switch awaited {
      case PGRES_POLLING_OK:
        self.handle = nil
        return try PostgresConnection(adopting: handle, requireDurability: true)
      case PGRES_POLLING_FAILED: throw giveUp()
      default: continue
      }
    }
    return nil
  }

  private func giveUp(_ reason: String? = nil) -> PostgresError {
    let error = PostgresConnection.unreachable(reason ?? handle.map { ConnectionInfo.reason($0) })
    PQfinish(handle)
    handle = nil
    return error
  }
}
