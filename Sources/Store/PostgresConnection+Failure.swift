import CPostgres

extension PostgresConnection {
  /// What a result says went wrong; nil for a success.
  func failure(of result: OpaquePointer?) -> PostgresError? {
    guard let result else { return brokenConnection() }
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_PIPELINE_SYNC:
      return nil
    case PGRES_FATAL_ERROR, PGRES_NONFATAL_ERROR:
      guard let code = Self.field(result, "C"), code.utf8.count == 5 else {
        // Only an error that libpq itself made up has no code.
        return brokenConnection()
      }
      let state = SQLState(rawValue: code)
      let message = Self.field(result, "M") ?? "the server gave no reason"
      return PostgresError(.sqlState(state), Self.withoutValues(message, state))
    case PGRES_PIPELINE_ABORTED:
      return PostgresError(.protocolError, "an earlier statement of the batch failed")
    case let status:
      return PostgresError(
        .protocolError,
        "the statement has an unexpected answer (\(String(cString: PQresStatus(status)))); "
          + "use another call for it")
    }
  }

  /// The error of a call that got no answer.
  ///
  /// libpq may tell of a write that failed before it has read the end of the stream, with the session
  /// still good in its eyes: so it is when a server that crashed said a last word.
  func brokenConnection() -> PostgresError {
    for _ in 0..<2 where isAlive { PQconsumeInput(handle) }
    guard isAlive else {
      return PostgresError(
        .connectionLost, "the connection to PostgreSQL was lost; make a new one")
    }
    let reason = handle.map { ConnectionInfo.reason($0) } ?? ""
    return PostgresError(.protocolError, "libpq refused a call (\(reason)); report a defect")
  }

  private static func field(_ result: OpaquePointer, _ code: Unicode.Scalar) -> String? {
    PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
  }

  /// The server's primary message without what a parameter or row may have put into it.
  ///
  /// Only data exceptions, class 22, quote values; elsewhere quotes hold names. Details and hints,
  /// which hold keys and rows, are never read.
  private static func withoutValues(_ message: String, _ state: SQLState) -> String {
    guard state.rawValue.hasPrefix("22") else { return message }
    guard let open = message.firstIndex(of: "\""), let close = message.lastIndex(of: "\""),
      open < close
    else { return message }
    return message[..<open] + "\"…\"" + message[message.index(after: close)...]
  }
}

/// Checks and texts about where to connect, without its secrets.
enum ConnectionInfo {
  /// Refuses text that libpq cannot read, without repeating it: it may hold a password.
  static func check(_ conninfo: String) throws(PostgresError) {
    let bad = PostgresError(
      .unavailable,
      "the database URL is not valid; write postgresql://user@host:5432/harvester, and escape "
        + "special characters of a password as %40")
    guard !conninfo.utf8.contains(0), conninfo.contains("=") || conninfo.contains("://") else {
      throw bad
    }
    var message: UnsafeMutablePointer<CChar>?
    let options = PQconninfoParse(conninfo, &message)
    defer {
      PQconninfoFree(options)
      PQfreemem(message)
    }
    guard let options else { throw bad }
    var index = 0
    while let keyword = options[index].keyword {
      // A password with a bare @ ends up as part of the host, and in libpq's messages.
      let value = options[index].val.map { String(cString: $0) } ?? ""
      if strings(keyword, equal: "host"), value.contains("@"), !value.hasPrefix("@") { throw bad }
      index += 1
    }
  }

  /// libpq's last message on one line, with the password struck out should it be there.
  static func reason(_ handle: OpaquePointer) -> String {
    var text = String(cString: PQerrorMessage(handle)).split(whereSeparator: \.isNewline)
      .joined(separator: " ")
    if let pass = PQpass(handle), case let password = String(cString: pass), password.count > 3 {
      text = text.split(separator: password, omittingEmptySubsequences: false)
        .joined(separator: "***")
    }
    // A malformed URL is quoted by libpq, with the password wherever it thinks to see another part.
    guard text.contains("invalid") || text.contains("unexpected") else { return text }
    return text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .map { $0.offset % 2 == 0 ? String($0.element) : "…" }.joined(separator: "\"")
  }

  private static func strings(_ left: UnsafePointer<CChar>, equal right: String) -> Bool {
    String(cString: left) == right
  }
}

/// Lists of C strings for libpq.
enum CStrings {
  /// Calls with pointers to zero-terminated copies, followed by nil.
  static func withPointers<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
  ) -> Result {
    var bytes: [CChar] = []
    let offsets = texts.map { text in
      defer { bytes += Array(text.utf8CString) }
      return bytes.count
    }
    return bytes.withUnsafeBufferPointer { buffer in
      var pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
      pointers.append(nil)
      return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
  }
}
