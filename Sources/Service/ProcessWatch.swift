import Core
import Glibc

/// What a process notices about itself and around it, apart from venues and commands.
struct ProcessWatch {
  private let haltFile: String
  private var lastLook = ContinuousClock.now
  private var holds: Set<Hold> = []

  /// A loop that took longer between two turns stood still.
  private static let longestTurn = Duration.seconds(5)

  /// - Parameter haltFile: while it exists nothing grows.
  init(haltFile: String) { self.haltFile = haltFile }

  /// What changed since the last look; to be called once a turn.
  mutating func look(booksArePresent: Bool) -> [Event.Kind] {
    var changes: [Event.Kind] = []
    let now = ContinuousClock.now
    if now - lastLook > Self.longestTurn { changes.append(.stalled) }
    lastLook = now
    if StopSignal.takePause() {
      changes.append(.pause("paused by signal; harvester resume ends it"))
    }
    note(.database, isOn: !booksArePresent, &changes)
    note(.file, isOn: access(haltFile, F_OK) == 0, &changes)
    return changes
  }

  private mutating func note(_ hold: Hold, isOn: Bool, _ changes: inout [Event.Kind]) {
    guard holds.contains(hold) != isOn else { return }
    if isOn { holds.insert(hold) } else { holds.remove(hold) }
    changes.append(.hold(hold, isOn: isOn))
  }
}

extension Event.Kind {
  /// What an operator reads of a change that leaves no fact; nil for the others.
  var notice: String? {
    switch self {
    case .stalled: "stood still for more than five seconds; prices and accounts are read again"
    case .hold(.file, let isOn):
      isOn ? "halted by file: nothing grows until it is removed" : "the halt file is gone"
    default: nil
    }
  }
}
