import Accounting
import ArgumentParser
import Foundation
import FixedPoint
import Store
import Trading

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the books: hledger's journal format, or CSV.",
    discussion: "One transaction per entry, in the order of booking; balances equal report.balance."
  )

  enum Kind: String, CaseIterable, ExpressibleByArgument { case hledger, csv }

  @Argument(help: "hledger or csv.") var kind: Kind
  @OptionGroup var common: CommonOptions

  private static let columns = [
    Column("entry_id", .integer), Column("at", .time), Column("kind", .text),
    Column("mode", .text), Column("source_key", .text), Column("carry_id", .integer),
    Column("line", .integer), Column("account", .text), Column("asset", .text),
    Column("amount", .number),
  ]

  func run() throws {
    let connection = try common.connectToBooks(as: .reader)
    print(kind == .hledger ? "decimal-mark .\n\n" : Table(Self.columns).csv, terminator: "")
    var last: Int64 = 0
    while true {
      // Whole entries in pages, so that books of any size fit in memory.
      let rows = try withDatabase { () throws(PostgresError) in
        try connection.execute(
          """
          SELECT \(Self.columns.map(\.name).joined(separator: ", "))
          FROM report.posting
          WHERE entry_id > $1 AND entry_id <= $1 + 5000 ORDER BY entry_id, line
          """, [.integer(last)])
      }
      if rows.isEmpty {
        let more = try withDatabase { () throws(PostgresError) in
          try connection.execute(
            "SELECT min(entry_id) FROM report.posting WHERE entry_id > $1", [.integer(last + 5000)])
        }
        guard let next = more[0][0].flatMap(Int64.init) else { break }
        last = next - 1
        continue
      }
      let table = Table(Self.columns, rows)
      switch kind {
      case .hledger: try printEntries(table)
      case .csv: print(table.csvWithoutHeader, terminator: "")
      }
      last += 5000
    }
  }

  private func printEntries(_ table: Table) throws {
    var index = 0
    while index < table.rows.count {
      let head = table.rows[index]
      var postings: [(account: String, asset: String, amount: Amount)] = []
      while index < table.rows.count, table.rows[index][0] == head[0] {
        let row = table.rows[index]
        guard let account = row[7], let asset = row[8], let amount = row[9].flatMap({ Amount($0) })
        else {
          throw Failure(.refused, "entry \(head[0] ?? "") is malformed; run database verify")
        }
        postings.append((account, asset, amount))
        index += 1
      }
      let carry = head[5].map { ", carry:\($0)" } ?? ""
      let description = "\(head[2] ?? "")  ; source:\(head[4] ?? ""), at:\(head[1] ?? "")\(carry)"
      print(
        PlainText.hledger(
          day: String((head[1] ?? "").prefix(10)), description: description, postings: postings),
        terminator: "")
    }
  }
}
