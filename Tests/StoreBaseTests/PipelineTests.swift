import Store
import Testing

@Suite("A batch in one round trip")
struct PipelineTests {
  @Test("it commits as one, and says what each statement changed")
  func commits() throws {
    try withDatabase { database, conninfo in
      try database.executeScript("CREATE TABLE t (id int PRIMARY KEY, n int)")
      let insert = "INSERT INTO t VALUES ($1, $2)"
      let changed = try database.commit([
        (insert, [1, 10]), (insert, [2, 20]), ("UPDATE t SET n = n + 1", []),
        ("DELETE FROM t WHERE id = $1", [99]),
      ])
      #expect(changed == [1, 1, 2, 0])
      #expect(
        try PostgresConnection(conninfo).execute("SELECT sum(n) FROM t")[0][0] == "32")
    }
  }

  @Test("a failure names its place, changes nothing and leaves the session usable")
  func fails() throws {
    try withDatabase { database, _ in
      try database.executeScript("CREATE TABLE t (id int PRIMARY KEY, n int)")
      let insert = "INSERT INTO t VALUES ($1, $2)"
      for _ in 0..<3 {
        let error = try #require(throws: PostgresError.self) {
          try database.commit([
            (insert, [1, 10]), (insert, [1, 20]), ("SELECT absent", []), (insert, [3, 30]),
          ])
        }
        #expect(error.sqlState == .uniqueViolation)
        #expect(error.description.contains("(statement 2 of 4)"))
        #expect(!database.isInTransaction)
      }
      #expect(throws: PostgresError.self) { try database.commit([("SELECT absent", [])]) }
      #expect(try database.execute("SELECT count(*) FROM t")[0][0] == "0")
      #expect(try database.commit([(insert, [1, 10]), ("SELECT 1", [])]) == [1, 1])
    }
  }

  @Test("a deferred constraint that fails at the commit is a failure")
  func failsAtCommit() throws {
    try withDatabase { database, _ in
      try database.executeScript(
        "CREATE TABLE t (id int PRIMARY KEY, of int REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
      let error = try #require(throws: PostgresError.self) {
        try database.commit([("INSERT INTO t VALUES (1, 2)", [])])
      }
      #expect(error.sqlState == .foreignKeyViolation)
      #expect(error.description.contains("(at the commit)"))
      #expect(try database.execute("SELECT count(*) FROM t")[0][0] == "0")
    }
  }

  @Test("inside a transaction it belongs to that transaction")
  func joinsTransaction() throws {
    try withDatabase { database, _ in
      try database.executeScript("CREATE TABLE t (id int PRIMARY KEY)")
      let insert = "INSERT INTO t VALUES ($1)"
      #expect(throws: PostgresError.self) {
        try database.transaction { () throws(PostgresError) in
          try database.pipeline([(insert, [1]), (insert, [2])])
          try database.pipeline([(insert, [2])])
        }
      }
      #expect(try database.execute("SELECT count(*) FROM t")[0][0] == "0")
      #expect(try database.pipeline([]) == [])
    }
  }

  @Test("neither large batches nor large answers block")
  func large() throws {
    try withDatabase { database, _ in
      try database.executeScript("CREATE TABLE t (id int PRIMARY KEY, text text)")
      let wide = String(repeating: "x", count: 20_000)
      let inserts = (0..<300).map {
        ("INSERT INTO t VALUES ($1, $2) RETURNING text || text", [.integer($0), .text(wide)])
          as SQLStatement
      }
      #expect(try database.commit(inserts).reduce(0, +) == 300)
      #expect(try database.execute("SELECT sum(length(text)) FROM t")[0][0] == "6000000")
    }
  }

  @Test("a session lost in the middle is an error, not a wait", arguments: [1, 1_000])
  func lostInTheMiddle(count: Int) throws {
    try withDatabase { _, conninfo in
      let database = try PostgresConnection(conninfo)
      let fill = Array(
        repeating: ("SELECT repeat('x', 10000)", []) as SQLStatement, count: count)
      let end = ("SELECT pg_terminate_backend(pg_backend_pid())", []) as SQLStatement
      let error = try #require(throws: PostgresError.self) {
        try database.commit(fill + [end] + fill)
      }
      #expect(error.isConnectionLoss)
      #expect(!database.isInTransaction)
    }
  }
}
