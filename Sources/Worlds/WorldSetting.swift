import Core
import FixedPoint
import Simulation
import Trading

/// The fixed part of a world: two venues, their instruments, an account and the engine's parameters.
struct WorldSetting: Sendable {
  static let start = Timestamp(milliseconds: 1_704_067_200_000)  // 2024-01-01

  let universe: Universe
  var parameters: Parameters
  let prices: [Price]
  /// What each venue's account holds at the start, quote units.
  let deposit: Amount

  /// Draws a setting: layouts and margin modes differ from seed to seed.
  init(_ chance: inout SeededRandom) {
    let coins: [(AssetID, Price, tick: Price, spotLot: Quantity, perpLot: Quantity, Notional)] = [
      ("BTC", "60000", "0.1", "0.00001", "0.001", "50"),
      ("ETH", "3000", "0.01", "0.0001", "0.001", "20"),
      ("XRP", "0.6", "0.0001", "0.1", "0.1", "5"),
    ]
    var legs: [(spot: Instrument, perp: Instrument)] = []
    var prices: [Price] = []
    for (venue, count) in [(VenueID("alpha"), 2), (VenueID("beta"), 1 + chance.below(2))] {
      let first = chance.below(coins.count)
      for offset in 0..<count {
        let (base, price, tick, spotLot, perpLot, minimum) = coins[(first + offset) % coins.count]
        func instrument(_ market: Market) -> Instrument {
          Self.instrument(
            venue, market, base, tick: tick, lot: market == .spot ? spotLot : perpLot,
            minimum: market == .spot ? "5" : minimum)
        }
        legs.append((instrument(.spot), instrument(.perp)))
        prices.append(price)
      }
    }
    let isCross = chance.below(3) == 0
    universe = Universe(
      pairs: legs,
      venues: [
        "alpha": VenueTraits(
          layout: .separate, lookupDelay: Self.lookupDelay, isSnapshotAtomic: false,
          tellsFigures: true),
        "beta": VenueTraits(
          layout: .unified, lookupDelay: Self.lookupDelay, margin: isCross ? .cross : .isolated,
          isSnapshotAtomic: false),
      ])
    self.prices = prices
    deposit = Amount(10_000 + chance.below(50_000))
    parameters = Self.parameters(&chance)
  }

  /// How long after a deadline a lookup may still not know an order.
  static let lookupDelay = TimeSpan.seconds(2)

  private static func instrument(
    _ venue: VenueID, _ market: Market, _ base: AssetID, tick: Price, lot: Quantity,
    minimum: Notional
  ) -> Instrument {
    Instrument(
      id: InstrumentID(venue: venue, market: market, symbol: Symbol("\(base)USDT")), base: base,
      quote: "USDT", tick: tick, lot: lot, minimumQuantity: lot, minimumNotional: minimum,
      fees: FeeSchedule(
        maker: "0.0002", taker: market == .spot ? "0.001" : "0.0005",
        isTakenFromReceivedAsset: market == .spot),
      marginTiers: market == .spot
        ? []
        : [
          MarginTier(floor: "0", maintenanceRate: "0.005", deduction: "0", maximumLeverage: "50"),
          MarginTier(
            floor: "50000", maintenanceRate: "0.01", deduction: "250", maximumLeverage: "20"),
        ])
  }

