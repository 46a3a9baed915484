import Foundation
import Store
import Testing

extension EndToEnd {
  /// What an operator watches: the head of the journal, alerts, and whose rights are used.
  @Suite struct Watch {
    private func verify(_ books: Books, _ arguments: String...) throws -> Program.Ending {
      try Program(
        ["database", "verify", "--format", "csv", "--database-url", books.url] + arguments
      ).wait()
    }

    private func head(in ending: Program.Ending) throws -> String {
      let match = ending.output.firstMatch(of: /journal\.head,ok,(\d+:[0-9a-f]{64})/)
      return String(try #require(match).output.1)
    }

    @Test func aHeadKeptElsewhereShowsAnEndWrittenAnew() throws {
      let books = try Books(copyOf: try History.books.get())
      let head = try head(in: try verify(books))
      let same = try verify(books, "--head", head)
      #expect(same.code == 0)
      #expect(same.output.contains("journal.known_head,ok,ok"))
      let connection = try books.connect()
      // The last record with a hash that fits: nothing in the database tells.
      try connection.executeScript(
        """
        ALTER TABLE journal.record DISABLE TRIGGER USER;
        UPDATE journal.record AS r SET body = '{}', hash = journal.link(
          (SELECT hash FROM journal.record WHERE seq = r.seq - 1), seq, run_id, at, kind, version,
          '{}')
        WHERE seq = (SELECT max(seq) FROM journal.record);
        ALTER TABLE journal.record ENABLE TRIGGER USER
        """)
      #expect(try verify(books).code == 0)
      let anew = try verify(books, "--head", head)
      #expect(anew.code == 1)
      #expect(anew.output.contains("journal.known_head,FAILED,record"))
      try connection.executeScript(
        """
        ALTER TABLE journal.record DISABLE TRIGGER USER;
        DELETE FROM journal.record WHERE seq = (SELECT max(seq) FROM journal.record)
        """)
      connection.close()
      let cut = try verify(books, "--head", head)
      #expect(cut.code == 1)
      #expect(cut.output.contains("is gone"))
      #expect(try verify(books, "--head", "7").code == 64)
    }

    @Test func alertsAreShownWhereverOneLooks() throws {
      let books = try Books(copyOf: try History.books.get())
      // A paper run that is over, years behind the clock, raises none.
      #expect(try run(books, "report", "alerts") == "(none)\n")
      #expect(try !run(books, "status").contains("alerts"))
      let connection = try books.connect()
      try connection.execute(
        "INSERT INTO control.command (kind, expires_at) VALUES ('pause', now() - interval '1 s')")
      connection.close()
      let status = try run(books, "status")
      #expect(status.contains("\nalerts\n") && status.contains("command_unanswered"))
      let table = try run(books, "report", "alerts")
      #expect(table.contains("command_unanswered"))
      let csv = try run(books, "report", "alerts", "--format", "csv")
      #expect(csv.hasPrefix("raised_at,severity,kind,venue,symbol,carry_id,subject,detail\r\n"))
      let json = Data(try run(books, "report", "alerts", "--format", "json").utf8)
      let rows = try #require(try JSONSerialization.jsonObject(with: json) as? [[String: Any]])
      #expect(rows.count == 1 && rows[0]["severity"] as? String == "warning")
      #expect(rows[0]["carry_id"] is NSNull)
    }

    private func run(_ books: Books, _ arguments: String...) throws -> String {
      let ending = try Program(arguments + ["--database-url", books.url]).wait()
      #expect(ending.code == 0, "\(ending.errors)")
      return ending.output
    }

    /// Paper money may be kept where a crash takes back what was confirmed.
    @Test func paperOnlyWarnsOfAServerThatMayForget() throws {
      let books = try Books()
      let connection = try books.connect()
      try connection.executeScript(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', "
          + "current_database()); END $$")
      connection.close()
      let ending = try RecordedMarket.shared.get().run(books, to: "2024-01-03").wait()
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(ending.errors.contains("warning: the server cannot be trusted with books"))
      #expect(ending.errors.contains("synchronous_commit is off, not on"))
      let reader = try PostgresConnection(books.url, requireDurability: false)
      defer { reader.close() }
      #expect(try !reader.execute("SELECT FROM journal.record LIMIT 1").isEmpty)
    }

    /// Each command fails when its own role may not do its work, though the login may do everything.
    @Test func commandsHaveTheRightsOfTheirRoleOnly() throws {
      let books = try Books(copyOf: try History.books.get())
      let connection = try books.connect()
      try connection.executeScript(
        """
        REVOKE SELECT ON report.carry_pnl FROM harvester_reader;
        REVOKE INSERT ON control.command FROM harvester_operator;
        REVOKE INSERT (kind, arguments, expires_at) ON control.command FROM harvester_operator;
        REVOKE INSERT ON journal.run FROM harvester_writer
        """)
      connection.close()
      let market = try RecordedMarket.shared.get()
      for ending in [
        try Program.run("report", "pnl", "--database-url", books.url),
        try Program.run("pause", "--queue", "5", "--database-url", books.url),
        try market.run(books, to: History.to).wait(),
      ] {
        #expect(ending.code != 0)
        #expect(ending.errors.contains("permission denied"), "\(ending.errors)")
      }
    }
  }
}
