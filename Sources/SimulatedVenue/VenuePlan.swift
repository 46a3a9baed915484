public import FixedPoint
public import Simulation
public import Trading

/// One pair of a venue with what its two instruments do not say themselves.
public struct PlannedPair: Sendable {
  /// The spot leg, per one base unit.
  public var spot: Instrument
  /// The perpetual leg, per one base unit; its symbol is the pair's name.
  public var perp: Instrument
  /// Base units per unit of the perpetual's quantity on the wire: 1000 where it trades as
  /// `1000PEPEUSDT`.
  public var multiplier: Int
  /// Hours between settlements; nil to take them from the recorded rates.
  public var fundingHours: Int?
  /// Largest magnitude of a settlement's rate.
  public var fundingCap: Rate
  /// Whether the multiplier stands behind the base asset, as in `SHIB1000USDT`.
  public var isSuffixed: Bool

  /// States a pair.
  public init(
    spot: Instrument, perp: Instrument, multiplier: Int = 1, fundingHours: Int? = nil,
    fundingCap: Rate = "0.003", isSuffixed: Bool = false
  ) {
    precondition(multiplier > 0, "Invariant: a contract stands for something")
    self.spot = spot
    self.perp = perp
    self.multiplier = multiplier
    self.fundingHours = fundingHours
    self.fundingCap = fundingCap
    self.isSuffixed = isSuffixed
  }
}

/// What a wallet begins with.
public struct PlannedBalance: Hashable, Sendable {
  /// The wallet.
  public var wallet: AccountWallet
  /// The asset.
  public var asset: AssetID
  /// Above zero.
  public var amount: Amount

  /// States a balance.
  public init(wallet: AccountWallet, asset: AssetID, amount: Amount) {
    self.wallet = wallet
    self.asset = asset
    self.amount = amount
  }
}

/// Which client ids a venue refuses as duplicates.
public enum ClientIDRule: String, Hashable, Sendable {
  /// Those of orders that work.
  case uniqueAmongOpen
  /// Every id that was ever accepted.
  case uniqueForever
}

/// What a venue is made of.
public struct VenuePlan: Sendable {
  /// Its name.
  public var id: VenueID
  /// How the account is divided.
  public var layout: AccountLayout
  /// The pairs, in order.
  public var pairs: [PlannedPair]
  /// Histories of the pairs, matched by symbol; from before the start so that bars of the past can
  /// be asked for.
  public var series: [PairSeries]
  /// The range that is played.
  public var range: Range<Timestamp>
  /// What wallets begin with.
  public var deposits: [PlannedBalance]
  /// Spread, slippage, depth and charges.
  public var models: ExchangeModels
  /// Margin mode, book and fees paid in a third asset.
  public var rules: ExchangeRules
  /// Notional over initial margin until a client changes it.
  public var leverage: Rate
  /// Which client ids are duplicates.
  public var clientIDs: ClientIDRule
  /// Where prices come from instead of `series`; for tests.
  public var customFeed: (any MarketFeed)?

  /// States a venue.
  public init(
    id: VenueID, layout: AccountLayout, pairs: [PlannedPair], series: [PairSeries],
    range: Range<Timestamp>, deposits: [PlannedBalance], models: ExchangeModels,
    rules: ExchangeRules, leverage: Rate = "20", clientIDs: ClientIDRule = .uniqueAmongOpen,
    customFeed: (any MarketFeed)? = nil
  ) {
    self.id = id
    self.layout = layout
    self.pairs = pairs
    self.series = series
    self.range = range
    self.deposits = deposits
    self.models = models
    self.rules = rules
    self.leverage = leverage
    self.clientIDs = clientIDs
    self.customFeed = customFeed
    universe = Universe(pairs: pairs.map { ($0.spot, $0.perp) })
  }

  /// The instruments, pair by pair.
  let universe: Universe

  var feed: any MarketFeed {
    customFeed
      ?? BarFeed(
        series: series, universe: universe, from: range.lowerBound, to: range.upperBound)
  }

  /// The exchange without anything on it: deposits are booked by the venue.
  func exchange() -> SimulatedExchange {
    SimulatedExchange(
      universe: universe, venue: id, layout: layout, leverage: leverage, models: models,
      deposits: [], rules: rules)
  }

  var listings: [ListedInstrument] {
    pairs.enumerated().flatMap { place, pair in
      let (spot, perp) = (InstrumentIndex(2 * place), InstrumentIndex(2 * place + 1))
      let base = pair.perp.base.rawValue
      let number = pair.multiplier == 1 ? "" : String(pair.multiplier)
      let name = pair.perp.id.symbol.rawValue
      let isFront = name.hasPrefix(base)
      let contractBase = pair.isSuffixed ? base + number : number + base
      let perpName =
        pair.multiplier == 1
        ? name : isFront ? contractBase + name.dropFirst(base.count) : number + name
      return [
        ListedInstrument(
          index: spot, instrument: pair.spot, name: pair.spot.id.symbol.rawValue, baseName: base,
          multiplier: 1, partner: perp, status: .trading, endsAt: nil),
        ListedInstrument(
          index: perp, instrument: pair.perp, name: perpName,
          baseName: pair.multiplier == 1 ? base : contractBase, multiplier: pair.multiplier,
          partner: spot, status: .trading, endsAt: nil),
      ]
    }
  }
}
