import Foundation
public import Store

/// A database made for one test, on a server that ends with the test run.
public struct Books {
  /// How a program is told where it is.
  public let url: String
  private let name: String
  private let cluster: PrivateCluster

  /// The server of all books that name no other.
  private static let shared = BooksServer()

  /// An empty database, or a copy of one that nobody is connected to.
  ///
  /// - Parameters:
  ///   - server: one that the test may stop; otherwise all share one.
  ///   - disk: where the tables are, if not with the server.
  public init(
    copyOf original: Books? = nil, on server: BooksServer? = nil, disk: SmallDisk? = nil
  ) throws {
    cluster = (server ?? Self.shared).cluster
    try cluster.start()
    name = "t" + UUID().uuidString.replacing("-", with: "").lowercased()
    let template = original.map { " TEMPLATE \($0.name)" } ?? ""
    let connection = try PostgresConnection(cluster.conninfo())
    defer { connection.close() }
    let place = disk == nil ? "" : " TABLESPACE small"
    try connection.execute("CREATE DATABASE \(name)\(template)\(place)")
    url = try cluster.conninfo(database: name)
  }

  /// The URL of a database that does not exist.
  public static func missing() throws -> String {
    try shared.cluster.start()
    return try shared.cluster.conninfo(database: "nosuchbooks")
  }

  /// Removes it, to spare a server that crashes often the reading of many files.
  public func drop() throws {
    let connection = try PostgresConnection(cluster.conninfo())
    defer { connection.close() }
    try connection.execute("DROP DATABASE \(name) WITH (FORCE)")
  }

  /// A connection of one's own.
  public func connect() throws -> PostgresConnection { try PostgresConnection(url) }

  /// Rows of text; NULL is `-`.
  public func rows(_ sql: String) throws -> [[String]] {
    let connection = try connect()
    defer { connection.close() }
    let rows = try connection.execute(sql)
    return rows.map { row in rows.columns.indices.map { row[$0] ?? "-" } }
  }

  /// The only value of a query; NULL is `-`.
  public func value(_ sql: String) throws -> String {
    guard let value = try rows(sql).first?.first else { throw TestFailure("no row: \(sql)") }
    return value
  }

  /// The number of facts, zero before the schema is there.
  public func facts() throws -> Int {
    guard try value("SELECT to_regclass('journal.record')") != "-" else { return 0 }
    return Int(try value("SELECT count(*) FROM journal.record")) ?? 0
  }

  /// A number that changes with any row of any table.
  public func fingerprint() throws -> String {
    let tables = try rows(
      """
      SELECT format('SELECT sum(hashtextextended(t::text, 1)) FROM %I.%I AS t', schemaname,
        tablename)
      FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
      ORDER BY 1
      """)
    return try tables.map { try value($0[0]) }.joined(separator: " ")
  }

  /// What is wrong with the books; empty when all is well.
  ///
  /// - Parameter rounding: by how much a venue's payments may differ from the exact ones.
  public func faults(rounding: String = "0") throws -> [[String]] {
    try rows("SELECT check_name, detail FROM report.verify() WHERE NOT ok")
      + rows("SELECT 'gap', reason FROM report.funding_gap")
      + rows("SELECT 'break', kind || ' ' || difference FROM report.reconciliation_break")
      + rows("SELECT 'unexplained', carry_id::text FROM report.carry_pnl WHERE unexplained <> 0")
      + rows(
        "SELECT 'payment', venue_payment_id, difference::text FROM report.funding_payment "
          + "WHERE abs(difference) > \(rounding)")
  }
}
