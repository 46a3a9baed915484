import Simulation
import TestKit

/// What three processes do with one database, and what befalls it, drawn from a seed.
struct DatabaseScript {
  /// One operation; the first number of those that processes do is the process.
  enum Step: Equatable {
    /// Connects.
    case connect(Int)
    /// Takes the lock, or hears that somebody has it.
    case lock(Int)
    /// Takes the lock, reads all facts and begins a run.
    case begin(Int)
    /// Stores so many facts.
    case commit(Int, facts: Int, cut: DatabaseProxy.Cut?)
    /// After a session was lost: another one, the lock again, and what of the last facts is stored.
    case resume(Int)
    /// Asks how many facts are stored.
    case count(Int)
    /// Hangs up.
    case end(Int)
    /// An administrator ends the session that holds the lock.
    case endHolder
    /// The server crashes.
    case stop
    /// The server is there again.
    case start
    /// The server takes no writes, or takes them again.
    case readOnly(Bool)
  }

  /// What a process hears.
  enum Outcome: Equatable {
    case done
    /// How many: facts read, stored by this step, or counted.
    case number(Int)
    /// The session is lost, or there is none to be had.
    case lost
    case readOnly
    /// Another process has the lock, or wrote since.
    case shutOut
    /// There is nothing to do it with.
    case idle
  }

  let steps: [Step]

  init(seed: UInt64) {
    var chance = SeededRandom(seed: seed)
    var isUp = true
    var isReadOnly = false
    var steps: [Step] = []
    for _ in 0..<60 {
      let process = chance.below(3)
      switch chance.below(100) {
      case 0..<10: steps.append(.connect(process))
      case 10..<15: steps.append(.lock(process))
      case 15..<33: steps.append(.begin(process))
      case 33..<65:
        // What a cut means where nothing can be written depends on who is faster.
        let cuts: [DatabaseProxy.Cut?] =
          isReadOnly ? [nil] : [nil, nil, nil, .beforeCommit, .afterCommit]
        steps.append(
          .commit(process, facts: 1 + chance.below(3), cut: cuts[chance.below(cuts.count)]))
      case 65..<77: steps.append(.resume(process))
      case 77..<83: steps.append(.count(process))
      case 83..<86: steps.append(.end(process))
      case 86..<92: if isUp { steps.append(.endHolder) }
      case 92..<97 where isUp:
        isReadOnly.toggle()
        steps.append(.readOnly(isReadOnly))
      default:
        // It is away for a few steps only.
        if isUp, chance.below(2) == 0 { continue }
        isUp.toggle()
        steps.append(isUp ? .start : .stop)
      }
      if !isUp, chance.below(4) == 0 {
        isUp = true
        steps.append(.start)
      }
    }
    self.steps = steps
  }
}
