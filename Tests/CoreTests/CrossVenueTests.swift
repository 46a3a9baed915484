import FixedPoint
import Testing
import Trading

@testable import Core

/// Spot at one venue beside the perpetual at another, as a scan ranks it.
@Suite("Candidates across venues")
struct CrossVenueTests {
  private var engine: Engine
  private var now = Timestamp(milliseconds: 1_704_067_200_000)
  private var count: Int64 = 0

  init() {
    func instrument(
      _ venue: VenueID, _ market: Market, _ quote: AssetID, lot: Quantity, fee: Rate
    ) -> Instrument {
      Instrument(
        id: InstrumentID(venue: venue, market: market, symbol: Symbol("BTC\(quote)")), base: "BTC",
        quote: quote, tick: "0.1", lot: lot, minimumQuantity: lot, minimumNotional: "5",
        fees: FeeSchedule(maker: .zero, taker: fee, isTakenFromReceivedAsset: false),
        marginTiers: market == .spot
          ? []
          : [
            MarginTier(floor: "0", maintenanceRate: "0.005", deduction: "0", maximumLeverage: "50")
          ])
    }
    engine = Engine(
      universe: Universe(
        pairs: [
          (
            instrument("dear", .spot, "USDT", lot: "0.002", fee: "0.004"),
            instrument("dear", .perp, "USDT", lot: "0.001", fee: "0.0006")
          ),
          (
            instrument("cheap", .spot, "USDT", lot: "0.001", fee: "0.001"),
            instrument("cheap", .perp, "USDT", lot: "0.003", fee: "0.0005")
          ),
          (
            instrument("other", .spot, "USDC", lot: "0.001", fee: "0.001"),
            instrument("other", .perp, "USDC", lot: "0.001", fee: "0.0005")
          ),
        ],
        venues: [
          "dear": VenueTraits(layout: .unified), "cheap": VenueTraits(layout: .unified),
          "other": VenueTraits(layout: .unified),
        ]), parameters: Parameters(), policy: ThresholdPolicy(parameters: Parameters()))
  }

  @discardableResult
  private mutating func hear(_ kind: Event.Kind) -> [Fact.Body] {
    var outcome = Outcome()
    engine.handle(Event(at: now, kind), into: &outcome)
    return outcome.facts.map(\.body)
  }

  private mutating func quote(_ place: Int, _ price: Price) {
    hear(
      .venue(
        .quote(
          Quote(
            instrument: InstrumentIndex(place), bid: price, ask: price, mark: price, at: now))))
  }

  /// Accounts, a month of funding, and prices of every leg.
  private mutating func prepare(prices: [Price] = Array(repeating: "50000", count: 6)) {
    hear(.start(run: 1))
    for (venue, asset, cash) in [
      ("dear", "USDT", Amount("20000")), ("cheap", "USDT", "9000"), ("other", "USDC", "20000"),
    ] {
      hear(
        .venue(
          .snapshot(
            AccountSnapshot(
              venue: VenueID(venue),
              balances: [Balance(wallet: .unified, asset: AssetID(asset), total: cash)],
              positions: [], openOrders: [], fills: [], payments: [], transfers: []))))
    }
    for (place, rate) in [(1, Rate("0.0004")), (3, "0.0002"), (5, "0.0003")] {
      let rates = (0..<90).reversed().map { age in
        FundingRate(settlesAt: now - .hours(8).times(Int64(age)), intervalHours: 8, rate: rate)
      }
      hear(.venue(.fundingHistory(InstrumentIndex(place), rates)))
    }
    for (place, price) in prices.enumerated() { quote(place, price) }
  }

  private mutating func scan() -> [Candidate] {
    count += 1
    for case .commandEnded(let ended) in hear(.command(Command(id: count, .scan))) {
      return ended.reply.candidates ?? []
    }
    return []
  }

  private func name(_ candidate: Candidate) -> String {
    "\(candidate.spotVenue?.rawValue ?? "unknown") spot, \(candidate.venue) perp"
  }

  private func crossed(_ candidates: [Candidate]) -> Candidate? {
    candidates.first { $0.venue == "dear" && $0.spotVenue == "cheap" }
  }

