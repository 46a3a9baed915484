import FoundationEssentials
import Glibc
import Store

/// The one private server of this test run; it ends with the run.
enum TestServer {
  static let cluster = PrivateCluster(root: root)

  private static let root: String = {
    let folder =
      FileManager.default.temporaryDirectory.path
      + "/harvester-tests-\(ProcessInfo.processInfo.processIdentifier)"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    atexit { TestServer.remove() }
    return folder
  }()

  private static func remove() {
    try? cluster.stop()
    try? FileManager.default.removeItem(atPath: root)
  }

  /// A connection to a database made for one test: empty, or a copy of one nobody is connected to.
  static func freshDatabase(
    copyOf template: String? = nil
  ) throws -> (connection: PostgresConnection, conninfo: String) {
    try cluster.start()
    let name = "t" + UUID().uuidString.replacing("-", with: "").lowercased()
    let copy = template.map { " TEMPLATE \($0)" } ?? ""
    try PostgresConnection(cluster.conninfo()).execute("CREATE DATABASE \(name)\(copy)")
    let conninfo = try cluster.conninfo(database: name)
    return (try PostgresConnection(conninfo), conninfo)
  }
}

/// Runs a body with a database of its own, which ends with the server.
func withDatabase(_ body: (PostgresConnection, String) throws -> Void) throws {
  let (connection, conninfo) = try TestServer.freshDatabase()
  defer { connection.close() }
  try body(connection, conninfo)
}
