import Core
import FixedPoint
import Simulation
import Trading

/// What begins now and then and lasts a while.
extension World {
  // MARK: - Phases

  mutating func enter(_ phase: Phase) {
    self.phase = phase
    switch phase {
    case .calm: break
    case .storm:
      storm += 1
      tally.storms += 1
      plan = fixedPlan ?? FaultPlan.swarm(&faultChance)
      for fault in Fault.allCases where !fault.isStrike && plan[fault] > 0 { beginLater(fault) }
    case .heal:
      calm()
      queue.add(.adopt, at: now + .minutes(15))
      queue.add(.adopt, at: now + .minutes(25))
      restBy = now + Self.healing - .milliseconds(1)
      queue.add(.quiet, at: now + .minutes(40))
    case .closing:
      // Nothing is opened any more.
      ask(.pause)
      ask(.unwindAll)
    }
  }

  /// Ends every fault.
  private mutating func calm() {
    plan = .none
    for fault in Fault.allCases where !fault.isStrike {
      for place in 0..<max(venues.count, setting.universe.instruments.count) {
        end(fault, place: place)
      }
    }
    ask(.resume)
  }

  /// Draws when a fault begins next: the pause is uniform around its mean.
  private mutating func beginLater(_ fault: Fault) {
    let mean = 8_640_000 / max(1, plan[fault])
    queue.add(
      .begin(fault, storm: storm),
      at: now + .seconds(Int64(1 + faultChance.below(2 * mean))))
  }

  // MARK: - Episodes

  mutating func begin(_ fault: Fault, _ storm: Int) {
    guard phase == .storm, storm == self.storm else { return }
    beginLater(fault)
    strikeNow(fault)
  }

  /// What is set in motion is sometimes struck in the middle of it, where it hurts.
  mutating func meddle() {
    let choices: [Fault] = [.disconnect, .halt, .deleveraging, .ban, .sessionKilled, .databaseDown]
      .filter { plan[$0] > 0 }
    guard phase == .storm, !choices.isEmpty, faultChance.below(4) == 0 else { return }
    queue.add(
      .meddle(choices[faultChance.below(choices.count)]),
      at: now + .milliseconds(Int64(100 + faultChance.below(4000))))
  }

  mutating func strikeNow(_ fault: Fault) {
    guard phase == .storm else { return }
    tally.faults[fault, default: 0] += 1
    log.add(.fault(fault, true), at: now)
    let venue = faultChance.below(venues.count)
    let instrument = faultChance.below(setting.universe.instruments.count)
    switch fault {
    case .disconnect:
      cut(venue, for: seconds(5, 600))
      // A cascade does both: the streams fall silent while shorts are closed.
      if plan[.deleveraging] > 0, faultChance.below(3) == 0 { deleverage(at: venue) }
    case .silence:
      venues[venue].isSilent = true
      // A watchdog misses the data and opens the streams anew.
      queue.add(.link(venue: venue, isUp: false), at: now + .seconds(60))
      queue.add(.link(venue: venue, isUp: true), at: now + .seconds(63))
    case .slowDown: close(venue, for: seconds(2, 30))
    case .ban: close(venue, for: seconds(120, 1200))
    case .halt: stop(busy ?? instrument, .halted, fault, for: seconds(60, 9000))
    case .cancelOnly: stop(busy ?? instrument, .cancelOnly, fault, for: seconds(60, 1800))
    case .transfersDown: last(fault, venue, seconds(60, 1800)) { $0.refusesTransfers = true }
    case .deleveraging: deleverage(at: venue)
    case .jump:
      let isWild = faultChance.below(5) == 0
      jump(
        by: Rate.basisPoints(
          isWild ? 11_500 + faultChance.below(2500) : 9000 + faultChance.below(2000)))
    case .wick:
      let factor = Rate.basisPoints(10_000 + 300 + faultChance.below(1500))
      let place = jump(by: factor)
      queue.add(.end(.wick, place: place), at: now + seconds(60, 600))
      wicks[place] = wicks[place].map { $0.times(factor) } ?? factor
    case .shortInterval:
      let place = faultChance.below(market.paths.count)
      setInterval(place, hours: faultChance.below(2) == 0 ? 1 : 4)
      queue.add(.end(fault, place: place), at: now + .hours(Int64(1 + faultChance.below(6))))
    case .delisting: announceEnd()
    case .pause:
      let until = now + seconds(10, 600)
      for place in processes.indices {
        processes[place].busyUntil = until
        processes[place].hasStalled = true
      }
    case .clockOff:
      clockSkew = .milliseconds(Int64(faultChance.below(1001) - 500))
      queue.add(.end(fault, place: 0), at: now + seconds(60, 3600))
    case .databaseDown:
      database.stop()
      queue.add(.end(fault, place: 0), at: now + seconds(5, 600))
    case .databaseReadOnly:
      database.isReadOnly = true
      queue.add(.end(fault, place: 0), at: now + seconds(5, 300))
    case .sessionKilled: database.endHolder()
    case .secondProcess: startAgain(after: .milliseconds(1))
    case .withdrawal: withdraw(venue)
    case .command: command(storm)
    default: preconditionFailure("Invariant: a strike has no beginning")
    }
  }

