import Core
import Glibc
import Store

/// What a live process falls back on when its database fails.
public struct Fallback: Sendable {
  /// How the database is reached again, as libpq takes it.
  public let conninfo: String
  /// Where facts are kept meanwhile.
  public let emergencyFolder: String
  /// While this file exists nothing grows.
  public let haltFile: String

  /// States where everything is; paths are absolute.
  public init(conninfo: String, emergencyFolder: String, haltFile: String) {
    self.conninfo = conninfo
    self.emergencyFolder = emergencyFolder
    self.haltFile = haltFile
  }
}

/// The books of a live process: the database, or a file while the database is away.
///
/// A session that was lost is replaced at once, and what its last transaction became is looked up
/// before anything else happens. Only when no session can be had, or the server cannot write, facts go
/// to the emergency journal until it can. Whoever finds the lock taken by another process, or facts
/// of another run, has lost its place and ends.
struct LiveBooks {
  /// Whether facts reach the database.
  private(set) var isPresent = true
  private var books: ProcessBooks
  /// Facts kept otherwise than by an ordinary commit.
  private var kept = 0
  private let fallback: Fallback
  private let output: (String) -> Void
  private var journal: EmergencyJournal?
  private var attempt: ConnectionAttempt?
  private var pause = firstPause
  private var nextAttempt = ContinuousClock.now

  /// Between two attempts; each pause is twice the last.
  private static let firstPause = Duration.milliseconds(100)
  private static let longestPause = Duration.seconds(5)
  /// So long a lost session is waited for before facts go to the file.
  private static let shortOutage = Duration.milliseconds(300)
  /// A server that does not answer is as good as none; longer than its own limit of a statement.
  private static let patience = Duration.seconds(8)
  /// What took longer shows no more that the lock is held.
  private static let longestCommit = Duration.milliseconds(500)
  /// Transactions that stand in each other's way are run so often.
  private static let repeats = 5

  init(
    _ database: Database, _ fallback: Fallback, report: @escaping (String) -> Void
  ) throws(ProcessError) {
    books = try ProcessBooks(database)
    self.fallback = fallback
    output = report
    do throws(PostgresError) {
      try Self.prepare(database.connection)
    } catch {
      throw .store(error)
    }
  }

  /// Makes a session give up sooner than a process does that has nothing to go on with.
  private static func prepare(_ connection: PostgresConnection) throws(PostgresError) {
    connection.patience = patience
    try ProcessBooks.prepare(connection, statement: 5, lock: 2)
  }

  var database: Database { books.database }

  /// Facts kept in this run, wherever.
  var stored: Int { books.stored + kept }

  /// Sockets to wait on.
  var descriptors: [Int32] {
    [database.connection.fileDescriptor, attempt?.fileDescriptor ?? -1].filter { $0 >= 0 }
  }

  // MARK: - What every step does

  /// Keeps facts; nothing may be done because of them before this returns.
  ///
  /// - Parameter isActing: whether something at a venue is to be changed, for which the lock must be
  ///   known to be held even without a fact.
  mutating func store(_ facts: [Fact], isActing: Bool) throws(ProcessError) {
    guard isPresent else { return try keep(facts) }
    let begin = ContinuousClock.now
    do throws(ProcessError) {
      try commit(facts)
    } catch {
      return try lose(error, facts)
    }
    // Who stood still after a commit may have lost the lock since.
    if isActing { try confirm(since: facts.isEmpty ? nil : begin) }
  }

  /// Makes sure that the lock is held, where nothing showed it lately; else the books are away.
  ///
  /// What was committed before a standstill may still wait to be sent: it must not go out when
  /// another process has the books by now.
  ///
  /// - Parameter moment: when it was held; nil: not known.
  mutating func confirm(since moment: ContinuousClock.Instant?) throws(ProcessError) {
    if !isPresent { return }
    if let moment, ContinuousClock.now - moment <= Self.longestCommit { return }
    do throws(ProcessError) {
      try probe()
    } catch {
      try lose(error, [])
    }
  }

  /// Commands that wait; none while they cannot be read.
  mutating func commands() throws(ProcessError) -> [Command] {
    guard isPresent else { return [] }
    do throws(ProcessError) {
      return try books.commands()
    } catch {
      try lose(error, [])
      return []
    }
  }

  /// Says that the process lives, where that can be said.
  mutating func beat(_ state: String, isFinal: Bool = false) throws(ProcessError) {
    guard isPresent else {
      if isFinal, let journal {
        output(
          "the database is away; the next start stores \(journal.count) facts of \(journal.path)")
      }
      return
    }
    do throws(ProcessError) {
      try books.beat(state, isFinal: isFinal)
    } catch {
      try lose(error, [])
    }
  }

  /// Tries to bring the database back when it is time.
  mutating func tend() throws(ProcessError) {
    guard !isPresent, attempt != nil || ContinuousClock.now >= nextAttempt else { return }
    do throws(ProcessError) {
      guard try restore([]) else { return }
    } catch {
      let failure = try transient(error)
      if failure.remedy == .reconnect { database.connection.close() }
      pause = min(pause * 2, Self.longestPause)
      nextAttempt = .now + pause
      return
    }
    let count = journal?.count ?? 0
    journal?.setAside(as: "stored")
    journal = nil
    isPresent = true
    output("the database is back; \(count) facts of the outage are stored")
  }

