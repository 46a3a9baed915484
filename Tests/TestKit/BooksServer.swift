import Foundation
import Glibc
import Store
import Synchronization

/// A PostgreSQL server of the test run, which can be taken away while it works.
public final class BooksServer: Sendable {
  let cluster: PrivateCluster
  let root: String

  private static let roots = Mutex<[String]>([])

  /// Names a server; it is made with the first books.
  public init() {
    root =
      FileManager.default.temporaryDirectory.path
      + "/harvester-books-\(ProcessInfo.processInfo.processIdentifier)-\(UUID().uuidString.prefix(4))"
    try? FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    cluster = PrivateCluster(root: root)
    let isFirst = Self.roots.withLock { roots in
      roots.append(root)
      return roots.count == 1
    }
    if isFirst { atexit { BooksServer.removeAll() } }
  }

  /// Ends it without letting it say goodbye, as a crash does.
  public func crash() throws {
    let note = "\(root)/.harvester/postgres/data/postmaster.pid"
    let text = try String(contentsOfFile: note, encoding: .utf8)
    guard let number = text.split(separator: "\n").first.flatMap({ Int32($0) }) else {
      throw TestFailure("the server is not running (\(note))")
    }
    kill(number, SIGQUIT)
    try until("the server is gone") { try cluster.status() != .running }
  }

  /// Brings it up.
  public func start() throws { try cluster.start() }

  private static func removeAll() {
    for root in roots.withLock({ $0 }) {
      try? PrivateCluster(root: root).stop()
      try? FileManager.default.removeItem(atPath: root)
    }
  }
}