  mutating func end(_ fault: Fault, _ place: Int) { end(fault, place: place) }

  private mutating func end(_ fault: Fault, place: Int) {
    switch fault {
    case .disconnect, .silence:
      guard venues.indices.contains(place) else { return }
      venues[place].cutUntil = now
      if !venues[place].isConnected || venues[place].isSilent { setLink(place, isUp: true) }
    case .slowDown, .ban:
      if venues.indices.contains(place) {
        venues[place].closedUntil = min(now, venues[place].closedUntil)
      }
    case .halt, .cancelOnly: resumeTrading(place)
    case .transfersDown:
      if venues.indices.contains(place) { venues[place].refusesTransfers = false }
    case .wick:
      if let factor = wicks.removeValue(forKey: place) {
        market.jump(place, by: Rate.one.divided(by: factor))
        announcePrices()
      }
    case .shortInterval:
      if market.paths.indices.contains(place), market.paths[place].intervalHours != 8 {
        setInterval(place, hours: 8)
      }
    case .clockOff: clockSkew = TimeSpan(nanoseconds: 0)
    case .databaseDown: database.start()
    case .databaseReadOnly: database.isReadOnly = false
    case .pause:
      for place in processes.indices {
        processes[place].busyUntil = min(now, processes[place].busyUntil)
      }
    default: break
    }
  }

  private mutating func seconds(_ least: Int, _ most: Int) -> TimeSpan {
    .seconds(Int64(least + faultChance.below(most - least)))
  }

  /// A venue that asks for a pause does not lift a ban by it.
  private mutating func close(_ venue: Int, for span: TimeSpan) {
    venues[venue].closedUntil = max(venues[venue].closedUntil, now + span)
  }

  private mutating func last(
    _ fault: Fault, _ venue: Int, _ span: TimeSpan, _ change: (inout WorldVenue) -> Void
  ) {
    change(&venues[venue])
    queue.add(.end(fault, place: venue), at: now + span)
  }

  // MARK: - Streams

  private mutating func cut(_ venue: Int, for span: TimeSpan) {
    guard venues[venue].isConnected else { return }
    setLink(venue, isUp: false)
    venues[venue].cutUntil = now + span
    queue.add(.link(venue: venue, isUp: true), at: now + span)
  }

  /// The streams of a venue are cut, or are back and tell what stands now.
  mutating func setLink(_ venue: Int, isUp: Bool) {
    if isUp, now < venues[venue].cutUntil { return }
    if !isUp, venues[venue].isConnected, !venues[venue].isSilent || phase == .storm {
      venues[venue].isConnected = false
    } else if isUp {
      venues[venue].isConnected = true
      venues[venue].isSilent = false
    }
    for process in processes.map(\.number) {
      tell(process, .link(venues[venue].id, isUp: isUp))
      if isUp { announceState(of: venue, to: process) }
    }
  }

  // MARK: - Markets

