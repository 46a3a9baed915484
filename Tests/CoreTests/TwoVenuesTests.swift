import FixedPoint
import Testing
import Trading

@testable import Core

/// Two venues, each with an account of its own.
@Suite("Two venues")
struct TwoVenuesTests {
  private var engine: Engine
  private var now = Timestamp(milliseconds: 1_704_067_200_000)

  init() {
    func instrument(_ venue: VenueID, _ market: Market) -> Instrument {
      Instrument(
        id: InstrumentID(venue: venue, market: market, symbol: "BTCUSDT"), base: "BTC",
        quote: "USDT", tick: "0.1", lot: "0.001", minimumQuantity: "0.001", minimumNotional: "5",
        fees: FeeSchedule(maker: .zero, taker: "0.0005", isTakenFromReceivedAsset: false),
        marginTiers: [
          MarginTier(floor: "0", maintenanceRate: "0.005", deduction: "0", maximumLeverage: "50")
        ])
    }
    let venues: [VenueID] = ["first", "second"]
    engine = Engine(
      universe: Universe(
        pairs: venues.map { (instrument($0, .spot), instrument($0, .perp)) },
        venues: [
          "first": VenueTraits(layout: .unified),
          "second": VenueTraits(layout: .unified, isSnapshotAtomic: false),
        ]), parameters: Parameters(),
      policy: ThresholdPolicy(parameters: Parameters()))
  }

  /// A few seconds later something happens; an account is asked for before it is told.
  private mutating func hear(_ kind: Event.Kind) -> [Fact.Body] {
    var outcome = Outcome()
    now = now + .seconds(3)
    if case .venue(.snapshot(let snapshot)) = kind {
      engine.handle(Event(at: now, .checkAccounts(snapshot.venue)), into: &outcome)
    }
    engine.handle(Event(at: now, kind), into: &outcome)
    return outcome.facts.map(\.body)
  }

  private func compared(_ venue: VenueID, differences: Int) -> Fact.Body {
    .compared(AccountCompared(venue: venue, differences: differences))
  }

  private func account(_ venue: VenueID, _ cash: Amount) -> Event.Kind {
    .venue(
      .snapshot(
        AccountSnapshot(
          venue: venue, balances: [Balance(wallet: .unified, asset: "USDT", total: cash)],
          positions: [], openOrders: [], fills: [], payments: [], transfers: [])))
  }

  @Test("The first start takes over what each venue holds")
  mutating func opening() {
    _ = hear(.start(run: 1))
    _ = hear(account("first", "1000"))
    _ = hear(account("second", "2000"))
    #expect(engine.state.balance(.assets("first", .unified), "USDT") == "1000")
    #expect(engine.state.balance(.assets("second", .unified), "USDT") == "2000")
    #expect(engine.state.trading(at: "first") == .active)
    #expect(engine.phase == .running)
  }

  @Test("A venue that agrees does not end the halt for one that does not")
  mutating func halt() {
    _ = hear(.start(run: 1))
    _ = hear(account("first", "1000"))
    _ = hear(.start(run: 2))
    _ = hear(account("first", "999"))
    #expect(engine.state.trading(at: "first") == .halted)
    _ = hear(account("second", .zero))
    #expect(engine.state.trading(at: "first") == .halted)
  }

  @Test("A snapshot that takes time has to differ twice before it halts a venue")
  mutating func suspicion() {
    _ = hear(.start(run: 1))
    _ = hear(account("first", "1000"))
    _ = hear(account("second", "2000"))
    // A reading that leaves a doubt is no comparison.
    #expect(hear(account("second", "1999")).isEmpty)
    #expect(hear(account("second", "2000")) == [compared("second", differences: 0)])
    #expect(hear(account("second", "1999")).isEmpty)
    #expect(hear(account("second", "1999")).count == 3)
    #expect(engine.state.trading(at: "second") == .halted)
    #expect(hear(account("second", "1999")) == [compared("second", differences: 1)])
    _ = hear(account("second", "2000"))
    #expect(engine.state.trading(at: "second") == .active)
  }

