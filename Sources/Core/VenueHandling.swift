import Accounting
import FixedPoint
import Trading

/// What a venue said, turned into facts.
extension Engine {
  mutating func hear(_ event: VenueEvent, at now: Timestamp, into outcome: inout Outcome) {
    switch event {
    case .quote(let quote): market.update(quote)
    case .fundingSettled(let instrument, let rate, let mark):
      settle(instrument, rate, mark: mark, into: &outcome)
    case .fundingPredicted(let instrument, let rate):
      market[universe.pairOfInstrument[instrument.position]].predicted = rate
    case .statusChanged(let instrument, let status):
      let pair = universe.pairOfInstrument[instrument.position]
      let before = market[pair].status
      market[pair].set(status, of: universe[instrument].id.market)
      if status == .trading, market[pair].status != before { hurry(pair) }
      market.touch(pair)
    case .figures(let instrument, let figures):
      let pair = universe.pairOfInstrument[instrument.position]
      warnOfRank(pair, figures, at: now, into: &outcome)
      market[pair].hear(figures, of: universe[instrument].id.market)
    case .fundingHistory(let instrument, let rates):
      let pair = universe.pairOfInstrument[instrument.position]
      market[pair].funding.merge(rates)
      market.touch(pair)
    case .orderAccepted(let id, let venueOrder):
      guard let order = state.orders[id], !order.isAccepted else { return }
      endRefusals(on: order.intent.request.instrument)
      record(.accepted(OrderAccepted(order: id, venueOrder: venueOrder)), into: &outcome)
    case .fill(let fill): book(fill, at: now, into: &outcome)
    case .orderFinished(let id, let ending):
      if let order = state.orders[id] { endRefusals(on: order.intent.request.instrument) }
      end(id, ending, reason: nil, at: now, into: &outcome)
    case .orderRefused(let id, let reason, let text):
      noteRefusal(of: id, reason, at: now)
      end(id, .refused, reason: text, at: now, into: &outcome)
      // The venue holds less than the books say: look before anything else is tried.
      if reason == .reduceOnlyViolated { askForAccounts(universe.venues, at: now, into: &outcome) }
    case .orderNotFound(let id): resolveUnknown(id, at: now, into: &outcome)
    case .fundingPaid(let payment): book(payment, into: &outcome)
    case .position(let position): hold(position, at: now)
    case .transferred(let transfer): arrived(transfer, at: now, into: &outcome)
    case .transferRefused(let transfer, let reason):
      endTransfer(transfer.id, succeeded: false, reason: reason.rawValue, into: &outcome)
      for (place, pair) in universe.pairs.enumerated() where pair.venue == transfer.venue {
        noteMarginRefused(PairIndex(place), at: now)
      }
    case .marginRefused(let id, _):
      if let index = universe.index(of: id) {
        noteMarginRefused(universe.pairOfInstrument[index.position], at: now)
      }
    case .snapshot(let snapshot): reconcile(snapshot, at: now, into: &outcome)
    }
  }

  // MARK: - Orders

  private mutating func end(
    _ id: ClientOrderID, _ ending: OrderOutcome, reason: String?, at now: Timestamp,
    into outcome: inout Outcome
  ) {
    guard let order = state.orders[id] else { return }
    let retryAt = order.filled.isZero ? retry(after: order.intent.carry, at: now) : now
    record(
      .orderEnded(
        OrderEnded(
          order: id, outcome: ending, filled: order.filled, reason: reason, retryAt: retryAt)),
      into: &outcome)
    if retryAt > now {
      outcome.actions.append(.wake(retryAt))
    } else if let carry = state.carry(order.intent.carry) {
      advance(carry.pair, at: now, into: &outcome)
    }
  }

  /// What a carry waited for is there: its pause is over.
  mutating func hurry(_ pair: PairIndex) {
    market[pair].correctionDueAt = .distantPast
    if state.standings[pair.position]?.isInMotion == true { hurried.insert(pair.position) }
  }

  /// The venue does not know an order.
  ///
  /// Once it can no longer arrive, it never will: but what counts is when the venue was asked, for an
  /// answer may have waited as long as this process stood still.
  private mutating func resolveUnknown(
    _ id: ClientOrderID, at now: Timestamp, into outcome: inout Outcome
  ) {
    guard let order = state.orders[id] else { return }
    let deadline = order.intent.request.deadline
    let lookup = universe.traits(of: order.intent.request.instrument.venue).lookupDelay
    if let asked = answered(id), asked > deadline + lookup {
      end(id, .voided, reason: "not found after its deadline", at: now, into: &outcome)
    } else {
      // It may still be on its way. Asked again once it can no longer arrive.
      let later = max(now, deadline + lookup + .milliseconds(1))
      unresolved.append((id, later))
      outcome.actions.append(.wake(later))
    }
  }

  /// Asks a venue what became of an order.
  mutating func ask(
    about id: ClientOrderID, _ instrument: InstrumentID, at now: Timestamp,
    into outcome: inout Outcome
  ) {
    questions[id, default: []].append(now)
    outcome.actions.append(.request(.query(id, instrument)))
  }

