import Accounting
import Core
import FixedPoint
import Simulation
import Trading

/// What must hold at every step, whatever goes wrong.
///
/// It knows the truth of the venues and what was stored, and nothing of the engine's reasons. The names
/// are those of the failure catalogue's invariants.
struct Oracle: Sendable {
  let seed: UInt64
  let setting: WorldSetting
  var step = 0
  var now = WorldSetting.start
  private(set) var violation: Violation?

  /// The run that writes.
  private var run: Int32 = 0
  /// Orders whose intent was kept.
  var intents: [ClientOrderID: OrderIntent] = [:]
  /// Orders that the books say have ended without a trade.
  private var voided: Set<ClientOrderID> = []
  /// Executions and payments of the venues, by source.
  private var executions: [String: Fill] = [:]
  private var payments: [String: FundingPayment] = [:]
  /// Of those, what is in the books.
  private(set) var booked: Set<String> = []
  /// By pair, the largest clip of its carries that are not over: it is fixed when a carry is planned.
  private var clips: [Quantity]
  /// By pair, what the venue closed since the legs matched, and dust that closed carries left, base
  /// units.
  private var forced: [Quantity]
  private var dust: [VenueID: [AssetID: Quantity]] = [:]
  /// Since when the account of a venue differs.
  private var differing: [VenueID: Timestamp] = [:]
  /// By carry, its profit by two roads.
  private(set) var audits: [CarryID: CarryAudit] = [:]
  /// By pair, when the legs were last looked at, and what stood naked then, quote units.
  private var naked: [(since: Timestamp, value: Notional)]
  /// Σ |delta| × price × seconds beyond what lots leave, quote units.
  private(set) var nakedNotionalSeconds = Notional.zero

  init(seed: UInt64, setting: WorldSetting) {
    self.seed = seed
    self.setting = setting
    clips = Array(repeating: .zero, count: setting.universe.pairs.count)
    forced = Array(repeating: .zero, count: setting.universe.pairs.count)
    naked = Array(repeating: (WorldSetting.start, .zero), count: setting.universe.pairs.count)
  }

  mutating func require(
    _ holds: Bool, _ invariant: String, _ text: @autoclosure () -> String
  ) {
    guard !holds, violation == nil else { return }
    violation = Violation(
      invariant: invariant, seed: seed, step: step, at: now, text: text())
  }

  // MARK: - What happens at the venues

  mutating func happened(_ event: VenueEvent, _ world: borrowing World) {
    switch event {
    case .fill(let fill):
      require(executions[fill.sourceKey] == nil, "O4", "\(fill.sourceKey) happened twice")
      executions[fill.sourceKey] = fill
      if fill.cause != .order, let index = setting.universe.index(of: fill.instrument) {
        forced[setting.universe.pairOfInstrument[index.position].position] += fill.quantity
      }
      checkMargin(after: fill, world)
    case .fundingPaid(let payment): payments[payment.sourceKey] = payment
    default: break
    }
  }

  /// M1, M2: nothing that we did ourselves brings a short too near to its liquidation.
  private mutating func checkMargin(after fill: Fill, _ world: borrowing World) {
    guard fill.cause == .order, fill.instrument.market == .perp, fill.side == .sell,
      let index = setting.universe.index(of: fill.instrument)
    else { return }
    let exchange = world.venues[world.venueIndex(fill.instrument.venue)].exchange
    let position = exchange.positionState(of: index)
    // What a jump filled and liquidated at once stands no more.
    guard !position.isCross, !position.quantity.isZero else { return }
    // A resting order trades where the price jumped past it: judged is what it was sent for.
    let mark = fill.liquidity == .maker ? min(fill.price, position.mark) : position.mark
    let value = mark.notional(of: position.quantity.magnitude)
    let worth = position.margin + mark.notional(of: position.quantity) - position.cost
    // A fill below the mark by what an order may slip costs that much of the margin at once.
    let slack = Rate.one + setting.parameters.execution.maximumSlippage.times(6)
    require(
      worth.isPositive && value <= worth.times(Parameters.hardLeverageLimit).times(slack), "M2",
      "\(fill.instrument) has \(worth) behind \(value) after \(fill.order?.description ?? "-")")
    if let liquidation = exchange.liquidationPrice(of: index) {
      require(
        liquidation.ratio(to: mark) - .one
          >= Parameters.hardFloorDistance - setting.parameters.execution.maximumSlippage.times(2),
        "M1", "\(fill.instrument) would be liquidated at \(liquidation), mark \(position.mark)")
    }
  }

