import FoundationEssentials
import Glibc

/// PostgreSQL's own programs, run as the owner of the cluster.
struct ClusterPrograms {
  private let location: ClusterLocation
  private let folder: String

  /// Finds the programs: those of the version that made the data, else the newest.
  init(_ location: ClusterLocation, version: String?) throws(ClusterError) {
    self.location = location
    let packaged = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: packaged)) ?? []
    var candidates: [String] =
      if let version { ["\(packaged)/\(version)/bin"] } else {
        versions.compactMap { Int($0) }.sorted(by: >).map { "\(packaged)/\($0)/bin" }
      }
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    candidates += path.split(separator: ":").map(String.init)
    let found = candidates.first { folder in
      ["initdb", "pg_ctl", "postgres"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
    }
    guard let found else {
      let package = version.map { "postgresql-\($0)" } ?? "postgresql"
      throw ClusterError(
        "PostgreSQL is not installed (initdb, pg_ctl and postgres are in neither \(packaged) nor "
          + "PATH); install it with `apt-get install \(package)`")
    }
    folder = found
  }

  func initialise(folder data: String) throws(ClusterError) {
    try run(
      "initdb", "--pgdata=\(data)", "--username=harvester", "--encoding=UTF8", "--locale=C",
      "--data-checksums", "--auth-local=peer", "--auth-host=reject", "--no-instructions")
  }

  func start(timeLimitSeconds: Int) throws(ClusterError) {
    do {
      try run(
        "pg_ctl", "start", "--pgdata=\(location.data)", "--log=\(location.log)", "--silent",
        "--wait", "--timeout=\(timeLimitSeconds)")
    } catch {
      throw ClusterError("\(error); see \(location.log)")
    }
  }

  func stop(timeLimitSeconds: Int) throws(ClusterError) {
    try run(
      "pg_ctl", "stop", "--pgdata=\(location.data)", "--mode=fast", "--silent", "--wait",
      "--timeout=\(timeLimitSeconds)")
  }

  private func run(_ program: String, _ arguments: String...) throws(ClusterError) {
    // None of the caller's variables: PGDATA, PGPORT and the like would steer the programs, and a
    // server that stays must not carry secrets. The folder must be one its owner can stand in.
    var command = ["/usr/bin/env", "--chdir=\(location.base)"]
    if geteuid() != location.owner.id {
      command += [
        "setpriv", "--reuid=\(location.owner.id)", "--regid=\(location.owner.group)",
        "--clear-groups", "--",
      ]
    }
    command.append("\(folder)/\(program)")
    let ending = ChildProcess.run(
      command + arguments,
      environment: ["PATH=\(folder):/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL=C", "TZ=UTC"])
    guard let ending else {
      throw ClusterError("\(program) cannot be started; check that coreutils is installed")
    }
    guard ending.code == 0 else {
      throw ClusterError(
        "\(program) failed (code \(ending.code): \(ClusterError.lastLine(ending.output)))")
    }
  }
}
