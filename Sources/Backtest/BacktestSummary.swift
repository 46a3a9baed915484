public import Accounting
public import Core
public import FixedPoint
public import Trading

/// The figures of a run, folded from the same facts that the database stores.
public struct BacktestSummary: Sendable {
  /// Carries that traded.
  public private(set) var entries = 0
  /// Carries that ended.
  public private(set) var exits = 0
  /// Corrections of open carries, counted by leg.
  public private(set) var rebalances = 0
  /// Trades.
  public private(set) var fills = 0
  /// Funding payments.
  public private(set) var payments = 0
  /// Shorts that the venue closed.
  public private(set) var liquidations = 0
  /// What the venue lost by closing shorts at worse prices than their margin covered, quote units.
  ///
  /// In the books it is a gain. Nobody can count on it, so no measure of a rule does.
  public private(set) var uncollected = Notional.zero
  /// What was earned, by cause.
  public private(set) var profit = CarryProfit()
  /// What the dust that closed carries left behind is worth at the end, quote units.
  public private(set) var dustValue = Notional.zero
  /// Worth of the account at the start, quote units.
  public private(set) var initialEquity = Notional.zero
  /// Worth of the account at the last valuation, quote units.
  public private(set) var finalEquity = Notional.zero
  /// Worth of the account at each valuation.
  public private(set) var equity: [(at: Timestamp, value: Notional)] = []
  /// The same with what idle capital had earned by then, and without what the venue did not collect.
  public private(set) var equityWithInterest: [(at: Timestamp, value: Notional)] = []
  /// What the whole account would have earned idle by each valuation, quote units.
  private var cash: [Notional] = []
  /// Capital that no carry bound, at the cash rate, simple; not part of the account's books.
  public private(set) var idle: IdleCapital
  /// Time in which carries were held, summed over carries.
  public private(set) var timeInMarket = TimeSpan(nanoseconds: 0)
  /// When each carry was held, in the order of their ends.
  public private(set) var stays: [(venue: VenueID, symbol: Symbol, span: Range<Timestamp>)] = []
  /// Σ capital × days of carries, quote units.
  private var capitalDays = Notional.zero
  /// What each account was worth when it was valued last, or its deposit.
  private var worth: [Purse: Notional] = [:]
  private var held: [CarryID: Held] = [:]
  private var mids: [Key: LegMids] = [:]
  /// What closed carries left behind, base units; it stays in the account and keeps its price.
  private var dust: [Key: Quantity] = [:]

  private struct Purse: Hashable, Sendable {
    let venue: VenueID
    let asset: AssetID
  }

  private struct Key: Hashable, Sendable {
    let venue: VenueID
    let symbol: Symbol
  }

  private struct Held: Sendable {
    var holdings = CarryHoldings()
    let key: Key
    let capital: Notional
    let hedge: Rate
    var openedAt: Timestamp?
  }

  /// Nothing yet.
  ///
  /// - Parameter cashRate: what idle capital earns, per year.
  public init(cashRate: Rate = .zero) { idle = IdleCapital(cashRate: cashRate) }

  /// Adds a fact.
  public mutating func add(_ fact: Fact) {
    switch fact.body {
    case .carryPlanned(let planned):
      held[planned.carry] = Held(
        key: Key(venue: planned.venue, symbol: planned.symbol),
        capital: Sizing.capital(notional: planned.notional, leverage: planned.leverage),
        hedge: planned.hedge ?? .one, openedAt: nil)
    case .filled(let booked): add(booked, at: fact.at)
    case .fundingReceived(let received):
      payments += 1
      if received.carry != nil {
        profit.funding += received.payment.amount.reinterpreted(as: Unit.Quote.self)
      }
    case .adjusted(let adjustment): profit.other += adjustment.amount
    case .rebalanced: rebalances += 1
    case .carryMoved(let moved): add(moved, at: fact.at)
    case .marked(let mark): mids[Key(venue: mark.venue, symbol: mark.symbol)] = mark.mids
    case .valued(let record): value(record, at: fact.at)
    case .booked(let entry) where entry.kind == .deposit:
      for posting in entry.postings {
        if case .assets = posting.account {
          let amount = posting.amount.reinterpreted(as: Unit.Quote.self)
          initialEquity += amount
          worth[Purse(venue: entry.venue, asset: posting.asset), default: .zero] += amount
        }
      }
      idle.move(to: fact.at)
      idle.total = initialEquity
    case .booked(let entry) where entry.kind == .dust:
      guard let key = entry.carry.flatMap({ held[$0]?.key }) else { return }
      for posting in entry.postings where posting.account == .dust(entry.venue) {
        dust[key, default: .zero] += posting.amount.reinterpreted(as: Unit.Base.self)
      }
    default: break
    }
  }

