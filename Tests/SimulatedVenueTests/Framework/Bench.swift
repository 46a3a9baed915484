import FixedPoint
import Simulation
import Trading

@testable import SimulatedVenue

/// A market in which nothing happens by itself.
struct SilentFeed: MarketFeed {
  var nextTime: Timestamp? { nil }
  mutating func next(into ticks: inout [MarketTick]) {}
  func fundingHistory(
    of instrument: InstrumentIndex, since: Timestamp, until: Timestamp
  ) -> [FundingRate] { [] }
}

/// A world with one venue, two pairs and prices that only tests move.
struct Bench {
  static let start = Timestamp(milliseconds: 1_704_067_200_000)
  static let spot = InstrumentIndex(0)
  static let perp = InstrumentIndex(1)
  static let pepeSpot = InstrumentIndex(2)
  static let pepePerp = InstrumentIndex(3)

  let world: VenueWorld
  let venue: Venue
  private var sent = 0

  init(
    layout: AccountLayout = .separate, rules: ExchangeRules = Bench.rules(), leverage: Rate = "10",
    clientIDs: ClientIDRule = .uniqueAmongOpen, deposits: [PlannedBalance]? = nil,
    beat: TimeSpan? = nil
  ) {
    world = VenueWorld(start: Bench.start, until: Bench.start + .days(10), beat: beat)
    let standard =
      layout == .unified
      ? [PlannedBalance(wallet: .unified, asset: "USDT", amount: "200000")]
      : [
        PlannedBalance(wallet: .spot, asset: "USDT", amount: "100000"),
        PlannedBalance(wallet: .futures, asset: "USDT", amount: "100000"),
      ]
    venue = world.add(
      VenuePlan(
        id: "test", layout: layout, pairs: [Bench.bitcoin, Bench.pepe], series: [],
        range: Bench.start..<(Bench.start + .days(10)), deposits: deposits ?? standard,
        models: Bench.models, rules: rules, leverage: leverage, clientIDs: clientIDs,
        customFeed: SilentFeed()))
    venue.setPrice("30000", of: Bench.spot)
    venue.setPrice("30000", of: Bench.perp)
    venue.setPrice("0.00001", of: Bench.pepeSpot)
    venue.setPrice("0.00001", of: Bench.pepePerp)
    _ = venue.takeEvents()
  }

  static func rules(
    isCross: Bool = true, best: Notional = "50000", token: TokenFee? = nil,
    collateral: [CollateralRate] = []
  ) -> ExchangeRules {
    ExchangeRules(
      isCross: isCross, book: BookModel(best: best), tokenFee: token, collateral: collateral)
  }

  static let models = ExchangeModels(
    spread: SpreadModel(spotHalf: "0.0001", perpHalf: "0.0001"),
    slippage: SlippageModel(fraction: .zero, tickRule: .against),
    latency: LatencyModel(milliseconds: 0),
    depth: DepthModel(notional: nil, refillMilliseconds: 1000),
    charges: ChargeModel(feePlaces: 8, liquidationFee: "0.01"))

  static let bitcoin = pair(
    "BTC", tick: "0.1", spotLot: "0.00001", perpLot: "0.001", multiplier: 1)
  static let pepe = pair(
    "PEPE", tick: "0.0000000001", spotLot: "1", perpLot: "1000", multiplier: 1000)

  private static func pair(
    _ base: AssetID, tick: Price, spotLot: Quantity, perpLot: Quantity, multiplier: Int
  ) -> PlannedPair {
    let symbol = Symbol(base.rawValue + "USDT")
    func leg(_ market: Market, _ lot: Quantity, _ fees: FeeSchedule, _ tiers: [MarginTier])
      -> Instrument
    {
      Instrument(
        id: InstrumentID(venue: "test", market: market, symbol: symbol), base: base, quote: "USDT",
        tick: tick, lot: lot, minimumQuantity: lot, minimumNotional: "5", fees: fees,
        marginTiers: tiers)
    }
    return PlannedPair(
      spot: leg(
        .spot, spotLot,
        FeeSchedule(maker: "0.001", taker: "0.001", isTakenFromReceivedAsset: true), []),
      perp: leg(
        .perp, perpLot,
        FeeSchedule(maker: "0.0002", taker: "0.0005", isTakenFromReceivedAsset: false),
        [
          MarginTier(
            floor: .zero, maintenanceRate: "0.005", deduction: .zero, maximumLeverage: "50"),
          MarginTier(
            floor: "1000000", maintenanceRate: "0.01", deduction: "5000", maximumLeverage: "20"),
        ]),
      multiplier: multiplier)
  }

  /// An order with an id of its own.
  mutating func order(
    _ instrument: InstrumentIndex, _ side: Side, _ quantity: Quantity, at price: Price? = nil,
    _ timeInForce: TimeInForce = .goodTillCancelled, reduceOnly: Bool = false, id: String? = nil
  ) -> NewOrder {
    sent += 1
    return NewOrder(
      clientID: id ?? "t\(sent)", instrument: instrument, side: side, quantity: quantity,
      price: price, timeInForce: timeInForce, reduceOnly: reduceOnly)
  }

  /// Sends it.
  mutating func send(
    _ instrument: InstrumentIndex, _ side: Side, _ quantity: Quantity, at price: Price? = nil,
    _ timeInForce: TimeInForce = .goodTillCancelled, reduceOnly: Bool = false, id: String? = nil
  ) throws -> WorldOrder {
    try venue.submit(
      order(instrument, side, quantity, at: price, timeInForce, reduceOnly: reduceOnly, id: id))
  }

  /// What a wallet holds of an asset.
  func total(_ wallet: AccountWallet, _ asset: AssetID = "USDT") -> Amount {
    venue.balance(of: asset, in: wallet).total
  }
}
