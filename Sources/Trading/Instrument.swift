public import FixedPoint

/// The two markets of a carry.
public enum Market: String, Hashable, Codable, Sendable, CaseIterable, BitwiseCopyable {
  /// The asset itself.
  case spot
  /// A linear perpetual swap on it.
  case perp
}

/// A tradable thing, named so that the name survives a restart.
public struct InstrumentID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  /// Where it trades.
  public let venue: VenueID
  /// On which market.
  public let market: Market
  /// Its name there.
  public let symbol: Symbol

  /// Names an instrument.
  public init(venue: VenueID, market: Market, symbol: Symbol) {
    self.venue = venue
    self.market = market
    self.symbol = symbol
  }

  /// Venue, market and symbol, as in `binance perp BTCUSDT`.
  public var description: String { "\(venue) \(market.rawValue) \(symbol)" }

  /// By venue, symbol and market; the perpetual comes before the spot.
  public static func < (left: Self, right: Self) -> Bool {
    (left.venue, left.symbol, left.market.rawValue)
      < (right.venue, right.symbol, right.market.rawValue)
  }
}

/// An instrument's place in the `Universe` of this process: fast to look up, never stored.
public struct InstrumentIndex: Hashable, Sendable, BitwiseCopyable {
  /// The place, from 0.
  public let position: Int
  /// Wraps a place.
  @inlinable
  public init(_ position: Int) { self.position = position }
}

/// A pair's place in the `Universe` of this process: fast to look up, never stored.
public struct PairIndex: Hashable, Sendable, BitwiseCopyable {
  /// The place, from 0.
  public let position: Int
  /// Wraps a place.
  @inlinable
  public init(_ position: Int) { self.position = position }
}

/// Trading fees of one instrument for this account.
public struct FeeSchedule: Hashable, Codable, Sendable {
  /// Fraction of the notional for a resting order.
  public var maker: Rate
  /// Fraction of the notional for an order that takes.
  public var taker: Rate
  /// Whether a buyer pays in the asset received, as spot venues do by default.
  public var isTakenFromReceivedAsset: Bool

  /// States a schedule.
  public init(maker: Rate, taker: Rate, isTakenFromReceivedAsset: Bool) {
    self.maker = maker
    self.taker = taker
    self.isTakenFromReceivedAsset = isTakenFromReceivedAsset
  }
}

/// One step of a perpetual's margin table.
public struct MarginTier: Hashable, Codable, Sendable {
  /// Position notional from which the tier applies, quote units.
  public var floor: Notional
  /// Maintenance margin as a fraction of the position notional.
  public var maintenanceRate: Rate
  /// Subtracted from rate × notional, so that margin is continuous across tiers; quote units.
  public var deduction: Notional
  /// Largest leverage allowed.
  public var maximumLeverage: Rate

  /// States a tier.
  public init(
    floor: Notional, maintenanceRate: Rate, deduction: Notional, maximumLeverage: Rate
  ) {
    self.floor = floor
    self.maintenanceRate = maintenanceRate
    self.deduction = deduction
    self.maximumLeverage = maximumLeverage
  }
}

/// What an instrument is and what its venue accepts.
///
/// Quantities are in base units: contract sizes end in the dialect.
public struct Instrument: Hashable, Codable, Sendable {
  /// Its durable name.
  public var id: InstrumentID
  /// The asset traded.
  public var base: AssetID
  /// The asset it is priced and settled in.
  public var quote: AssetID
  /// Price step.
  public var tick: Price
  /// Quantity step.
  public var lot: Quantity
  /// Smallest quantity of an order.
  public var minimumQuantity: Quantity
  /// Smallest value of an order, quote units; reduce-only orders are exempt.
  public var minimumNotional: Notional
  /// What trading costs this account.
  public var fees: FeeSchedule
  /// Maintenance margin by position size, rising; empty on spot.
  public var marginTiers: [MarginTier]

  /// Describes an instrument.
  public init(
    id: InstrumentID, base: AssetID, quote: AssetID, tick: Price, lot: Quantity,
    minimumQuantity: Quantity, minimumNotional: Notional, fees: FeeSchedule,
    marginTiers: [MarginTier] = []
  ) {
    self.id = id
    self.base = base
    self.quote = quote
    self.tick = tick
    self.lot = lot
    self.minimumQuantity = minimumQuantity
    self.minimumNotional = minimumNotional
    self.fees = fees
    self.marginTiers = marginTiers
  }

  /// The tier of a position, by its notional at mark; nil on spot.
  public func marginTier(for notional: Notional) -> MarginTier? {
    marginTiers.last { notional.magnitude >= $0.floor } ?? marginTiers.first
  }

  /// Whether an order of this size passes the venue's filters.
  public func accepts(quantity: Quantity, at price: Price, reduceOnly: Bool) -> Bool {
    quantity >= minimumQuantity && quantity.isMultiple(of: lot)
      && (reduceOnly || price.notional(of: quantity) >= minimumNotional)
  }
}

