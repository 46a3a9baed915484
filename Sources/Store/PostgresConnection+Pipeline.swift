import CPostgres
import Glibc

/// A statement with its parameters.
public typealias SQLStatement = (sql: String, parameters: [SQLValue])

extension PostgresConnection {
  /// Sends a batch in one round trip and returns the rows changed or returned by each statement.
  ///
  /// Statements are prepared once per session by their text. The first failure skips the rest and
  /// is thrown with its place in the batch. Without an open transaction the server takes the batch
  /// as one; to commit with the same round trip use `commit`.
  @discardableResult
  public func pipeline(_ statements: [SQLStatement]) throws(PostgresError) -> [Int] {
    try run(statements, isFramed: false).map(\.affected)
  }

  /// Runs a batch as one transaction in one round trip, `BEGIN` and `COMMIT` included.
  ///
  /// A connection lost before the answer leaves the outcome unknown; the error says so by its kind.
  @discardableResult
  public func commit(_ statements: [SQLStatement]) throws(PostgresError) -> [Int] {
    do {
      var answers = try run([("BEGIN", [])] + statements + [("COMMIT", [])], isFramed: true)
      try checkCommitted(tag: answers.removeLast().tag)
      return answers.dropFirst().map(\.affected)
    } catch {
      rollBack()
      throw error
    }
  }

  /// What is expected back, in the order sent.
  private enum Expected {
    case preparation(sql: String, name: String)
    case execution(number: Int)
  }

  private typealias Answer = (affected: Int, tag: String)

  /// Statements sent before the socket is served: their answers then never fill both directions.
  private static let chunk = 100

  /// Sends, receives and checks; `isFramed` when the first and last statement are not the caller's.
  private func run(
    _ statements: [SQLStatement], isFramed: Bool
  ) throws(PostgresError) -> [Answer] {
    guard !statements.isEmpty else { return [] }
    // Whatever is wrong with a statement must show before any is sent.
    for (index, statement) in statements.enumerated() {
      try Self.check(statement.sql)
      guard !statement.parameters.contains(where: \.hasZeroByte) else {
        throw PostgresError(
          .protocolError, "statement \(index + 1) has text with a zero byte; remove it")
      }
    }
    let handle = try openHandle()
    guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
      throw brokenConnection()
    }
    let expected: [Expected]
    do {
      expected = try send(statements, handle)
    } catch {
      // Half a batch is on its way without its end: only a new session is in a known state.
      close()
      throw error
    }
    let (answers, failure) = receive(expected, handle, isFramed: isFramed)
    guard PQexitPipelineMode(handle) == 1, PQsetnonblocking(handle, 0) == 0 else {
      throw failure ?? brokenConnection()
    }
    if let failure { throw failure }
    return answers
  }

  private func send(
    _ statements: [SQLStatement], _ handle: OpaquePointer
  ) throws(PostgresError) -> [Expected] {
    var expected: [Expected] = []
    expected.reserveCapacity(statements.count + 8)
    var fresh: [String: String] = [:]
    for (index, statement) in statements.enumerated() {
      let known = preparedNames[statement.sql] ?? fresh[statement.sql]
      let name = known ?? "h\(preparedNames.count + fresh.count + 1)"
      if known == nil {
        guard PQsendPrepare(handle, name, statement.sql, 0, nil) == 1 else {
          throw brokenConnection()
        }
        fresh[statement.sql] = name
        expected.append(.preparation(sql: statement.sql, name: name))
      }
      try parameterBuffer.set(statement.parameters)
      let isSent = parameterBuffer.withPointers { count, values in
        PQsendQueryPrepared(handle, name, count, values, nil, nil, 0)
      }
      guard isSent == 1 else { throw brokenConnection() }
      expected.append(.execution(number: index + 1))
      if (index + 1).isMultiple(of: Self.chunk) { try serveSocket(handle) }
    }
    guard PQpipelineSync(handle) == 1 else { throw brokenConnection() }
    try serveSocket(handle)
    return expected
  }

  /// Writes until libpq's buffer is empty, and reads whatever the server sends meanwhile.
  private func serveSocket(_ handle: OpaquePointer) throws(PostgresError) {
    while true {
      let rest = PQflush(handle)
      if rest == 0 { return }
      guard rest == 1 else { throw brokenConnection() }
      var waiter = pollfd(fd: PQsocket(handle), events: Int16(POLLIN | POLLOUT), revents: 0)
      guard poll(&waiter, 1, -1) >= 0 || errno == EINTR else { throw brokenConnection() }
      if waiter.revents & Int16(POLLOUT) != 0, waiter.revents & Int16(POLLIN) == 0 { continue }
      guard PQconsumeInput(handle) == 1 else { throw brokenConnection() }
    }
  }

  /// Takes every answer up to the synchronisation point; the first failure counts.
  private func receive(
    _ expected: [Expected], _ handle: OpaquePointer, isFramed: Bool
  ) -> (answers: [Answer], failure: PostgresError?) {
    var answers: [Answer] = []
    answers.reserveCapacity(expected.count)
    var failure: PostgresError?
    for item in expected {
      awaitAnswer(handle)
      let result = PQgetResult(handle)
      if let error = self.failure(of: result) {
        if failure == nil { failure = described(error, item, of: expected, isFramed: isFramed) }
      } else {
        switch item {
        case .preparation(let sql, let name): preparedNames[sql] = name
        case .execution:
          let affected = Int(String(cString: PQcmdTuples(result))) ?? 0
          answers.append((affected, String(cString: PQcmdStatus(result))))
        }
      }
      PQclear(result)
      guard isAlive else { return (answers, failure ?? brokenConnection()) }
      // Each command's results end with nil.
      while let surplus = PQgetResult(handle) { PQclear(surplus) }
    }
    let sync = PQgetResult(handle)
    defer { PQclear(sync) }
    if let error = self.failure(of: sync), failure == nil { failure = error }
    return (answers, failure)
  }

  /// Adds the place in the caller's batch to what the server said.
  private func described(
    _ error: PostgresError, _ item: Expected, of all: [Expected], isFramed: Bool
  ) -> PostgresError {
    guard case .sqlState = error.kind, case .execution(let number) = item,
      case .execution(let last) = all.last
    else { return error }
    let place =
      switch (isFramed, number == last) {
      case (true, true): "at the commit"
      case (true, false): "statement \(number - 1) of \(last - 2)"
      case (false, _): "statement \(number) of \(last)"
      }
    return PostgresError(error.kind, "\(error.message) (\(place))")
  }
}