  // MARK: - Losing and finding the database

  private mutating func commit(_ facts: [Fact]) throws(ProcessError) {
    var attempts = 1
    while true {
      do throws(ProcessError) {
        return try books.store(facts)
      } catch .store(let error) where error.remedy == .again && attempts < Self.repeats {
        attempts += 1
      } catch {
        throw error
      }
    }
  }

  /// Shows that the session lives, and with it the lock.
  private func probe() throws(ProcessError) {
    do throws(PostgresError) {
      try database.connection.execute("SELECT")
    } catch {
      throw .store(error)
    }
  }

  /// The failure of a database that may be back later; any other ends the process.
  private func transient(_ error: ProcessError) throws(ProcessError) -> PostgresError {
    if case .store(let failure) = error, failure.sqlState == .objectNotInPrerequisiteState {
      throw .fenced(TakeoverError.overtaken(failure.message).description)
    }
    guard case .store(let failure) = error, failure.remedy != .none else { throw error }
    return failure
  }

  /// Finds another session, or goes on without the database.
  ///
  /// - Parameter facts: what was being committed; whether it is stored is not known.
  private mutating func lose(_ error: ProcessError, _ facts: [Fact]) throws(ProcessError) {
    let failure = try transient(error)
    if failure.remedy == .reconnect {
      database.connection.close()
      if try isReplaced(facts) { return }
    }
    try beginFile(failure)
    try keep(facts)
    isPresent = false
    pause = Self.firstPause
    nextAttempt = .now + pause
    output(
      "the database is away (\(failure)); nothing grows, facts go to \(fallback.emergencyFolder)")
  }

  /// Whether a lost session could be replaced at once.
  private mutating func isReplaced(_ facts: [Fact]) throws(ProcessError) -> Bool {
    let end = ContinuousClock.now + Self.shortOutage
    repeat {
      do throws(ProcessError) {
        if try restore(facts) {
          kept += facts.count
          output("a new session with the database replaces one that was lost")
          return true
        }
      } catch {
        _ = try transient(error)
        database.connection.close()
      }
      usleep(10_000)
    } while ContinuousClock.now < end
    attempt = nil
    return false
  }

  /// Takes the lock again over a new session where the old one is gone, and stores what waits.
  ///
  /// - Parameter batch: facts that wait and are in no file.
  /// - Returns: false while no connection is made yet.
  private mutating func restore(_ batch: [Fact]) throws(ProcessError) -> Bool {
    if !database.connection.isAlive {
      guard let connection = try newConnection() else { return false }
      do throws(TakeoverError) {
        try database.takeBack(connection)
      } catch {
        connection.close()
        if case .failed(let failure) = error { throw .store(failure) }
        throw .fenced(error.description)
      }
    }
    try settle(batch)
    return true
  }

  private mutating func newConnection() throws(ProcessError) -> PostgresConnection? {
    do throws(PostgresError) {
      if attempt == nil { attempt = try ConnectionAttempt(fallback.conninfo) }
      guard let connection = try attempt?.advance() else { return nil }
      attempt = nil
      try Self.prepare(connection)
      return connection
    } catch {
      attempt = nil
      throw .store(error)
    }
  }

  /// Finds out what is stored, and stores the rest.
  private func settle(_ batch: [Fact]) throws(ProcessError) {
    var base = database.journal.lastSequence
    var batches = [batch]
    if let journal {
      // What is on the disk is what was acted on.
      guard let contents = journal.contents(), contents.torn == 0 else {
        throw .fenced("the emergency journal cannot be read again (\(journal.path)); restart")
      }
      (base, batches) = (contents.heading.base, contents.batches)
    }
    let settlement: Journal.Settlement
    do throws(PostgresError) {
      settlement = try database.journal.settle(batches, after: base)
    } catch {
      throw .store(error)
    }
    switch settlement {
    case .settled: return
    case .overtaken(let run):
      throw .fenced(
        TakeoverError.overtaken(run.map { "run \($0)" } ?? "a later run").description)
    case .behind(let stored):
      throw .fenced(
        "the database has lost what it confirmed (it ends at record \(stored), not \(base)); "
          + "find out whether an old backup was restored, then start again")
    }
  }

  // MARK: - Going on without

  private mutating func beginFile(_ failure: PostgresError) throws(ProcessError) {
    do throws(EmergencyError) {
      journal = try EmergencyJournal(
        in: fallback.emergencyFolder,
        EmergencyJournal.Heading(
          books: database.books, run: database.run, base: database.journal.lastSequence))
    } catch {
      throw .unkept(failure, error)
    }
  }

  private mutating func keep(_ facts: [Fact]) throws(ProcessError) {
    do throws(EmergencyError) {
      try journal?.append(facts)
    } catch {
      throw .unkept(PostgresError(.unavailable, "the database is away"), error)
    }
    kept += facts.count
  }
}
