import Core
import FixedPoint
import Simulation
import Trading

/// The life of processes: they start as recoveries, decide, store, act and die anywhere in between.
extension World {
  /// How often an account is compared with the books.
  private static let comparing = TimeSpan.minutes(10)
  /// A process wakes its engine now and then, whatever it hears: more often in life than here.
  private static let pulse = TimeSpan.seconds(20)
  /// Between two attempts to start.
  private static let restarting = TimeSpan.seconds(5)

  // MARK: - Start

  /// Starts a process, if none runs that holds the lock; otherwise it waits for the lock.
  mutating func start() {
    isStarting = false
    guard let session = connected() else { return startAgain() }
    guard (try? database.lock(session)) == true, recoverFile(over: session),
      let run = try? database.beginRun(session)
    else {
      database.end(session)
      return startAgain()
    }
    if !processes.isEmpty { tally.note(.standbyTookOver) }
    lastProcess += 1
    tally.starts += 1
    var engine = setting.engine
    engine.recover(database.records.map(\.fact))
    processes.append(
      VirtualProcess(
        number: lastProcess, startedAt: now, engine: engine, session: session, run: run,
        stored: database.records.count))
    log.add(.started(lastProcess, run), at: now)
    let process = lastProcess
    tell(process, .start(run: run))
    for venue in venues { tell(process, .link(venue.id, isUp: venue.isConnected)) }
    for venue in venues.indices { announceState(of: venue, to: process) }
    queue.add(.check(process: process), at: now + Self.comparing)
    queue.add(.pulse(process: process), at: now + Self.pulse)
  }

  mutating func connected() -> VirtualDatabase.Session? { try? database.connect() }

  /// Tries again later; a supervisor does not start two.
  mutating func startAgain(after span: TimeSpan = restarting) {
    if isStarting { return }
    isStarting = true
    queue.add(.start, at: now + span)
  }

  /// What a venue tells a new subscriber: prices, and what does not trade as usual.
  mutating func announceState(of venue: Int, to process: Int) {
    guard venues[venue].isConnected, !venues[venue].isSilent else { return }
    for quote in venues[venue].exchange.quotes { hear(process, .quote(quote)) }
    for instrument in setting.universe.instruments.indices {
      let index = InstrumentIndex(instrument)
      guard setting.universe[index].id.venue == venues[venue].id else { continue }
      hear(process, .statusChanged(index, status(of: index)))
    }
  }

  // MARK: - Turns

  /// Makes sure that a process takes a turn soon.
  mutating func wake(_ place: Int) {
    if processes[place].hasTurn { return }
    processes[place].hasTurn = true
    queue.add(
      .turn(process: processes[place].number), at: max(now, processes[place].busyUntil))
  }

  /// Hears all that arrived, decides, stores, acts.
  mutating func turn(_ process: Int) {
    guard let place = place(of: process) else { return }
    if now < processes[place].busyUntil {
      return queue.add(.turn(process: process), at: processes[place].busyUntil)
    }
    processes[place].hasTurn = false
    guard keepsSession(process) else { return }
    if processes[place].hasStalled {
      processes[place].hasStalled = false
      processes[place].pending.append(.stalled)
    }
    advanceClock(place)
    for kind in processes[place].pending {
      if case .link(let venue, let isUp) = kind { processes[place].link[venue] = isUp }
      processes[place].engine.handle(Event(at: processes[place].now, kind), into: &outcome)
    }
    processes[place].pending.removeAll(keepingCapacity: true)
    if processes[place].engine.isReady, processes[place].hasBooks,
      let command = try? database.waiting(processes[place].session, at: now).first
    {
      // One at a time, each in a commit of its own; what the venues said waits for the next turn.
      processes[place].engine.handle(
        Event(at: processes[place].now, .command(command)), into: &outcome)
      wake(place)
    } else {
      var batch: [VenueEvent] = []
      swap(&batch, &processes[place].inbox)
      processes[place].engine.handle(batch, at: processes[place].now, into: &outcome)
    }
    finish(process)
  }

  /// Hands a process what no venue says.
  mutating func tell(_ process: Int, _ kind: Event.Kind) {
    guard let place = place(of: process) else { return }
    processes[place].pending.append(kind)
    wake(place)
  }

  mutating func check(_ process: Int) {
    guard let place = place(of: process) else { return }
    queue.add(.check(process: process), at: now + Self.comparing)
    if now >= processes[place].busyUntil { tell(process, .checkAccounts(nil)) }
  }

  mutating func pulse(_ process: Int) {
    guard let place = place(of: process) else { return }
    queue.add(.pulse(process: process), at: now + Self.pulse)
    wake(place)
  }

  private mutating func advanceClock(_ place: Int) {
    processes[place].now = max(
      processes[place].now, now + clockSkew, database.records.last?.fact.at ?? .distantPast)
  }

  // MARK: - Facts before actions