  /// O8, D1: no position flips, and no more than a clip stands alone.
  mutating func watchPositions(_ world: borrowing World) {
    for (place, pair) in setting.universe.pairs.enumerated() {
      let exchange = world.venues[world.venueIndex(pair.venue)].exchange
      let perp = exchange.positionState(of: pair.perp).quantity
      require(!perp.isPositive, "O8", "\(pair.symbol) at \(pair.venue) is long \(perp)")
      let delta = delta(pair, perp, exchange)
      let price = exchange.price(of: pair.spot)
      guard price.isPositive else { continue }
      watch(place, pair, delta: delta, price: price, exchange)
    }
  }

  private func delta(
    _ pair: Pair, _ perp: Quantity, _ exchange: SimulatedExchange
  ) -> Quantity {
    let base = setting.universe[pair.spot].base
    let held = exchange.balances.filter { $0.asset == base }.reduce(Amount.zero) { $0 + $1.total }
    return held.reinterpreted(as: Unit.Base.self) - (dust[pair.venue]?[base] ?? .zero) + perp
  }

  private mutating func watch(
    _ place: Int, _ pair: Pair, delta: Quantity, price: Price, _ exchange: SimulatedExchange
  ) {
    // A hedge that is not neutral leaves what it was allowed to.
    let tilt =
      setting.parameters.hedge.model == .neutral
      ? .zero
      : exchange.positionState(of: pair.perp).quantity.magnitude
        .times(setting.parameters.hedge.width.times("1.1"), .up)
    let slack = slack(pair, price) + tilt
    if delta.magnitude <= slack { forced[place] = .zero }
    // Spot follows a clip of the perpetual by what the hedge ratio makes of it.
    let most =
      clips[place].times(.one + setting.parameters.hedge.width, .up) + slack + forced[place]
    require(
      delta.magnitude <= most, "D1",
      "\(pair.symbol) at \(pair.venue) stands naked by \(delta), more than \(most)")
    let alone = max(.zero, delta.magnitude - slack)
    let passed = (now - naked[place].since).seconds
    nakedNotionalSeconds += naked[place].value.times(passed)
    naked[place] = (now, price.notional(of: alone))
  }

  /// What lots, smallest orders and fees leave.
  func slack(_ pair: Pair, _ price: Price) -> Quantity {
    let spot = setting.universe[pair.spot]
    let perp = setting.universe[pair.perp]
    return pair.jointLot
      + max(spot.minimumNotional, perp.minimumNotional).quantity(at: price, .up).times("1.1", .up)
  }

  /// O7: what became of an order is known within minutes, as long as its venue can be asked.
  mutating func watchOrders(_ world: borrowing World) {
    let patience = TimeSpan.minutes(3)
    guard let process = world.processes.last, now >= process.startedAt + patience,
      now >= process.busyUntil + patience
    else { return }
    for id in process.engine.state.orders.keys.sorted() {
      guard let order = process.engine.state.orders[id]?.intent.request else { continue }
      let venue = world.venues[world.venueIndex(order.instrument.venue)]
      let rest = Int64(order.kind.rests ? setting.parameters.execution.makerSeconds : 0)
      require(
        now < max(order.deadline + .seconds(rest), venue.closedUntil) + patience, "O7",
        "nobody asks what became of \(id)")
    }
  }

  /// The account of a venue differs from the books from now on, until an adjustment is booked.
  mutating func differs(_ venue: VenueID) {
    if differing[venue] == nil { differing[venue] = now }
  }

  // MARK: - What is sent and stored

  /// O10: nothing grows while it is not allowed, as far as the process can know.
  mutating func sent(
    _ request: VenueRequest, by process: VirtualProcess, _ world: borrowing World
  ) {
    guard case .submit(let order) = request else { return }
    require(intents[order.id] != nil, "O2", "\(order.id) is sent before its intent is stored")
    let writer = run
    require(order.id.run == writer, "P1", "\(order.id) is sent although run \(writer) has begun")
    guard order.instrument.market == .perp, order.side == .sell else { return }
    let venue = order.instrument.venue
    require(process.hasBooks, "O10", "\(order.id) grows without the database")
    require(process.link[venue] != false, "O10", "\(order.id) grows while \(venue) is cut off")
    // Two readings of the account find it; interruptions may hold them up.
    require(
      now < (differing[venue] ?? .distantFuture) + .minutes(60), "O10",
      "\(order.id) grows although the account of \(venue) differs")
    let age = world.now - (process.quotedAt[venue] ?? .distantPast)
    require(
      age <= .seconds(Int64(setting.parameters.market.staleSeconds) + 1), "O10",
      "\(order.id) grows on prices of \(age.seconds) s ago")
    require(
      process.engine.state.trading(at: venue) == .active, "O10",
      "\(order.id) grows while \(process.engine.state.trading(at: venue))")
  }

