import Store
import Testing

@Suite("A PostgreSQL connection")
struct PostgresConnectionTests {
  @Test("values go and come back exactly")
  func roundTrip() throws {
    try withDatabase { database, _ in
      let rows = try database.execute(
        "SELECT $1::numeric AS n, $2::text AS t, $3::bigint AS i, $4::boolean AS b, "
          + "$5::bytea AS x, $6::text AS missing, $7::text[] AS list",
        [
          "0.000000000000000001", "ünï 'quoted' \\ \"x\"", 9_223_372_036_854_775_807, true,
          .bytes([0, 255, 16]), nil, .array(["a\"b", "c\\d,e", ""]),
        ])
      let row = try #require(rows.first)
      #expect(row["n"] == "0.000000000000000001")
      #expect(row["t"] == "ünï 'quoted' \\ \"x\"")
      #expect(row["i"] == "9223372036854775807")
      #expect(row["b"] == "t")
      #expect(row["x"] == "\\x00ff10")
      #expect(row["missing"] == nil)
      #expect(row[6] == #"{"a\"b","c\\d,e",""}"#)
      #expect(rows.columns.count == 7)
      #expect(rows.commandTag == "SELECT 1")
    }
  }

  @Test("the session is in UTC, ISO dates, and named")
  func session() throws {
    try withDatabase { database, _ in
      let rows = try database.execute(
        "SELECT timestamptz '2024-01-01 02:00+02', current_setting('application_name')")
      #expect(rows[0][0] == "2024-01-01 00:00:00+00")
      #expect(rows[0][1] == "harvester")
    }
  }

