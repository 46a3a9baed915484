import CPostgres
import FoundationEssentials
import Glibc

/// A PostgreSQL server of our own under `<root>/.harvester/postgres`, reachable by socket only.
///
/// It survives crashes and restarts of this process; `start` finds it running or brings it up.
/// `ClusterLocation` says where it lives when root calls, `ClusterFiles` who may connect.
public struct PrivateCluster: Sendable {
  /// The folder of the project.
  public let root: String

  /// Names the project's folder; nothing is touched yet.
  public init(root: String) { self.root = root }

  /// How the server is.
  public enum Status: Hashable, Sendable {
    /// There is no data yet.
    case absent
    /// There is data, and no server.
    case stopped
    /// A server is there but does not take connections: it starts, recovers or stops.
    case busy
    /// The server takes connections.
    case running
  }

  /// The name of the product's database.
  public static let database = "harvester"

  private static let timeLimitSeconds = 60

  /// Brings the server up, creating it and the database if need be, and waits until it answers.
  ///
  /// Does nothing when it runs. Safe when called by several processes at once.
  public func start() throws(ClusterError) {
    let location = try ClusterLocation(root: root)
    let files = ClusterFiles(location: location)
    if Self.answers(location) {
      try createDatabase(location)
      return
    }
    files.makeParents()
    let lock = try takeLock(location)
    defer { close(lock) }
    if !Self.answers(location) {
      try files.makePrivateFolders()
      let programs = try ClusterPrograms(location, version: files.version)
      if files.version == nil { try initialise(location, files, programs) }
      try awaitEarlierServer(location, files)
      if !Self.answers(location) {
        try files.writeSettings()
        try programs.start(timeLimitSeconds: Self.timeLimitSeconds)
      }
    }
    try createDatabase(location)
  }

  /// Stops the server; does nothing when it is down.
  ///
  /// Sessions end, everything confirmed is on disk.
  public func stop() throws(ClusterError) {
    let location = try ClusterLocation(root: root)
    let files = ClusterFiles(location: location)
    guard let version = files.version, !files.processes().isEmpty else { return }
    let lock = try takeLock(location)
    defer { close(lock) }
    try ClusterPrograms(location, version: version).stop(timeLimitSeconds: Self.timeLimitSeconds)
    files.waitUntilGone(seconds: Self.timeLimitSeconds)
    // A folder for the socket alone is made anew at each start.
    if !location.socketFolder.hasPrefix(location.base) { rmdir(location.socketFolder) }
  }

  /// How the server is right now.
  public func status() throws(ClusterError) -> Status {
    let location = try ClusterLocation(root: root)
    let files = ClusterFiles(location: location)
    if Self.answers(location) { return .running }
    guard files.version != nil else { return .absent }
    return files.processes().isEmpty ? .stopped : .busy
  }

  /// Where to connect, as libpq's `key=value` text.
  public func conninfo(database: String = Self.database) throws(ClusterError) -> String {
    Self.conninfo(try ClusterLocation(root: root), database)
  }

  /// Where to connect, as a libpq URI.
  public func url(database: String = Self.database) throws(ClusterError) -> String {
    let location = try ClusterLocation(root: root)
    return "postgresql:///\(database)?host=\(location.socketFolder)&port=5432&user=harvester"
      + "&requirepeer=\(location.owner.name)"
  }

  /// The server, too, must prove by its account who it is.
  private static func conninfo(_ location: ClusterLocation, _ database: String) -> String {
    "host=\(location.socketFolder) port=5432 user=harvester dbname=\(database) "
      + "requirepeer=\(location.owner.name)"
  }

  private static func answers(_ location: ClusterLocation) -> Bool {
    guard let info = FileInfo(location.socketFolder), info.isFolder,
      info.owner == location.owner.id
    else { return false }
    return PQping(conninfo(location, "postgres")) == PQPING_OK
  }

  /// Keeps other processes out until the descriptor is closed.
  private func takeLock(_ location: ClusterLocation) throws(ClusterError) -> Int32 {
    let file = open(location.lockPath, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw ClusterError(
        "\"\(location.lockPath)\" cannot be opened; run as the user who made the folder")
    }
    // Root may act for an ordinary user, who must be able to open the file afterwards.
    if geteuid() == 0, let folder = location.parents.last, let info = FileInfo(folder) {
      _ = fchown(file, info.owner, info.group)
    }
    // Longer than anything its holder waits for.
    for _ in 0..<(3 * Self.timeLimitSeconds * 20) {
      if flock(file, LOCK_EX | LOCK_NB) == 0 { return file }
      usleep(50_000)
    }
    close(file)
    throw ClusterError(
      "another process has been starting or stopping the database for minutes "
        + "(\(location.lockPath)); end it")
  }

  /// Creates the data beside its place and moves it there whole: a half-made cluster never counts.
  private func initialise(
    _ location: ClusterLocation, _ files: ClusterFiles, _ programs: ClusterPrograms
  ) throws(ClusterError) {
    let fresh = "\(location.base)/data.new"
    if FileInfo(fresh) != nil {
      do {
        try FileManager.default.removeItem(atPath: fresh)
      } catch {
        throw ClusterError("\"\(fresh)\" cannot be removed; remove it")
      }
    }
    try programs.initialise(folder: fresh)
    try files.includeSettings(in: fresh)
    guard rename(fresh, location.data) == 0 else {
      throw ClusterError("\"\(location.data)\" is in the way of a new database; remove it")
    }
  }

  /// Waits for a server that is starting, or for what a killed one left, and removes stale notes.
  private func awaitEarlierServer(
    _ location: ClusterLocation, _ files: ClusterFiles
  ) throws(ClusterError) {
    var waits = 0
    while case let processes = files.processes(), !processes.isEmpty {
      if Self.answers(location) { return }
      guard waits < Self.timeLimitSeconds * 20 else {
        throw ClusterError(
          "a database server does not answer (process \(files.notedProcess ?? 0), log "
            + "\(location.log)); stop it with `pg_ctl stop` or end the process")
      }
      waits += 1
      usleep(50_000)
    }
    files.removeStaleNotes()
  }

  private func createDatabase(_ location: ClusterLocation) throws(ClusterError) {
    do {
      let connection = try PostgresConnection(Self.conninfo(location, "postgres"))
      let known = try connection.execute(
        "SELECT FROM pg_database WHERE datname = $1", [.text(Self.database)])
      guard known.isEmpty else { return }
      do {
        try connection.execute("CREATE DATABASE \(PostgresConnection.quoted(Self.database))")
      } catch SQLState.duplicateDatabase, SQLState.uniqueViolation {
        // Another process was first.
      }
    } catch {
      throw ClusterError("the private database cannot be used (\(error)); see \(location.log)")
    }
  }
}
