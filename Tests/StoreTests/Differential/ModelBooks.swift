import Core
import TestKit
import Worlds

/// The steps of a script on the database of the simulated worlds.
struct ModelBooks {
  private struct Process {
    var session: VirtualDatabase.Session?
    var run: Int32?
    /// The last fact known to be stored.
    var base = 0
    /// Facts of a commit of which nothing was heard.
    var pending: [Fact] = []
    /// Whether the session is known to be gone.
    var isLost = false
  }

  private var database = VirtualDatabase()
  private var processes = [Process](repeating: Process(), count: 3)

  /// Whether the server answers.
  var isUp: Bool { database.isUp }

  /// Everything that is stored.
  var records: [VirtualDatabase.Record] { database.records }

  /// Sessions that live.
  var sessions: Int {
    processes.count { $0.session.map(database.isAlive) == true }
  }

  mutating func play(_ step: DatabaseScript.Step, facts: [Fact]) -> DatabaseScript.Outcome {
    do throws(VirtualDatabase.Failure) {
      return try attempt(step, facts)
    } catch {
      return switch error {
      case .connectionLost: .lost
      case .readOnly: .readOnly
      case .fenced: .shutOut
      }
    }
  }

  private mutating func attempt(
    _ step: DatabaseScript.Step, _ facts: [Fact]
  ) throws(VirtualDatabase.Failure) -> DatabaseScript.Outcome {
    switch step {
    case .connect(let number):
      guard processes[number].session == nil else { return .idle }
      processes[number].session = try database.connect()
    case .lock(let number):
      guard let session = processes[number].session, processes[number].run == nil else {
        return .idle
      }
      return try lose(number) { model throws(VirtualDatabase.Failure) in
        guard try model.database.lock(session) else { throw .fenced }
        return .done
      }
    case .begin(let number):
      guard let session = processes[number].session, processes[number].run == nil else {
        return .idle
      }
      return try lose(number) { model throws(VirtualDatabase.Failure) in
        guard try model.database.lock(session) else { throw .fenced }
        model.processes[number].run = try model.database.beginRun(session)
        model.processes[number].base = model.database.records.count
        return .number(model.database.records.count)
      }
    case .commit(let number, _, let cut): return try commit(facts, number, cut)
    case .resume(let number): return try resume(number)
    case .count(let number):
      guard let session = processes[number].session, !processes[number].isLost else {
        return .idle
      }
      return try lose(number) { model throws(VirtualDatabase.Failure) in
        .number(try model.database.count(session))
      }
    case .end(let number):
      guard let session = processes[number].session else { return .idle }
      database.end(session)
      processes[number] = Process()
    case .endHolder: database.endHolder()
    case .stop: database.stop()
    case .start: database.start()
    case .readOnly(let isOn): database.isReadOnly = isOn
    }
    return .done
  }

  private mutating func commit(
    _ facts: [Fact], _ number: Int, _ cut: DatabaseProxy.Cut?
  ) throws(VirtualDatabase.Failure) -> DatabaseScript.Outcome {
    let process = processes[number]
    guard let session = process.session, let run = process.run, !process.isLost else {
      return .idle
    }
    processes[number].pending = facts
    return try lose(number) { model throws(VirtualDatabase.Failure) in
      do throws(VirtualDatabase.Failure) {
        try model.database.commit(
          facts, run: run, over: session, cut: cut.map { $0 == .beforeCommit ? .before : .after })
      } catch {
        if error != .connectionLost { model.processes[number].pending = [] }
        throw error
      }
      model.processes[number].base += facts.count
      model.processes[number].pending = []
      return .done
    }
  }

  /// As a process does that lost its session: the lock, then what is stored, then the rest.
  private mutating func resume(
    _ number: Int
  ) throws(VirtualDatabase.Failure) -> DatabaseScript.Outcome {
    guard let run = processes[number].run,
      processes[number].isLost || !processes[number].pending.isEmpty
    else { return .idle }
    if processes[number].isLost {
      let session = try database.connect()
      processes[number].session = session
      processes[number].isLost = false
      let isLocked = try lose(number) { model throws(VirtualDatabase.Failure) in
        try model.database.lock(session)
      }
      guard isLocked else {
        database.end(session)
        processes[number] = Process()
        return .shutOut
      }
    }
    guard let session = processes[number].session else { return .idle }
    let (base, pending) = (processes[number].base, processes[number].pending)
    return try lose(number) { model throws(VirtualDatabase.Failure) in
      let stored = try model.database.count(session)
      let isForeign = model.database.records.dropFirst(base).contains { $0.run != run }
      guard !isForeign, stored == base || stored == base + pending.count else {
        model.database.end(session)
        model.processes[number] = Process()
        return .shutOut
      }
      let late = base + pending.count - stored
      if late > 0 { try model.database.commit(pending, run: run, over: session) }
      model.processes[number].base += pending.count
      model.processes[number].pending = []
      return .number(late)
    }
  }

  /// A session that failed is known to be lost.
  private mutating func lose<Result>(
    _ number: Int, _ body: (inout Self) throws(VirtualDatabase.Failure) -> Result
  ) throws(VirtualDatabase.Failure) -> Result {
    do throws(VirtualDatabase.Failure) {
      return try body(&self)
    } catch {
      if error == .connectionLost {
        if processes[number].run == nil {
          processes[number] = Process()
        } else {
          processes[number].isLost = true
        }
      }
      throw error
    }
  }
}
