import CPostgres

extension PostgresConnection {
  /// Loads rows through COPY and returns how many; all of them or none.
  ///
  /// - Parameter table: a name, with its schema before a point where it needs one.
  @discardableResult
  public func copyIn(
    table: String, columns: [String], rows source: some Sequence<[SQLValue]>
  ) throws(PostgresError) -> Int {
    let handle = try openHandle()
    let name = table.split(separator: ".").map(Self.quoted).joined(separator: ".")
    let sql = "COPY \(name) (\(columns.map(Self.quoted).joined(separator: ", "))) FROM STDIN"
    try Self.check(sql)
    let opening = PQexec(handle, sql)
    defer { PQclear(opening) }
    if PQresultStatus(opening) != PGRES_COPY_IN {
      throw failure(of: opening) ?? brokenConnection()
    }
    do {
      try sendRows(source, width: columns.count, handle)
    } catch {
      _ = finishCopy(handle, error: "cancelled by the client")
      throw error
    }
    let ending = finishCopy(handle, error: nil)
    return try rows(ending).affected
  }

  /// Subscribes to a channel.
  public func listen(_ channel: String) throws(PostgresError) {
    try execute("LISTEN \(Self.quoted(channel))")
  }

  /// The payloads of notifications that have arrived, oldest first; never waits.
  public func drainNotifications() throws(PostgresError) -> [String] {
    let handle = try openHandle()
    guard PQconsumeInput(handle) == 1 else { throw brokenConnection() }
    var payloads: [String] = []
    while let notification = PQnotifies(handle) {
      payloads.append(String(cString: notification.pointee.extra))
      PQfreemem(notification)
    }
    return payloads
  }

  /// A name as PostgreSQL takes it literally.
  static func quoted(_ name: some StringProtocol) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  private static let blockSize = 1 << 16

  private func sendRows(
    _ rows: some Sequence<[SQLValue]>, width: Int, _ handle: OpaquePointer
  ) throws(PostgresError) {
    var block: [UInt8] = []
    block.reserveCapacity(Self.blockSize * 2)
    for row in rows {
      guard row.count == width else {
        throw PostgresError(
          .protocolError, "a row has \(row.count) values for \(width) columns; give one each")
      }
      for (index, value) in row.enumerated() {
        if index > 0 { block.append(UInt8(ascii: "\t")) }
        try Self.append(value, to: &block)
      }
      block.append(UInt8(ascii: "\n"))
      if block.count >= Self.blockSize { try flush(&block, handle) }
    }
    try flush(&block, handle)
  }

  private func flush(_ block: inout [UInt8], _ handle: OpaquePointer) throws(PostgresError) {
    let isSent = block.withUnsafeBytes { bytes in
      PQputCopyData(
        handle, bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count)) == 1
    }
    guard isSent else { throw brokenConnection() }
    block.removeAll(keepingCapacity: true)
  }

  /// Appends a value in COPY's text form.
  private static func append(_ value: SQLValue, to block: inout [UInt8]) throws(PostgresError) {
    guard let text = value.rendered else {
      block += Array("\\N".utf8)
      return
    }
    for byte in text.utf8 {
      switch byte {
      case 0:
        throw PostgresError(.protocolError, "a value has a zero byte; PostgreSQL text cannot")
      case UInt8(ascii: "\\"): block += Array("\\\\".utf8)
      case UInt8(ascii: "\n"): block += Array("\\n".utf8)
      case UInt8(ascii: "\r"): block += Array("\\r".utf8)
      case UInt8(ascii: "\t"): block += Array("\\t".utf8)
      default: block.append(byte)
      }
    }
  }

  /// Ends a COPY and returns its last result; the caller releases it.
  private func finishCopy(_ handle: OpaquePointer, error: String?) -> OpaquePointer? {
    guard PQputCopyEnd(handle, error) == 1 else { return nil }
    let ending = PQgetResult(handle)
    while let surplus = PQgetResult(handle) { PQclear(surplus) }
    if error == nil { return ending }
    PQclear(ending)
    return nil
  }
}
