import Core
import Simulation
import Trading

/// Facts that a process wrote down while the database was away.
struct EmergencyFile: Sendable {
  /// The run of the process.
  let run: Int32
  /// How many facts were stored before it.
  let base: Int
  /// In order.
  var facts: [Fact]
}

/// How a process keeps its facts: in the database, or in a file while the database is away.
extension World {
  /// Between two attempts to find the database again.
  private static let tending = TimeSpan.seconds(2)

  /// Stores facts, whatever the database does meanwhile.
  ///
  /// - Returns: whether they are kept and the process lives.
  mutating func store(_ facts: [Fact], _ process: Int) -> Bool {
    guard let place = place(of: process) else { return false }
    guard processes[place].hasBooks else { return keep(facts) }
    if strikes(.commitSlow) {
      processes[place].busyUntil = now + .milliseconds(Int64(500 + networkChance.below(8000)))
    }
    let cut: VirtualDatabase.Cut? =
      strikes(.commitCut) ? (networkChance.below(2) == 0 ? .before : .after) : nil
    do throws(VirtualDatabase.Failure) {
      try commit(facts, place, cut: cut)
      return true
    } catch .fenced {
      return fence(process)
    } catch {
      return resolve(facts, process)
    }
  }

  mutating func commit(
    _ facts: [Fact], _ place: Int, cut: VirtualDatabase.Cut?
  ) throws(VirtualDatabase.Failure) {
    defer { note(database.records.dropFirst(notedCount).map(\.fact)) }
    try database.commit(
      facts, run: processes[place].run, over: processes[place].session, cut: cut)
    processes[place].stored += facts.count
  }

  /// Shows the oracle facts that it has not seen yet.
  private mutating func note(_ facts: some Sequence<Fact>) {
    for fact in facts {
      notedCount += 1
      log.add(.stored(fact), at: now)
      oracle.stored(fact, self)
      noteRarePaths(fact)
    }
  }

  /// A process notices a session that is gone at its next sign of life, not only at a commit.
  mutating func keepsSession(_ process: Int) -> Bool {
    guard let place = place(of: process) else { return false }
    return !processes[place].hasBooks || database.isAlive(processes[place].session)
      || resolve([], process)
  }

  /// The connection was lost: asks what is stored before anything depends on it, and goes on without
  /// the database when it does not answer.
  private mutating func resolve(_ facts: [Fact], _ process: Int) -> Bool {
    guard let place = place(of: process) else { return false }
    guard let session = try? database.connect() else { return goOn(with: facts, process) }
    guard (try? database.lock(session)) == true else {
      database.end(session)
      return fence(process)
    }
    processes[place].session = session
    let before = processes[place].stored
    let isStored = database.records.count == before + facts.count
    guard isStored || database.records.count == before else { return fence(process) }
    if isStored {
      processes[place].stored = database.records.count
      if !facts.isEmpty { tally.note(.commitWasStored) }
      return true
    }
    do throws(VirtualDatabase.Failure) {
      try commit(facts, place, cut: nil)
      tally.note(.commitWasRepeated)
      return true
    } catch .fenced {
      return fence(process)
    } catch {
      return goOn(with: facts, process)
    }
  }

  /// Another process writes: this one ends.
  private mutating func fence(_ process: Int) -> Bool {
    tally.note(.processWasFenced)
    die(process)
    return false
  }

  // MARK: - Without the database

  private mutating func goOn(with facts: [Fact], _ process: Int) -> Bool {
    guard let place = place(of: process) else { return false }
    processes[place].hasBooks = false
    file = EmergencyFile(run: processes[place].run, base: processes[place].stored, facts: [])
    tally.note(.wentOnWithoutBooks)
    tell(process, .hold(.database, isOn: true))
    queue.add(.tend(process: process), at: now + Self.tending)
    return keep(facts)
  }

  private mutating func keep(_ facts: [Fact]) -> Bool {
    guard var kept = file else { return false }
    kept.facts += facts
    file = kept
    note(kept.facts.dropFirst(notedCount - kept.base))
    return true
  }

  /// Tries to bring the database back.
  mutating func tend(_ process: Int) {
    guard let place = place(of: process), !processes[place].hasBooks else { return }
    guard now >= processes[place].busyUntil, let session = try? database.connect() else {
      return queue.add(.tend(process: process), at: now + Self.tending)
    }
    guard (try? database.lock(session)) == true else {
      database.end(session)
      _ = fence(process)
      return
    }
    switch settle(over: session) {
    case .settled: break
    case .unfit:
      // The process ends, and its connection with it.
      database.end(session)
      _ = fence(process)
      return
    case .later:
      database.end(session)
      return queue.add(.tend(process: process), at: now + Self.tending)
    }
    processes[place].session = session
    processes[place].stored = database.records.count
    processes[place].hasBooks = true
    tell(process, .hold(.database, isOn: false))
  }

  private enum Settlement {
    case settled
    case unfit
    case later
  }

  /// Stores what the file has and the database has not.
  private mutating func settle(over session: VirtualDatabase.Session) -> Settlement {
    guard let kept = file else { return .settled }
    let later = database.records.dropFirst(kept.base)
    guard later.allSatisfy({ $0.run == kept.run }), later.count <= kept.facts.count else {
      return .unfit
    }
    do throws(VirtualDatabase.Failure) {
      try database.commit(Array(kept.facts.dropFirst(later.count)), run: kept.run, over: session)
    } catch {
      return error == .fenced ? .unfit : .later
    }
    if !kept.facts.isEmpty { tally.note(.emergencyReplayed) }
    file = nil
    return .settled
  }

  /// What an earlier process wrote down is stored if it fits, and set aside if it does not: then the
  /// venues' own history tells what was traded.
  ///
  /// - Returns: false when that has to wait.
  mutating func recoverFile(over session: VirtualDatabase.Session) -> Bool {
    // The writer of a file lets go of it once the lock is another's.
    for process in processes.filter({ !$0.hasBooks }) { _ = fence(process.number) }
    switch settle(over: session) {
    case .settled: return true
    case .later: return false
    case .unfit:
      file = nil
      notedCount = database.records.count
      oracle.rebuild(from: database.records.map(\.fact), self)
      return true
    }
  }
}
