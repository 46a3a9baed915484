import Glibc

/// An account of the operating system.
struct SystemUser: Equatable {
  let id: uid_t
  let group: gid_t
  let name: String

  init?(id: uid_t) {
    guard let entry = getpwuid(id) else { return nil }
    self.init(entry.pointee)
  }

  init?(name: String) {
    guard let entry = getpwnam(name) else { return nil }
    self.init(entry.pointee)
  }

  private init(_ entry: passwd) {
    id = entry.pw_uid
    group = entry.pw_gid
    name = String(cString: entry.pw_name)
  }
}

/// Where the files of a private cluster are, and as whom its server runs.
///
/// PostgreSQL refuses to run as root. Root therefore hands the server to the account `postgres`, or
/// to the owner of the data if an ordinary user made it. That account must be able to reach the
/// folder; where it cannot, as under `/root`, the cluster lives in `/var/lib/harvester`.
struct ClusterLocation {
  /// Holds `data`, `socket` and `log`; belongs to `owner`.
  let base: String
  /// Belongs to the caller: the server's account must not be able to replace it.
  let lockPath: String
  /// The folder of the socket; belongs to `owner`, closed to everyone but it and root.
  let socketFolder: String
  /// Who runs the server.
  let owner: SystemUser

  var data: String { "\(base)/data" }
  var log: String { "\(base)/log" }
  /// Folders above `base` that others must be able to pass, outermost first.
  let parents: [String]

  /// The kernel's limit is 108; PostgreSQL adds `/.s.PGSQL.5432`.
  private static let longestSocketFolder = 103 - 14

  init(root: String) throws(ClusterError) {
    guard let resolved = realpath(root, nil) else {
      throw ClusterError("there is no folder \"\(root)\"; give the folder of the project")
    }
    let path = String(cString: resolved)
    free(resolved)
    guard let caller = SystemUser(id: geteuid()) else {
      throw ClusterError("user \(geteuid()) has no name; add it to the system's accounts")
    }
    let key = String(FNV.hash(path.utf8), radix: 16)
    let inside = "\(path)/.harvester"
    let outside = "/var/lib/harvester/\(key)"
    var home = inside
    var owner = caller
    if caller.id == 0 {
      owner = try Self.serverUser(data: "\(inside)/postgres/data")
      if FileInfo("\(outside)/postgres/data") != nil || !Self.isReachable(path, by: owner) {
        home = outside
        owner = try Self.serverUser(data: "\(outside)/postgres/data")
      }
    }
    base = "\(home)/postgres"
    lockPath = "\(home)/postgres.lock"
    parents = home == inside ? [inside] : ["/var/lib/harvester", outside]
    self.owner = owner
    let socket = "\(base)/socket"
    // An odd character would need quoting in three languages.
    let isPlain = socket.utf8.allSatisfy {
      "/._-".utf8.contains($0) || ($0 < 0x80 && Character(Unicode.Scalar($0)).isLetter)
        || ("0"..."9").contains(Character(Unicode.Scalar($0)))
    }
    socketFolder =
      isPlain && socket.utf8.count <= Self.longestSocketFolder
      ? socket : caller.id == 0 ? "/run/harvester-\(key)" : "/tmp/harvester-\(caller.id)-\(key)"
  }

  /// Who runs the server when root asks for it.
  private static func serverUser(data: String) throws(ClusterError) -> SystemUser {
    if let info = FileInfo(data), info.owner != 0, let user = SystemUser(id: info.owner) {
      return user
    }
    guard let user = SystemUser(name: "postgres") ?? SystemUser(name: "nobody") else {
      throw ClusterError("PostgreSQL does not run as root; install the package postgresql")
    }
    return user
  }

  /// Whether an account without further groups can pass every folder down to a path.
  private static func isReachable(_ path: String, by user: SystemUser) -> Bool {
    var folder = ""
    for part in path.split(separator: "/") {
      folder += "/\(part)"
      guard let info = FileInfo(folder) else { return false }
      let bit: mode_t =
        info.owner == user.id ? S_IXUSR : info.group == user.group ? S_IXGRP : S_IXOTH
      guard info.mode & bit != 0 else { return false }
    }
    return true
  }
}

/// FNV-1a, 64 bits: the same in every process.
enum FNV {
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash
  }
}

/// What the file system says about a path, symbolic links not followed.
struct FileInfo {
  let owner: uid_t
  let group: gid_t
  let mode: mode_t

  init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    (owner, group, mode) = (status.st_uid, status.st_gid, status.st_mode)
  }

  var isFolder: Bool { mode & S_IFMT == S_IFDIR }
}