  /// Stores the facts of a step, and only then performs its actions.
  private mutating func finish(_ process: Int) {
    var step = Outcome()
    swap(&step, &outcome)
    defer {
      step.removeAll()
      swap(&step, &outcome)
    }
    guard !step.facts.isEmpty || !step.actions.isEmpty else { return }
    let death = death(step)
    if case .beforeCommit = death { return die(process) }
    if !step.facts.isEmpty {
      if case .whileCommitting(let cut) = death {
        if let place = place(of: process), processes[place].hasBooks {
          try? commit(step.facts, place, cut: cut)
        }
        if cut == .after { tally.note(.diedBeforeActing) }
        return die(process)
      }
      guard store(step.facts, process) else { return }
    }
    guard let place = place(of: process) else { return }
    // A slow commit holds up what depends on it.
    if now < processes[place].busyUntil, death == nil {
      queue.add(
        .act(process: process, step.actions), at: processes[place].busyUntil)
    } else {
      perform(step.actions, process, atMost: death)
    }
  }

  /// Performs what waited for a slow commit, if the lock is still held.
  mutating func act(_ process: Int, _ actions: [Action]) {
    if keepsSession(process) { perform(actions, process, atMost: nil) }
  }

  private mutating func death(_ step: Outcome) -> Death? {
    // A step that stores nothing and changes nothing at a venue is no other place to die in.
    let isCrashPoint =
      !step.facts.isEmpty || step.actions.contains { $0.isMutating }
    if isCrashPoint { processSteps += 1 }
    if let drill {
      guard isCrashPoint else { return nil }
      return drill.crash?.step == processSteps ? drill.crash?.death : nil
    }
    guard strikes(.crash) else { return nil }
    switch networkChance.below(4) {
    case 0: return .beforeCommit
    case 1: return .whileCommitting(.before)
    case 2: return .whileCommitting(.after)
    default: return .afterActions(networkChance.below(step.actions.count + 1))
    }
  }

  private mutating func perform(_ actions: [Action], _ process: Int, atMost death: Death?) {
    var left = actions.count
    if case .afterActions(let count) = death { left = count }
    if left < actions.count, left == 0, !actions.isEmpty { tally.note(.diedBeforeActing) }
    for action in actions.prefix(left) {
      switch action {
      case .submit(let order) where order.request.isGrowing && !hasBooks(process):
        // Decided while the database was there, which it is not any more.
        hear(process, .orderRefused(order.request.id, .other, "not sent: the database is away"))
      case .submit(let order): send(.submit(order.request), from: process)
      case .request(let request): send(request, from: process)
      case .wake(let moment):
        queue.add(.turn(process: process), at: max(now, moment - clockSkew))
      }
    }
    if case .afterActions = death { die(process) }
  }

  private func hasBooks(_ process: Int) -> Bool {
    place(of: process).map { processes[$0].hasBooks } ?? false
  }

  /// Ends a process at once; a supervisor starts another one.
  mutating func die(_ process: Int) {
    guard let place = place(of: process) else { return }
    database.end(processes[place].session)
    processes.remove(at: place)
    log.add(.crashed(process), at: now)
    startAgain(after: .milliseconds(Int64(500 + networkChance.below(20_000))))
  }

  mutating func noteRarePaths(_ fact: Fact) {
    switch fact.body {
    case .carryPlanned: meddle()
    case .tradingChanged(let changed) where changed.change == .released:
      tally.note(.haltReleased)
    case .booked(let entry) where entry.kind == .adjustment: tally.note(.adopted)
    case .booked(let entry) where entry.kind == .dust: tally.note(.dustLeft)
    case .decided(let record) where record.action == .addMargin: tally.note(.collateralAdded)
    case .decided(let record) where record.action == .shrink: tally.note(.shrunk)
    case .decided(let record) where record.action == .grow: tally.note(.grown)
    case .decided(let record) where record.action == .warn:
      if record.gates.contains(where: { $0.name == "deleveraging_rank" }) {
        tally.note(.rankWarned)
      }
    case .decided(let record) where record.action == .exit:
      if record.gates.contains(where: { $0.name == "rotation_gain" }) { tally.note(.rotated) }
    case .carryMoved(let moved) where moved.reason == "spot leg failed":
      tally.note(.legUnwound)
    case .carryMoved(let moved) where moved.reason == "a leg is leaving the venue":
      tally.note(.leftDelisting)
    case .filled(let booked) where booked.fill.liquidity == .maker: tally.note(.makerFilled)
    case .orderEnded(let ended) where ended.outcome == .cancelled && ended.filled.isZero:
      tally.note(.makerTakenBack)
    case .settlementCorrected: tally.note(.settlementCorrected)
    case .settled(let settlement):
      let carry = processes.last?.engine.state.carry(settlement.carry)
      if carry?.state == .closing { tally.note(.closedAcrossSettlement) }
    case .carryMoved(let moved) where moved.state.isInMotion: meddle()
    default: break
    }
  }
}

extension Action {
  /// Whether it can change something at a venue.
  fileprivate var isMutating: Bool {
    switch self {
    case .submit: true
    case .request(let request): request.isMutating
    case .wake: false
    }
  }
}
