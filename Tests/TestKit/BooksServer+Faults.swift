import Foundation
import Glibc
import Store

/// What can happen to a server while somebody works with it.
extension BooksServer {
  /// Ends the process behind the session that holds the lock of some books, as the kernel does when
  /// memory is short; the server then ends every session and recovers.
  public func killBackend(of books: Books) throws {
    let rows = try books.rows(
      """
      SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database =
        (SELECT oid FROM pg_database WHERE datname = current_database())
      """)
    if let process = rows.first.flatMap({ Int32($0[0]) }) { kill(process, SIGKILL) }
  }

  /// Lets every session only read, or write again.
  public func setReadOnly(_ isReadOnly: Bool) throws {
    let connection = try PostgresConnection(cluster.conninfo())
    defer { connection.close() }
    try connection.execute(
      "ALTER SYSTEM \(isReadOnly ? "SET" : "RESET") default_transaction_read_only"
        + (isReadOnly ? " = on" : ""))
    try connection.execute("SELECT pg_reload_conf()")
  }

  /// The account that the server runs as.
  var owner: uid_t? {
    var status = stat()
    return stat("\(root)/.harvester/postgres/data", &status) == 0 ? status.st_uid : nil
  }
}
