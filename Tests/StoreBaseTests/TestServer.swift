import FoundationEssentials
import Store

/// The one private server of this test run, in a folder that a later run uses again.
enum TestServer {
  static let cluster = PrivateCluster(root: root)

  private static let root: String = {
    let folder = FileManager.default.temporaryDirectory.path + "/harvester-store-tests"
    // Another user may own the folder of the same name.
    let own = "\(folder)-\(ProcessInfo.processInfo.userName)"
    try? FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
    return own
  }()

  /// A connection to a database made for one test.
  static func freshDatabase() throws -> (connection: PostgresConnection, conninfo: String) {
    try cluster.start()
    let name = "t" + UUID().uuidString.replacing("-", with: "").lowercased()
    try PostgresConnection(cluster.conninfo()).execute("CREATE DATABASE \(name)")
    let conninfo = try cluster.conninfo(database: name)
    return (try PostgresConnection(conninfo), conninfo)
  }

  static func drop(_ connection: PostgresConnection) throws {
    let name = try connection.execute("SELECT current_database()")[0][0] ?? ""
    connection.close()
    try PostgresConnection(cluster.conninfo()).execute("DROP DATABASE \(name) WITH (FORCE)")
  }
}

/// Runs a body with a database of its own.
func withDatabase(_ body: (PostgresConnection, String) throws -> Void) throws {
  let (connection, conninfo) = try TestServer.freshDatabase()
  do {
    try body(connection, conninfo)
  } catch {
    try TestServer.drop(connection)
    throw error
  }
  try TestServer.drop(connection)
}
