import Core
import FixedPoint
import Simulation
import Trading

/// The way between processes and venues, with what a session does about its failures: a read is
/// repeated, a request that may have changed something never, its fate is looked up.
extension World {
  // MARK: - There

  /// Sends what a process wants.
  mutating func send(_ request: VenueRequest, from process: Int) {
    guard let place = place(of: process) else { return }
    let venue = venueIndex(request.venue)
    log.add(.sent(request), at: now)
    oracle.sent(request, by: processes[place], self)
    post(Letter(sender: process, venue: venue, request: request))
  }

  private mutating func post(_ letter: Letter) {
    var letter = letter
    if let deadline = letter.request.deadline, isTooLate(deadline, letter) { return }
    if now < venues[letter.venue].closedUntil {
      return queue.add(.lookup(letter), at: venues[letter.venue].closedUntil)
    }
    letter.isSent = true
    let fate = fate(of: letter.request)
    if fate == .lostBefore { return unanswered(letter) }
    letter.losesReply = fate == .lostAfter
    queue.add(.arrival(letter), at: now + latency(fate == .late))
    if fate == .twice { queue.add(.arrival(letter), at: now + latency(false)) }
  }

  /// A session does not send an order after its deadline, by the clock of the process.
  private mutating func isTooLate(_ deadline: Timestamp, _ letter: Letter) -> Bool {
    // What cannot be sent in time is told as soon as that is known.
    let sentAt = max(now, venues[letter.venue].closedUntil) + clockSkew
    guard sentAt > deadline, case .submit(let order) = letter.request else { return false }
    answer(letter, [.orderRefused(order.id, .pastDeadline, "its deadline has passed")])
    return true
  }

  private mutating func latency(_ isDelayed: Bool) -> TimeSpan {
    .milliseconds(
      Int64(isDelayed ? 1000 + networkChance.below(20_000) : 5 + networkChance.below(400)))
  }

  /// Nothing came back: what may have changed something is looked up, a read is repeated.
  private mutating func unanswered(_ letter: Letter) {
    // Connections are seen to break after a while, or a session's patience ends.
    let wait =
      letter.request.isMutating
      ? 3000 + networkChance.below(9000) : 1000 + networkChance.below(3000)
    queue.add(.lookup(letter), at: now + .milliseconds(Int64(wait)))
  }

  /// What a session does about a request whose fate it does not know.
  mutating func look(up letter: Letter) {
    guard place(of: letter.sender) != nil else { return }
    switch letter.request {
    case .submit(let order):
      if !letter.isSent { return post(letter) }
      post(
        Letter(
          sender: letter.sender, venue: letter.venue, request: .query(order.id, order.instrument)))
    case .cancel(let id, let instrument):
      post(
        Letter(sender: letter.sender, venue: letter.venue, request: .query(id, instrument)))
    case .transfer(let transfer):
      let isDone = venues[letter.venue].hasPerformed(transfer)
      answer(letter, [isDone ? .transferred(transfer) : .transferRefused(transfer, .other)])
    case .adjustMargin: break
    case .query, .snapshot, .fundingHistory: post(letter)
    }
  }

  // MARK: - At the venue

  mutating func arrive(_ letter: Letter) {
    tally.requests += 1
    log.add(.arrived(letter.request), at: now)
    oracle.arrives(letter.request, self)
    // Of an order that comes twice, one answer is waited for, and both are treated alike.
    if case .submit(let order) = letter.request {
      if venues[letter.venue].turnedAway.contains(order.id) { return }
      let isTaken = venues[letter.venue].takenAt[order.id] != nil
      if isTaken, now < venues[letter.venue].closedUntil { return unanswered(letter) }
    }
    if now < venues[letter.venue].closedUntil { return refuse(letter) }
    switch letter.request {
    case .submit(let order):
      venues[letter.venue].takenAt[order.id] = now
      act(letter)
      oracle.arrived(order, self)
    case .query(let id, _):
      if let taken = venues[letter.venue].takenAt[id], now < taken + venues[letter.venue].lag {
        return conclude(letter, [.orderNotFound(id)])
      }
      act(letter)
    case .transfer(let transfer) where venues[letter.venue].refusesTransfers:
      conclude(letter, [.transferRefused(transfer, .other)])
    case .cancel, .transfer, .adjustMargin: act(letter)
    case .snapshot(_, let since):
      queue.add(
        .reading(Reading(sender: letter.sender, venue: letter.venue, since: since)),
        at: now + .milliseconds(Int64(networkChance.below(300))))
    case .fundingHistory(let id, let since): conclude(letter, history(of: id, since: since))
    }
  }