  /// The accounts of several venues are valued one after the other at the same moment: only the sum
  /// after the last of them is a worth of that moment.
  private mutating func value(_ record: EquityRecord, at: Timestamp) {
    worth[Purse(venue: record.venue, asset: record.asset)] = record.equity
    if equity.last?.at == at {
      equity.removeLast()
      equityWithInterest.removeLast()
      cash.removeLast()
    }
    idle.move(to: at)
    let sum = worth.values.reduce(.zero, +)
    equity.append((at, sum))
    equityWithInterest.append((at, sum + idle.interest - uncollected))
    cash.append(idle.interestOfAll)
  }

  private mutating func add(_ booked: BookedFill, at: Timestamp) {
    fills += 1
    guard let id = booked.carry, let attribution = booked.attribution else { return }
    profit += attribution.profit
    if booked.fill.cause == .liquidation {
      liquidations += 1
      uncollected += attribution.profit.other + max(.zero, -attribution.profit.slippage)
    }
    if held[id]?.openedAt == nil {
      entries += 1
      held[id]?.openedAt = at
      idle.move(to: at)
      idle.bound += held[id]?.capital ?? .zero
    }
    held[id]?.holdings = attribution.holdings
    if let key = held[id]?.key { mids[key] = booked.mids }
  }

  private mutating func add(_ moved: CarryMoved, at: Timestamp) {
    guard moved.state.isFinal, let carry = held.removeValue(forKey: moved.carry) else { return }
    guard let openedAt = carry.openedAt else { return }
    exits += 1
    idle.move(to: at)
    idle.bound -= carry.capital
    hold(carry, from: openedAt, to: at)
  }

  private mutating func hold(_ carry: Held, from: Timestamp, to: Timestamp) {
    stays.append((carry.key.venue, carry.key.symbol, from..<to))
    timeInMarket = TimeSpan(nanoseconds: timeInMarket.nanoseconds + (to - from).nanoseconds)
    let days = (to - from).seconds.divided(by: 86_400, rounding: .halfEven)
    capitalDays += carry.capital.times(days)
  }

  /// Values what is still held at the last marks.
  ///
  /// Called once, after the last fact.
  public mutating func finish(at end: Timestamp) {
    idle.move(to: end)
    for (_, carry) in held.sorted(by: { $0.key < $1.key }) {
      guard let openedAt = carry.openedAt else { continue }
      hold(carry, from: openedAt, to: end)
      guard let mids = mids[carry.key] else { continue }
      let (basis, directional, spot, perp) = carry.holdings.priceResult(to: mids)
      profit.basis += basis
      profit.directional += directional
      profit.spotPrice += spot
      profit.perpPrice += perp
      if let tilt = carry.holdings.tiltResult(to: mids, hedge: carry.hedge) {
        profit.tilt = (profit.tilt ?? .zero) + tilt
      }
    }
    // Written off when its carry closed, dust is still worth something to the account.
    for (key, quantity) in dust.sorted(by: { $0.key.symbol < $1.key.symbol }) {
      guard let mid = mids[key]?.spot else { continue }
      dustValue += mid.notional(of: quantity)
    }
    finalEquity = equity.last?.value ?? initialEquity
  }

  /// Carries still open at the end, with what they hold.
  public var openHoldings: [CarryHoldings] {
    held.sorted { $0.key < $1.key }.map(\.value.holdings)
  }

  /// The change of equity less everything attributed: exactly zero.
  public var unexplained: Notional { finalEquity - initialEquity - profit.total - dustValue }

  /// Net profit per year on the capital that carries bound while they were held.
  public var returnOnCapital: Rate? {
    capitalDays.isPositive
      ? (profit.total - uncollected).times(365).ratio(to: capitalDays) : nil
  }

  /// Net profit and interest per year on the whole account, idle or not, not compounded.
  ///
  /// - Parameter length: of the run.
  public func netReturn(over length: TimeSpan) -> Rate? {
    guard initialEquity.isPositive, length > .hours(0) else { return nil }
    return netGain.ratio(to: initialEquity).times(365 * 24).divided(by: length.hours)
  }

  /// What the account and its idle part gained together, without what the venue did not collect, quote
  /// units.
  public var netGain: Notional { finalEquity - initialEquity + idle.interest - uncollected }

  /// Worth of the account at the first valuation of each day, less what the whole of it would have
  /// earned idle: it moves only where carries did better or worse than cash.
  public var dailyExcess: [Notional] {
    daily(
      zip(equityWithInterest, cash).map { point, idle in (point.at, point.value - idle) })
  }

  /// The first value of each day.
  private func daily(_ values: [(at: Timestamp, value: Notional)]) -> [Notional] {
    var daily: [Notional] = []
    var day = Timestamp.distantPast
    for (at, value) in values where at.floored(to: .days(1)) != day {
      day = at.floored(to: .days(1))
      daily.append(value)
    }
    return daily
  }

  /// The deepest fall of equity from an earlier peak, a fraction, not above zero.
  public var maximumDrawdown: Rate { Performance.maximumDrawdown(equity.map(\.value)) }

  /// Mean over deviation of daily returns, annualised.
  public var dailySharpe: Rate? {
    Performance.sharpe(daily(equity), periodsPerYear: 365)
  }
}
