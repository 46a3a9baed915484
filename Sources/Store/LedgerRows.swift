import Accounting
import Trading

/// Entries of the books as rows.
enum LedgerRows {
  /// One row for the entry and one for each line.
  static func statements(_ entry: JournalEntry, number: Int64, mode: String) -> [SQLStatement] {
    var statements: [SQLStatement] = [
      (
        "INSERT INTO ledger.entry (entry_id, source_key, at, kind, mode, venue, carry_id) "
          + "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
          .integer(number), .text(entry.sourceKey), SQLValue(entry.at),
          .text(entry.kind.rawValue), .text(mode), .text(entry.venue.rawValue),
          SQLValue(entry.carry?.number),
        ]
      )
    ]
    // One statement for all lines, because each statement keeps the rollups once.
    var rows: [String] = []
    var parameters: [SQLValue] = [.integer(number)]
    for (line, posting) in entry.postings.enumerated() {
      let first = parameters.count + 1
      rows.append("($1, $\(first), $\(first + 1), $\(first + 2), $\(first + 3))")
      parameters += [
        .integer(Int64(line + 1)), .text(posting.account.text), .text(posting.asset.rawValue),
        SQLValue(posting.amount),
      ]
    }
    let sql = "INSERT INTO ledger.posting (entry_id, line, account, asset, amount) VALUES "
    statements.append((sql + rows.joined(separator: ", "), parameters))
    return statements
  }
}