  private mutating func act(_ letter: Letter) {
    var events: [VenueEvent] = []
    if strikes(.lookupLag) {
      venues[letter.venue].lag = .milliseconds(
        Int64(networkChance.below(Int(WorldSetting.lookupDelay.nanoseconds / 1_000_000))))
    }
    venues[letter.venue].exchange.receive(letter.request, at: now, into: &events)
    for case .orderRefused(let id, let reason, let text) in events {
      oracle.refused(id, reason, text)
    }
    if case .query = letter.request {
      noteResolution(events)
      return conclude(letter, events)
    }
    // Too late: it says what became of the order, which happened before.
    if case .cancel = letter.request, events.count != 1 { return conclude(letter, events) }
    say(events.filter(WorldVenue.isStreamed), from: letter.venue)
    if case .orderRefused(_, .duplicateID, _) = events.first { return unanswered(letter) }
    // The answer to a cancel says that the order has ended, not what it traded before: that comes, or is
    // read, first.
    let repeats = letter.request.isCancel ? false : strikes(.replyRepeats)
    conclude(letter, events.filter { repeats || !WorldVenue.isStreamed($0) })
    oracle.watchPositions(self)
  }

  private mutating func noteResolution(_ events: [VenueEvent]) {
    for event in events {
      switch event {
      case .orderAccepted: tally.note(.unknownBecameAccepted)
      case .orderNotFound: tally.note(.unknownBecameVoid)
      default: break
      }
    }
  }

  /// Too many requests: a refusal that changed nothing.
  private mutating func refuse(_ letter: Letter) {
    switch letter.request {
    case .submit(let order):
      venues[letter.venue].turnedAway.insert(order.id)
      answer(letter, [.orderRefused(order.id, .other, "too many requests")])
    case .transfer(let transfer): answer(letter, [.transferRefused(transfer, .other)])
    case .adjustMargin(let instrument, _):
      answer(letter, [.marginRefused(instrument, .other)])
    case .cancel, .query, .snapshot, .fundingHistory:
      queue.add(.lookup(letter), at: venues[letter.venue].closedUntil)
    }
  }

  private func history(of id: InstrumentID, since: Timestamp) -> [VenueEvent] {
    guard let instrument = setting.universe.index(of: id) else { return [] }
    let place = setting.universe.pairOfInstrument[instrument.position].position
    let settled = market.paths[place].settled.filter {
      $0.rate.settlesAt >= since && $0.rate.settlesAt <= now
    }
    return [.fundingHistory(instrument, settled.map(\.rate))]
      + settled.filter { $0.rate.settlesAt >= WorldSetting.start }
      .map { .fundingSettled(instrument, $0.rate, mark: $0.mark) }
  }

  /// An account is read in parts, each of another moment: positions, then balances, then what
  /// happened since.
  mutating func read(_ reading: Reading) {
    guard place(of: reading.sender) != nil else { return }
    var reading = reading
    let seen = venues[reading.venue].snapshot(since: reading.since, at: now)
    let next = now + .milliseconds(Int64(1 + networkChance.below(400)))
    guard let positions = reading.positions else {
      reading.positions = seen
      return queue.add(.reading(reading), at: next)
    }
    guard let balances = reading.balances else {
      reading.balances = seen
      return queue.add(.reading(reading), at: next)
    }
    let whole = AccountSnapshot(
      venue: seen.venue, balances: balances.balances, positions: positions.positions,
      openOrders: positions.openOrders, fills: seen.fills, payments: seen.payments,
      transfers: seen.transfers)
    let letter = Letter(
      sender: reading.sender, venue: reading.venue,
      request: .snapshot(seen.venue, since: reading.since))
    conclude(letter, [.snapshot(whole)])
  }

