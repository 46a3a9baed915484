import Accounting
import Core
import FixedPoint
import Simulation
import Trading

/// What must hold once faults are over and all has come to rest.
extension World {
  /// How often a moment between two steps of what moves patiently is looked for.
  private static let looking = TimeSpan.seconds(7)

  mutating func checkQuiescence() {
    tally.comparisons += 1
    oracle.checkQuiescence(self)
  }

  /// Compares once all has come to rest, or, where a carry takes its time, between two of its steps.
  mutating func compareAtRest() {
    if now + Self.looking < restBy, isBetweenOrders {
      queue.add(.quiet, at: now + Self.looking)
    } else {
      checkQuiescence()
    }
  }

  /// Whether an order of a patient carry is on its way there or back.
  private var isBetweenOrders: Bool {
    guard let process = processes.first else { return false }
    let state = process.engine.state
    return state.orders.values.contains { order in
      let request = order.intent.request
      guard state.carry(order.intent.carry)?.pace == .patient else { return false }
      let venue = venues[venueIndex(request.instrument.venue)]
      return !request.kind.rests
        || !venue.snapshot(since: .distantFuture, at: now).openOrders.contains {
          $0.id == request.id
        }
    }
  }
}

extension Oracle {
  mutating func checkQuiescence(_ world: borrowing World) {
    require(world.processes.count == 1, "P2", "\(world.processes.count) processes live")
    guard let process = world.processes.first else { return }
    let state = process.engine.state
    require(process.hasBooks, "P2", "the database is back and not used")
    let stuck = state.orders.filter { !mayRest($0.value.intent.request) }.keys.sorted()
    require(stuck.isEmpty, "P2", "still working: \(stuck.map(\.description))")
    let isPatient = state.carries.contains { $0.map(isOnItsWay) ?? false }
    require(process.engine.isQuiet || isPatient, "P2", "\(state.describeMotion())")
    for venue in world.venues {
      require(
        state.trading(at: venue.id) != .halted, "P2",
        "\(venue.id) is halted: \(state.differences(at: venue.id))")
      require(process.engine.isOnline(venue.id), "P2", "\(venue.id) is not online")
      compare(state, venue)
    }
    compareEvents()
    checkPairs(state, world)
    checkRecovery(state, world)
    let commands = (try? world.database.waiting(process.session, at: world.now)) ?? []
    require(commands.isEmpty, "P4", "commands without an answer: \(commands.map(\.id))")
  }

  /// Whether an order may still rest in the book.
  private func mayRest(_ order: OrderRequest) -> Bool {
    order.kind.rests && now <= order.deadline + patience
  }

  /// Whether a carry takes its time and has not stood still for longer than it may.
  private func isOnItsWay(_ carry: Carry) -> Bool {
    carry.state.isInMotion && carry.pace == .patient && now <= carry.ledAt + patience
  }

  private var patience: TimeSpan {
    let execution = setting.parameters.execution
    return .seconds(Int64(execution.makerSeconds + execution.sliceSeconds + 60))
  }

  /// L2: wallets and positions of the books are those of the venue.
  private mutating func compare(_ state: EngineState, _ venue: WorldVenue) {
    var theirs: [String: Amount] = [:]
    for balance in venue.exchange.balances {
      theirs["\(balance.wallet.rawValue) \(balance.asset)", default: .zero] += balance.total
    }
    var ours: [String: Amount] = [:]
    for balance in state.wallets(of: venue.id) {
      ours["\(balance.wallet.rawValue) \(balance.asset)", default: .zero] += balance.total
    }
    let spot = setting.universe.wallet(of: venue.id, .spot)
    for pair in setting.universe.pairs where pair.venue == venue.id {
      let base = setting.universe[pair.spot].base
      let dust = state.balance(.dust(venue.id), base)
      if !dust.isZero { ours["\(spot.rawValue) \(base)", default: .zero] += dust }
    }
    for key in Set(theirs.keys).union(ours.keys).sorted() {
      let (our, their) = (ours[key] ?? .zero, theirs[key] ?? .zero)
      require(our == their, "L2", "\(venue.id) \(key): books \(our), venue \(their)")
    }
    for (place, pair) in setting.universe.pairs.enumerated() where pair.venue == venue.id {
      let our = state.carries[place]?.holdings.perp ?? .zero
      let their = venue.exchange.positionState(of: pair.perp).quantity
      require(our == their, "L2", "\(venue.id) \(pair.symbol): books \(our), venue \(their)")
    }
  }