  /// Rules that enter and leave often, so that a day has several lives of a carry.
  private static func parameters(_ chance: inout SeededRandom) -> Parameters {
    var parameters = Parameters()
    parameters.entry.minimumAnnualRate = "0.04"
    parameters.entry.horizonDays = 365
    parameters.entry.minimumHistoryHours = 8
    parameters.entry.cooldownHours = 1
    parameters.exit.maximumAnnualRate = "0.02"
    parameters.exit.minimumHoldHours = 4
    parameters.exit.negativeSettlements = 1
    parameters.sizing.notional = Notional(2000 + chance.below(8000))
    // Room for two carries of up to four, so that one makes way for another.
    parameters.sizing.maximumGrossNotional = parameters.sizing.notional.times("2.5")
    parameters.sizing.rotationRoundTrips = "0.1"
    parameters.sizing.band = "0.1"
    parameters.sizing.leverage = Rate(1 + chance.below(4))
    parameters.execution.clipNotional = Notional(1000 + chance.below(4000))
    // Prices come every five minutes here.
    parameters.market.staleSeconds = 700
    // In half of the worlds orders rest, in half of those clips are spread over time.
    if chance.below(2) == 0 {
      parameters.execution.makerSeconds = 30 + chance.below(600)
      parameters.execution.sliceSeconds = chance.below(2) * 60
      parameters.execution.participation = Rate(chance.below(2))
    }
    parameters.hedge.model = HedgeModel.allCases[chance.below(HedgeModel.allCases.count)]
    parameters.hedge.minimumHours = 3
    drawChoices(&parameters, &chance)
    return parameters
  }

  /// What is off or fixed by default is on in a part of the worlds.
  private static func drawChoices(_ parameters: inout Parameters, _ chance: inout SeededRandom) {
    if chance.below(2) == 0 {
      parameters.sizing.method = SizeMethod.allCases[chance.below(SizeMethod.allCases.count)]
      parameters.sizing.targetVolatility = "0.5"
      parameters.sizing.venueLossProbability = "0.0005"
    }
    if chance.below(4) == 0 { parameters.entry.thresholds = .optimal }
    if chance.below(4) == 0 {
      parameters.forecast.model = [.ar, .har, .boosting][chance.below(3)]
      parameters.forecast.boosting = model
    }
    if parameters.entry.thresholds == .optimal || parameters.forecast.model != .ewma {
      // Less is not fitted.
      parameters.forecast.windowDays = 130
    }
    if chance.below(4) == 0 { parameters.timing.basisDeviations = "2" }
    if chance.below(4) == 0 {
      parameters.exit.staleHours = 12
      parameters.exit.staleAnnualRate = "0.03"
    }
    if chance.below(4) == 0 {
      parameters.sizing.clusters = "BTC+ETH"
      parameters.sizing.maximumClusterNotional = parameters.sizing.notional.times("1.5")
    }
    if chance.below(4) == 0 { parameters.sizing.accountFloor = "9000" }
  }

  /// How much funding settled before a world begins.
  var history: TimeSpan { .days(parameters.forecast.windowDays > 100 ? 131 : 3) }

  /// One question: whether funding is above its average.
  private static let model = BoostedForecast(
    horizon: 21, base: .zero,
    trees: [
      BoostedTree(nodes: [
        .split(feature: 0, below: .zero, left: 1, right: 2, missing: 1), .leaf("-0.3"),
        .leaf("0.3"),
      ])
    ],
    training: BoostedForecast.Training(
      trainer: "none", venue: "world", symbols: [], from: "", until: "", forecasts: 1,
      meanError: .one, meanErrorWithoutPrices: .one))

  /// An exchange with the account on it.
  func exchange(of venue: VenueID) -> SimulatedExchange {
    let traits = universe.traits(of: venue)
    let deposits =
      traits.layout == .unified
      ? [Balance(wallet: .unified, asset: "USDT", total: deposit)]
      : [
        Balance(wallet: .spot, asset: "USDT", total: deposit),
        Balance(wallet: .futures, asset: "USDT", total: "2000"),
      ]
    return SimulatedExchange(
      universe: universe, venue: venue, layout: traits.layout,
      leverage: parameters.sizing.leverage,
      models: ExchangeModels(
        spread: SpreadModel(spotHalf: "0.00005", perpHalf: "0.00005"),
        slippage: SlippageModel(fraction: "0.0001", tickRule: .against),
        latency: LatencyModel(milliseconds: 0),
        depth: DepthModel(notional: "2500", refillMilliseconds: 1500),
        charges: ChargeModel(feePlaces: 8, liquidationFee: "0.0125")),
      deposits: deposits, rules: ExchangeRules(isCross: traits.margin == .cross, cashPlaces: 8))
  }

  var engine: Engine {
    Engine(
      universe: universe, parameters: parameters,
      policy: ThresholdPolicy(parameters: parameters))
  }
}
