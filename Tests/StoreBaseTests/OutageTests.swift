import Store
import Testing

@Suite("What a failure of PostgreSQL asks for")
struct OutageTests {
  @Test(
    "each code has its remedy",
    arguments: [
      ("08006", .reconnect), ("57P01", .reconnect), ("57P02", .reconnect), ("57P03", .reconnect),
      ("25006", .later), ("53100", .later), ("53200", .later), ("53300", .later),
      ("58030", .later), ("57014", .later), ("55P03", .later), ("40001", .again),
      ("40P01", .again), ("22003", PostgresError.Remedy.none), ("23505", .none), ("42P01", .none),
      ("25P02", .none), ("XX000", .none),
    ] as [(String, PostgresError.Remedy)])
  func remedies(code: String, remedy: PostgresError.Remedy) {
    #expect(PostgresError(.sqlState(SQLState(rawValue: code)), "").remedy == remedy)
  }

  @Test("a session that broke is made anew, a call that was wrong is not repeated")
  func kinds() {
    #expect(PostgresError(.connectionLost, "").remedy == .reconnect)
    #expect(PostgresError(.unavailable, "").remedy == .reconnect)
    #expect(PostgresError(.protocolError, "").remedy == .none)
  }

  @Test("a server that does not answer in time is given up, in a batch as well")
  func patience() throws {
    try withDatabase { _, conninfo in
      let calls: [(PostgresConnection) throws -> Void] = [
        { try $0.execute("SELECT pg_sleep(20)") },
        { try $0.commit([("SELECT pg_sleep(20)", [])]) },
      ]
      for call in calls {
        let connection = try PostgresConnection(conninfo)
        connection.patience = .milliseconds(300)
        #expect(try connection.execute("SELECT 1")[0][0] == "1")
        let begin = ContinuousClock.now
        let error = try #require(throws: PostgresError.self) { try call(connection) }
        #expect(error.kind == .connectionLost)
        #expect(ContinuousClock.now - begin < .seconds(10))
        #expect(!connection.isAlive)
      }
    }
  }

  @Test("a connection is made without waiting, and refused with its reason")
  func attempt() throws {
    try withDatabase { _, conninfo in
      let attempt = try ConnectionAttempt(conninfo)
      var connection: PostgresConnection?
      while connection == nil { connection = try attempt.advance() }
      #expect(try connection?.execute("SELECT current_setting('TimeZone')")[0][0] == "UTC")
      let error = #expect(throws: PostgresError.self) {
        let attempt = try ConnectionAttempt("host=/nowhere dbname=x")
        while try attempt.advance() == nil {}
      }
      #expect(error?.kind == .unavailable)
      #expect(error?.remedy == .reconnect)
    }
  }
}
