import Accounting
import FixedPoint
import Trading

extension EngineState {
  /// The one place where facts change durable state: while running and while recovering.
  mutating func apply(_ fact: Fact) {
    switch fact.body {
    case .started(let start): run = start.run
    case .decided(let record): apply(record)
    case .carryPlanned(let planned): apply(planned, at: fact.at)
    case .carryMoved(let moved): apply(moved, at: fact.at)
    case .intended(let intent): apply(intent, at: fact.at)
    case .accepted(let accepted): orders[accepted.order]?.isAccepted = true
    case .filled(let booked): apply(booked, at: fact.at)
    case .orderEnded(let ended): apply(ended)
    case .transferIntended(let transfer):
      transfers[transfer.id] = transfer
      transferAskedAt[transfer.id] = fact.at
      lastTransfer = max(lastTransfer, transfer.id)
    case .transferEnded(let ended):
      transfers[ended.transfer] = nil
      transferAskedAt[ended.transfer] = nil
    case .settled(let settlement): apply(settlement)
    case .settlementCorrected(let correction): apply(correction.settlement)
    case .fundingReceived(let received): apply(received)
    case .booked(let entry): apply(entry)
    case .adjusted(let adjustment):
      change(adjustment.carry) { $0.profit.other += adjustment.amount }
    case .exposed(let record): change(record.carry) { $0.exposure = nil }
    case .mismatched(let mismatch): breaks[mismatch.venue, default: []].append(mismatch)
    case .marked(let mark):
      if let pair = universe.pair(venue: mark.venue, symbol: mark.symbol) {
        markedAt[pair.position] = fact.at
      }
    case .interestNoted(let record):
      for open in record.open {
        guard let pair = universe.pair(venue: record.venue, symbol: open.symbol) else { continue }
        interests[pair.position].add(open.quantity, at: fact.at)
      }
    case .rebalanced, .commandEnded, .compared: break
    case .valued(let record):
      note(record, at: fact.at)
      valuedDay = fact.at.floored(to: .days(1))
      valuedAt = fact.at
    case .planned(let plan):
      lastPlan = max(lastPlan, plan.id)
      plans.append(plan)
      if plans.count > 100 { plans.removeFirst() }
    case .tradingChanged(let changed): apply(changed)
    }
  }

  private mutating func apply(_ changed: TradingChanged) {
    switch changed.change {
    case .paused: isPaused = true
    case .resumed: isPaused = false
    case .halted:
      if let venue = changed.venue, !haltedVenues.contains(venue) {
        haltedVenues = (haltedVenues + [venue]).sorted()
      }
    case .released:
      haltedVenues.removeAll { $0 == changed.venue }
      if let venue = changed.venue { breaks[venue] = nil }
    }
  }

  private mutating func apply(_ record: DecisionRecord) {
    guard let through = record.settledThrough,
      let pair = universe.pair(venue: record.venue, symbol: record.symbol)
    else { return }
    decidedThrough[pair.position] = max(decidedThrough[pair.position], through)
  }

  private mutating func apply(_ planned: CarryPlanned, at: Timestamp) {
    lastCarry = max(lastCarry, planned.carry.number)
    guard let pair = universe.pair(venue: planned.venue, symbol: planned.symbol) else {
      orphans.append("carry \(planned.carry) on \(planned.symbol)")
      return
    }
    carries[pair.position] = Carry(
      id: planned.carry, pair: pair, origin: planned.origin,
      isHeldByOperator: planned.isHeldByOperator, leverage: planned.leverage, clip: planned.clip,
      execution: planned.execution ?? .legs, hedge: planned.hedge ?? .one,
      notional: planned.notional, plannedAt: at,
      state: .opening, openedAt: nil,
      perpTarget: -planned.quantity,
      spotTarget: .zero, correctedLeg: .perp)
    standings[pair.position] = .opening
  }

