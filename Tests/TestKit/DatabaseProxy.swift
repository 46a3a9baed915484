import Foundation
import Glibc
import Synchronization

/// A socket in front of a PostgreSQL server that can break a session at the worst moment.
///
/// A pump of bytes: what either side says reaches the other unchanged, until a session is cut. It reads
/// along only to know a `COMMIT` and its answer, so a cut is exactly before the server has heard of
/// the commit, or exactly after the commit is done and before the client hears of it. Both look the
/// same to the client.
///
/// ```swift
/// let proxy = try DatabaseProxy(to: books.url)
/// run(--database-url: proxy.url)
/// proxy.cut(.afterCommit)              // the next commit
/// try until("the session is cut") { proxy.cuts == 1 }
/// proxy.isOpen = false                 // the server cannot be reached any more …
/// proxy.isOpen = true                  // … and is back
/// ```
public final class DatabaseProxy: Sendable {
  /// Where in a commit a session ends.
  public enum Cut: Sendable {
    /// The server never hears of the commit and rolls back.
    case beforeCommit
    /// The commit is done and the client never hears of it.
    case afterCommit
  }

  private struct State {
    var isOpen = true
    var cut: (cut: Cut, skipping: Int)?
    var cuts = 0
    var commits = 0
    var sockets: Set<Int32> = []
  }

  /// How a client is told where the server is.
  public let url: String
  private let target: String
  private let listener: Int32
  private let folder = TemporaryFolder()
  private let state = Mutex(State())

  /// Listens in a folder of its own.
  ///
  /// - Parameter conninfo: of the server behind it, as `key=value` text with a socket folder as host.
  public init(to conninfo: String) throws {
    let words = conninfo.split(separator: " ").map(String.init)
    guard let host = words.first(where: { $0.hasPrefix("host=/") })?.dropFirst(5) else {
      throw TestFailure("the proxy needs a server on a socket")
    }
    let port = words.first { $0.hasPrefix("port=") }?.dropFirst(5) ?? "5432"
    let name = ".s.PGSQL.\(port)"
    target = "\(host)/\(name)"
    try folder.write(".made", "")
    // The peer of the client is this process, not the server's account.
    url =
      (words.filter { !$0.hasPrefix("host=") && !$0.hasPrefix("requirepeer=") }
      + ["host=\(folder.path)"]).joined(separator: " ")
    listener = try UnixSocket.listen(at: "\(folder.path)/\(name)")
    Thread.detachNewThread { [self] in accept() }
  }

  /// Ends every session and listens no more.
  public func close() {
    isOpen = false
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// Whether the server can be reached; closing ends every session at once.
  public var isOpen: Bool {
    get { state.withLock { $0.isOpen } }
    set {
      state.withLock { state in
        state.isOpen = newValue
        if !newValue { state.sockets.forEach { shutdown($0, Int32(SHUT_RDWR)) } }
      }
    }
  }

  /// Breaks the session of a commit to come.
  ///
  /// - Parameter skipping: how many commits pass before it.
  public func cut(_ cut: Cut, skipping: Int = 0) {
    state.withLock { $0.cut = (cut, skipping) }
  }

  /// Takes back a cut that has not come to pass.
  public func calm() { state.withLock { $0.cut = nil } }

  /// Sessions broken so far by `cut`.
  public var cuts: Int { state.withLock { $0.cuts } }

  /// Commits that clients asked for so far, those that were cut included.
  public var commits: Int { state.withLock { $0.commits } }

  // MARK: - Pumping

  private func accept() {
    while true {
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { return }
      guard isOpen, let server = UnixSocket.connect(to: target) else {
        Glibc.close(client)
        continue
      }
      state.withLock { $0.sockets.formUnion([client, server]) }
      let session = Session(client: client, server: server)
      Thread.detachNewThread { [self] in pumpRequests(session) }
      Thread.detachNewThread { [self] in pumpAnswers(session) }
    }
  }

  private func pumpRequests(_ session: Session) {
    var reader = CommitReader()
    UnixSocket.pump(from: session.client) { bytes in
      guard let place = reader.commit(in: bytes) else {
        return UnixSocket.send(bytes, to: session.server)
      }
      switch nextCut() {
      case .beforeCommit:
        // What stands before the commit has been heard by the server, the commit has not.
        _ = UnixSocket.send(bytes[..<place], to: session.server)
        return false
      case .afterCommit:
        session.isDeaf.store(true, ordering: .sequentiallyConsistent)
        return UnixSocket.send(bytes, to: session.server)
      case nil:
        return UnixSocket.send(bytes, to: session.server)
      }
    }
    end(session)
  }

  private func pumpAnswers(_ session: Session) {
    let done = Array("COMMIT\0".utf8)
    var unheard: [UInt8] = []
    UnixSocket.pump(from: session.server) { bytes in
      guard session.isDeaf.load(ordering: .sequentiallyConsistent) else {
        return UnixSocket.send(bytes, to: session.client)
      }
      // Once it is answered the commit is done, and nobody will hear of it.
      unheard += bytes
      return !unheard.indices.contains { unheard[$0...].starts(with: done) }
    }
    end(session)
  }

  private func nextCut() -> Cut? {
    state.withLock { state in
      state.commits += 1
      guard let (cut, skipping) = state.cut else { return nil }
      state.cut = skipping > 0 ? (cut, skipping - 1) : nil
      if skipping > 0 { return nil }
      state.cuts += 1
      return cut
    }
  }

  /// The thread that comes last closes both sockets.
  private func end(_ session: Session) {
    shutdown(session.client, Int32(SHUT_RDWR))
    shutdown(session.server, Int32(SHUT_RDWR))
    guard session.ended.add(1, ordering: .sequentiallyConsistent).newValue == 2 else { return }
    state.withLock { $0.sockets.subtract([session.client, session.server]) }
    Glibc.close(session.client)
    Glibc.close(session.server)
  }

  private final class Session: Sendable {
    let client: Int32
    let server: Int32
    let isDeaf = Atomic(false)
    let ended = Atomic(0)

    init(client: Int32, server: Int32) {
      self.client = client
      self.server = server
    }
  }
}