  /// O9: an order keeps to the steps and the smallest sizes that its venue told.
  mutating func refused(_ id: ClientOrderID, _ reason: RefusalReason, _ text: String) {
    let isMalformed = [.invalidPrice, .invalidQuantity, .belowMinimumNotional].contains(reason)
    require(!isMalformed, "O9", "\(id) is refused: \(text)")
  }

  /// O2: the intent is stored before the venue sees an order.
  mutating func arrives(_ request: VenueRequest, _ world: borrowing World) {
    guard case .submit(let order) = request else { return }
    require(intents[order.id] != nil, "O2", "\(order.id) arrives without a stored intent")
    guard let index = setting.universe.index(of: order.instrument) else { return }
    let place = setting.universe.pairOfInstrument[index.position]
    let pair = setting.universe[place]
    // Spot is grossed up for the fee that is taken from it.
    let most = clips[place.position].times("1.01", .up) + pair.jointLot
    require(
      order.quantity <= most, "O12", "\(order.id) trades \(order.quantity), more than \(most)")
  }

  /// O7: what the books gave up never trades.
  mutating func arrived(_ order: OrderRequest, _ world: borrowing World) {
    let fills = executions.isEmpty ? nil : lastFill(of: order.id, world)
    require(
      fills == nil || !voided.contains(order.id), "O7",
      "\(order.id) traded after the books gave it up")
  }

  private func lastFill(of id: ClientOrderID, _ world: borrowing World) -> Fill? {
    for venue in world.venues.indices {
      if let fill = world.venues[venue].exchange.fills.last, fill.order == id { return fill }
    }
    return nil
  }

  mutating func stored(_ fact: Fact, _ world: borrowing World) {
    switch fact.body {
    case .carryPlanned(let planned):
      if let pair = setting.universe.pair(venue: planned.venue, symbol: planned.symbol) {
        clips[pair.position] = max(planned.clip, setting.universe[pair].jointLot)
      }
    case .started(let start):
      let before = run
      require(start.run > before, "P1", "run \(start.run) follows run \(before)")
      run = start.run
    case .intended(let intent):
      let writer = run
      require(
        intents.updateValue(intent, forKey: intent.request.id) == nil, "O1",
        "\(intent.request.id) is intended twice")
      require(intent.request.id.run == writer, "P1", "\(intent.request.id) is not of run \(writer)")
    case .orderEnded(let ended):
      require(intents[ended.order] != nil, "O3", "\(ended.order) ended and was never intended")
      if ended.outcome == .voided { voided.insert(ended.order) }
      if let intent = intents[ended.order] {
        require(
          ended.filled <= intent.request.quantity, "O6",
          "\(ended.order) traded \(ended.filled) of \(intent.request.quantity)")
      }
    case .filled(let filled):
      storedFill(filled.fill)
      if let carry = filled.carry, let attribution = filled.attribution {
        audits[carry, default: CarryAudit()].add(attribution)
      }
    case .fundingReceived(let received):
      let key = received.payment.sourceKey
      require(booked.insert(key).inserted, "L6", "\(key) is booked twice")
      require(payments[key] == received.payment, "L6", "\(key) was never paid so")
      if let carry = received.carry {
        audits[carry, default: CarryAudit()]
          .addFunding(received.payment.amount.reinterpreted(as: Unit.Quote.self))
      }
    case .adjusted(let adjustment):
      audits[adjustment.carry, default: CarryAudit()].addOther(adjustment.amount)
    case .booked(let entry):
      require(entry.isBalanced, "L1", "\(entry.sourceKey) does not balance")
      if let carry = entry.carry { audits[carry, default: CarryAudit()].add(entry, quote: "USDT") }
      if entry.kind == .dust { keep(entry) }
      if entry.kind == .adjustment { differing[entry.venue] = nil }
    default: break
    }
  }

  /// Begins anew with what stands, after facts that were written down elsewhere were given up.
  mutating func rebuild(from facts: [Fact], _ world: borrowing World) {
    run = 0
    // What was sent was intended, wherever that was kept.
    let sent = intents
    intents = [:]
    booked = []
    voided = []
    audits = [:]
    dust = [:]
    for fact in facts { stored(fact, world) }
    intents.merge(sent) { stored, _ in stored }
  }

  private mutating func storedFill(_ fill: Fill) {
    require(booked.insert(fill.sourceKey).inserted, "L5", "\(fill.sourceKey) is booked twice")
    require(executions[fill.sourceKey] == fill, "O5", "\(fill.sourceKey) never happened so")
  }

  private mutating func keep(_ entry: JournalEntry) {
    for posting in entry.postings where posting.account == .dust(entry.venue) {
      dust[entry.venue, default: [:]][posting.asset, default: .zero] +=
        posting.amount.reinterpreted(as: Unit.Base.self)
    }
  }

  /// What happened at the venues.
  var happenedKeys: Set<String> { Set(executions.keys).union(payments.keys) }
}
