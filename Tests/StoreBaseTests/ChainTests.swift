import Store
import Testing

/// Whoever can switch triggers off can change a record, but not unseen.
@Suite("The hash chain of the journal")
struct ChainTests {
  private func withChain(_ body: (PostgresConnection) throws -> Void) throws {
    try withBooks { database, _ in
      let run = try database.startRun()
      for _ in 1...5 { try database.addRecord(run: run) }
      #expect(try database.problems().isEmpty)
      try body(database)
    }
  }

  private func tamper(_ sql: String, _ database: PostgresConnection) throws {
    try database.executeScript(
      """
      ALTER TABLE journal.record DISABLE TRIGGER USER;
      \(sql);
      ALTER TABLE journal.record ENABLE TRIGGER USER
      """)
  }

  @Test(
    "a changed record is found and named",
    arguments: [
      ("body = '{\"price\": \"1.51\"}'", 3), ("at = at + interval '1 microsecond'", 1),
      ("kind = 'valued'", 5), ("version = 2", 5), ("body = '{\"price\": \"1.5\"}'", 5),
    ])
  func changed(change: String, number: Int) throws {
    try withChain { database in
      try tamper("UPDATE journal.record SET \(change) WHERE seq = \(number)", database)
      #expect(
        try database.problems() == ["journal.chain: 1 wrong, first: record \(number)"])
    }
  }

  @Test("a hash that was made to fit breaks the next record")
  func madeToFit() throws {
    try withChain { database in
      try tamper(
        """
        UPDATE journal.record SET body = '{}', hash = journal.link(
          (SELECT hash FROM journal.record WHERE seq = 2), seq, run_id, at, kind, version, '{}')
        WHERE seq = 3
        """, database)
      #expect(try database.problems() == ["journal.chain: 1 wrong, first: record 4"])
    }
  }

  @Test("a record that was taken out is found by the gap and by the chain")
  func takenOut() throws {
    try withChain { database in
      try tamper("DELETE FROM journal.record WHERE seq = 3", database)
      #expect(
        try database.problems() == [
          "journal.sequence: 1 wrong, first: 4 records numbered 1 to 5",
          "journal.chain: 1 wrong, first: record 4",
        ])
    }
  }

  @Test("a hash from outside is not taken, and a gap is refused")
  func computedHere() throws {
    try withChain { database in
      try database.execute(
        """
        INSERT INTO journal.record (seq, run_id, at, kind, version, body, hash)
        SELECT 6, run_id, at, kind, version, body, sha256('') FROM journal.record WHERE seq = 5
        """)
      #expect(try database.problems().isEmpty)
      expectRefusal(
        "55000",
        of: """
          INSERT INTO journal.record (seq, run_id, at, kind, version, body)
          SELECT 8, run_id, at, kind, version, body FROM journal.record WHERE seq = 5
          """, over: database)
    }
  }

  @Test("neither the time zone nor the date style of a session changes a hash")
  func settings() throws {
    try withChain { database in
      try database.executeScript("SET TimeZone = 'Asia/Kathmandu'; SET datestyle = 'German'")
      try database.addRecord(run: 1)
      #expect(try database.problems().isEmpty)
      try database.executeScript("SET TimeZone = 'UTC'; SET datestyle = 'ISO'")
      #expect(try database.problems().isEmpty)
    }
  }

  @Test("records from before the chain are linked by the migration")
  func migrated() throws {
    try withBooks { database, _ in
      let run = try database.startRun()
      for _ in 1...3 { try database.addRecord(run: run) }
      let before = try database.value("SELECT string_agg(hash::text, ' ') FROM journal.record")
      // The schema as it was, and the migration once more.
      try database.executeScript(
        """
        DROP SCHEMA report CASCADE;
        DROP TRIGGER chain ON journal.record; DROP TRIGGER fence ON journal.run;
        DROP FUNCTION journal.add_record, journal.begin_run;
        DROP INDEX journal.started;
        ALTER TABLE journal.record DROP COLUMN hash; DROP FUNCTION journal.link;
        DELETE FROM migration.report; DELETE FROM migration.applied WHERE number = 10
        """)
      #expect(try productMigrator.migrate(database).applied == ["0010_chain"])
      #expect(
        try database.value("SELECT string_agg(hash::text, ' ') FROM journal.record") == before)
      #expect(try database.problems().isEmpty)
      try database.addRecord(run: run)
      #expect(try database.problems().isEmpty)
    }
  }
}

/// A process that does not know yet that it was succeeded stores nothing.
@Suite("The fence between two runs")
struct FenceTests {
  @Test("a run that was succeeded can add no record and does not come back to life")
  func succeeded() throws {
    try withBooks { first, conninfo in
      let old = try first.startRun()
      try first.addRecord(run: old)
      let second = try PostgresConnection(conninfo)
      defer { second.close() }
      let new = try second.startRun()
      try second.execute(
        "UPDATE journal.run SET state = 'failed' WHERE run_id = $1", [.integer(old)])
      let error = #expect(throws: PostgresError.self) { try first.addRecord(run: old) }
      #expect(error?.description.hasPrefix("run 1 has been succeeded by run 2") == true)
      expectRefusal(
        "55000",
        of: "UPDATE journal.run SET heartbeat_at = now(), state = 'running' WHERE run_id = \(old)",
        over: first)
      try second.addRecord(run: new)
      #expect(try second.value("SELECT string_agg(run_id::text, ',') FROM journal.record") == "1,2")
    }
  }

  @Test("a run begins only when every record under way is stored or gone")
  func underWay() throws {
    try withBooks { first, conninfo in
      let old = try first.startRun()
      let second = try PostgresConnection(conninfo)
      defer { second.close() }
      try first.execute("BEGIN")
      try first.addRecord(run: old)
      try second.execute("BEGIN")
      try second.execute("SET LOCAL statement_timeout = '300ms'")
      let error = #expect(throws: PostgresError.self) { try second.startRun() }
      #expect(error?.sqlState == .queryCanceled)
      try second.execute("ROLLBACK")
      try first.execute("COMMIT")
      try second.startRun()
      #expect(try second.value("SELECT count(*) FROM journal.record") == "1")
    }
  }
}