  /// When the question was asked that an answer can belong to at the latest: the oldest one left.
  ///
  /// Nil when the engine has asked nothing, as when a session looks up an order by itself.
  private mutating func answered(_ id: ClientOrderID) -> Timestamp? {
    guard let oldest = questions[id]?.first else { return nil }
    questions[id]?.removeFirst()
    return oldest
  }

  /// Asks again for the orders whose deadline has passed.
  mutating func askAgain(at now: Timestamp, into outcome: inout Outcome) {
    for (order, at) in unresolved where at <= now {
      guard let request = state.orders[order]?.intent.request else { continue }
      ask(about: order, request.instrument, at: now, into: &outcome)
    }
    unresolved.removeAll { $0.at <= now }
  }

  /// Asks about orders whose end should have been heard by now: the answer, or its event, was lost.
  mutating func askAboutSilent(at now: Timestamp, into outcome: inout Outcome) {
    for id in state.orders.keys.sorted() {
      guard let request = state.orders[id]?.intent.request else { continue }
      let lookup = universe.traits(of: request.instrument.venue).lookupDelay
      let due = askedAt[id].map { $0 + Self.silence } ?? request.deadline + lookup + Self.silence
      guard now > due else { continue }
      askedAt[id] = now
      ask(about: id, request.instrument, at: now, into: &outcome)
    }
    askedAt = askedAt.filter { state.orders[$0.key] != nil }
    questions = questions.filter { state.orders[$0.key] != nil }
  }

  /// How long an order may say nothing before it is asked about, and between two questions.
  private static let silence = TimeSpan.seconds(10)

  mutating func book(_ fill: Fill, at now: Timestamp, into outcome: inout Outcome) {
    guard !state.booked.contains(fill.sourceKey),
      let instrument = universe.index(of: fill.instrument)
    else { return }
    let pair = universe.pairOfInstrument[instrument.position]
    let intent = fill.order.flatMap { state.orders[$0]?.intent }
    if intent != nil { market[pair].refusals.end() }
    let carry = owner(of: fill, on: pair)
    let mids =
      market[pair].isQuoted
      ? market[pair].mids : intent?.mids ?? LegMids(spot: fill.price, perp: fill.price)
    let purpose = intent?.purpose ?? (fill.order == nil ? .close : .hedge)
    let terms = universe[instrument]
    let attribution = carry.map {
      FillAttribution(
        of: fill, base: terms.base, quote: terms.quote, mids: mids,
        feePrice: price(of: fill.feeAsset, at: fill.instrument.venue, in: terms.quote),
        isCorrective: purpose.isCorrective, holdings: $0.holdings, hedge: $0.hedge)
    }
    record(
      .filled(
        BookedFill(
          carry: carry?.id, fill: fill, purpose: purpose, mids: mids, attribution: attribution)),
      into: &outcome)
    let wallet = universe.wallet(of: fill.instrument.venue, fill.instrument.market)
    let entry =
      fill.instrument.market == .spot
      ? Booking.spotFill(
        fill, base: terms.base, quote: terms.quote, cost: fill.price.notional(of: fill.quantity),
        wallet: wallet, carry: carry?.id)
      : Booking.perpFill(fill, quote: terms.quote, wallet: wallet, carry: carry?.id)
    if let entry { record(.booked(entry), into: &outcome) }
    if fill.instrument.market == .perp {
      correctSettlements(of: pair, since: fill.at, into: &outcome)
    }
    closeExposure(pair, at: now, into: &outcome)
    if carry == nil {
      haltForStranger(fill, at: now, into: &outcome)
    } else if fill.cause != .order || intent == nil {
      answerForcedClose(pair, fill, into: &outcome)
    }
  }

  /// A trade that belongs to no carry left something open that nobody tends: nothing grows at the
  /// venue until its account and the books agree.
  private mutating func haltForStranger(
    _ fill: Fill, at now: Timestamp, into outcome: inout Outcome
  ) {
    let venue = fill.instrument.venue
    if !state.haltedVenues.contains(venue) {
      record(
        .tradingChanged(
          TradingChanged(
            change: .halted, venue: venue,
            reason: "a trade of \(fill.quantity) \(fill.instrument.symbol) belongs to no carry")),
        into: &outcome)
    }
    check([venue], at: now, into: &outcome)
  }

  /// Whose trade it is.
  ///
  /// An order that ended already is known by the carry in its id. What nobody of this process
  /// ordered, be it the venue or an emergency, changed the position of the pair's carry.
  private func owner(of fill: Fill, on pair: PairIndex) -> Carry? {
    guard let order = fill.order, order.carry.number > 0 else {
      return state.carries[pair.position]
    }
    return state.carry(order.carry)
  }

  /// What one unit of a fee's asset is worth; nil when no pair here trades it.
  private func price(of asset: AssetID, at venue: VenueID, in quote: AssetID) -> Price? {
    let pair = universe.pairs.indices.first {
      let spot = universe[universe.pairs[$0].spot]
      return spot.base == asset && spot.quote == quote && spot.id.venue == venue
        && market.pairs[$0].isQuoted
    }
    return pair.map { market.pairs[$0].spot.mid }
  }

