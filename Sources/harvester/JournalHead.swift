import Store

/// The number and hash of a record, which vouch for the journal up to it.
struct JournalHead {
  let sequence: Int64
  let hash: String

  /// Reads what `database verify` printed: `number:hash`.
  init(_ text: String) throws {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let sequence = Int64(parts[0]), sequence > 0, parts[1].count == 64,
      parts[1].allSatisfy({ $0.isASCII && $0.isHexDigit })
    else {
      throw Failure(.usage, "not a head of the journal (\(text)); give it as verify printed it")
    }
    self.sequence = sequence
    hash = parts[1].lowercased()
  }

  /// The newest record as a row of `database verify`.
  static func row(_ connection: PostgresConnection) throws -> [String?] {
    let rows = try withDatabase { () throws(PostgresError) in
      try connection.execute("SELECT seq, hash FROM report.journal_hash ORDER BY seq DESC LIMIT 1")
    }
    let head = rows.first.map { "\($0[0] ?? ""):\($0[1] ?? "")" }
    return ["journal.head", "ok", head ?? "no record yet"]
  }

  /// What became of this record, as a row of `database verify`.
  func row(_ connection: PostgresConnection) throws -> [String?] {
    let rows = try withDatabase { () throws(PostgresError) in
      try connection.execute(
        "SELECT hash FROM report.journal_hash WHERE seq = $1", [.integer(sequence)])
    }
    guard let found = rows.first?[0] else {
      return ["journal.known_head", "FAILED", "record \(sequence) is gone"]
    }
    return found == hash
      ? ["journal.known_head", "ok", "ok"]
      : ["journal.known_head", "FAILED", "record \(sequence) or one before it was written anew"]
  }
}