  // MARK: - Back

  private mutating func conclude(_ letter: Letter, _ events: [VenueEvent]) {
    if letter.losesReply { unanswered(letter) } else { answer(letter, events) }
  }

  private mutating func answer(_ letter: Letter, _ events: [VenueEvent]) {
    queue.add(.answers(process: letter.sender, events), at: now + latency(false))
  }

  /// Says something over the streams of a venue.
  mutating func say(_ events: [VenueEvent], from venue: Int) {
    for event in events {
      oracle.happened(event, self)
      if case .fill(let fill) = event, fill.cause != .order {
        tally.note(fill.cause == .liquidation ? .liquidated : .forcedClose)
        if !venues[venue].isConnected || venues[venue].isSilent { tally.note(.forcedCloseUnheard) }
      }
    }
    guard venues[venue].isConnected, !venues[venue].isSilent else { return }
    for process in processes.map(\.number) {
      for event in events {
        if case .quote = event {
          hear(process, event)
        } else {
          stream(event, to: process)
        }
      }
    }
  }

  private mutating func stream(_ event: VenueEvent, to process: Int) {
    let fate = fate(of: event)
    if fate == .lostBefore || fate == .lostAfter { return }
    for _ in 0..<(fate == .twice ? 2 : 1) {
      let delay = fate == .late ? networkChance.below(2000) : networkChance.below(60)
      queue.add(
        .streamed(process: process, event), at: now + .milliseconds(Int64(delay)))
    }
  }

  /// An event of a stream arrives; a session does not pass on the end of an order before all that it
  /// traded, but reads what is missing.
  mutating func streamArrives(_ process: Int, _ event: VenueEvent) {
    guard let place = place(of: process) else { return }
    guard case .orderFinished(let id, _) = event else { return hear(process, event) }
    guard let venue = venues.firstIndex(where: { $0.takenAt[id] != nil }) else { return }
    let instrument = InstrumentID(
      venue: venues[venue].id, market: id.market, symbol: "BTCUSDT")
    var report: [VenueEvent] = []
    venues[venue].exchange.receive(.query(id, instrument), at: now, into: &report)
    let isComplete = report.allSatisfy {
      guard case .fill(let fill) = $0 else { return true }
      return processes[place].told.contains(fill.sourceKey)
    }
    if isComplete { return hear(process, event) }
    queue.add(.answers(process: process, report), at: now + latency(false))
  }

  /// Puts an event into the inbox of a process.
  mutating func hear(_ process: Int, _ event: VenueEvent) {
    guard let place = place(of: process) else { return }
    switch event {
    case .fill(let fill): processes[place].told.insert(fill.sourceKey)
    case .quote(let quote):
      processes[place].quotedAt[setting.universe[quote.instrument].id.venue] = now
    default: log.add(.heard(event), at: now)
    }
    processes[place].inbox.append(event)
    wake(place)
  }

  /// Where a process stands in the list; nil when it is dead.
  func place(of process: Int) -> Int? { processes.firstIndex { $0.number == process } }
}

extension WorldVenue {
  /// The account now.
  func snapshot(since: Timestamp, at now: Timestamp) -> AccountSnapshot {
    var events: [VenueEvent] = []
    var copy = exchange
    copy.receive(.snapshot(id, since: since), at: now, into: &events)
    guard case .snapshot(let snapshot) = events.first else {
      preconditionFailure("Invariant: an exchange answers a snapshot with one")
    }
    return snapshot
  }

  /// Whether the venue did a transfer.
  func hasPerformed(_ transfer: Transfer) -> Bool {
    snapshot(since: .distantPast, at: .distantFuture).transfers.contains(transfer)
  }
}

extension VenueRequest {
  fileprivate var isCancel: Bool { if case .cancel = self { true } else { false } }

  /// The moment after which an order must not act; nil for everything else.
  var deadline: Timestamp? {
    if case .submit(let order) = self { order.deadline } else { nil }
  }
}
