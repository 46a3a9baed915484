public import Accounting
public import Core
public import FixedPoint
public import Simulation
public import Trading

/// What a bad day did.
public struct StressResult: Sendable {
  /// Which.
  public let scenario: StressScenario
  /// What changed between its beginning and its end, by cause, quote units; a loss is negative.
  public let profit: CarryProfit
  /// Worth of the dust that carries left behind when they closed, quote units.
  public let dust: Notional
  /// Change of the account's worth by the books and the last prices, quote units.
  public let equityChange: Notional
  /// Deepest fall of that worth on the way, quote units, not above zero.
  public let worst: Notional
  /// What the books do not explain: exactly zero.
  public let unexplained: Notional
  /// Notional of the shorts before and after, quote units.
  public let notional: (before: Notional, after: Notional)
  /// The hard limits, each with what was found.
  public let limits: [Gate]

  /// Whether all of them held.
  public var isWithinLimits: Bool { limits.allSatisfy(\.passed) }
}

/// A book that cannot be opened in the simulation.
public struct StressFailure: Error, Hashable, Sendable {
  /// Why, in the engine's words.
  public let reason: String
}

/// A bad day played with the engine and the simulated exchange of a backtest.
public struct StressRun: Sendable {
  private var engine: Engine
  private var venues: PaperVenues
  private let book: StressBook
  private let scenario: StressScenario
  private let parameters: Parameters
  private var summary = BacktestSummary()
  private var watch = StressWatch()

  /// Plays a scenario.
  ///
  /// - Parameters:
  ///   - cap: the largest rate of one settlement, a fraction.
  ///   - models: of the exchange.
  /// - Throws: when the book cannot be opened at all.
  public static func play(
    _ scenario: StressScenario, against book: StressBook, parameters: Parameters, cap: Rate,
    models: ExchangeModels
  ) throws(StressFailure) -> StressResult {
    var run = StressRun(scenario, book, parameters, cap: cap, models)
    return try run.play()
  }

  private init(
    _ scenario: StressScenario, _ book: StressBook, _ parameters: Parameters, cap: Rate,
    _ models: ExchangeModels
  ) {
    var parameters = parameters
    parameters.isAutomatic = false
    // The limits of a new carry say nothing about one that is held.
    let notional = book.holdings.reduce(Notional.zero) {
      $0 + max($1.mids.spot, $1.entry ?? .zero).notional(of: $1.quantity)
    }
    parameters.sizing.maximumNotional = max(parameters.sizing.maximumNotional, notional.times(2))
    parameters.sizing.maximumGrossNotional = max(
      parameters.sizing.maximumGrossNotional, notional.times(2))
    self.parameters = parameters
    self.book = book
    self.scenario = scenario
    engine = Engine(
      universe: book.universe, parameters: parameters,
      policy: ThresholdPolicy(parameters: parameters))
    let traits = book.universe.traits(of: book.venue)
    let fees = book.universe.instruments.map(\.fees.taker).max() ?? .zero
    let exchange = SimulatedExchange(
      universe: book.universe, venue: book.venue, layout: traits.layout,
      leverage: parameters.sizing.leverage, models: models,
      deposits: book.deposits(
        costs: fees.times(2) + parameters.execution.maximumSlippage.times(2)),
      rules: traits.margin == .cross ? ExchangeRules(isCross: true) : .paper)
    venues = PaperVenues(
      exchanges: [exchange],
      feed: StressFeed(book, scenario, cap: cap), universe: book.universe,
      start: StressFeed.start)
  }

  private mutating func play() throws(StressFailure) -> StressResult {
    var batch: [VenueEvent] = []
    var strikes = scenario.strikes[...]
    var before: BacktestSummary?
    var opened = false
    handle(.start(run: 1))
    while venues.nextBatch(into: &batch) {
      if let next = strikes.first, venues.now >= StressFeed.begin + next.after {
        strikes.removeFirst()
        strike(next.strike)
      }
      step { $0.handle(batch, at: $1, into: &$2) }
      if !opened, venues.now >= StressFeed.start + .seconds(10) {
        opened = true
        openAll()
      }
      if venues.now >= StressFeed.begin {
        watch.look(venues.exchanges[0], book)
        handle(.finish)
        if before == nil {
          try requireOpen()
          before = closed()
          watch.begin(engine.state, book)
        }
      }
    }
    guard let before else { throw StressFailure(reason: "nothing happened") }
    handle(.finish)
    return result(before: before, after: closed())
  }

  /// Every carry stands before the day begins.
  private func requireOpen() throws(StressFailure) {
    let isOpen = engine.state.carries.allSatisfy { $0?.state == .open }
    if !isOpen { throw StressFailure(reason: watch.refusals.first ?? "a leg was not filled") }
  }

  private mutating func openAll() {
    for (place, holding) in book.holdings.enumerated() {
      let size = Command.Size(
        venue: book.venue, symbol: holding.symbol, notional: nil, quantity: holding.quantity)
      handle(.command(Command(id: Int64(place + 1), .open(size, hold: false))))
    }
  }

  private mutating func strike(_ strike: StressScenario.Strike) {
    let instruments = book.universe.instruments.indices.map(InstrumentIndex.init)
    let perps = book.universe.pairs.map(\.perp)
    venues.strike { exchange, now, events in
      switch strike {
      case .halt, .resume:
        for instrument in instruments {
          exchange.setStatus(strike == .halt ? .halted : .trading, of: instrument)
          events.append(.statusChanged(instrument, strike == .halt ? .halted : .trading))
        }
      case .deleverage(let fraction):
        for perp in perps {
          exchange.deleverage(perp, fraction: fraction, at: now, into: &events)
        }
      }
    }
  }

  private mutating func handle(_ kind: Event.Kind) {
    step { $0.handle(Event(at: $1, kind), into: &$2) }
  }

  /// One step of the engine: its facts first, then its actions.
  private mutating func step(_ body: (inout Engine, Timestamp, inout Outcome) -> Void) {
    var outcome = Outcome()
    body(&engine, venues.now, &outcome)
    for fact in outcome.facts {
      summary.add(fact)
      watch.see(fact, since: StressFeed.begin)
    }
    for action in outcome.actions { venues.perform(action) }
  }

  private func closed() -> BacktestSummary {
    var copy = summary
    copy.finish(at: venues.now)
    return copy
  }

  private func result(before: BacktestSummary, after: BacktestSummary) -> StressResult {
    let start = before.finalEquity
    let lowest = after.equity.drop { $0.at < StressFeed.begin }.map(\.value).min() ?? start
    return StressResult(
      scenario: scenario, profit: after.profit - before.profit,
      dust: after.dustValue - before.dustValue, equityChange: after.finalEquity - start,
      worst: min(.zero, lowest - start),
      unexplained: after.unexplained,
      notional: (watch.notionalBefore, StressWatch.notional(engine.state, book)),
      limits: watch.limits(engine.state, venues.exchanges[0], book, parameters))
  }
}

extension CarryProfit {
  /// What came after an earlier moment.
  static func - (left: Self, right: Self) -> Self {
    var result = left
    for part in [
      \CarryProfit.funding, \.basis, \.directional, \.spotPrice, \.perpPrice, \.spotFees,
      \.perpFees, \.slippage, \.interest, \.other, \.rebalanceCost,
    ] {
      result[keyPath: part] -= right[keyPath: part]
    }
    return result
  }
}
