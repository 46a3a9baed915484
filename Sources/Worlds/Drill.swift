import Core
import FixedPoint
import Simulation
import Trading

/// Where a process dies at the end of a step.
enum Death: Hashable, Sendable {
  /// The step is lost.
  case beforeCommit
  /// The connection goes with it; the facts are stored or not.
  case whileCommitting(VirtualDatabase.Cut)
  /// So many of its actions were performed.
  case afterActions(Int)
}

/// What becomes of one message.
enum Fate: Hashable, Sendable, CaseIterable {
  /// It does not arrive.
  case lostBefore
  /// It arrives, and its answer is lost; an event without an answer is lost.
  case lostAfter
  /// It arrives twice.
  case twice
  /// It arrives late, perhaps too late to act.
  case late
}

/// The kinds of messages between a process and a venue.
enum MessageKind: Hashable, Sendable, CaseIterable {
  case perpOrder, spotOrder, cancel, query, transfer, snapshot, fundingHistory
  case fill, orderFinished, position, fundingPaid, fundingSettled, statusChanged

  /// What can become of it.
  ///
  /// An event has no answer to lose. A venue keeps no number of a transfer of ours, and nothing in the
  /// way to it repeats one: that is not in this model.
  var fates: [Fate] {
    switch self {
    case .perpOrder, .spotOrder, .cancel, .query, .snapshot, .fundingHistory: Fate.allCases
    case .transfer: [.lostBefore, .lostAfter, .late]
    case .fill, .orderFinished, .position, .fundingPaid, .fundingSettled, .statusChanged:
      [.lostBefore, .twice, .late]
    }
  }

  init?(_ request: VenueRequest) {
    switch request {
    case .submit(let order): self = order.instrument.market == .perp ? .perpOrder : .spotOrder
    case .cancel: self = .cancel
    case .query: self = .query
    case .transfer: self = .transfer
    case .snapshot: self = .snapshot
    case .fundingHistory: self = .fundingHistory
    case .adjustMargin: return nil
    }
  }

  init?(_ event: VenueEvent) {
    switch event {
    case .fill: self = .fill
    case .orderFinished: self = .orderFinished
    case .position: self = .position
    case .fundingPaid: self = .fundingPaid
    case .fundingSettled: self = .fundingSettled
    case .statusChanged: self = .statusChanged
    default: return nil
    }
  }
}

/// One life of a carry in which one message goes astray and the process dies once.
///
/// Opened, held over a settlement, halved, closed in part by the venue, closed: everything that a life
/// has, short enough to be lived thousands of times. A patient one is opened by an order that rests, is
/// taken back and then takes.
public struct Drill: Hashable, Sendable, CustomStringConvertible {
  /// Whether orders rest.
  let isPatient: Bool
  /// The message that goes astray around the moment of the crash, and how; nil for none.
  let message: MessageKind?
  let fate: Fate
  /// The step at which the process dies, and how; nil for none.
  let crash: Crash?

  struct Crash: Hashable, Sendable {
    let step: Int
    let death: Death
  }

  /// The message, its fate and the crash.
  public var description: String {
    let lost =
      (isPatient ? "patient, " : "") + (message.map { "\($0) \(fate)" } ?? "no message lost")
    return crash.map { "\(lost), dies at step \($0.step) \($0.death)" } ?? "\(lost), no crash"
  }

  /// Every message kind with every fate, without a crash and at every crash point.
  ///
  /// - Returns: thousands of drills, in a fixed order.
  public static func all() -> [Drill] { all(isPatient: false) + all(isPatient: true) }

  private static func all(isPatient: Bool) -> [Drill] {
    func drill(_ message: MessageKind?, _ fate: Fate, _ crash: Crash?) -> Drill {
      Drill(isPatient: isPatient, message: message, fate: fate, crash: crash)
    }
    var plain = World(
      seed: seed, days: 1, plan: FaultPlan.none, drill: drill(nil, .late, nil))
    _ = plain.run()
    let messages =
      [(nil, .late)]
      + MessageKind.allCases.filter { isPatient || $0 != .cancel }.flatMap { kind in
        kind.fates.map { (kind as MessageKind?, $0) }
      }
    var drills = messages.map { drill($0.0, $0.1, nil) }
    for step in 1...plain.scriptSteps {
      for death in [Death.beforeCommit, .whileCommitting(.after), .afterActions(1)] {
        drills += messages.map { drill($0.0, $0.1, Crash(step: step, death: death)) }
      }
    }
    return drills
  }

  private static let seed: UInt64 = 11

  /// Lives it.
  public func run() -> WorldResult {
    var world = World(seed: Self.seed, days: 1, plan: FaultPlan.none, drill: self)
    return world.run()
  }
}

extension World {
  /// The script of a drill: a life of a carry at the venue with separate wallets, of three clips or, where
  /// each of them takes its time, of one.
  mutating func scheduleDrill() {
    let pair = setting.universe.pairs[0]
    let size = Command.Size(
      venue: pair.venue, symbol: pair.symbol,
      notional: setting.parameters.execution.clipNotional
        .times(drill?.isPatient == true ? "0.9" : "2.2"), quantity: nil)
    let stamp = WorldSetting.start + .hours(8)
    let steps: [(TimeSpan, Occurrence)] = [
      (.seconds(-60), .script(.open(size, hold: true))),
      (.seconds(60), .script(.unwind(CarryID(1), fraction: "0.5"))),
      (.seconds(120), .deleverage(pair: 0)), (.seconds(180), .script(.unwindAll)),
      (.seconds(240), .scriptOver), (.minutes(24), .quiet),
    ]
    for (offset, occurrence) in steps { queue.add(occurrence, at: stamp + offset) }
    end = stamp + .minutes(25)
  }

  /// What becomes of a request.
  mutating func fate(of request: VenueRequest) -> Fate? {
    if drill != nil { return struck(MessageKind(request)) }
    if strikes(.requestLost) { return .lostBefore }
    if strikes(.replyLost) { return .lostAfter }
    if strikes(.requestDelayed) { return .late }
    if case .submit = request, strikes(.requestRepeated) { return .twice }
    return nil
  }

  /// What becomes of an event on a stream.
  mutating func fate(of event: VenueEvent) -> Fate? {
    if drill != nil { return struck(MessageKind(event)) }
    if strikes(.eventDropped) { return .lostBefore }
    if strikes(.eventDuplicated) { return .twice }
    if strikes(.eventReordered) { return .late }
    return nil
  }

  /// The drill's message goes astray once, around the crash.
  private mutating func struck(_ kind: MessageKind?) -> Fate? {
    guard let drill, let kind, kind == drill.message, !isStruck,
      processSteps + 2 >= drill.crash?.step ?? 0
    else { return nil }
    isStruck = true
    return drill.fate
  }
}
