import FixedPoint
import Trading

@testable import Simulation

/// A pair, an exchange and a pencil: what every dialogue below starts from.
struct Desk {
  static let spot = InstrumentID(venue: "test", market: .spot, symbol: "BTCUSDT")
  static let perp = InstrumentID(venue: "test", market: .perp, symbol: "BTCUSDT")
  static let spotIndex = InstrumentIndex(0)
  static let perpIndex = InstrumentIndex(1)

  var exchange: SimulatedExchange
  var time = Timestamp(milliseconds: 1_700_000_000_000)
  private var sequence: Int64 = 0

  init(
    layout: AccountLayout = .separate, leverage: Rate = "2",
    models: ExchangeModels = Desk.models(), universe: Universe = Desk.universe(),
    deposits: [Balance]? = nil
  ) {
    let standard: [Balance] =
      layout == .unified
      ? [Balance(wallet: .unified, asset: "USDT", total: "200000")]
      : [
        Balance(wallet: .spot, asset: "USDT", total: "100000"),
        Balance(wallet: .futures, asset: "USDT", total: "100000"),
      ]
    exchange = SimulatedExchange(
      universe: universe, venue: "test", layout: layout, leverage: leverage, models: models,
      deposits: deposits ?? standard)
  }

  static func models(
    half: Rate = "0", slippage: Rate = "0", rule: SlippageModel.TickRule = .against,
    latency: Int = 0, depth: Notional? = nil, refill: Int = 1000, feePlaces: Int = 18,
    liquidationFee: Rate = "0.01"
  ) -> ExchangeModels {
    ExchangeModels(
      spread: SpreadModel(spotHalf: half, perpHalf: half),
      slippage: SlippageModel(fraction: slippage, tickRule: rule),
      latency: LatencyModel(milliseconds: latency),
      depth: DepthModel(notional: depth, refillMilliseconds: refill),
      charges: ChargeModel(feePlaces: feePlaces, liquidationFee: liquidationFee))
  }

  static func universe(
    spotFees: FeeSchedule = fees("0.001", "0.001", inBase: true),
    perpFees: FeeSchedule = fees("0.0002", "0.0005"), tick: Price = "0.1", lot: Quantity = "0.001",
    tiers: [MarginTier] = [
      MarginTier(floor: "0", maintenanceRate: "0.005", deduction: "0", maximumLeverage: "50")
    ]
  ) -> Universe {
    func instrument(
      _ id: InstrumentID, _ fees: FeeSchedule, _ tiers: [MarginTier]
    ) -> Instrument {
      Instrument(
        id: id, base: "BTC", quote: "USDT", tick: tick, lot: lot, minimumQuantity: lot,
        minimumNotional: "5", fees: fees, marginTiers: tiers)
    }
    return Universe(pairs: [
      (spot: instrument(spot, spotFees, []), perp: instrument(perp, perpFees, tiers))
    ])
  }

  static func fees(_ maker: Rate, _ taker: Rate, inBase: Bool = false) -> FeeSchedule {
    FeeSchedule(maker: maker, taker: taker, isTakenFromReceivedAsset: inBase)
  }

  /// A new price on one market; the mark follows unless given.
  @discardableResult
  mutating func price(
    _ market: Market, _ price: Price, mark: Price? = nil
  ) -> [VenueEvent] {
    let index = market == .spot ? Desk.spotIndex : Desk.perpIndex
    var events: [VenueEvent] = []
    exchange.apply(.price(index, price, mark: mark ?? price), at: time, into: &events)
    return events
  }

  /// A settlement now.
  @discardableResult
  mutating func funding(_ rate: Rate, mark: Price) -> [VenueEvent] {
    var events: [VenueEvent] = []
    let settled = FundingRate(settlesAt: time, intervalHours: 8, rate: rate)
    exchange.apply(.funding(Desk.perpIndex, settled, mark: mark), at: time, into: &events)
    return events
  }

  @discardableResult
  mutating func receive(_ request: VenueRequest) -> [VenueEvent] {
    var events: [VenueEvent] = []
    exchange.receive(request, at: time, into: &events)
    return events
  }

  /// A new order of the next id.
  mutating func order(
    _ side: Side, _ quantity: Quantity, _ market: Market, _ kind: OrderKind = .market,
    reduceOnly: Bool = false, deadline: Timestamp = .distantFuture
  ) -> OrderRequest {
    sequence += 1
    return OrderRequest(
      id: ClientOrderID(run: 1, sequence: sequence, carry: CarryID(1), market: market),
      instrument: market == .spot ? Desk.spot : Desk.perp, side: side, quantity: quantity,
      kind: kind, reduceOnly: reduceOnly, deadline: deadline)
  }

  @discardableResult
  mutating func send(
    _ side: Side, _ quantity: Quantity, _ market: Market, _ kind: OrderKind = .market,
    reduceOnly: Bool = false, deadline: Timestamp = .distantFuture
  ) -> [VenueEvent] {
    let order = order(
      side, quantity, market, kind, reduceOnly: reduceOnly, deadline: deadline)
    return receive(.submit(order))
  }

  func total(_ wallet: Wallet, _ asset: AssetID) -> Amount {
    exchange.balances.first { $0.wallet == wallet && $0.asset == asset }?.total ?? .zero
  }

  func free(_ wallet: Wallet, _ asset: AssetID) -> Amount {
    exchange.purses.all.first { $0.wallet == wallet && $0.asset == asset }?.free ?? .zero
  }
}

extension [VenueEvent] {
  var fills: [Fill] { compactMap { if case .fill(let fill) = $0 { fill } else { nil } } }

  var outcomes: [OrderOutcome] {
    compactMap { if case .orderFinished(_, let outcome) = $0 { outcome } else { nil } }
  }

  /// The reason of the only event, a refusal of any kind.
  var refusal: RefusalReason? {
    switch (count, first) {
    case (1, .orderRefused(_, let reason, _)), (1, .transferRefused(_, let reason)),
      (1, .marginRefused(_, let reason)):
      reason
    default: nil
    }
  }

  /// The kinds of events, in order.
  var names: [String] {
    map { event in
      switch event {
      case .quote: "quote"
      case .fundingPredicted: "predicted"
      case .figures: "figures"
      case .statusChanged: "status"
      case .fundingSettled: "settled"
      case .fundingHistory: "history"
      case .orderAccepted: "accepted"
      case .orderRefused: "refused"
      case .orderFinished(_, let outcome): outcome.rawValue
      case .orderNotFound: "notFound"
      case .fill: "fill"
      case .fundingPaid: "paid"
      case .position: "position"
      case .transferred: "transferred"
      case .transferRefused: "transferRefused"
      case .marginRefused: "marginRefused"
      case .snapshot: "snapshot"
      }
    }
  }
}
