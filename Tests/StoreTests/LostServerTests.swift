import Store
import TestKit
import Testing

@Suite("A server that crashed")
struct LostServerTests {
  private static let statement: SQLStatement = ("INSERT INTO t VALUES ($1)", [.integer(1)])

  /// Its last word lies unread in the socket when the next statement finds nobody.
  ///
  /// Found by script 1 of the comparison with the virtual database: the process took it for a defect,
  /// and ended.
  @Test("is a lost connection, however it is noticed")
  func crashed() throws {
    let server = BooksServer()
    let books = try Books(on: server)
    try books.connect().execute("CREATE TABLE t (n bigint)")
    let connections = try (0..<4).map { _ in try books.connect() }
    // Statements that are prepared already are sent at once.
    try connections[2].commit([Self.statement])
    connections[1].patience = .seconds(5)
    connections[3].patience = .seconds(5)
    try server.crash()
    for (number, connection) in connections.enumerated() {
      let error = #expect(throws: PostgresError.self) {
        if number < 2 {
          try connection.execute("SELECT 1")
        } else {
          try connection.commit([Self.statement])
        }
      }
      #expect(error?.remedy == .reconnect, "\(number): \(error?.description ?? "")")
    }
  }
}
