import FixedPoint
import SimulatedVenue
import Trading

/// The pairs of a venue: those of instruments.yaml, PEPEUSDT with its contract of 1000, and made-up
/// ones for tests under load.
struct PairChoice {
  /// A pair and where a made-up market of it begins.
  struct Pair {
    var planned: PlannedPair
    var startPrice: Price
  }

  /// In order.
  let pairs: [Pair]
  /// Whose instruments and recordings they are: Binance's where the venue has none.
  let source: VenueID

  init(_ settings: Settings, _ file: PairFile, _ venue: VenueID) throws {
    let hasOwn = file.pairs.contains { $0.planned.perp.id.venue == venue }
    let source: VenueID = hasOwn ? venue : "binance"
    self.source = source
    let isRecorded = !settings.text("market.data").isEmpty
    var known = file.pairs.filter { $0.planned.perp.id.venue == source }
    if !isRecorded { known.append(Self.pepe) }
    let symbols = settings.list("symbols")
    var chosen: [Pair] = []
    for symbol in symbols {
      guard let pair = known.first(where: { $0.planned.perp.id.symbol.rawValue == symbol }) else {
        let names = known.map(\.planned.perp.id.symbol.rawValue).joined(separator: ", ")
        throw settings.bad("symbols", "among \(names)")
      }
      chosen.append(pair)
    }
    if symbols.isEmpty { chosen = known }
    let count = try settings.integer("market.made_up_pairs", 0...2000)
    chosen += (0..<count).map { Self.madeUp($0 + 1) }
    pairs = chosen.map { Self.moved($0, to: venue) }
  }

  /// The pair as another venue lists it, with that venue's fees.
  private static func moved(_ pair: Pair, to venue: VenueID) -> Pair {
    var pair = pair
    pair.planned.spot.id = moved(pair.planned.spot.id, to: venue)
    pair.planned.perp.id = moved(pair.planned.perp.id, to: venue)
    if venue == "bybit" {
      pair.planned.spot.fees.isTakenFromReceivedAsset = true
      pair.planned.perp.fees.taker = "0.00055"
      pair.planned.fundingCap = "0.00375"
    }
    return pair
  }

  private static func moved(_ id: InstrumentID, to venue: VenueID) -> InstrumentID {
    InstrumentID(venue: venue, market: id.market, symbol: id.symbol)
  }

  private static let pepe = Pair(
    planned: PlannedPair(
      spot: Instrument(
        id: InstrumentID(venue: "binance", market: .spot, symbol: "PEPEUSDT"), base: "PEPE",
        quote: "USDT", tick: "0.00000001", lot: "1", minimumQuantity: "1", minimumNotional: "5",
        fees: FeeSchedule(maker: "0.001", taker: "0.001", isTakenFromReceivedAsset: true)),
      perp: Instrument(
        id: InstrumentID(venue: "binance", market: .perp, symbol: "PEPEUSDT"), base: "PEPE",
        quote: "USDT", tick: "0.0000000001", lot: "1000", minimumQuantity: "1000",
        minimumNotional: "5",
        fees: FeeSchedule(maker: "0.0002", taker: "0.0005", isTakenFromReceivedAsset: false),
        marginTiers: [
          MarginTier(
            floor: .zero, maintenanceRate: "0.01", deduction: .zero, maximumLeverage: "75"),
          MarginTier(
            floor: "30000", maintenanceRate: "0.015", deduction: "150", maximumLeverage: "50"),
          MarginTier(
            floor: "500000", maintenanceRate: "0.05", deduction: "17650", maximumLeverage: "10"),
        ]),
      multiplier: 1000),
    startPrice: "0.00001")

  /// `M0001USDT` and so on.
  private static func madeUp(_ number: Int) -> Pair {
    let digits = String(number)
    let base = "M" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    let symbol = Symbol(base + "USDT")
    return Pair(
      planned: PlannedPair(
        spot: Instrument(
          id: InstrumentID(venue: "binance", market: .spot, symbol: symbol), base: AssetID(base),
          quote: "USDT", tick: "0.001", lot: "0.01", minimumQuantity: "0.01", minimumNotional: "5",
          fees: FeeSchedule(maker: "0.001", taker: "0.001", isTakenFromReceivedAsset: true)),
        perp: Instrument(
          id: InstrumentID(venue: "binance", market: .perp, symbol: symbol), base: AssetID(base),
          quote: "USDT", tick: "0.001", lot: "0.1", minimumQuantity: "0.1", minimumNotional: "5",
          fees: FeeSchedule(maker: "0.0002", taker: "0.0005", isTakenFromReceivedAsset: false),
          marginTiers: [
            MarginTier(
              floor: .zero, maintenanceRate: "0.01", deduction: .zero, maximumLeverage: "50")
          ])),
      startPrice: Price(10 + number % 90))
  }
}