/// A spot and a perpetual instrument of the same asset, on one venue unless they were only put side by
/// side by `Universe.crossed()`.
public struct Pair: Hashable, Sendable {
  /// The spot leg.
  public let spot: InstrumentIndex
  /// The perpetual leg.
  public let perp: InstrumentIndex
  /// The venue of the perpetual.
  public let venue: VenueID
  /// Pairs of one number are traded with the same cash: one venue, one quote asset.
  public let money: Int
  /// The name of the carry: the perpetual's symbol.
  public let symbol: Symbol
  /// The smallest quantity that is a whole number of lots on both legs, base units.
  public let jointLot: Quantity
  /// One instrument for both legs, where the venue has it.
  public let combo: Combo?
}

/// The instruments and pairs one process trades, in a fixed order.
///
/// Immutable, hence shared.
public final class Universe: Sendable {
  /// All instruments.
  public let instruments: [Instrument]
  /// All pairs.
  public let pairs: [Pair]
  /// The pair of each instrument.
  public let pairOfInstrument: [PairIndex]
  /// What tells the rate of two quote assets, by `Pair.money`.
  public let pegWitnesses: [[PegWitness]]
  /// Whether anything tells such a rate.
  public let hasPegWitnesses: Bool
  private let indexOfID: [InstrumentID: Int]
  /// The venues, in order of name.
  public let venues: [VenueID]
  private let traits: [VenueID: VenueTraits]

  /// Takes pairs of instruments: spot first, perpetual second.
  ///
  /// - Parameters:
  ///   - venues: what is particular about each venue; a venue left out has separate wallets.
  ///   - combos: by perpetual, where one order can trade both legs.
  public init(
    pairs legs: [(spot: Instrument, perp: Instrument)], venues: [VenueID: VenueTraits] = [:],
    combos: [InstrumentID: Combo] = [:]
  ) {
    self.venues = Set(legs.map(\.perp.id.venue)).sorted()
    traits = venues
    var instruments: [Instrument] = []
    var pairs: [Pair] = []
    var pairOfInstrument: [PairIndex] = []
    var moneys: [(venue: VenueID, asset: AssetID)] = []
    for (place, leg) in legs.enumerated() {
      let cash = (venue: leg.perp.id.venue, asset: leg.perp.quote)
      let money = moneys.firstIndex { $0 == cash } ?? moneys.count
      if money == moneys.count { moneys.append(cash) }
      precondition(
        leg.spot.base == leg.perp.base && leg.spot.quote == leg.perp.quote,
        "Invariant: both legs of a pair trade the same asset for the same asset")
      pairs.append(
        Pair(
          spot: InstrumentIndex(instruments.count), perp: InstrumentIndex(instruments.count + 1),
          venue: leg.perp.id.venue, money: money,
          symbol: leg.perp.id.symbol,
          jointLot: Universe.jointLot(leg.spot.lot, leg.perp.lot), combo: combos[leg.perp.id]))
      instruments += [leg.spot, leg.perp]
      pairOfInstrument += [PairIndex(place), PairIndex(place)]
    }
    self.instruments = instruments
    self.pairs = pairs
    self.pairOfInstrument = pairOfInstrument
    pegWitnesses = PegWitness.byMoney(pairs, instruments)
    hasPegWitnesses = pegWitnesses.contains { !$0.isEmpty }
    indexOfID = Dictionary(
      uniqueKeysWithValues: instruments.enumerated().map { ($0.element.id, $0.offset) })
  }

  /// The instruments of another with more pairs of them, after its own.
  init(_ universe: Universe, adding crossing: [Pair]) {
    venues = universe.venues
    traits = universe.traits
    instruments = universe.instruments
    pairs = universe.pairs + crossing
    pairOfInstrument = universe.pairOfInstrument
    pegWitnesses = universe.pegWitnesses
    hasPegWitnesses = universe.hasPegWitnesses
    indexOfID = universe.indexOfID
  }

  /// The smallest step that is a whole number of both lots.
  public static func jointLot(_ left: Quantity, _ right: Quantity) -> Quantity {
    var (a, b) = (left.raw, right.raw)
    while b != 0 { (a, b) = (b, a % b) }
    return Quantity(raw: left.raw / a * right.raw)
  }

  /// What is particular about a venue.
  public func traits(of venue: VenueID) -> VenueTraits { traits[venue] ?? VenueTraits() }

  /// The wallet that holds what trades on a market of a venue.
  public func wallet(of venue: VenueID, _ market: Market) -> Wallet {
    traits(of: venue).layout.wallet(of: market)
  }

  /// The place of an instrument; nil when this process does not trade it.
  public func index(of id: InstrumentID) -> InstrumentIndex? {
    indexOfID[id].map(InstrumentIndex.init)
  }

  /// The place of a pair; nil when this process does not trade it.
  public func pair(venue: VenueID, symbol: Symbol) -> PairIndex? {
    pairs.firstIndex { $0.venue == venue && $0.symbol == symbol }.map(PairIndex.init)
  }

  /// The instrument at a place.
  @inlinable
  public subscript(index: InstrumentIndex) -> Instrument {
    _read { yield instruments[index.position] }
  }

  /// The pair at a place.
  @inlinable
  public subscript(index: PairIndex) -> Pair {
    _read { yield pairs[index.position] }
  }
}
