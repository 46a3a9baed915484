import Core
import Store

/// What every process does with its database: store facts, hear commands, show that it lives.
struct ProcessBooks {
  let database: Database
  /// Facts stored in this run.
  private(set) var stored = 0
  private var lastPoll = ContinuousClock.now - .seconds(60)
  private var lastBeat = ContinuousClock.now - .seconds(60)

  init(_ database: Database) throws(ProcessError) {
    self.database = database
    do throws(PostgresError) {
      try Self.prepare(database.connection, statement: 10, lock: 5)
    } catch {
      throw .store(error)
    }
  }

  /// Makes a session hear commands, and refuse to wait for long.
  ///
  /// A lock that somebody holds must not stop the loop: better to end and recover, or to go on without.
  ///
  /// - Parameters:
  ///   - statement: seconds that one may take.
  ///   - lock: seconds of them that it may wait for a lock.
  static func prepare(
    _ connection: PostgresConnection, statement: Int, lock: Int
  ) throws(PostgresError) {
    try connection.listen("command")
    try connection.execute("SET statement_timeout = '\(statement)s'")
    try connection.execute("SET lock_timeout = '\(lock)s'")
  }

  /// Commits facts; nothing may be done because of them before this returns.
  mutating func store(_ facts: [Fact]) throws(ProcessError) {
    if facts.isEmpty { return }
    do throws(PostgresError) {
      try database.journal.commit(facts)
    } catch {
      throw .store(error)
    }
    stored += facts.count
  }

  /// Commands that wait: when a notification came, and now and then, because one may be missed.
  mutating func commands() throws(ProcessError) -> [Command] {
    do throws(PostgresError) {
      let isNotified = try !database.connection.drainNotifications().isEmpty
      let now = ContinuousClock.now
      guard isNotified || now - lastPoll > .seconds(5) else { return [] }
      lastPoll = now
      return try CommandQueue.waiting(over: database.connection)
    } catch {
      throw .store(error)
    }
  }

  /// Says that the process lives, at most once a second unless the state is final.
  mutating func beat(_ state: String, isFinal: Bool = false) throws(ProcessError) {
    let now = ContinuousClock.now
    guard isFinal || now - lastBeat > .seconds(1) else { return }
    lastBeat = now
    do throws(PostgresError) {
      try database.beat(state)
    } catch {
      throw .store(error)
    }
  }
}
