import FoundationEssentials
import Glibc
import Store
import Testing

@Suite("The private PostgreSQL", .serialized)
struct PrivateClusterTests {
  /// A project folder with a cluster, both removed with the value.
  final class Project {
    let root: String
    var cluster: PrivateCluster { PrivateCluster(root: root) }

    init(_ name: String) throws {
      root = "/tmp/\(name)-\(UUID().uuidString.prefix(8))"
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit {
      try? cluster.stop()
      try? FileManager.default.removeItem(atPath: root)
    }

    var data: String { "\(root)/.harvester/postgres/data" }

    var server: pid_t? {
      FileManager.default.contents(atPath: "\(data)/postmaster.pid")
        .flatMap { String(decoding: $0, as: UTF8.self).split(separator: "\n").first }
        .flatMap { pid_t($0) }
    }
  }

  @Test("it comes up, keeps its data, and stops")
  func lifeCycle() throws {
    let project = try Project("cluster")
    let cluster = project.cluster
    #expect(try cluster.status() == .absent)
    try cluster.start()
    #expect(try cluster.status() == .running)
    let connection = try PostgresConnection(cluster.url())
    let settings = try connection.execute(
      """
      SELECT current_setting('listen_addresses'), current_setting('data_checksums'),
        current_setting('server_encoding'), current_database(), current_user
      """)
    #expect((0..<5).map { settings[0][$0] } == ["", "on", "UTF8", "harvester", "harvester"])
    try connection.executeScript("CREATE TABLE kept (id int)")
    connection.close()
    try cluster.start()
    try cluster.stop()
    #expect(try cluster.status() == .stopped)
    try cluster.stop()
    try cluster.start()
    let again = try PostgresConnection(cluster.conninfo())
    #expect(try again.execute("SELECT to_regclass('kept')")[0][0] == "kept")
  }

  @Test("it recovers when the server is killed")
  func crash() throws {
    let project = try Project("crash")
    try project.cluster.start()
    let connection = try PostgresConnection(project.cluster.conninfo())
    try connection.executeScript("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
    kill(try #require(project.server), SIGKILL)
    try project.cluster.start()
    #expect(throws: PostgresError.self) { try connection.execute("SELECT 1") }
    let again = try PostgresConnection(project.cluster.conninfo())
    #expect(try again.execute("SELECT * FROM kept").count == 1)
  }

  @Test("several may start it at once")
  func concurrentStarts() async throws {
    let project = try Project("race")
    let cluster = project.cluster
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try cluster.start() } }
      try await group.waitForAll()
    }
    #expect(try cluster.status() == .running)
  }

  @Test("a path too long or too odd for a socket is no obstacle")
  func longPath() throws {
    let project = try Project("it's odd " + String(repeating: "x", count: 90))
    try project.cluster.start()
    #expect(try project.cluster.url().utf8.count < 160)
    #expect(try PostgresConnection(project.cluster.url()).isAlive)
  }

  @Test("a folder that is not there is an error")
  func noFolder() {
    let cluster = PrivateCluster(root: "/nonexistent/folder")
    #expect(throws: ClusterError.self) { try cluster.start() }
    #expect(throws: ClusterError.self) { try cluster.status() }
  }
}
