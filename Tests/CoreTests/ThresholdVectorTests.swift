import FixedPoint
import Testing
import Trading

@testable import Core

/// The published state machine of two thresholds, against the shipped policy.
@Suite("Threshold vector")
struct ThresholdVectorTests {
  /// One step is a year: then the annual rate is the rate of the one settlement in the window.
  private static let step = TimeSpan.hours(8760)

  /// The policy with its other gates out of the way: no cost, no history, no cooldown, one print.
  private static var parameters: Parameters {
    var parameters = Parameters()
    parameters.entry.minimumAnnualRate = "0.08"
    parameters.entry.minimumHistoryHours = 0
    parameters.entry.cooldownHours = 0
    parameters.exit.maximumAnnualRate = "-0.04"
    parameters.exit.minimumHoldHours = 4 * 8760
    parameters.exit.negativeSettlements = 0
    parameters.exit.paidRoundTrips = .zero
    parameters.forecast.span = 1
    parameters.execution.expectedSlippage = .zero
    return parameters
  }

  @Test("C07: strict thresholds, a minimum hold, and a missing value moves nothing")
  func minimumHold() {
    let series: [Rate?] = [
      "0.11", nil, "-0.01", "-0.05", "-0.05", nil, "0.09", "0.08", "0.12",
    ]
    let expected = ["ENTER", "HOLD", "HOLD", "HOLD", "EXIT", "FLAT", "ENTER", "HOLD", "HOLD"]
    #expect(Self.actions(series, of: Self.parameters) == expected)
  }

  @Test("At a threshold nothing happens, a step beyond it does")
  func strict() {
    var parameters = Self.parameters
    parameters.exit.minimumHoldHours = 0
    let series: [Rate?] = [
      nil, "0.08", "0.080000000000000001", "-0.04", nil, "-0.040000000000000001",
    ]
    #expect(
      Self.actions(series, of: parameters) == ["FLAT", "FLAT", "ENTER", "HOLD", "HOLD", "EXIT"])
  }

  @Test("A stop leaves once a round trip was paid since the best moment, whatever is expected")
  func stop() {
    var parameters = Self.parameters
    parameters.exit.minimumHoldHours = 0
    parameters.exit.maximumAnnualRate = "-5"
    parameters.capital.cashRate = .zero
    #expect(
      Self.actions(["0.1", "-0.001", "0.05", "-0.2"], of: parameters)
        == ["ENTER", "HOLD", "HOLD", "HOLD"])
    // Without fees a round trip costs nothing, so any payment is more than that.
    parameters.exit.paidRoundTrips = .one
    #expect(
      Self.actions(["0.1", "0.05", nil, "-0.001"], of: parameters)
        == ["ENTER", "HOLD", "HOLD", "EXIT"])
  }

  @Test("Nothing is opened or closed right before a settlement")
  func quiet() {
    var parameters = Self.parameters
    parameters.timing.quietSeconds = 8760 * 3600 + 1
    #expect(Self.actions(["0.1", "0.2"], of: parameters) == ["FLAT", "FLAT"])
    parameters.timing.quietSeconds = 8760 * 3600
    #expect(Self.actions(["0.1", "0.2"], of: parameters) == ["ENTER", "HOLD"])
  }

  /// What the policy does with two thresholds and a minimum hold in steps.
  static func actions(
    _ series: [Rate?], enterAbove: Rate, leaveBelow: Rate, minimumHold: Int
  ) -> [String] {
    var parameters = parameters
    parameters.entry.minimumAnnualRate = enterAbove
    parameters.exit.maximumAnnualRate = leaveBelow
    parameters.exit.minimumHoldHours = minimumHold * 8760
    return actions(series, of: parameters)
  }

  /// What the policy does about each value; a missing one is a step without a settlement.
  private static func actions(_ series: [Rate?], of parameters: Parameters) -> [String] {
    let policy = ThresholdPolicy(parameters: parameters)
    var now = Timestamp(milliseconds: 0)
    var market = PairMarket(pair: universe.pairs[0], window: step)
    var decidedThrough = Timestamp.distantPast
    var carry: Carry?
    var purse = Purse()
    purse.isUnified = true
    purse.spot = "1000000"
    purse.futures = "1000000"
    return series.map { value in
      now = now + step
      market.spot = Quote(
        instrument: InstrumentIndex(0), bid: "100", ask: "100", mark: "100", at: now)
      market.perp = Quote(
        instrument: InstrumentIndex(1), bid: "100", ask: "100", mark: "100", at: now)
      if let value {
        market.funding.append(FundingRate(settlesAt: now, intervalHours: 8760, rate: value))
      }
      let decision = policy.decide(
        PairView(
          now: now, index: PairIndex(0), universe: universe, markets: [market], carries: [carry],
          decidedThrough: decidedThrough, lastExits: [.distantPast], interests: [InterestTrail()],
          purse: purse,
          trading: .active, account: AccountGauge(), maximumSlippage: .zero))
      decidedThrough = market.funding.last?.settlesAt ?? .distantPast
      switch decision {
      case .enter(let entry, _):
        carry = opened(entry, at: now)
        return "ENTER"
      case .exit:
        carry = nil
        return "EXIT"
      case .none, .keep: return carry == nil ? "FLAT" : "HOLD"
      case .shrink, .grow, .rebalance, .addMargin: return "\(decision)"
      }
    }
  }

  @Test("A carry whose prices are not known yet counts with what it was opened for")
  func unquoted() {
    let entry = Decision.Entry(quantity: "0.1", clip: "1", leverage: "2")
    let carry = Self.opened(entry, notional: "5000", at: .distantPast)
    let view = PairView(
      now: .distantPast, index: PairIndex(0), universe: Self.universe,
      markets: [PairMarket(pair: Self.universe.pairs[0], window: .days(42))], carries: [carry],
      decidedThrough: .distantPast, lastExits: [.distantPast], interests: [InterestTrail()],
      purse: Purse(), trading: .active, account: AccountGauge(), maximumSlippage: .zero)
    #expect(view.grossNotional == "5000")
  }

  private static func opened(
    _ entry: Decision.Entry, notional: Notional = .zero, at now: Timestamp
  ) -> Carry {
    var carry = Carry(
      id: CarryID(1), pair: PairIndex(0), origin: .policy, isHeldByOperator: false,
      leverage: entry.leverage, clip: entry.clip, execution: .legs, hedge: .one, notional: notional,
      plannedAt: now,
      state: .open,
      openedAt: now,
      perpTarget: -entry.quantity, spotTarget: .zero, correctedLeg: .perp)
    carry.holdings.spot = entry.quantity
    carry.holdings.perp = -entry.quantity
    return carry
  }

  private static let universe = Universe(pairs: [(instrument(.spot), instrument(.perp))])

  private static func instrument(_ market: Market) -> Instrument {
    Instrument(
      id: InstrumentID(venue: "test", market: market, symbol: "BTCUSDT"), base: "BTC",
      quote: "USDT", tick: "0.01", lot: "0.001", minimumQuantity: "0.001", minimumNotional: "5",
      fees: FeeSchedule(maker: .zero, taker: .zero, isTakenFromReceivedAsset: false),
      marginTiers: [
        MarginTier(floor: "0", maintenanceRate: "0.005", deduction: "0", maximumLeverage: "50")
      ])
  }
}
