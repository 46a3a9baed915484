import CPostgres
import Glibc

/// One session with PostgreSQL, to be used from one thread.
///
/// The session runs in UTC with ISO dates, and by default refuses a server that could lose what it
/// has confirmed. After an error whose `isConnectionLoss` is true, make a new connection.
public final class PostgresConnection {
  /// libpq's handle; nil after `close`.
  private(set) var handle: OpaquePointer?
  /// Names of server-side prepared statements by their SQL text.
  var preparedNames: [String: String] = [:]
  var parameterBuffer = ParameterBuffer()
  /// How long an answer may take before the session counts as lost; nil is for ever.
  public var patience: Duration?

  /// Connects within five seconds unless the URL says otherwise.
  ///
  /// - Parameters:
  ///   - conninfo: a libpq URI or `key=value` text.
  ///   - requireDurability: refuse a server with `fsync`, `full_page_writes` or
  ///     `synchronous_commit` off.
  public convenience init(
    _ conninfo: String, requireDurability: Bool = true
  ) throws(PostgresError) {
    try ConnectionInfo.check(conninfo)
    let handle = Self.withOptions(conninfo) { PQconnectdbParams($0, $1, 1) }
    guard let handle, PQstatus(handle) == CONNECTION_OK else {
      let error = Self.unreachable(handle.map { ConnectionInfo.reason($0) })
      PQfinish(handle)
      throw error
    }
    try self.init(adopting: handle, requireDurability: requireDurability)
  }

  /// Takes over an established connection.
  init(adopting handle: OpaquePointer, requireDurability: Bool) throws(PostgresError) {
    self.handle = handle
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    do {
      try prepareSession(requireDurability: requireDurability)
    } catch {
      close()
      throw error
    }
  }

  /// Calls with the names and values of all options.
  static func withOptions(
    _ conninfo: String,
    _ body: (
      UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<UnsafePointer<CChar>?>?
    ) -> OpaquePointer?
  ) -> OpaquePointer? {
    // What stands after `dbname` wins over the URL, what stands before it yields to it.
    let options = [
      ("connect_timeout", "5"), ("keepalives_idle", "15"), ("keepalives_interval", "5"),
      ("keepalives_count", "3"), ("tcp_user_timeout", "30000"), ("dbname", conninfo),
      ("application_name", "harvester"), ("client_encoding", "UTF8"),
    ]
    return CStrings.withPointers(options.map(\.0)) { keys in
      CStrings.withPointers(options.map(\.1)) { body(keys, $0) }
    }
  }

  static func unreachable(_ reason: String?) -> PostgresError {
    PostgresError(
      .unavailable,
      "no connection to PostgreSQL (\(reason ?? "out of memory")); check that it runs and its URL")
  }

  deinit { PQfinish(handle) }

  /// Ends the session; an open transaction is rolled back by the server.
  public func close() {
    PQfinish(handle)
    handle = nil
  }

  /// Whether the session stands, as far as known: a dead peer shows at the next statement.
  public var isAlive: Bool { handle != nil && PQstatus(handle) == CONNECTION_OK }

  /// The socket, to wait on for notifications; -1 when there is none.
  public var fileDescriptor: Int32 { handle == nil ? -1 : PQsocket(handle) }

  /// Whether a transaction is open, failed or not.
  public var isInTransaction: Bool {
    let status = PQtransactionStatus(handle)
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
  }

  /// Runs one statement, its parameters numbered from `$1`.
  @discardableResult
  public func execute(
    _ sql: String, _ parameters: [SQLValue] = []
  ) throws(PostgresError) -> Rows {
    let handle = try openHandle()
    try Self.check(sql)
    try parameterBuffer.set(parameters)
    guard patience != nil else {
      let result = parameterBuffer.withPointers { count, values in
        PQexecParams(handle, sql, count, nil, values, nil, nil, 0)
      }
      return try rows(result)
    }
    let isSent = parameterBuffer.withPointers { count, values in
      PQsendQueryParams(handle, sql, count, nil, values, nil, nil, 0)
    }
    guard isSent == 1 else { throw brokenConnection() }
    awaitAnswer(handle)
    let result = PQgetResult(handle)
    while isAlive, let surplus = PQgetResult(handle) { PQclear(surplus) }
    return try rows(result)
  }

  /// Runs several statements without parameters in one implicit transaction.
  public func executeScript(_ sql: String) throws(PostgresError) {
    let handle = try openHandle()
    try Self.check(sql)
    _ = try rows(PQexec(handle, sql))
  }

  /// Runs statements in a transaction: committed when the body returns, else rolled back.
  ///
  /// A connection lost during the commit leaves the outcome unknown; the error says so by its kind.
  @discardableResult
  public func transaction<Result>(
    _ body: () throws(PostgresError) -> Result
  ) throws(PostgresError) -> Result {
    try execute("BEGIN")
    do {
      let result = try body()
      try checkCommitted(tag: try execute("COMMIT").commandTag)
      return result
    } catch {
      rollBack()
      throw error
    }
  }

  /// Ends a failed transaction; the first error is the one that counts, so this one reports none.
  func rollBack() {
    guard isAlive, isInTransaction else { return }
    PQclear(PQexec(handle, "ROLLBACK"))
  }

  /// Refuses the tag with which the server answers `COMMIT` in a failed transaction: `ROLLBACK`.
  func checkCommitted(tag: String) throws(PostgresError) {
    guard tag == "COMMIT" else {
      throw PostgresError(
        .protocolError, "the transaction was rolled back instead of committed; run it again")
    }
  }

  func openHandle() throws(PostgresError) -> OpaquePointer {
    guard let handle else {
      throw PostgresError(.connectionLost, "the connection is closed; make a new one")
    }
    return handle
  }

  /// C would cut a statement at a zero byte.
  static func check(_ sql: String) throws(PostgresError) {
    guard !sql.utf8.contains(0) else {
      throw PostgresError(.protocolError, "a statement has a zero byte; remove it")
    }
  }

  /// Waits for an answer; a session whose server says nothing for too long is ended, and the call
  /// that takes the answer then finds it lost.
  func awaitAnswer(_ handle: OpaquePointer) {
    guard let patience else { return }
    let end = ContinuousClock.now + patience
    while PQisBusy(handle) == 1 {
      let left = end - .now
      guard left > .zero else {
        shutdown(PQsocket(handle), Int32(SHUT_RDWR))
        return
      }
      var waiter = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
      poll(&waiter, 1, Int32(left / .milliseconds(1)) + 1)
      guard PQconsumeInput(handle) == 1 else { return }
    }
  }

  /// Takes a result apart and releases it.
  func rows(_ result: OpaquePointer?) throws(PostgresError) -> Rows {
    defer { PQclear(result) }
    if let error = failure(of: result) { throw error }
    guard let result else { throw brokenConnection() }
    return Rows(result)
  }

  private func prepareSession(requireDurability: Bool) throws(PostgresError) {
    // One simple query: one round trip.
    let result = PQexec(
      handle,
      """
      SET client_min_messages = warning; SET TimeZone = 'UTC'; SET datestyle = 'ISO, YMD';
      SET bytea_output = 'hex'; SET standard_conforming_strings = on;
      SELECT current_setting(name) AS value, name
      FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS name
      """)
    for row in try rows(result) where requireDurability && row[0] == "off" {
      throw PostgresError(
        .unavailable,
        "the server may lose what it confirmed (\(row[1] ?? "") = off); turn it on there")
    }
  }
}