  @Test("errors carry the code and neither parameters nor rows")
  func errors() throws {
    try withDatabase { database, _ in
      try database.executeScript("CREATE TABLE t (id int PRIMARY KEY, n int CHECK (n > 0))")
      try database.execute("INSERT INTO t VALUES ($1, $2)", [77_001, 1])
      for (state, sql) in [
        (SQLState.uniqueViolation, "INSERT INTO t VALUES (77001, 1)"),
        (SQLState.checkViolation, "INSERT INTO t VALUES (3, -77001)"),
        (SQLState.undefinedTable, "SELECT * FROM absent"),
        (SQLState.raisedException, "DO $$ BEGIN RAISE EXCEPTION 'no'; END $$"),
      ] {
        let error = try #require(throws: PostgresError.self) { try database.execute(sql) }
        #expect(error.sqlState == state)
        #expect(!error.description.contains("77001"))
        #expect(!error.isConnectionLoss)
      }
      let error = try #require(throws: PostgresError.self) {
        try database.execute("SELECT $1::int", ["secret"])
      }
      #expect(
        error.description
          == "invalid input syntax for type integer: \"…\" (SQLSTATE 22P02)")
      #expect(throws: PostgresError.self) { try database.execute("SELECT $1::text", ["a\0b"]) }
      #expect(throws: PostgresError.self) {
        try database.pipeline([("SELECT 1", []), ("SELECT $1::text", ["a\0b"])])
      }
      #expect(try database.execute("SELECT 1")[0][0] == "1")
    }
  }

  @Test("a transaction is whole or not there")
  func transactions() throws {
    try withDatabase { database, _ in
      try database.executeScript("CREATE TABLE t (id int PRIMARY KEY)")
      try database.transaction { () throws(PostgresError) in
        try database.execute("INSERT INTO t VALUES (1)")
      }
      #expect(throws: PostgresError.self) {
        try database.transaction { () throws(PostgresError) in
          try database.execute("INSERT INTO t VALUES (2)")
          try database.execute("INSERT INTO t VALUES (1)")
        }
      }
      // A failure that the body swallows turns COMMIT into a silent rollback; it must not pass.
      #expect(throws: PostgresError.self) {
        try database.transaction { () throws(PostgresError) in
          _ = try? database.execute("INSERT INTO t VALUES (1)")
        }
      }
      #expect(!database.isInTransaction)
      #expect(try database.execute("SELECT count(*) FROM t")[0][0] == "1")
    }
  }

  @Test("COPY loads awkward text, and nothing when one row is bad")
  func copies() throws {
    try withDatabase { database, _ in
      try database.executeScript("CREATE SCHEMA s; CREATE TABLE s.\"T\" (id int, \"a b\" text)")
      let awkward: [SQLValue] = ["tab\tnewline\nreturn\rslash\\N", .null, "", "ü", "\\."]
      let rows = (0..<awkward.count).map { [.integer(Int64($0)), awkward[$0]] }
      #expect(try database.copyIn(table: "s.T", columns: ["id", "a b"], rows: rows) == 5)
      let read = try database.execute("SELECT \"a b\" FROM s.\"T\" ORDER BY id").map { $0[0] }
      #expect(read == ["tab\tnewline\nreturn\rslash\\N", nil, "", "ü", "\\."])
      for bad: [SQLValue] in [["x", "y"], ["1"], ["1", "a\0b"]] {
        #expect(throws: PostgresError.self) {
          try database.copyIn(table: "s.T", columns: ["id", "a b"], rows: [["9", "z"], bad])
        }
      }
      #expect(try database.execute("SELECT count(*) FROM s.\"T\"")[0][0] == "5")
    }
  }

  @Test("notifications arrive without waiting")
  func notifications() throws {
    try withDatabase { database, conninfo in
      try database.listen("Command")
      #expect(try database.drainNotifications() == [])
      let other = try PostgresConnection(conninfo)
      try other.execute("SELECT pg_notify($1, $2)", ["Command", "pause"])
      try other.execute("SELECT pg_notify($1, $2)", ["Command", "resume"])
      other.close()
      #expect(database.fileDescriptor >= 0)
      var received: [String] = []
      for _ in 0..<1000 where received.count < 2 {
        received += try database.drainNotifications()
        try database.execute("SELECT pg_sleep(0.001)")
      }
      #expect(received == ["pause", "resume"])
    }
  }

  @Test("a session that the server ends is lost, and says so")
  func connectionLoss() throws {
    try withDatabase { database, conninfo in
      let victim = try PostgresConnection(conninfo)
      let process = try #require(try victim.execute("SELECT pg_backend_pid()")[0][0])
      try database.execute("SELECT pg_terminate_backend($1)", [.text(process)])
      try database.execute("SELECT pg_sleep(0.05)")
      let error = try #require(throws: PostgresError.self) { try victim.execute("SELECT 1") }
      #expect(error.isConnectionLoss)
      #expect(!victim.isAlive)
      #expect(throws: PostgresError.self) { try victim.pipeline([("SELECT 1", [])]) }
      victim.close()
      #expect(victim.fileDescriptor == -1)
      #expect(throws: PostgresError.self) { try victim.execute("SELECT 1") }
    }
  }

  @Test("a server that could lose data is refused")
  func durability() throws {
    try withDatabase { database, conninfo in
      let name = try #require(try database.execute("SELECT current_database()")[0][0])
      try database.execute("ALTER DATABASE \(name) SET synchronous_commit = off")
      let error = try #require(throws: PostgresError.self) { try PostgresConnection(conninfo) }
      #expect(error.description.contains("synchronous_commit = off"))
      #expect(try PostgresConnection(conninfo, requireDurability: false).isAlive)
    }
  }

  @Test(
    "a URL that leads nowhere is refused without repeating its password",
    arguments: [
      "postgresql://user:topsecret@localhost:1/db", "postgresql://user:top@secret@localhost:1/db",
      "host=/nonexistent user=u password=topsecret", "topsecret", "host localhost topsecret=",
      "postgresql://user:topsecret@localhost:99999/db", "postgresql://[topsecret/db",
    ])
  func badURL(text: String) throws {
    let error = try #require(throws: PostgresError.self) { try PostgresConnection(text) }
    #expect(error.kind == .unavailable)
    #expect(!error.description.contains("secret"))
  }
}