  /// What a venue says of an instrument.
  func status(of index: InstrumentIndex) -> TradingStatus {
    let pair = setting.universe.pairOfInstrument[index.position].position
    if ended.contains(pair) || leaving.contains(pair) { return .delisting }
    return stopped[index.position] == nil
      ? .trading : stopped[index.position] == .cancelOnly ? .reduceOnly : .halted
  }

  private mutating func stop(
    _ place: Int, _ status: ListingStatus, _ fault: Fault, for span: TimeSpan
  ) {
    let pair = setting.universe.pairOfInstrument[place].position
    guard !ended.contains(pair), !leaving.contains(pair), stopped[place] == nil else { return }
    stopped[place] = status
    apply(status, to: place)
    queue.add(.end(fault, place: place), at: now + span)
  }

  private mutating func resumeTrading(_ place: Int) {
    guard stopped.removeValue(forKey: place) != nil else { return }
    apply(.trading, to: place)
  }

  private mutating func apply(_ status: ListingStatus, to place: Int) {
    let index = InstrumentIndex(place)
    let venue = venueIndex(setting.universe[index].id.venue)
    venues[venue].exchange.setStatus(status, of: index)
    say([.statusChanged(index, self.status(of: index))], from: venue)
  }

  @discardableResult
  private mutating func jump(by factor: Rate) -> Int {
    let place = faultChance.below(market.paths.count)
    market.jump(place, by: factor)
    announcePrices()
    return place
  }

  private mutating func setInterval(_ place: Int, hours: Int) {
    market.setInterval(place, hours: hours, at: now)
    let stamp = market.paths[place].nextSettlement
    queue.add(.settlement(place: place, stamp: stamp), at: stamp)
  }

  /// A leg of a carry in motion, so that a stop hits in the middle of a trade; nil without one.
  private var busy: Int? {
    mutating get {
      let moving =
        processes.first?.engine.state.carries.compactMap { $0 }
        .filter(\.state.isInMotion) ?? []
      guard let carry = moving.first else { return nil }
      let pair = setting.universe[carry.pair]
      return (faultChance.below(2) == 0 ? pair.spot : pair.perp).position
    }
  }

  private mutating func deleverage(at venue: Int) {
    let pairs = setting.universe.pairs.indices.filter {
      setting.universe.pairs[$0].venue == venues[venue].id
    }
    deleverage(
      pairs[faultChance.below(pairs.count)], Rate.basisPoints(500 + faultChance.below(9501)))
  }

  /// The venue closes a part of a short.
  mutating func deleverage(_ place: Int, _ fraction: Rate = "0.3") {
    let pair = setting.universe.pairs[place]
    let venue = venueIndex(pair.venue)
    var events: [VenueEvent] = []
    venues[venue].exchange.deleverage(
      pair.perp, fraction: fraction, at: now, into: &events)
    say(events, from: venue)
    oracle.watchPositions(self)
  }

  /// Announces the end of a contract, three hours ahead.
  private mutating func announceEnd() {
    guard leaving.isEmpty, ended.isEmpty else { return }
    let place = faultChance.below(setting.universe.pairs.count)
    let pair = setting.universe.pairs[place]
    guard stopped[pair.spot.position] == nil, stopped[pair.perp.position] == nil else { return }
    leaving.insert(place)
    say([.statusChanged(pair.perp, .delisting)], from: venueIndex(pair.venue))
    queue.add(.contractEnds(place: place), at: now + .hours(3))
  }

  mutating func endContract(_ place: Int) {
    let pair = setting.universe.pairs[place]
    let venue = venueIndex(pair.venue)
    leaving.remove(place)
    ended.insert(place)
    var events: [VenueEvent] = []
    venues[venue].exchange.endContract(pair.perp, at: now, into: &events)
    say(events, from: venue)
  }

  /// Somebody takes a part of the cash.
  private mutating func withdraw(_ venue: Int) {
    let wallet = setting.universe.wallet(of: venues[venue].id, .spot)
    let free =
      venues[venue].exchange.balances
      .first { $0.wallet == wallet && $0.asset == "USDT" }?.total ?? .zero
    guard free > "1000" else { return }
    oracle.differs(venues[venue].id)
    venues[venue].exchange.deposit(
      -Amount(100 + faultChance.below(400)), of: "USDT", in: wallet)
  }
}
