import FoundationEssentials
import Store
import Testing

/// Each role can do its work and nothing else.
@Suite("Roles of the database")
struct RoleTests {
  private static let denied = "42501"

  private func withRole(
    _ role: DatabaseRole, _ body: (PostgresConnection, PostgresConnection) throws -> Void
  ) throws {
    try withBooks { owner, conninfo in
      let run = try owner.startRun()
      try owner.addRecord(run: run, kind: "started")
      let session = try PostgresConnection(conninfo)
      defer { session.close() }
      #expect(try session.assume(role))
      #expect(try session.currentRole() == role.rawValue)
      try body(session, owner)
    }
  }

  private static let tables = [
    "journal.run", "journal.record", "journal.pin", "ledger.entry", "ledger.posting",
    "ledger.balance", "book.fill", "book.carry_total", "control.command", "paper.request",
    "research.backtest",
  ]

  @Test("everything belongs to the owner")
  func owner() throws {
    try withBooks { database, _ in
      let foreign = try database.execute(
        """
        SELECT c.oid::regclass::text FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = relnamespace
        WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')
          AND relowner <> to_regrole('harvester_owner')
        UNION ALL
        SELECT p.oid::regproc::text FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace
        WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')
          AND proowner <> to_regrole('harvester_owner')
        """)
      #expect(foreign.map { $0[0] ?? "" }.isEmpty)
    }
  }

  @Test("the reader sees reports and nothing else, changes nothing, and cannot stay for ever")
  func reader() throws {
    try withRole(.reader) { reader, _ in
      let views = try reader.execute(
        "SELECT table_name FROM information_schema.views WHERE table_schema = 'report'")
      #expect(views.count > 15)
      for view in views { try reader.execute("SELECT * FROM report.\(view[0] ?? "")") }
      #expect(try reader.problems().isEmpty)
      for table in Self.tables {
        expectRefusal(Self.denied, of: "SELECT * FROM \(table)", over: reader)
      }
      let settings = [
        ("default_transaction_read_only", "on"), ("statement_timeout", "5min"),
        ("idle_in_transaction_session_timeout", "1min"),
      ]
      for (name, value) in settings {
        #expect(try reader.value("SHOW \(name)") == value)
      }
      try reader.execute("SET default_transaction_read_only = off")
      for table in Self.tables {
        expectRefusal(Self.denied, of: "INSERT INTO \(table) DEFAULT VALUES", over: reader)
        expectRefusal(Self.denied, of: "DELETE FROM \(table)", over: reader)
      }
      expectRefusal(Self.denied, of: "CREATE TABLE report.mine (id int)", over: reader)
      expectRefusal(Self.denied, of: "SELECT control.withdraw(1)", over: reader)
    }
  }

  @Test("the operator asks and reads, and touches neither journal nor answers")
  func operators() throws {
    try withRole(.operator) { session, _ in
      let command = try session.execute(
        """
        INSERT INTO control.command (kind, arguments, expires_at)
        VALUES ('pause', '{}', now() + interval '1 minute') RETURNING command_id
        """)[0][0]
      let number = try #require(command.flatMap { Int64($0) })
      #expect(try CommandQueue.answer(to: number, over: session) == nil)
      expectRefusal(Self.denied, of: "UPDATE control.command SET status = 'done'", over: session)
      expectRefusal(
        Self.denied,
        of: "INSERT INTO control.command (kind, expires_at, status, finished_at) "
          + "VALUES ('pause', now(), 'done', now())", over: session)
      #expect(try CommandQueue.withdraw(number, over: session))
      #expect(try CommandQueue.answer(to: number, over: session)?.status == "expired")
      try session.execute(
        "INSERT INTO research.backtest (version, market, settings, result) "
          + "VALUES ('1', 'm', '{}', '{}')")
      #expect(try session.value("SELECT count(*) FROM report.daemon") == "1")
      #expect(try session.value("SHOW statement_timeout") == "1min")
      for table in Self.tables where !["control.command", "research.backtest"].contains(table) {
        expectRefusal(Self.denied, of: "SELECT * FROM \(table)", over: session)
        expectRefusal(Self.denied, of: "INSERT INTO \(table) DEFAULT VALUES", over: session)
      }
      for table in Self.tables {
        expectRefusal(Self.denied, of: "DELETE FROM \(table)", over: session)
        expectRefusal(Self.denied, of: "TRUNCATE \(table)", over: session)
      }
    }
  }