  private mutating func apply(_ moved: CarryMoved, at: Timestamp) {
    guard let pair = universe.pair(venue: moved.venue, symbol: moved.symbol) else {
      if moved.state.isFinal { orphans.removeAll { $0.hasPrefix("carry \(moved.carry) ") } }
      return
    }
    guard var carry = carries[pair.position], carry.id == moved.carry else { return }
    carry.state = moved.state
    carry.purpose = moved.purpose
    carry.pace = moved.pace ?? .urgent
    changeReasons[carry.id] = moved.state.isInMotion ? moved.reason : nil
    carry.perpTarget = moved.perpTarget
    carry.spotTarget = moved.spotTarget
    carry.correctedLeg = moved.correctedLeg
    carry.failedAttempts = 0
    switch moved.state {
    case .open:
      carry.openedAt = carry.openedAt ?? at
      carry.change = nil
    case .rebalancing, .reducing, .opening:
      carry.change = ChangeProgress(deltaBefore: carry.holdings.delta)
    case .closing, .closed, .refused: carry.change = nil
    }
    if moved.state == .closed { lastExitAt[pair.position] = at }
    carries[pair.position] = moved.state.isFinal ? nil : carry
    standings[pair.position] = moved.state.isFinal ? nil : moved.state
  }

  private mutating func apply(_ intent: OrderIntent, at: Timestamp) {
    let id = intent.request.id
    intendedAt.removeAll { $0 <= at - OrderPace.window }
    intendedAt.append(at)
    precondition(id.sequence > lastSequence, "Invariant: order ids only grow")
    lastSequence = id.sequence
    orders[id] = WorkingOrder(intent: intent)
    change(intent.carry) {
      $0.working = id
      if intent.request.instrument.market == .perp { $0.ledAt = at }
    }
  }

  private mutating func apply(_ booked: BookedFill, at: Timestamp) {
    let fill = booked.fill
    self.booked.insert(fill.sourceKey)
    hear(fill.instrument.venue, fill.at)
    // Of an order for both legs, its perpetual tells how much of it traded.
    if let order = fill.order, orders[order]?.intent.request.instrument == fill.instrument {
      orders[order]?.filled += fill.quantity
    }
    guard let id = booked.carry, let attribution = booked.attribution else { return }
    if fill.instrument.market == .perp, let index = universe.index(of: fill.instrument) {
      noteShort(
        ShortChange(
          at: fill.at, carry: id, quantity: fill.signedQuantity,
          after: attribution.holdings.perp),
        on: universe.pairOfInstrument[index.position])
    }
    change(id) { carry in
      carry.holdings = attribution.holdings
      carry.profit += attribution.profit
      carry.failedAttempts = 0
      carry.recordExposure(at: at, mid: booked.mids.spot)
      carry.recordChange(fill, attribution)
    }
  }

  private mutating func apply(_ ended: OrderEnded) {
    guard let order = orders.removeValue(forKey: ended.order) else { return }
    change(order.intent.carry) { carry in
      if carry.working == ended.order { carry.working = nil }
      if ended.filled.isZero {
        carry.failedAttempts += 1
        carry.retryAt = ended.retryAt
      }
    }
  }

  private mutating func apply(_ received: BookedPayment) {
    booked.insert(received.payment.sourceKey)
    hear(received.payment.instrument.venue, received.payment.settledAt)
    guard let id = received.carry else { return }
    let amount = received.payment.amount.reinterpreted(as: Unit.Quote.self)
    change(id) { $0.profit.funding += amount }
  }

  private mutating func apply(_ settlement: Settlement) {
    guard let pair = universe.pair(venue: settlement.venue, symbol: settlement.symbol) else {
      return
    }
    let moment = settlement.rate.settlesAt
    var known = settled[pair.position].filter { $0.rate.settlesAt != moment }
    let place = known.firstIndex { $0.rate.settlesAt > moment } ?? known.endIndex
    known.insert(settlement, at: place)
    let newest = known.last?.rate.settlesAt ?? moment
    known.removeAll { $0.rate.settlesAt < newest - Self.memory }
    settled[pair.position] = known
  }

  private mutating func hear(_ venue: VenueID, _ at: Timestamp) {
    venueTime = max(venueTime, at)
    heardAt[venue] = max(heardAt[venue] ?? at, at)
  }

