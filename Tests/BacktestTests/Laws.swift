import Accounting
import Backtest
import FixedPoint
import Simulation
import Testing
import Trading

@testable import Core

/// What must hold after every step of a world.
struct Watch {
  private var intended: Set<ClientOrderID> = []
  private var answered: Set<Int64> = []
  private(set) var problems: [String] = []
  let setting: Setting

  init(_ setting: Setting) { self.setting = setting }

  mutating func check(_ world: borrowing World, _ outcome: Outcome) {
    let state = world.engine.state
    for fact in outcome.facts {
      switch fact.body {
      case .intended(let intent):
        require(intended.insert(intent.request.id).inserted, "an order id came twice", fact.at)
      case .commandEnded(let ended):
        require(answered.insert(ended.command).inserted, "a command was answered twice", fact.at)
      default: break
      }
    }
    for case .submit(let approved) in outcome.actions { check(approved.request, world) }
    for case .request(.submit) in outcome.actions {
      require(false, "an order went past the gate", world.venues.now)
    }
    for carry in state.carries.compactMap({ $0 }) {
      let name = "carry \(carry.id) \(carry.state)"
      require(!carry.holdings.perp.isPositive, "\(name): perpetual is long", world.venues.now)
      require(!carry.holdings.spot.isNegative, "\(name): spot is short", world.venues.now)
      // A clip, on top of what was too small to trade before it.
      let pair = setting.universe[carry.pair]
      let price = carry.holdings.mids?.spot ?? .one
      let most =
        carry.clip + pair.jointLot
        + setting.universe[pair.spot].minimumNotional.quantity(at: price, .up)
      require(
        carry.holdings.delta.magnitude <= most,
        "\(name): \(carry.holdings.delta) is more than a clip", world.venues.now)
    }
  }

  private mutating func check(_ order: OrderRequest, _ world: borrowing World) {
    let state = world.engine.state
    let now = world.venues.now
    require(intended.contains(order.id), "\(order.id) was sent before it was intended", now)
    guard let carry = state.carry(order.id.carry) else {
      return require(false, "\(order.id) belongs to no carry", now)
    }
    switch (order.instrument.market, order.side) {
    case (.spot, .sell):
      require(order.quantity <= carry.holdings.spot, "\(order.id) sells more than is held", now)
    case (.perp, .buy):
      require(order.reduceOnly, "\(order.id) buys a perpetual and is not reduce-only", now)
      require(order.quantity <= carry.holdings.perp.magnitude, "\(order.id) would flip", now)
    case (.perp, .sell):
      require(state.trading(at: "test") == .active, "\(order.id) grows while not allowed", now)
    case (.spot, .buy): break
    }
    require(order.deadline > now, "\(order.id) was late when it was sent", now)
  }

  private mutating func require(_ holds: Bool, _ text: @autoclosure () -> String, _ at: Timestamp) {
    if !holds { problems.append("seed \(setting.seed) \(at): \(text())") }
  }
}

extension World {
  /// What must hold at the end: nothing missing, nothing double, and all profit explained.
  func closingProblems(_ setting: Setting) -> [String] {
    var problems: [String] = []
    func require(_ holds: Bool, _ text: @autoclosure () -> String) {
      if !holds { problems.append("seed \(setting.seed): \(text())") }
    }
    let state = engine.state
    for balance in venues.exchanges[0].balances {
      let account = AccountName.assets("test", balance.wallet)
      let dust =
        balance.wallet == setting.layout.wallet(of: .spot)
        ? state.balance(.dust("test"), balance.asset) : .zero
      let books = state.balance(account, balance.asset) + dust
      require(
        books == balance.total, "\(balance.wallet) \(balance.asset) \(books), not \(balance.total)")
    }
    for (place, pair) in setting.universe.pairs.enumerated() {
      let id = setting.universe[pair.perp].id
      let theirs = venues.exchanges[0].positions.first { $0.instrument == id }?.quantity ?? .zero
      let ours = state.carries[place]?.holdings.perp ?? .zero
      require(ours == theirs, "\(id) \(ours), not \(theirs)")
    }
    let booked = facts.compactMap { fact in
      switch fact.body {
      case .filled(let filled): filled.fill.sourceKey
      case .fundingReceived(let received): received.payment.sourceKey
      default: nil
      }
    }
    let happened =
      venues.exchanges[0].fills.map(\.sourceKey) + venues.exchanges[0].payments.map(\.sourceKey)
    require(booked.count == Set(booked).count, "something was booked twice")
    require(Set(booked) == Set(happened), "booked \(booked.count) of \(happened.count) events")
    var summary = BacktestSummary()
    for fact in facts { summary.add(fact) }
    summary.finish(at: venues.end)
    require(summary.unexplained.isZero, "unexplained \(summary.unexplained)")
    require(state.trading(at: "test") != .halted, "halted")
    if let stuckAt { problems.append("seed \(setting.seed): time stands still at \(stuckAt)") }
    return problems
  }

  /// Open carries whose legs do not match although the difference could be traded.
  func unmatched(_ setting: Setting) -> [String] {
    engine.state.carries.compactMap { $0 }.filter { carry in
      let pair = setting.universe[carry.pair]
      let spot = setting.universe[pair.spot]
      let price = carry.holdings.mids?.spot ?? .zero
      return carry.state == .open && carry.holdings.delta.magnitude > pair.jointLot
        && price.notional(of: carry.holdings.delta.magnitude) >= spot.minimumNotional
    }.map { "seed \(setting.seed): carry \($0.id) holds \($0.holdings)" }
  }
}

/// An operator who does as chance has it.
struct RandomDesk {
  private var random: SeededRandom
  private var nextAt = Setting.start
  private var count: Int64 = 0
  private let hours: Int

  /// - Parameter hours: the longest pause between two commands.
  init(seed: UInt64, everyHours hours: Int) {
    random = SeededRandom(seed: seed, stream: 1000)
    self.hours = hours
  }

  mutating func commands(_ world: borrowing World, _ setting: Setting) -> [Command] {
    guard world.venues.now >= nextAt else { return [] }
    nextAt = world.venues.now + .hours(Int64(1 + random.below(hours)))
    count += 1
    let carries = world.engine.state.carries.compactMap { $0?.id }
    let carry = carries.isEmpty ? CarryID(1) : carries[random.below(carries.count)]
    let pair = setting.universe.pairs[random.below(setting.symbols)]
    let size = Command.Size(
      venue: "test", symbol: pair.symbol, notional: Notional(20 + random.below(20_000)),
      quantity: nil)
    let request: Command.Request
    switch random.below(12) {
    case 0...3: request = .open(size, hold: random.below(2) == 0)
    case 4: request = .plan(size)
    case 5: request = .openPlan(count - 1, hold: false)
    case 6, 7: request = .unwind(carry, fraction: Rate.basisPoints(1 + random.below(10_000)))
    case 8: request = .rebalance(carry, dryRun: false)
    case 9: request = .pause
    case 10: request = .resume
    default: request = random.below(3) == 0 ? .unwindAll : .unwind(carry, fraction: .one)
    }
    return [Command(id: count, request)]
  }
}
