import Store
import Testing

extension EndToEnd {
  /// The books of a finished run defend themselves against whoever has the password.
  @Suite struct BooksRefuse {
    private func refused(_ sql: String, _ state: SQLState, in books: Books) throws {
      let connection = try books.connect()
      defer { connection.close() }
      do throws(PostgresError) {
        try connection.executeScript(sql)
        Issue.record("accepted: \(sql)")
      } catch {
        #expect(error.sqlState == state, "\(sql): \(error)")
      }
    }

    @Test func nothingIsChangedOrRemoved() throws {
      let books = try Books(copyOf: try History.books.get())
      let before = try books.fingerprint()
      let tables = try books.rows(
        """
        SELECT t.schemaname || '.' || t.tablename, min(c.column_name)
        FROM pg_tables AS t JOIN information_schema.columns AS c
          ON c.table_schema = t.schemaname AND c.table_name = t.tablename
        WHERE t.schemaname IN ('journal', 'ledger', 'book', 'paper', 'research')
          AND t.tablename <> 'run' AND c.is_generated = 'NEVER' AND c.is_identity = 'NO'
        GROUP BY 1
        """)
      #expect(tables.count > 20)
      for table in tables {
        let name = table[0]
        try refused("UPDATE \(name) SET \(table[1]) = \(table[1])", .restrictViolation, in: books)
        try refused("DELETE FROM \(name)", .restrictViolation, in: books)
        try refused("TRUNCATE \(name) CASCADE", .restrictViolation, in: books)
      }
      try refused("DELETE FROM journal.run", .restrictViolation, in: books)
      try refused("TRUNCATE journal.run CASCADE", .restrictViolation, in: books)
      try refused("UPDATE journal.run SET pid = pid + 1", .restrictViolation, in: books)
      try refused("TRUNCATE control.command CASCADE", .restrictViolation, in: books)
      #expect(try books.fingerprint() == before)
    }

    @Test func anEntryMustBalance() throws {
      let books = try Books(copyOf: try History.books.get())
      let before = try books.fingerprint()
      func entry(_ postings: String...) -> String {
        let lines = postings.enumerated().map { "(1000001, \($0 + 1), \($1))" }
        return """
          BEGIN;
          INSERT INTO ledger.entry (entry_id, source_key, at, kind, mode, venue)
          VALUES (1000001, 'test:1', now(), 'funding', 'paper', 'binance');
          \(lines.isEmpty ? "" : "INSERT INTO ledger.posting (entry_id, line, account, asset, amount) VALUES \(lines.joined(separator: ", "));")
          COMMIT
          """
      }
      let held = "'assets:binance:spot', 'USDT'"
      let earned = "'income:funding', 'USDT'"
      try refused(
        entry("\(held), 5", "\(earned), -4.999999999999999999"), .checkViolation, in: books)
      try refused(entry("\(held), 5", "'income:funding', 'USDC', -5"), .checkViolation, in: books)
      try refused(entry("\(held), 5"), .checkViolation, in: books)
      try refused(entry(), .checkViolation, in: books)
      for amount in ["'NaN'", "'Infinity'", "'-Infinity'", "0", "1e20"] {
        try refused(
          entry("\(held), \(amount)", "\(earned), -(\(amount)::numeric)"), .checkViolation,
          in: books)
      }
      try refused(entry("\(held), 1e-19", "\(earned), -1e-19"), .checkViolation, in: books)
      try refused(entry("'somewhere', 'USDT', 5", "\(earned), -5"), .checkViolation, in: books)
      #expect(try books.fingerprint() == before)
    }

    @Test func nothingIsBookedTwice() throws {
      let books = try Books(copyOf: try History.books.get())
      let before = try books.fingerprint()
      let key = try books.value(
        "SELECT source_key FROM ledger.entry WHERE kind = 'funding' LIMIT 1")
      try refused(
        """
        BEGIN;
        INSERT INTO ledger.entry (entry_id, source_key, at, kind, mode, venue)
        VALUES (1000001, '\(key)', now(), 'funding', 'paper', 'binance');
        INSERT INTO ledger.posting (entry_id, line, account, asset, amount) VALUES
          (1000001, 1, 'assets:binance:spot', 'USDT', 5), (1000001, 2, 'income:funding', 'USDT', -5);
        COMMIT
        """, .uniqueViolation, in: books)
      // An entry is closed by its commit.
      try refused(
        """
        INSERT INTO ledger.posting (entry_id, line, account, asset, amount) VALUES
          (1, 98, 'assets:binance:spot', 'USDT', 5), (1, 99, 'income:funding', 'USDT', -5)
        """, .restrictViolation, in: books)
      try refused(
        "INSERT INTO book.fill OVERRIDING USER VALUE SELECT * FROM book.fill LIMIT 1",
        .uniqueViolation,
        in: books)
      try refused(
        "INSERT INTO book.funding_payment SELECT * FROM book.funding_payment LIMIT 1",
        .uniqueViolation, in: books)
      try refused(
        "INSERT INTO book.order_intent SELECT * FROM book.order_intent LIMIT 1", .uniqueViolation,
        in: books)
      #expect(try books.fingerprint() == before)
    }

    @Test(arguments: ["'NaN'", "'Infinity'", "1e-19", "1e20", "-1e20"])
    func amountsAreFiniteAndExact(amount: String) throws {
      let books = try Books(copyOf: try History.books.get())
      let before = try books.fingerprint()
      for sql in [
        "INSERT INTO book.equity VALUES ('paper', 'binance', 'USDT', now(), \(amount))",
        "INSERT INTO book.adjustment VALUES (1, 1, now(), \(amount), 'test')",
        "INSERT INTO book.interest VALUES (1, now(), \(amount), 'USDT')",
        "INSERT INTO book.funding_payment VALUES "
          + "('binance', 'x1', 'paper', 'BTCUSDT', 1, now(), \(amount), 'USDT', now())",
      ] { try refused(sql, .checkViolation, in: books) }
      #expect(try books.fingerprint() == before)
    }

    /// What triggers keep is checked against the rows behind it.
    @Test func verifyFindsAForgedTotal() throws {
      let books = try Books(copyOf: try History.books.get())
      let connection = try books.connect()
      try connection.executeScript(
        """
        ALTER TABLE ledger.balance DISABLE TRIGGER USER;
        UPDATE ledger.balance SET amount = amount + 0.000000000000000001
        WHERE account = 'income:funding';
        ALTER TABLE ledger.balance ENABLE TRIGGER USER
        """)
      connection.close()
      let ending = try Program.run("database", "verify", "--database-url", books.url)
      #expect(ending.code == 1)
      #expect(ending.output.contains("FAILED"))
      #expect(ending.errors.contains("fail 1 check"))
    }
  }
}

extension SQLState {
  /// A guard refused to change or remove what is there.
  fileprivate static let restrictViolation = SQLState(rawValue: "23001")
}