  /// Remembers a change for as long as a settlement before it may still be heard of.
  private mutating func noteShort(_ change: ShortChange, on pair: PairIndex) {
    let place = pair.position
    let index = shortChanges[place].lastIndex { $0.at <= change.at }.map { $0 + 1 } ?? 0
    shortChanges[place].insert(change, at: index)
    // Heard of late, it changes what stood after the trades that followed it.
    var after = change.after
    for later in (index..<shortChanges[place].count).reversed() {
      shortChanges[place][later].after = after
      after -= shortChanges[place][later].quantity
    }
    let old = change.at - Self.memory
    if let keep = shortChanges[place].firstIndex(where: { $0.at > old }), keep > 1 {
      // One older than the window stays: it tells what was held when the window began.
      shortChanges[place].removeFirst(keep - 1)
    }
  }

  private mutating func apply(_ entry: JournalEntry) {
    precondition(entry.isBalanced, "Invariant: a booked entry balances")
    if entry.kind == .adjustment { settleBreak(entry) }
    if entry.kind == .deposit, openedAt[entry.venue] == nil { openedAt[entry.venue] = entry.at }
    if entry.kind == .deposit || entry.kind == .adjustment { noteFlow(entry) }
    for posting in entry.postings {
      let key = BalanceKey(account: posting.account, asset: posting.asset)
      balances[key, default: .zero] += posting.amount
      guard case .assets(let venue, let wallet) = posting.account else { continue }
      addToPurses(venue, wallet, posting.asset, posting.amount)
    }
  }

  /// Remembers what an account was worth when its day began.
  private mutating func note(_ record: EquityRecord, at: Timestamp) {
    let key = EquityKey(venue: record.venue, asset: record.asset)
    let day = at.floored(to: .days(1))
    if midnightDay[key] == day { return }
    midnightDay[key] = day
    midnightEquity[key] = record.equity
  }

  /// What comes from outside is no result of the day.
  private mutating func noteFlow(_ entry: JournalEntry) {
    for posting in entry.postings {
      guard case .assets(let venue, _) = posting.account else { continue }
      let key = EquityKey(venue: venue, asset: posting.asset)
      midnightEquity[key, default: .zero] += posting.amount.reinterpreted(as: Unit.Quote.self)
    }
  }

  /// A difference that was booked stands no more.
  private mutating func settleBreak(_ entry: JournalEntry) {
    for posting in entry.postings {
      guard case .assets(let venue, let wallet) = posting.account else { continue }
      breaks[venue]?.removeAll {
        $0.kind == "balance" && $0.subject == "\(wallet.rawValue):\(posting.asset)"
          && $0.difference == posting.amount
      }
    }
  }

  private mutating func addToPurses(
    _ venue: VenueID, _ wallet: Wallet, _ asset: AssetID, _ amount: Amount
  ) {
    for (place, pair) in universe.pairs.enumerated()
    where pair.venue == venue && universe[pair.perp].quote == asset {
      let cash = amount.reinterpreted(as: Unit.Quote.self)
      if wallet != .futures { purses[place].spot += cash }
      if wallet != .spot { purses[place].futures += cash }
    }
  }

  private mutating func change(_ id: CarryID, _ body: (inout Carry) -> Void) {
    guard let place = carries.firstIndex(where: { $0?.id == id }), var carry = carries[place]
    else { return }
    body(&carry)
    carries[place] = carry
  }
}

extension Carry {
  /// Keeps the exposure window up to date after a fill.
  mutating func recordExposure(at: Timestamp, mid: Price) {
    let naked = mid.notional(of: imbalance).magnitude
    if var window = exposure {
      window.notionalSeconds += window.current.times((at - window.changedAt).seconds)
      window.peak = max(window.peak, naked)
      window.current = naked
      window.changedAt = at
      exposure = window
    } else {
      exposure = ExposureWindow(
        openedAt: at, peak: naked, notionalSeconds: .zero, current: naked, changedAt: at)
    }
  }

  /// Adds a fill to the change of an open carry that is under way.
  mutating func recordChange(_ fill: Fill, _ attribution: FillAttribution) {
    // What a venue closed by itself is no part of what was set about.
    guard var progress = change, fill.cause == .order else { return }
    if fill.instrument.market == .spot {
      progress.spot += fill.signedQuantity
      progress.spotFees += attribution.feeValue
      progress.spotSlippage += attribution.profit.slippage
    } else {
      progress.perp += fill.signedQuantity
      progress.perpFees += attribution.feeValue
      progress.perpSlippage += attribution.profit.slippage
    }
    change = progress
  }
}
