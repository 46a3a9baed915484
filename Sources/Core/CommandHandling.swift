import Accounting
import FixedPoint
import Trading

/// What operators ask for. Each command is answered exactly once, in the commit of its effects.
extension Engine {
  mutating func obey(_ command: Command, at now: Timestamp, into outcome: inout Outcome) {
    let reply: Result<Reply, Refusal>
    if !isDraining, universe.venues.contains(where: isReconciled) {
      reply = perform(command.request, at: now, into: &outcome)
    } else {
      reply = .failure(.notReady(isDraining ? "it is stopping" : "it is reconciling"))
    }
    let ended =
      switch reply {
      case .success(let reply): CommandEnded(command: command.id, succeeded: true, reply: reply)
      case .failure(let refusal):
        CommandEnded(command: command.id, succeeded: false, reply: Reply(refusal.description))
      }
    record(.commandEnded(ended), into: &outcome)
  }

  private mutating func perform(
    _ request: Command.Request, at now: Timestamp, into outcome: inout Outcome
  ) -> Result<Reply, Refusal> {
    do throws(Refusal) {
      switch request {
      case .scan: return .success(scan(at: now))
      case .plan(let size):
        let plan = try makePlan(size, at: now)
        record(.planned(plan), into: &outcome)
        return .success(Reply("planned", plan: plan))
      case .openPlan(let id, let hold):
        return .success(try open(plan: id, hold: hold, at: now, into: &outcome))
      case .open(let size, let hold):
        let plan = try makePlan(size, at: now)
        return .success(try open(plan, hold: hold, at: now, into: &outcome))
      case .unwind(let id, let fraction):
        return .success(try unwind(id, fraction: fraction, at: now, into: &outcome))
      case .unwindAll: return .success(unwindAll(at: now, into: &outcome))
      case .rebalance(let id, let dryRun):
        return .success(try rebalance(id, dryRun: dryRun, at: now, into: &outcome))
      case .pause: return .success(pause(into: &outcome))
      case .resume: return .success(resume(at: now, into: &outcome))
      case .adopt(let difference, let reason):
        return .success(try adopt(difference, reason: reason, at: now, into: &outcome))
      }
    } catch {
      return .failure(error)
    }
  }

  // MARK: - Opening

  private mutating func open(
    plan id: Int64, hold: Bool, at now: Timestamp, into outcome: inout Outcome
  ) throws(Refusal) -> Reply {
    guard let plan = state.plans.last(where: { $0.id == id }) else { throw .unknownPlan(id) }
    guard now - plan.at <= Plan.lifetime else { throw .planExpired(id) }
    if let move = move(since: plan), move > parameters.execution.maximumSlippage {
      throw .planMoved(id, move, limit: parameters.execution.maximumSlippage)
    }
    return try open(plan, hold: hold, at: now, into: &outcome)
  }

  private mutating func open(
    _ plan: Plan, hold: Bool, at now: Timestamp, into outcome: inout Outcome
  ) throws(Refusal) -> Reply {
    guard let pair = universe.pair(venue: plan.venue, symbol: plan.symbol) else {
      throw unknownPair(plan.venue, plan.symbol)
    }
    let trading = trading(at: plan.venue)
    guard trading == .active else { throw .paused(trading) }
    if let carry = state.carries[pair.position] { throw .carryExists(carry.id, plan.symbol) }
    let view = view(of: pair, at: now, account: account(of: pair))
    // Weighed again, because cash and prices may have changed since the plan.
    let assessment = EntryRules(parameters: parameters).assess(view, wanted: plan.quantity)
    let gates = assessment.gates
    try require(gates)
    let id = CarryID(state.lastCarry + 1)
    var decision = view.record(.enter, "opened by command", gates, version: policy.version)
    decision.carry = id
    record(.decided(decision), into: &outcome)
    let entry = Decision.Entry(
      quantity: plan.quantity, clip: plan.legs[0].clip, leverage: plan.leverage,
      execution: plan.execution ?? .legs, hedge: assessment.entry.hedge)
    open(
      pair, entry, origin: .command, isHeld: hold, reason: "opened by command", at: now,
      into: &outcome)
    return Reply("opening carry \(id) on \(plan.symbol)", carry: id)
  }

  /// How far the mids of the legs have moved since a plan, the further of both; nil without prices.
  private func move(since plan: Plan) -> Rate? {
    guard let pair = universe.pair(venue: plan.venue, symbol: plan.symbol), market[pair].isQuoted
    else { return nil }
    return plan.legs.map { leg in
      let mid = leg.market == .spot ? market[pair].spot.mid : market[pair].perp.mid
      return (mid.ratio(to: leg.mid) - .one).magnitude
    }.max()
  }

