import Foundation
import Glibc
import Store
import Synchronization

/// A disk in memory that a test can fill, for the tables of some books.
///
/// Only root may mount one; elsewhere there is none.
public final class SmallDisk: Sendable {
  let path: String
  private static let paths = Mutex<[String]>([])

  /// Mounts a disk and makes it a place for tables of a server.
  ///
  /// - Returns: nil where that is not allowed.
  public init?(of server: BooksServer, megabytes: Int) throws {
    try server.start()
    guard geteuid() == 0, let owner = server.owner else { return nil }
    path =
      FileManager.default.temporaryDirectory.path + "/harvester-disk-\(UUID().uuidString.prefix(8))"
    guard mkdir(path, 0o755) == 0,
      try Program("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "none", path])
        .wait().code == 0
    else {
      rmdir(path)
      return nil
    }
    let isFirst = Self.paths.withLock { paths in
      paths.append(path)
      return paths.count == 1
    }
    // Exit handlers run in reverse order: servers that were named before end after this.
    if isFirst { atexit { SmallDisk.removeAll() } }
    guard mkdir("\(path)/tables", 0o700) == 0, chown("\(path)/tables", owner, owner) == 0 else {
      throw TestFailure("the disk cannot be given to the server (\(path))")
    }
    let connection = try PostgresConnection(server.cluster.conninfo())
    defer { connection.close() }
    try connection.execute("CREATE TABLESPACE small LOCATION '\(path)/tables'")
  }

  /// Whether nothing more can be written to it.
  public var isFull: Bool {
    get { access(filler, F_OK) == 0 }
    set {
      guard newValue else {
        unlink(filler)
        return
      }
      let file = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      defer { close(file) }
      let zeros = [UInt8](repeating: 0, count: 1 << 16)
      while write(file, zeros, zeros.count) > 0 {}
    }
  }

  private var filler: String { "\(path)/filler" }

  private static func removeAll() {
    for path in paths.withLock({ $0 }) {
      umount2(path, Int32(MNT_DETACH))
      rmdir(path)
    }
  }
}
