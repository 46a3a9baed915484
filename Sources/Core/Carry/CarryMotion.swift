import Accounting
import FixedPoint
import Trading

/// How carries are opened, moved and driven. Facts first, then the orders.
extension Engine {
  /// Plans a carry; its first order goes out with the next step.
  mutating func open(
    _ pair: PairIndex, _ entry: Decision.Entry, origin: CarryOrigin, isHeld: Bool, reason: String,
    at now: Timestamp, into outcome: inout Outcome
  ) {
    let spot = universe[universe[pair].spot]
    let notional = market[pair].spot.mid.notional(of: entry.quantity)
    record(
      .carryPlanned(
        CarryPlanned(
          carry: CarryID(state.lastCarry + 1), venue: universe[pair].venue,
          symbol: universe[pair].symbol, base: spot.base, quote: spot.quote, origin: origin,
          isHeldByOperator: isHeld, quantity: entry.quantity, clip: entry.clip,
          leverage: entry.leverage, notional: notional, reason: reason,
          execution: entry.execution, hedge: entry.hedge == .one ? nil : entry.hedge)),
      into: &outcome)
    market[pair].marginFailures = 0
    bringCash(pair, for: notional, leverage: entry.leverage, at: now, into: &outcome)
    advance(pair, at: now, into: &outcome)
  }

  /// Makes both legs of an open carry larger; as in opening, the perpetual leads.
  mutating func grow(
    _ pair: PairIndex, to target: Quantity, reason: String, at now: Timestamp,
    into outcome: inout Outcome
  ) {
    guard let carry = state.carries[pair.position] else { return }
    let missing = (target - carry.holdings.perp).magnitude
    bringCash(
      pair, for: market[pair].spot.mid.notional(of: missing), leverage: carry.leverage, at: now,
      into: &outcome)
    move(
      pair, to: .opening, perpTarget: target, purpose: .rebalance, pace: .patient, reason: reason,
      into: &outcome)
  }

  /// Moves cash to where a notional of both legs will need it.
  private mutating func bringCash(
    _ pair: PairIndex, for notional: Notional, leverage: Rate, at now: Timestamp,
    into outcome: inout Outcome
  ) {
    let spot = universe[universe[pair].spot]
    let perp = universe[universe[pair].perp]
    let free = view(of: pair, at: now)
    let margin = notional.times(Rate.one.divided(by: leverage, .up), .up)
    let needed = margin + notional.times(perp.fees.taker.times(2), .up)
    if !free.purse.isUnified, free.freeFutures < needed {
      transfer(pair, from: .spot, to: .futures, needed - free.freeFutures, into: &outcome)
    }
    let cost =
      notional + notional.times(spot.fees.taker + parameters.execution.maximumSlippage, .up)
    if !free.purse.isUnified, free.freeSpot < cost, free.freeFutures > needed {
      let spare = min(cost - free.freeSpot, free.freeFutures - needed)
      transfer(pair, from: .futures, to: .spot, spare, into: &outcome)
    }
  }

  /// Moves cash between wallets of the pair's venue.
  mutating func transfer(
    _ pair: PairIndex, from: Wallet, to: Wallet, _ amount: Notional, into outcome: inout Outcome
  ) {
    // Whole cents, upwards, and its number behind them: a venue that keeps no number of ours still
    // tells by the amount which transfer it means.
    let id = state.lastTransfer + 1
    let mark = Amount(raw: Int128(id % 1000) * 1_000_000_000_000)
    let transfer = Transfer(
      id: id, venue: universe[pair].venue, from: from, to: to,
      asset: universe[universe[pair].perp].quote,
      amount: amount.rounded(places: 2, .up).amount + mark)
    record(.transferIntended(transfer), into: &outcome)
    outcome.actions.append(.request(.transfer(transfer)))
  }

  /// Changes the state and the common target of a carry; what a change has done so far is recorded,
  /// whether it ends here or is called off.
  mutating func move(
    _ pair: PairIndex, to next: CarryState, perpTarget: Quantity,
    purpose: OrderPurpose = .close, pace: Pace = .urgent, reason: String,
    into outcome: inout Outcome
  ) {
    guard let carry = state.carries[pair.position] else { return }
    recordChange(carry, into: &outcome)
    record(
      .carryMoved(
        CarryMoved(
          purpose: purpose, carry: carry.id, venue: universe[pair].venue,
          symbol: universe[pair].symbol, state: next,
          perpTarget: perpTarget, spotTarget: .zero, correctedLeg: .perp, reason: reason,
          pace: pace == .urgent ? nil : pace)),
      into: &outcome)
  }