  /// An operator may override the judgement of a rate, never a limit.
  private func require(_ gates: [Gate]) throws(Refusal) {
    let judgement =
      [
        "expected_annual_rate", "expected_funding_over_horizon", "expected_over_cash",
        "latest_rate",
        "since_last_exit",
        "funding_history", "funding_age",
      ]
      + MarketFilter.judgements
    for gate in gates where !gate.passed && !judgement.contains(gate.name) {
      throw .gateFailed(gate.text)
    }
  }

  /// What opening a pair at a size would do now.
  func makePlan(_ size: Command.Size, at now: Timestamp) throws(Refusal) -> Plan {
    guard let pair = universe.pair(venue: size.venue, symbol: size.symbol) else {
      throw unknownPair(size.venue, size.symbol)
    }
    let view = view(of: pair, at: now, account: account(of: pair))
    guard view.market.isQuoted else { throw .staleMarket(size.symbol, seconds: "unknown") }
    let quantity = try wantedQuantity(size, view)
    let rules = EntryRules(parameters: parameters)
    return Plan(
      rules.assess(view, wanted: quantity), by: rules, view: view, id: state.lastPlan + 1)
  }

  private func wantedQuantity(_ size: Command.Size, _ view: PairView) throws(Refusal) -> Quantity {
    if let notional = size.notional, !notional.isPositive {
      throw .notPositive("notional", notional.description)
    }
    if let quantity = size.quantity, !quantity.isPositive {
      throw .notPositive("quantity", quantity.description)
    }
    let limit = parameters.sizing.maximumNotional
    let mid = view.market.spot.mid
    // Compared before any product, so that an absurd number is refused and not a trap.
    let most = limit.quantity(at: mid, .up)
    if let notional = size.notional, notional > limit {
      throw .tooLarge("notional \(notional)", limit: "\(limit) (sizing.maximum_notional)")
    }
    if let quantity = size.quantity, quantity > most {
      throw .tooLarge("quantity \(quantity)", limit: "\(most.rounded(places: 8, .down))")
    }
    let lot = view.pair.jointLot
    let quantity =
      size.quantity.map { $0.rounded(toMultipleOf: lot, .down) }
      ?? Sizing.quantity(notional: size.notional ?? .zero, at: mid, lot: lot)
    let smallest = EntryRules(parameters: parameters).smallest(view)
    guard quantity >= smallest else {
      let base = view.spot.base
      let value = size.notional?.description ?? size.quantity?.description ?? "nothing"
      let minimum =
        "\(smallest) \(base), about \(mid.notional(of: smallest).rounded(places: 2, .up)) "
        + "\(view.spot.quote)"
      throw .tooSmall(value, minimum: minimum)
    }
    return quantity
  }

  private func unknownPair(_ venue: VenueID, _ symbol: Symbol) -> Refusal {
    .unknownPair(venue, symbol, known: universe.pairs.map { "\($0.symbol) on \($0.venue)" })
  }

  private func scan(at now: Timestamp) -> Reply {
    let rules = EntryRules(parameters: parameters)
    var gauges = AccountGauges()
    let candidates = universe.pairs.indices.map { place in
      let pair = PairIndex(place)
      let view = view(of: pair, at: now, account: account(of: pair, &gauges))
      return Candidate(rules.assess(view, wanted: nil), by: rules, view: view)
    }
    let crossing = candidatesAcrossVenues(by: rules, at: now, &gauges)
    let count = crossing.isEmpty ? "" : " and \(crossing.count) across venues"
    return Reply(
      "scanned \(candidates.count) pairs" + count,
      candidates: Candidate.ranked(candidates + crossing))
  }

  // MARK: - Closing and correcting

  private mutating func unwind(
    _ id: CarryID, fraction: Rate, at now: Timestamp, into outcome: inout Outcome
  ) throws(Refusal) -> Reply {
    guard let carry = state.carry(id) else { throw .unknownCarry(id) }
    guard fraction.isPositive else { throw .notPositive("fraction", fraction.description) }
    guard fraction <= .one else { throw .tooLarge("fraction \(fraction)", limit: "1") }
    // What takes its time is hurried.
    if carry.state == .closing, carry.pace == .urgent {
      return Reply("carry \(id) is closing already", carry: id)
    }
    // A part of what is not built yet is not known.
    guard fraction == .one || carry.state == .open else { throw .carryInMotion(id, carry.state) }
    let lot = universe[carry.pair].jointLot
    let part = carry.holdings.perp.magnitude.times(fraction, .down)
    guard fraction == .one || part >= lot else {
      throw .tooSmall("fraction \(fraction)", minimum: "one lot, \(lot) of the base asset")
    }
    let kept = carry.holdings.perp.magnitude.times(.one - fraction, .down)
      .rounded(toMultipleOf: lot, .down)
    if kept.isZero {
      move(
        carry.pair, to: .closing, perpTarget: .zero, reason: "unwound by command", into: &outcome)
    } else {
      move(
        carry.pair, to: .reducing, perpTarget: -kept, reason: "reduced by command", into: &outcome)
    }
    advance(carry.pair, at: now, into: &outcome)
    return Reply(kept.isZero ? "closing carry \(id)" : "reducing carry \(id) to \(kept)", carry: id)
  }

