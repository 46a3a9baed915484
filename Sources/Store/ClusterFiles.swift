import FoundationEssentials
import Glibc

/// Folders, settings and traces of running processes of a private cluster.
struct ClusterFiles {
  let location: ClusterLocation

  /// Makes the folders that lead to the cluster.
  func makeParents() {
    for folder in location.parents {
      guard mkdir(folder, 0o755) != 0, geteuid() == 0 else { continue }
      // The server's account passes through, whatever our umask was.
      _ = chmod(folder, (FileInfo(folder)?.mode ?? 0o755) & 0o7777 | 0o011)
    }
  }

  /// Makes the folders of the server's account; refuses one that someone else controls.
  func makePrivateFolders() throws(ClusterError) {
    for folder in [location.base, location.socketFolder] { try makePrivateFolder(folder) }
  }

  private func makePrivateFolder(_ path: String) throws(ClusterError) {
    let isNew = mkdir(path, 0o700) == 0
    // In /tmp anyone can take a name: no link is followed and no foreign folder used.
    guard let info = FileInfo(path), info.isFolder else {
      throw ClusterError("the folder \"\(path)\" cannot be made; check what is there")
    }
    guard isNew || info.owner == location.owner.id else {
      throw ClusterError("\"\(path)\" belongs to another user; run as that user or remove it")
    }
    guard lchown(path, location.owner.id, location.owner.group) == 0, chmod(path, 0o700) == 0
    else { throw ClusterError("the owner of \"\(path)\" cannot be set; check the file system") }
  }

  /// Writes settings and access rules, so that a moved folder or a new release takes effect.
  ///
  /// Only the socket leads in. Access is by the account at the other end, which the kernel vouches
  /// for (`peer`), so it holds on a machine with many users even where the socket can be reached:
  /// only root and the owner of the data become the role `harvester`.
  func writeSettings() throws(ClusterError) {
    var names: Set = ["root", location.owner.name]
    // Unrelated services share this account.
    names.remove("nobody")
    let map = names.sorted().map { "harvester \"\($0)\" harvester\n" }.joined()
    try write("pg_hba.conf", "local all harvester peer map=harvester\n")
    try write("pg_ident.conf", map)
    try write(
      "harvester.conf",
      """
      listen_addresses = ''
      port = 5432
      unix_socket_directories = '\(location.socketFolder)'
      max_connections = 50
      max_wal_size = 2GB
      fsync = on
      full_page_writes = on
      synchronous_commit = on
      jit = off
      timezone = 'UTC'
      log_timezone = 'UTC'
      log_destination = 'stderr'
      logging_collector = off
      log_parameter_max_length = 0
      log_parameter_max_length_on_error = 0

      """)
  }

  /// Replaces a file in the data folder without following what may stand there.
  private func write(_ name: String, _ text: String) throws(ClusterError) {
    let path = "\(location.data)/\(name)"
    let bytes = Array(text.utf8)
    unlink("\(path).new")
    let file = open("\(path).new", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw ClusterError("\"\(path).new\" cannot be written; check the folder and the disk")
    }
    let isWritten =
      Glibc.write(file, bytes, bytes.count) == bytes.count
      && fchown(file, location.owner.id, location.owner.group) == 0
    guard close(file) == 0, isWritten, rename("\(path).new", path) == 0 else {
      throw ClusterError("\"\(path)\" cannot be written; check the disk")
    }
  }

  /// Appends the inclusion of our settings to those that `initdb` made.
  func includeSettings(in folder: String) throws(ClusterError) {
    let line = Array("\ninclude 'harvester.conf'\n".utf8)
    let path = "\(folder)/postgresql.conf"
    let file = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0, Glibc.write(file, line, line.count) == line.count, close(file) == 0 else {
      throw ClusterError("\"\(path)\" cannot be written; check the disk")
    }
  }

  /// The major version that made the data; nil when there is none yet.
  var version: String? {
    text("PG_VERSION").map { String($0.prefix { !$0.isWhitespace }) }
  }

  /// The process the server's own note names; nil without a note.
  var notedProcess: pid_t? {
    text("postmaster.pid").flatMap { $0.split(separator: "\n").first }.flatMap { pid_t($0) }
  }

  /// The live PostgreSQL processes of the data folder: the server and its children.
  func processes() -> Set<pid_t> {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else {
      return []
    }
    guard let resolved = realpath(location.data, nil) else { return [] }
    defer { free(resolved) }
    let folder = String(cString: resolved)
    var found: Set<pid_t> = []
    for process in names.compactMap({ pid_t($0) }) {
      var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
      let count = readlink("/proc/\(process)/cwd", &target, target.count)
      if count > 0, String(decoding: target[..<count], as: UTF8.self) == folder,
        FileManager.default.contents(atPath: "/proc/\(process)/comm") == Data("postgres\n".utf8)
      {
        found.insert(process)
      }
    }
    return found
  }

  /// Waits for a server that was stopped: it takes its note away a moment before it is gone.
  func waitUntilGone(seconds: Int) {
    let end = ContinuousClock.now + .seconds(seconds)
    while !processes().isEmpty, ContinuousClock.now < end { usleep(10_000) }
  }

  /// Removes the notes of a server that is gone; to be called when no process is left.
  ///
  /// PostgreSQL clears the note of a dead process itself, but trusts one whose number belongs to
  /// another process by now, or to a dead one that nobody has collected, as in many containers.
  func removeStaleNotes() {
    if let process = notedProcess, kill(process, 0) == 0 {
      unlink("\(location.data)/postmaster.pid")
    }
    unlink("\(location.socketFolder)/.s.PGSQL.5432.lock")
  }

  private func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: "\(location.data)/\(name)")
      .map { String(decoding: $0, as: UTF8.self) }
  }
}