  /// Found by seed 4 of `harvester simulate`: a carry that is opened quickly differs in every reading.
  @Test("A reading during which something of ours moved says nothing")
  mutating func blurred() {
    _ = hear(.start(run: 1))
    _ = hear(account("first", "1000"))
    _ = hear(account("second", "2000"))
    var outcome = Outcome()
    now = now + .seconds(10)
    engine.handle(Event(at: now, .checkAccounts("second")), into: &outcome)
    now = now + .seconds(1)
    let perp = InstrumentID(venue: "second", market: .perp, symbol: "BTCUSDT")
    let payment = FundingPayment(
      instrument: perp, id: "1", settledAt: now, amount: "5", asset: "USDT")
    engine.handle(Event(at: now, .venue(.fundingPaid(payment))), into: &outcome)
    outcome.removeAll()
    for _ in 0..<3 { engine.handle(Event(at: now, account("second", "2000")), into: &outcome) }
    #expect(outcome.facts.isEmpty)
    #expect(hear(account("second", "2004")).isEmpty)
    #expect(hear(account("second", "2004")).count == 3)
    #expect(engine.state.trading(at: "second") == .halted)
  }

  @Test("A venue that cannot be read does not stop the others")
  mutating func oneVenueDown() {
    _ = hear(.start(run: 1))
    _ = hear(account("first", "1000"))
    let (first, second) = (engine.mayGrow(at: "first"), engine.mayGrow(at: "second"))
    #expect(first && !second)
  }

  @Test("A difference that never stands still counts after a few readings")
  mutating func restless() {
    _ = hear(.start(run: 1))
    _ = hear(account("first", "1000"))
    _ = hear(account("second", "2000"))
    for cash in 1...3 { _ = hear(account("second", Amount(cash))) }
    let trading = engine.state.trading(at: "second")
    #expect(trading == .halted)
  }

  @Test("A difference is booked once an operator explains it, and the halt ends")
  mutating func adoption() {
    _ = hear(.start(run: 1))
    _ = hear(account("first", "1000"))
    _ = hear(account("second", "2000"))
    _ = hear(account("first", "1001.5"))
    let known = Command.Break(venue: "first", subject: "unified:USDT", difference: "1.5")
    let other = Command.Break(venue: "first", subject: "unified:USDT", difference: "2")
    _ = hear(.command(Command(id: 1, .adopt(other, reason: "rebate"))))
    #expect(engine.state.balance(.adjustments, "USDT") == .zero)
    for id in [Int64(2), 3] {
      _ = hear(.command(Command(id: id, .adopt(known, reason: "rebate"))))
      #expect(engine.state.balance(.adjustments, "USDT") == "-1.5")
    }
    _ = hear(account("first", "1001.5"))
    #expect(engine.state.trading(at: "first") == .active)
  }

  @Test("Nothing grows at a venue whose streams are down")
  mutating func offline() {
    _ = hear(.start(run: 1))
    _ = hear(account("first", "1000"))
    _ = hear(account("second", "2000"))
    _ = hear(.link("first", isUp: false))
    let (first, second) = (engine.mayGrow(at: "first"), engine.mayGrow(at: "second"))
    #expect(!first && second)
    _ = hear(.link("first", isUp: true))
    let isBack = engine.mayGrow(at: "first")
    #expect(!isBack, "its account was not looked at yet")
    _ = hear(account("first", "1000"))
    let isSeen = engine.mayGrow(at: "first")
    #expect(isSeen)
  }

  @Test("Collateral at one venue does not bind cash at another")
  mutating func collateral() {
    _ = hear(.start(run: 1))
    _ = hear(account("first", "1000"))
    _ = hear(account("second", "2000"))
    let perp = InstrumentID(venue: "first", market: .perp, symbol: "BTCUSDT")
    _ = hear(
      .venue(
        .position(
          Position(
            instrument: perp, quantity: "-0.01", cost: "-500", margin: "250",
            liquidationPrice: "74000"))))
    #expect(engine.view(of: PairIndex(0), at: now).freeFutures == "750")
    #expect(engine.view(of: PairIndex(1), at: now).freeFutures == "2000")
  }
}