  private mutating func unwindAll(at now: Timestamp, into outcome: inout Outcome) -> Reply {
    let open = state.carries.compactMap { $0 }
      .filter { $0.state != .closing || $0.pace == .patient }
    for carry in open {
      move(
        carry.pair, to: .closing, perpTarget: .zero, reason: "unwound by command", into: &outcome)
      advance(carry.pair, at: now, into: &outcome)
    }
    return Reply("closing \(open.count) carries")
  }

  private mutating func rebalance(
    _ id: CarryID, dryRun: Bool, at now: Timestamp, into outcome: inout Outcome
  ) throws(Refusal) -> Reply {
    guard let carry = state.carry(id) else { throw .unknownCarry(id) }
    guard carry.state == .open else { throw .carryInMotion(id, carry.state) }
    let view = view(of: carry.pair, at: now)
    let delta = carry.imbalance
    let rules = ThresholdPolicy(parameters: parameters)
    guard view.market.isQuoted, let order = rules.correction(of: delta, view) else {
      throw .nothingToDo(id, "delta \(delta) is below what either leg can trade")
    }
    let side = order.quantity.isNegative ? "sell" : "buy"
    let text = "\(side) \(order.quantity.magnitude) \(order.leg.rawValue) to correct delta \(delta)"
    if dryRun { return Reply("would \(text)", carry: id) }
    correct(
      carry.pair, order.leg, by: order.quantity, reason: "rebalanced by command", into: &outcome)
    advance(carry.pair, at: now, into: &outcome)
    return Reply("will \(text)", carry: id)
  }

  // MARK: - Permission

  private mutating func pause(into outcome: inout Outcome) -> Reply {
    if !state.isPaused { change(.paused, "paused by command", into: &outcome) }
    return Reply("no new exposure; exits and hedges go on")
  }

  /// Ends a pause.
  ///
  /// A halt ends when the venue's account agrees with the books, not because someone asks; asking
  /// only has it looked at again.
  private mutating func resume(at now: Timestamp, into outcome: inout Outcome) -> Reply {
    if state.isPaused { change(.resumed, "resumed by command", into: &outcome) }
    guard !state.haltedVenues.isEmpty else { return Reply("new exposure is allowed") }
    askForAccounts(universe.venues, at: now, into: &outcome)
    let venues = state.haltedVenues.map(\.rawValue).joined(separator: ", ")
    return Reply("halted (\(venues)); asked for the account, the halt ends if the books agree")
  }

  /// Books a difference that stands, and looks again.
  private mutating func adopt(
    _ difference: Command.Break, reason: String, at now: Timestamp, into outcome: inout Outcome
  ) throws(Refusal) -> Reply {
    // It must be in the books as a break, and still have been there at the newest look.
    let stands = [state.breaks, standing].allSatisfy { list in
      (list[difference.venue] ?? []).contains {
        $0.kind == "balance" && $0.subject == difference.subject
          && $0.difference == difference.difference
      }
    }
    let parts = difference.subject.split(separator: ":").map(String.init)
    guard stands, parts.count == 2, let wallet = Wallet(rawValue: parts[0]) else {
      throw .nothingToAdopt(difference.venue, difference.subject)
    }
    record(
      .booked(
        Booking.adjustment(
          difference.difference, of: AssetID(parts[1]), wallet: wallet, venue: difference.venue,
          reason: reason, at: now)),
      into: &outcome)
    askForAccounts([difference.venue], at: now, into: &outcome)
    return Reply("booked \(difference.difference) \(parts[1]) at \(difference.venue): \(reason)")
  }

  private mutating func change(
    _ change: TradingChanged.Change, _ reason: String, into outcome: inout Outcome
  ) {
    record(
      .tradingChanged(TradingChanged(change: change, venue: nil, reason: reason)), into: &outcome)
  }
}