  /// Starts to correct one leg by a signed quantity.
  mutating func correct(
    _ pair: PairIndex, _ leg: Market, by quantity: Quantity, reason: String,
    into outcome: inout Outcome
  ) {
    guard let carry = state.carries[pair.position] else { return }
    let perpTarget = leg == .perp ? carry.holdings.perp + quantity : carry.perpTarget
    let spotTarget = leg == .spot ? carry.holdings.spot + quantity : .zero
    record(
      .carryMoved(
        CarryMoved(
          purpose: .rebalance, carry: carry.id, venue: universe[pair].venue,
          symbol: universe[pair].symbol,
          state: .rebalancing, perpTarget: perpTarget, spotTarget: spotTarget, correctedLeg: leg,
          reason: reason, pace: nil)),
      into: &outcome)
  }

  /// Before collateral is taken back again, whatever came of the last request.
  private static let betweenReleases = TimeSpan.hours(1)

  /// Sets collateral aside for the short, or takes it back when negative, moving cash first where the wallets are separate.
  mutating func addMargin(
    _ pair: PairIndex, _ amount: Notional, transfer: Notional, at now: Timestamp,
    into outcome: inout Outcome
  ) {
    market[pair].marginRequestExpiresAt =
      now + .milliseconds(Int64(parameters.execution.deadlineMilliseconds))
    let perp = universe[universe[pair].perp].id
    if amount.isNegative {
      market[pair].isReleasing = true
      market[pair].margin.releaseDueAt = now + Self.betweenReleases
      outcome.actions.append(.request(.adjustMargin(perp, amount)))
      return
    }
    let isOnItsWay = state.transfers.values.contains {
      $0.venue == perp.venue && $0.to == .futures
    }
    if isOnItsWay { return }
    // Two requests at once may arrive in either order: the cash first, then it is asked for again.
    if transfer.isPositive {
      return self.transfer(pair, from: .spot, to: .futures, transfer, into: &outcome)
    }
    outcome.actions.append(.request(.adjustMargin(perp, amount.rounded(places: 2, .up))))
  }

  /// Lets one carry take its next step, if it waits for none.
  mutating func advance(_ pair: PairIndex, at now: Timestamp, into outcome: inout Outcome) {
    guard let carry = state.carries[pair.position], carry.state.isInMotion, carry.working == nil,
      now >= carry.retryAt || hurried.contains(pair.position), market[pair].isQuoted
    else { return }
    if giveUpLaggingLeg(pair, carry, at: now, into: &outcome) {
      return advance(pair, at: now, into: &outcome)
    }
    hurried.remove(pair.position)
    let instruments = universe[pair]
    let step = carry.nextStep(
      spot: universe[instruments.spot], perp: universe[instruments.perp],
      worst: worstMids(carry, at: now), lot: instruments.jointLot, clip: clip(of: carry),
      combo: instruments.combo, attempts: parameters.execution.attempts,
      mayGrow: mayGrow(on: pair, at: now))
    if step.leads, let due = sliceDue(carry, at: now) {
      if market[pair].sliceDueAt != due {
        market[pair].sliceDueAt = due
        outcome.actions.append(.wake(due))
      }
      return
    }
    switch step {
    case .trade(let leg, let quantity):
      send(order(carry, leg, quantity, at: now), for: carry, at: now, into: &outcome)
    case .tradeBoth(let combo, let quantity):
      send(order(carry, combo, quantity, at: now), for: carry, at: now, into: &outcome)
    case .matchShort(let target):
      move(
        pair, to: .reducing, perpTarget: target, purpose: .hedge, reason: "spot leg failed",
        into: &outcome)
      advance(pair, at: now, into: &outcome)
    case .arrived:
      arrive(pair, carry, at: now, into: &outcome)
    }
  }

  /// An order on one leg.
  private func order(
    _ carry: Carry, _ leg: Market, _ quantity: Quantity, at now: Timestamp
  ) -> OrderRequest {
    let pair = market[carry.pair]
    let instrument = universe[leg == .spot ? universe[carry.pair].spot : universe[carry.pair].perp]
    let side: Side = quantity.isPositive ? .buy : .sell
    let mid = leg == .spot ? pair.spot.mid : pair.perp.mid
    let isReducing = leg == .perp && side == .buy
    let rests = leg == .perp && restingTime(carry) != nil
    return OrderRequest(
      id: nextOrderID(carry, leg), instrument: instrument.id, side: side,
      quantity: quantity.magnitude,
      kind: rests
        ? .postOnly(ownSide(of: pair.perp, side, tick: instrument.tick))
        : .immediateOrCancel(
          worstPrice(
            mid: mid, side: side, tick: instrument.tick, slip: slippage(of: carry, at: now))),
      reduceOnly: isReducing && quantity.magnitude <= carry.holdings.perp.magnitude,
      deadline: now + .milliseconds(Int64(parameters.execution.deadlineMilliseconds)))
  }