  @Test("the writer adds rows, totals follow, and nothing is changed or removed")
  func writer() throws {
    try withRole(.writer) { writer, owner in
      try writer.addRecord(run: 1)
      try writer.executeScript(
        """
        INSERT INTO book.carry VALUES
          (1, 'live', 'binance', 'BTCUSDT', 'BTC', 'USDT', now(), 100, 1, 'policy', 'test');
        BEGIN;
        INSERT INTO ledger.entry (entry_id, source_key, at, kind, mode, venue)
        VALUES (1, 'k', now(), 'funding', 'live', 'binance');
        INSERT INTO ledger.posting VALUES
          (1, 1, 'assets:binance:futures', 'USDT', 5), (1, 2, 'income:funding', 'USDT', -5);
        COMMIT;
        UPDATE journal.run SET heartbeat_at = clock_timestamp(), state = 'draining'
        """)
      #expect(try owner.problems().isEmpty)
      #expect(try owner.value("SELECT amount FROM report.balance WHERE amount > 0") == "5")
      try owner.execute(
        "INSERT INTO control.command (kind, expires_at) VALUES ('pause', now() + interval '1 h')")
      #expect(try CommandQueue.waiting(over: writer).isEmpty)
      for table in Self.tables {
        expectRefusal(Self.denied, of: "DELETE FROM \(table)", over: writer)
        expectRefusal(Self.denied, of: "TRUNCATE \(table) CASCADE", over: writer)
      }
      for (table, column) in [
        ("journal.record", "body"), ("journal.pin", "value"), ("journal.run", "pid"),
        ("ledger.entry", "memo"), ("ledger.posting", "amount"), ("ledger.balance", "amount"),
        ("book.fill", "price"), ("book.carry_total", "funding"), ("control.command", "arguments"),
      ] {
        expectRefusal(Self.denied, of: "UPDATE \(table) SET \(column) = \(column)", over: writer)
      }
      expectRefusal(
        Self.denied, of: "INSERT INTO ledger.balance VALUES ('live', 'v', 'a', 'b', 1)",
        over: writer)
      expectRefusal(
        Self.denied, of: "ALTER TABLE journal.record DISABLE TRIGGER USER", over: writer)
      #expect(try writer.value("SHOW idle_in_transaction_session_timeout") == "1min")
    }
  }

  /// A login without the right to make roles: first as one nobody made a member, then as a member.
  @Test("where the roles cannot be had everything works as before; a member migrates for the owner")
  func plainLogin() throws {
    try withBooks { administrator, _ in
      for isMember in [false, true] {
        let login = "l" + UUID().uuidString.replacing("-", with: "").lowercased()
        try administrator.execute("CREATE ROLE \(login)")
        try administrator.execute("CREATE DATABASE \(login) OWNER \(login)")
        if isMember {
          try administrator.execute(
            "GRANT harvester_owner, harvester_writer, harvester_operator, harvester_reader "
              + "TO \(login)")
        }
        let session = try PostgresConnection(try TestServer.cluster.conninfo(database: login))
        defer { session.close() }
        try session.execute("SET SESSION AUTHORIZATION \(login)")
        try productMigrator.migrate(session)
        #expect(
          try session.value(
            "SELECT relowner::regrole FROM pg_class WHERE oid = 'book.fill'::regclass")
            == (isMember ? "harvester_owner" : login))
        for role in DatabaseRole.allCases {
          #expect(try session.isAvailable(role) == isMember)
        }
        #expect(try session.assume(.writer) == isMember)
        let run = try session.startRun()
        try session.addRecord(run: run)
        #expect(try session.value("SELECT count(*) FROM report.daemon") == "1")
      }
    }
  }
}

/// What a server must promise before books are kept on it.
@Suite("Checks of the server")
struct ServerCheckTests {
  @Test("a good server passes and nothing is left behind")
  func good() throws {
    try withBooks { database, _ in
      try database.assume(.writer)
      let checks = try ServerCheck.all(over: database)
      #expect(checks.count == 5)
      #expect(checks.filter { !$0.isPassed }.isEmpty)
      #expect(try database.value("SELECT count(*) FROM journal.pin") == "0")
      #expect(!database.isInTransaction)
    }
  }

  @Test("what may be lost and what cannot be written is told")
  func bad() throws {
    try withBooks { database, _ in
      try database.execute("SET synchronous_commit = off")
      try database.readOnly()
      let failed = try ServerCheck.all(over: database).filter { !$0.isPassed }
      #expect(failed.map(\.name) == ["synchronous_commit", "write probe"])
      #expect(failed.last?.value.contains("read-only") == true)
    }
  }
}