  /// Ends the exposure window once the legs match within a joint lot.
  private mutating func closeExposure(
    _ pair: PairIndex, at now: Timestamp, into outcome: inout Outcome
  ) {
    guard let carry = state.carries[pair.position],
      carry.imbalance.magnitude <= universe[pair].jointLot
    else { return }
    endExposure(carry, at: now, into: &outcome)
  }

  /// Records the exposure window of a carry whose legs match as well as lots and minimums allow.
  mutating func endExposure(_ carry: Carry, at now: Timestamp, into outcome: inout Outcome) {
    guard let window = carry.exposure else { return }
    record(
      .exposed(
        ExposureRecord(
          carry: carry.id, openedAt: window.openedAt, closedAt: now,
          reason: carry.state.rawValue
            + (isOverBudget(carry, at: now) ? ", unhedged budget used up" : ""),
          peak: window.peak, notionalSeconds: window.notionalSeconds)),
      into: &outcome)
  }

  /// The venue closed part or all of the short: spot follows at once.
  private mutating func answerForcedClose(
    _ pair: PairIndex, _ fill: Fill, into outcome: inout Outcome
  ) {
    guard let carry = state.carries[pair.position] else { return }
    // Above zero where the order that was closed has not told of its fill yet.
    let isLeaving = carry.state == .closing || !carry.holdings.perp.isNegative
    let next: CarryState = isLeaving ? .closing : .reducing
    move(
      pair, to: next, perpTarget: isLeaving ? .zero : carry.holdings.perp, purpose: .hedge,
      reason: fill.cause.rawValue, into: &outcome)
  }

  // MARK: - Position and cash

  /// Collateral did not come: asked for again later each time; after a few refusals the guard counts
  /// on it no more.
  private mutating func noteMarginRefused(_ pair: PairIndex, at now: Timestamp) {
    if market[pair].isReleasing {
      // What a venue does not give back is no sign that it takes nothing.
      market[pair].isReleasing = false
      market[pair].marginRequestExpiresAt = .distantPast
      return
    }
    market[pair].marginFailures += 1
    let doublings = Int64(min(market[pair].marginFailures - 1, 6))
    let pause = TimeSpan.milliseconds(Int64(parameters.execution.retryMilliseconds))
    market[pair].marginRequestExpiresAt = now + pause.times(1 << doublings)
    market.touch(pair)
  }

  /// Takes over the venue's view of a position and the mark at which the margin guard acts.
  mutating func hold(_ position: Position, at now: Timestamp) {
    guard let instrument = universe.index(of: position.instrument) else { return }
    let pair = universe.pairOfInstrument[instrument.position]
    compare(pair, told: position.quantity, at: now)
    let position = withLiquidation(position, on: pair)
    // Read again without news: nothing to mark.
    if market[pair].position == position { return }
    let before = market[pair].position?.margin
    market[pair].position = position.quantity.isZero ? nil : position
    market[pair].needsMark = true
    // Funding changes a position too; only new collateral answers a request for it.
    if before != position.margin {
      market[pair].marginRequestExpiresAt = .distantPast
      market[pair].isReleasing = false
      if position.margin > before ?? .zero { market[pair].marginFailures = 0 }
    }
    market[pair].margin.set(
      position.quantity.isNegative ? position.liquidationPrice : nil, parameters.margin)
    market.touch(pair)
  }

  /// The position with what its collateral can bear, where the venue does not say it and nothing else
  /// stands behind the short: a guard that waits to be told would be none.
  private func withLiquidation(_ position: Position, on pair: PairIndex) -> Position {
    guard position.liquidationPrice == nil, position.quantity.isNegative,
      position.margin.isPositive, universe.traits(of: universe[pair].venue).margin == .isolated
    else { return position }
    return Position(
      instrument: position.instrument, quantity: position.quantity, cost: position.cost,
      margin: position.margin,
      liquidationPrice: Liquidation.price(
        margin: position.margin, quantity: position.quantity.magnitude,
        entry: position.cost.magnitude, tiers: universe[universe[pair].perp].marginTiers))
  }

  mutating func arrived(
    _ transfer: Transfer, at now: Timestamp, into outcome: inout Outcome
  ) {
    guard let ours = state.transfer(like: transfer) else { return }
    record(.booked(Booking.transfer(ours, at: now)), into: &outcome)
    endTransfer(ours.id, succeeded: true, reason: nil, into: &outcome)
    // Collateral that waited for this cash is asked for now.
    for (place, pair) in universe.pairs.enumerated() where pair.venue == ours.venue {
      market[PairIndex(place)].marginRequestExpiresAt = .distantPast
      market.touch(PairIndex(place))
    }
  }

  mutating func endTransfer(
    _ id: Int64, succeeded: Bool, reason: String?, into outcome: inout Outcome
  ) {
    guard state.transfers[id] != nil else { return }
    record(
      .transferEnded(TransferEnded(transfer: id, succeeded: succeeded, reason: reason)),
      into: &outcome)
  }
}
