import Backtest
import Core
import FixedPoint
import Simulation
import Trading

/// The product's engine, exchange and loop under the workload's rules.
struct WorkloadRun {
  private let universe: Universe
  private let feed: WorkloadFeed

  /// Prepares symbols, each with an account of its own.
  init(_ markets: RecordedMarkets) {
    universe = Self.universe(count: markets.parts.count)
    feed = WorkloadFeed(markets, universe: universe)
  }

  /// Runs to the end of the market.
  func figures(
    enterAbove: Rate = "0.1", leaveBelow: Rate = "0.02", keepsLedger: Bool = false
  ) -> [Figures] {
    var fold = FigureFold(universe: universe, keepsLedger: keepsLedger)
    let start = (feed.nextTime ?? .distantPast) - .milliseconds(1)
    let venues = PaperVenues(exchanges: [exchange], feed: feed, universe: universe, start: start)
    let engine = Engine(
      universe: universe, parameters: .withoutBreakers,
      policy: WorkloadPolicy(enterAbove: enterAbove, leaveBelow: leaveBelow))
    var backtest = Backtest(engine: engine, venues: venues)
    backtest.run { outcome, _ in
      for fact in outcome.facts { fold.add(fact) }
    }
    return fold.finish()
  }

  private static let venue: VenueID = "workload"

  /// One pool of 200,000 for both legs of each symbol.
  private var exchange: SimulatedExchange {
    SimulatedExchange(
      universe: universe, venue: Self.venue, layout: .unified, leverage: "100",
      models: ExchangeModels(
        spread: SpreadModel(spotHalf: .zero, perpHalf: .zero),
        slippage: SlippageModel(fraction: .basisPoints(1), tickRule: .nearest),
        latency: LatencyModel(milliseconds: 0),
        depth: DepthModel(notional: nil, refillMilliseconds: 0),
        charges: ChargeModel(feePlaces: Decimals.places, liquidationFee: .zero)),
      deposits: universe.pairs.map {
        Balance(wallet: .unified, asset: universe[$0.perp].quote, total: "200000")
      })
  }

  /// Each symbol is priced in a quote asset of its own, so that no cash mixes.
  private static func universe(count: Int) -> Universe {
    Universe(
      pairs: (0..<count).map { place in
        let name = padded(place, width: 3)
        func instrument(_ market: Market, fee: Rate, minimum: Notional) -> Instrument {
          Instrument(
            id: InstrumentID(venue: venue, market: market, symbol: Symbol("SYM\(name)")),
            base: AssetID("BASE\(name)"), quote: AssetID("QUOTE\(name)"), tick: "0.01",
            lot: "0.001", minimumQuantity: "0.001", minimumNotional: minimum,
            fees: FeeSchedule(maker: fee, taker: fee, isTakenFromReceivedAsset: false),
            marginTiers: market == .spot ? [] : [unlimitedCredit])
        }
        return (
          // What rebalancing left unhedged is far below the minimum, so an exit sells spot in one.
          spot: instrument(.spot, fee: "0.001", minimum: "10000"),
          perp: instrument(.perp, fee: "0.0005", minimum: .zero)
        )
      }, venues: [venue: VenueTraits(layout: .unified, margin: .cross)])
  }

  /// One pool bears both legs, so the short needs no collateral of its own and is never liquidated:
  /// the venue lets it fall this far below zero.
  private static let unlimitedCredit = MarginTier(
    floor: .zero, maintenanceRate: .zero, deduction: "1000000000", maximumLeverage: "1000000")
}

extension Parameters {
  /// What the market of a benchmark does is never a reason to wait.
  static var withoutBreakers: Parameters {
    var parameters = Parameters()
    parameters.breaker.deviations = "1000000"
    parameters.breaker.maximumDislocation = "1000000"
    parameters.breaker.minimumSpread = "1000000"
    return parameters
  }
}
