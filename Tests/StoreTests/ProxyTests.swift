import Store
import TestKit
import Testing

@Suite("A connection lost in a commit")
struct ProxyTests {
  private static func insert(_ number: Int64) -> SQLStatement {
    ("INSERT INTO t VALUES ($1)", [.integer(number)])
  }

  @Test("looks the same to the client whether it was stored or not")
  func cut() throws {
    let books = try Books()
    let proxy = try DatabaseProxy(to: books.url)
    defer { proxy.close() }
    let direct = try books.connect()
    try direct.execute("CREATE TABLE t (n bigint)")
    for (number, cut) in [DatabaseProxy.Cut.beforeCommit, .afterCommit].enumerated() {
      let connection = try PostgresConnection(proxy.url)
      // The first prepares the statement COMMIT, the second executes it by its name.
      try connection.commit([Self.insert(0)])
      proxy.cut(cut, skipping: 1)
      try connection.commit([Self.insert(0)])
      let error = try #require(throws: PostgresError.self) {
        try connection.commit([Self.insert(1)])
      }
      #expect(error.kind == .connectionLost)
      #expect(proxy.cuts == number + 1)
      let stored = cut == .afterCommit ? "1" : "0"
      #expect(try direct.execute("SELECT count(*) FROM t WHERE n = 1")[0][0] == stored)
    }
    let connection = try PostgresConnection(proxy.url)
    proxy.cut(.afterCommit)
    #expect(throws: PostgresError.self) {
      try connection.transaction { () throws(PostgresError) in
        try connection.execute("INSERT INTO t VALUES (2)")
      }
    }
    #expect(try direct.execute("SELECT count(*) FROM t WHERE n = 2")[0][0] == "1")
    #expect(proxy.commits == 7)
  }

  @Test("a closed proxy ends sessions and takes none")
  func closed() throws {
    let books = try Books()
    let proxy = try DatabaseProxy(to: books.url)
    defer { proxy.close() }
    let connection = try PostgresConnection(proxy.url)
    proxy.isOpen = false
    #expect(throws: PostgresError.self) { try connection.execute("SELECT 1") }
    #expect(throws: PostgresError.self) { try PostgresConnection(proxy.url) }
    proxy.isOpen = true
    #expect(try PostgresConnection(proxy.url).execute("SELECT 1")[0][0] == "1")
  }
}