  /// O4, L6: everything that happened is booked.
  private mutating func compareEvents() {
    let missing = happenedKeys.subtracting(booked)
    require(missing.isEmpty, "O4", "not in the books: \(missing.sorted().prefix(5))")
  }

  /// D2: the legs of what is open match; nothing lies around without a carry.
  private mutating func checkPairs(_ state: EngineState, _ world: borrowing World) {
    for (place, pair) in setting.universe.pairs.enumerated() {
      let exchange = world.venues[world.venueIndex(pair.venue)].exchange
      let price = exchange.price(of: pair.spot)
      guard let carry = state.carries[place] else { continue }
      let band = RebalanceBand.linear(
        spot: carry.holdings.spot, fraction: setting.parameters.rebalance.bandFraction,
        lot: pair.jointLot)
      require(
        carry.imbalance.magnitude <= max(slack(pair, price), band), "D2",
        "carry \(carry.id) \(carry.state) holds \(carry.holdings.spot) and \(carry.holdings.perp)")
    }
  }

  /// R2, L3: the fold of what is stored is what lives, and every cent is explained.
  private mutating func checkRecovery(_ state: EngineState, _ world: borrowing World) {
    var other = setting.engine
    other.recover(world.database.records.map(\.fact))
    require(other.state == state, "R2", "the fold of the facts is another state")
    for (carry, audit) in audits.sorted(by: { $0.key < $1.key }) {
      let held = state.carry(carry)?.holdings.spot ?? .zero
      require(
        audit.heldBase == held, "L2",
        "carry \(carry): the ledger has \(audit.heldBase) of the base, its fills say \(held)")
      require(audit.isSplit, "L3", "carry \(carry): the price result is split two ways")
      require(
        audit.unexplained.isZero, "L3", "carry \(carry): unexplained \(audit.unexplained)")
    }
    checkSettlements(world)
  }

  /// L6: a payment of a carry has its settlement, and each settlement its payment.
  private mutating func checkSettlements(_ world: borrowing World) {
    var due: [String: Notional] = [:]
    var paid: [String: Notional] = [:]
    for record in world.database.records {
      switch record.fact.body {
      case .settled(let settlement):
        let key = "\(settlement.venue) \(settlement.symbol) \(settlement.rate.settlesAt)"
        require(
          due.updateValue(settlement.expected, forKey: key) == nil, "L6", "settled twice: \(key)")
      case .settlementCorrected(let correction):
        let settlement = correction.settlement
        let key = "\(settlement.venue) \(settlement.symbol) \(settlement.rate.settlesAt)"
        due[key] = settlement.quantity.isZero ? nil : settlement.expected
      case .fundingReceived(let received):
        let payment = received.payment
        require(received.carry != nil, "L6", "nobody's payment \(payment.sourceKey)")
        paid["\(payment.instrument.venue) \(payment.instrument.symbol) \(payment.settledAt)"] =
          payment.amount.reinterpreted(as: Unit.Quote.self)
      default: break
      }
    }
    // Venues round cash to eight decimals.
    let precision: Notional = "0.00000001"
    let gap = Set(due.keys).union(paid.keys).sorted().first {
      guard let due = due[$0], let paid = paid[$0] else { return true }
      return (due - paid).magnitude > precision
    }
    require(
      gap == nil, "L6",
      "settlement of \(gap ?? ""): due \(gap.flatMap { due[$0] }?.description ?? "nothing"), paid "
        + "\(gap.flatMap { paid[$0] }?.description ?? "nothing")")
  }

  /// At the end every carry is closed and nothing of a base asset is left but dust.
  mutating func checkClosed(_ world: borrowing World) {
    guard let state = world.processes.first?.engine.state else { return }
    let open = state.carries.compactMap { $0 }
    require(
      open.isEmpty, "P2",
      "not closed: \(open.map { "carry \($0.id) \($0.state) \($0.holdings.perp)" })")
    for venue in world.venues {
      require(venue.exchange.positions.isEmpty, "D2", "\(venue.id) still has a position")
    }
  }
}

extension EngineState {
  /// What is in motion, in words.
  func describeMotion() -> String {
    carries.compactMap { $0 }.filter(\.state.isInMotion).map {
      "carry \($0.id) is \($0.state), holds \($0.holdings.spot) and \($0.holdings.perp)"
    }.joined(separator: "; ")
  }
}
