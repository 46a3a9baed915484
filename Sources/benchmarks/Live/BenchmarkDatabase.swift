import Store
import Trading

/// A database of the private server that is made anew for each run.
enum BenchmarkDatabase {
  private static let name = "benchmarks"

  /// Starts the server if need be.
  ///
  /// - Parameter root: the folder of the project, with its migrations.
  static func open(root: String) -> Result<Database, WorkloadError> {
    do {
      let cluster = PrivateCluster(root: root)
      try cluster.start()
      let administration = try PostgresConnection(try cluster.conninfo())
      try administration.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
      try administration.execute("CREATE DATABASE \(name)")
      let connection = try PostgresConnection(try cluster.conninfo(database: name))
      try Migrator(folder: "\(root)/migrations").migrate(connection)
      let identity = Database.Identity(
        mode: "live", host: "localhost", processID: 1, version: "benchmark",
        configurationHash: "")
      return .success(try Database(connection, identity, pins: []))
    } catch {
      return .failure(WorkloadError("\(error)"))
    }
  }
}
