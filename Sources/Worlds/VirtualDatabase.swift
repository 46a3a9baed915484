public import Core
import Trading

/// The database as far as the process can tell: sessions, one lock, commits that are whole or nothing,
/// and answers that may be lost.
///
/// It is the contract that the real one keeps; a differential test plays the same scripts on both.
public struct VirtualDatabase: Sendable {
  /// A connection.
  public struct Session: Hashable, Sendable {
    /// Counted from 1.
    let number: Int
  }

  /// Why a statement failed.
  public enum Failure: Error, Hashable, Sendable {
    /// The server cannot be reached, or ended the session; what was not committed is gone.
    case connectionLost
    /// The server takes no writes.
    case readOnly
    /// The session does not hold the lock, or a newer run writes.
    case fenced
  }

  /// What cuts the connection while a commit is under way.
  public enum Cut: Hashable, Sendable {
    /// The commit does not reach the server.
    case before
    /// The commit is done, and its answer is lost.
    case after
  }

  /// A stored fact with the run that stored it.
  public struct Record: Hashable, Sendable {
    /// The run.
    public let run: Int32
    /// The fact.
    public let fact: Fact
  }

  /// Everything that was committed, in order; a record's number is its place counted from 1.
  public private(set) var records: [Record] = []
  /// Whether the server answers.
  public private(set) var isUp = true
  /// Whether the server takes writes.
  public var isReadOnly = false
  /// The commands that operators asked for, with the moment after which they are void.
  private(set) var commands: [(command: Command, expiresAt: Timestamp)] = []
  private var answered: Set<Int64> = []
  private var sessions: Set<Int> = []
  private var lastSession = 0
  private var holder: Int?
  private var lastRun: Int32 = 0

  /// An empty database.
  public init() {}

  /// Connects.
  public mutating func connect() throws(Failure) -> Session {
    guard isUp else { throw .connectionLost }
    lastSession += 1
    sessions.insert(lastSession)
    return Session(number: lastSession)
  }

  /// Takes the lock of the writer, or says that somebody holds it.
  public mutating func lock(_ session: Session) throws(Failure) -> Bool {
    try reach(session)
    if holder == nil { holder = session.number }
    return holder == session.number
  }

  /// Begins a run, under the lock.
  public mutating func beginRun(_ session: Session) throws(Failure) -> Int32 {
    try reach(session)
    guard !isReadOnly else { throw .readOnly }
    guard holder == session.number else { throw .fenced }
    lastRun += 1
    return lastRun
  }

  /// Stores facts of a run, all or none.
  ///
  /// - Parameter cut: what goes wrong on the way.
  public mutating func commit(
    _ facts: [Fact], run: Int32, over session: Session, cut: Cut? = nil
  ) throws(Failure) {
    try reach(session)
    if cut == .before {
      end(session)
      throw .connectionLost
    }
    guard !isReadOnly else { throw .readOnly }
    guard holder == session.number, run == lastRun else { throw .fenced }
    for fact in facts {
      records.append(Record(run: run, fact: fact))
      if case .commandEnded(let ended) = fact.body {
        precondition(
          answered.insert(ended.command).inserted, "Invariant: a command is answered once")
      }
    }
    if cut == .after {
      end(session)
      throw .connectionLost
    }
  }

  /// How many facts are stored: the question that settles what became of a commit.
  public func count(_ session: Session) throws(Failure) -> Int {
    try reach(session)
    return records.count
  }

  /// Ends a session; its lock is free at once.
  public mutating func end(_ session: Session) {
    sessions.remove(session.number)
    if holder == session.number { holder = nil }
  }

  /// Ends the session that holds the lock, as an administrator can.
  public mutating func endHolder() {
    if let holder { end(Session(number: holder)) }
  }

  /// Stops the server: every session ends.
  public mutating func stop() {
    isUp = false
    sessions.removeAll()
    holder = nil
  }

  /// Starts the server again, with everything that was committed.
  public mutating func start() { isUp = true }

  /// Queues a command.
  mutating func ask(_ command: Command, expiresAt: Timestamp) {
    commands.append((command, expiresAt))
  }

  /// Commands that wait for an answer.
  func waiting(_ session: Session, at now: Timestamp) throws(Failure) -> [Command] {
    try reach(session)
    return commands.lazy.filter { $0.expiresAt > now && !answered.contains($0.command.id) }
      .map(\.command)
  }

  /// Whether a session is alive.
  public func isAlive(_ session: Session) -> Bool { isUp && sessions.contains(session.number) }

  private func reach(_ session: Session) throws(Failure) {
    guard isAlive(session) else { throw .connectionLost }
  }
}