  /// An order on both legs; the limit is the worst difference of prices that is accepted.
  private func order(
    _ carry: Carry, _ combo: Combo, _ quantity: Quantity, at now: Timestamp
  ) -> OrderRequest {
    let mids = market[carry.pair].mids
    let side: Side = quantity.isPositive ? .buy : .sell
    let slip = mids.perp.times(parameters.execution.maximumSlippage, .up)
    let worst =
      side == .buy
      ? (mids.perp - mids.spot + slip).rounded(toMultipleOf: combo.tick, .ceiling)
      : (mids.perp - mids.spot - slip).rounded(toMultipleOf: combo.tick, .floor)
    return OrderRequest(
      id: nextOrderID(carry, .perp), instrument: universe[universe[carry.pair].perp].id, side: side,
      quantity: quantity.magnitude, kind: .immediateOrCancel(worst), reduceOnly: false,
      deadline: now + .milliseconds(Int64(parameters.execution.deadlineMilliseconds)), form: .combo)
  }

  private func nextOrderID(_ carry: Carry, _ leg: Market) -> ClientOrderID {
    ClientOrderID(
      run: state.run, sequence: state.lastSequence + 1, carry: carry.id, market: leg)
  }

  /// Sends an order: intent first.
  private mutating func send(
    _ request: OrderRequest, for carry: Carry, at now: Timestamp, into outcome: inout Outcome
  ) {
    let pair = market[carry.pair]
    let leg = request.instrument.market
    let instrument = universe[leg == .spot ? universe[carry.pair].spot : universe[carry.pair].perp]
    let mid = leg == .spot ? pair.spot.mid : pair.perp.mid
    let isGrowing = request.isGrowing
    if mustWait(request, at: now, into: &outcome) { return }
    let limit = request.form == .leg ? request.kind.limit : nil
    let approval = gate.approve(
      request, instrument: instrument, price: min(mid, limit ?? mid),
      isGrowing: isGrowing, mayGrow: mayGrow(on: carry.pair, at: now),
      age: pair.age(at: now), after: isGrowing ? standing(after: request, of: carry, mid: mid) : nil
    )
    switch approval {
    case .success(let approved):
      record(
        .intended(
          OrderIntent(
            carry: carry.id, request: request, purpose: carry.purpose, mids: pair.mids)),
        into: &outcome)
      outcome.actions.append(.submit(approved))
      if request.kind.rests, let time = restingTime(carry) {
        restsUntil[request.id] = now + time
        outcome.actions.append(.wake(now + time))
      }
    case .failure(let refusal):
      // Nothing was sent: what stands is brought to match, and the carry stays as it is.
      settle(carry, because: refusal, at: now, into: &outcome)
    }
  }

  private mutating func settle(
    _ carry: Carry, because refusal: Refusal, at now: Timestamp, into outcome: inout Outcome
  ) {
    guard carry.state != .closing else { return }
    let isEmpty = carry.holdings.perp.isZero && carry.holdings.spot.isZero
    move(
      carry.pair, to: isEmpty ? .refused : .open, perpTarget: carry.holdings.perp,
      reason: refusal.description, into: &outcome)
  }

  /// The lowest prices an order may name: venues weigh their minimum notional at the limit.
  private func worstMids(_ carry: Carry, at now: Timestamp) -> LegMids {
    let factor = Rate.one - slippage(of: carry, at: now)
    let mids = market[carry.pair].mids
    return LegMids(spot: mids.spot.times(factor, .down), perp: mids.perp.times(factor, .down))
  }

  /// The best price of its own side: what would not be a price of the venue is brought to one away
  /// from the other side.
  private func ownSide(of quote: Quote, _ side: Side, tick: Price) -> Price {
    side == .buy
      ? max(tick, quote.bid.rounded(toMultipleOf: tick, .floor))
      : quote.ask.rounded(toMultipleOf: tick, .ceiling)
  }

  private func worstPrice(mid: Price, side: Side, tick: Price, slip: Rate) -> Price {
    side == .buy
      ? mid.times(.one + slip, .up).rounded(toMultipleOf: tick, .up)
      : max(tick, mid.times(.one - slip, .down).rounded(toMultipleOf: tick, .down))
  }

  /// How the short stands once an order that grows it has traded at the worst price it may name.
  private func standing(
    after request: OrderRequest, of carry: Carry, mid: Price
  ) -> ShortStanding {
    let instrument = universe[universe[carry.pair].perp]
    let mark = market[carry.pair].perp.mark
    let added = mid.times(.one - parameters.execution.maximumSlippage, .down)
      .notional(of: request.quantity, .down)
    let held = market[carry.pair].position
    let margin = (held?.margin ?? .zero) + added.times(Rate.one.divided(by: carry.leverage, .down))
    let quantity = (held?.quantity.magnitude ?? .zero) + request.quantity
    let entry = (held?.cost.magnitude ?? .zero) + added
    let liquidation = Liquidation.price(
      margin: margin, quantity: quantity, entry: entry, tiers: instrument.marginTiers)
    let value = mark.notional(of: quantity)
    let worth = max("0.01", margin + entry - value)
    let isAlone = universe.traits(of: request.instrument.venue).margin == .isolated
    return ShortStanding(
      distance: Liquidation.distance(liquidation: liquidation, mark: mark),
      leverage: isAlone ? value.ratio(to: worth, .up) : nil)
  }
}
