import Foundation
import Testing

/// An independent reader of the books.
private let hledgerProgram = "/usr/bin/hledger"

extension EndToEnd {
  /// The books as other programs read them.
  @Suite struct Exports {
    @Test(
      .enabled(
        if: FileManager.default.isExecutableFile(atPath: hledgerProgram),
        "hledger is not installed; install it to have the export checked"))
    func hledgerAgreesWithTheBooks() throws {
      let books = try History.books.get()
      let folder = TemporaryFolder()
      let ending = try Program.run("export", "hledger", "--database-url", books.url)
      #expect(ending.code == 0)
      #expect(ending.errors == "")
      try folder.write("books.journal", ending.output)
      let file = "\(folder.path)/books.journal"
      #expect(try hledger("-f", file, "check") == "")
      // Ordered dates are a check of their own.
      #expect(try hledger("-f", file, "check", "ordereddates") == "")
      let csv = try hledger(
        "-f", file, "balance", "--flat", "--no-total", "--output-format", "csv", "--layout", "bare")
      let listed = csv.split(separator: "\n").dropFirst().map { line in
        line.split(separator: ",").map { $0.trimmingCharacters(in: ["\""]) }
      }
      let balances = listed.map { ($0, Decimal(string: $0[2]) ?? .nan) }.filter { $0.1 != 0 }
        .map { "\($0[0]) \($0[1]) \($1)" }
      #expect(balances.sorted() == (try Self.balances(of: books)))
      let entries = try books.value("SELECT count(*) FROM ledger.entry")
      let days = ending.output.split(separator: "\n").filter { $0.first?.isNumber == true }
      #expect(String(days.count) == entries)
    }

    @Test func sumsOfTheCSVAreTheBalances() throws {
      let books = try History.books.get()
      let ending = try Program.run("export", "csv", "--database-url", books.url)
      #expect(ending.code == 0)
      let lines = ending.output.split(separator: "\r\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      #expect(
        lines[0] == [
          "entry_id", "at", "kind", "mode", "source_key", "carry_id", "line", "account", "asset",
          "amount",
        ])
      var sums: [String: Decimal] = [:]
      for line in lines.dropFirst() {
        #expect(line.count == 10)
        #expect(line[1].hasSuffix("Z"))
        sums["\(line[7]) \(line[8])", default: 0] += Decimal(string: line[9]) ?? .nan
      }
      let balances = sums.filter { $0.value != 0 }.map { "\($0.key) \($0.value)" }
      #expect(balances.sorted() == (try Self.balances(of: books)))
    }

    /// A file without rows still has its header.
    @Test func emptyBooksExportToo() throws {
      let books = try Books()
      #expect(try Program.run("database", "migrate", "--database-url", books.url).code == 0)
      let csv = try Program.run("export", "csv", "--database-url", books.url)
      #expect(csv.code == 0)
      #expect(csv.output.hasPrefix("entry_id,at,kind,"))
      #expect(try Program.run("export", "hledger", "--database-url", books.url).code == 0)
    }

    private static func balances(of books: Books) throws -> [String] {
      try books.rows(
        """
        SELECT account || ' ' || asset || ' ' || trim_scale(sum(amount)) FROM report.balance
        GROUP BY account, asset HAVING sum(amount) <> 0
        """
      ).map { $0[0] }.sorted()
    }

    private func hledger(_ arguments: String...) throws -> String {
      let ending = try Program(arguments, of: hledgerProgram).wait()
      #expect(ending.code == 0, "\(ending.errors)")
      return ending.output
    }
  }
}