  @Test("They are ranked with the others, by funding of the perpetual and fees of either venue")
  mutating func ranking() throws {
    prepare()
    let candidates = scan()
    // Funding 43.8, 43.8, 32.85, 21.9 and 21.9 % a year; round trips 0.36, 0.96, 0.34, 0.34 and 0.94 %.
    #expect(
      candidates.map(name) == [
        "cheap spot, dear perp", "dear spot, dear perp", "other spot, other perp",
        "cheap spot, cheap perp", "dear spot, cheap perp",
      ])
    let best = candidates[0]
    #expect(best.symbol == "BTCUSDT")
    #expect(best.expectedAnnualRate == candidates[1].expectedAnnualRate)
    #expect(best.roundTrip == "0.0036")
    #expect(best.breakEvenSettlements == 9)
    // The lot that suits both legs, of the notional of 10000: 0.2 is a multiple of 0.001.
    #expect(gate(best, "quantity")?.value == .number("0.2"))
    #expect(gate(candidates[4], "quantity")?.value == .number("0.198"))
    let message = reply().message
    #expect(message == "scanned 3 pairs and 2 across venues")
  }

  @Test("The engine opens none of them, and says so whatever else holds")
  mutating func gates() {
    prepare()
    for candidate in scan() {
      let isCrossed = candidate.spotVenue != candidate.venue
      #expect((gate(candidate, "both_legs_at_one_venue") != nil) == isCrossed)
      if isCrossed {
        #expect(!candidate.isEligible)
        #expect(candidate.gates.first?.text == "both_legs_at_one_venue no must be equal yes")
      }
    }
    // And a plan is made of the pair at one venue only.
    let plan = Command.Size(venue: "dear", symbol: "BTCUSDT", notional: "5000", quantity: nil)
    count += 1
    for case .planned(let plan) in hear(.command(Command(id: count, .plan(plan)))) {
      #expect(plan.cost.spotFee == "0.004")
    }
  }

  @Test("Cash at one venue does not pay at the other")
  mutating func cash() throws {
    prepare()
    let candidate = try #require(crossed(scan()))
    let spot = try #require(gate(candidate, "free_capital_spot"))
    #expect(spot.value == .number("9000") && spot.threshold == .number("10060") && !spot.passed)
    let perp = try #require(gate(candidate, "free_capital_perp"))
    #expect(perp.value == .number("20000") && perp.threshold == .number("5006") && perp.passed)
    #expect(gate(candidate, "free_capital") == nil)
  }

  @Test("Prices of both venues are compared, and an unknown one is unknown")
  mutating func prices() throws {
    prepare(prices: ["50000", "53000", "50000", "50000", "50000", "50000"])
    let apart = try #require(crossed(scan()))
    #expect(gate(apart, "price_gap")?.value == .number("0.06"))
    #expect(gate(apart, "price_gap")?.passed == false)
    now = now + .seconds(60)
    quote(1, "50000")
    let old = try #require(crossed(scan()))
    #expect(gate(old, "price_gap")?.passed == true)
    #expect(gate(old, "quote_age")?.value == .number("60"))
  }

  @Test("Without prices of one venue neither its pair nor one across is weighed")
  mutating func unknown() throws {
    prepare(prices: ["50000", "50000"])
    let candidate = try #require(crossed(scan()))
    #expect(candidate.roundTrip == nil)
    #expect(candidate.expectedNetAnnualRateOnCapital == nil)
    #expect(candidate.expectedAnnualRate != nil)
    #expect(gate(candidate, "price_gap")?.value == .unknown)
  }

  @Test("A venue without permission keeps both legs out")
  mutating func permission() throws {
    prepare()
    hear(.link("cheap", isUp: false))
    let candidate = try #require(crossed(scan()))
    #expect(gate(candidate, "trading_state")?.value == .text("offline"))
  }

  private mutating func reply() -> Reply {
    count += 1
    for case .commandEnded(let ended) in hear(.command(Command(id: count, .scan))) {
      return ended.reply
    }
    return Reply("")
  }

  private func gate(_ candidate: Candidate, _ name: String) -> Gate? {
    candidate.gates.first { $0.name == name }
  }
}
