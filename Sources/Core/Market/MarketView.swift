public import Accounting
import FixedPoint
public import Trading

/// What is known of one pair's market now.
///
/// Volatile: empty after a restart, and that is right.
public struct PairMarket: Sendable {
  /// The latest spot prices; `.distantPast` before the first.
  public internal(set) var spot: Quote
  /// The latest perpetual prices; `.distantPast` before the first.
  public internal(set) var perp: Quote
  /// Settled funding.
  public internal(set) var funding: FundingTrail
  /// What else is told of the spot market.
  public private(set) var spotFigures = MarketFigures()
  /// What else is told of the perpetual.
  public private(set) var perpFigures = MarketFigures()
  /// How it moves.
  public private(set) var gauge = MarketGauge()
  /// When the margin guard looks.
  var margin = MarginTriggers()
  /// The venue's view of the short; nil when flat or not told yet.
  public internal(set) var position: Position?
  /// The last week, by hours.
  public private(set) var trail = PriceTrail()
  /// The rate that the next settlement will probably have; nil when unknown.
  public internal(set) var predicted: FundingRate?
  /// Whether the spot leg trades.
  public private(set) var spotStatus = TradingStatus.trading
  /// Whether the perpetual trades.
  public private(set) var perpStatus = TradingStatus.trading
  /// Whether something changed since the last decision.
  var isChanged = false
  /// Whether funding was paid since the last mark.
  var needsMark = false
  /// When a mark was last recorded.
  var markedAt = Timestamp.distantPast
  /// A change of collateral was asked for and not answered yet; asked again after this moment.
  var marginRequestExpiresAt = Timestamp.distantPast
  /// Whether that change takes collateral back.
  var isReleasing = false
  /// Prices of before are not known to be true any more.
  var trustedFrom = Timestamp.distantPast
  /// No correction of delta before, because the last one did not trade.
  var correctionDueAt = Timestamp.distantPast
  /// When the next slice of a patient change is due, once that was asked for.
  var sliceDueAt = Timestamp.distantPast
  /// Orders in a row that were refused, and why.
  var refusals = RefusalCount()
  /// Why nothing grows for a while; see `breaker(at:)`.
  private var tripped: Breaker?
  /// Requests for collateral in a row that were refused.
  public internal(set) var marginFailures = 0

  init(pair: Pair, window: TimeSpan) {
    spot = Self.noQuote(pair.spot)
    perp = Self.noQuote(pair.perp)
    funding = FundingTrail(window: window)
  }

  /// Whether both legs trade, in words.
  public var status: String {
    switch (spotStatus, perpStatus) {
    case (.trading, .trading): TradingStatus.trading.rawValue
    case (.trading, let perp): "perpetual \(perp.rawValue)"
    case (let spot, _): "spot \(spot.rawValue)"
    }
  }

  mutating func set(_ status: TradingStatus, of market: Market) {
    if market == .spot { spotStatus = status } else { perpStatus = status }
  }

  /// Why nothing grows now; nil when nothing speaks against it.
  public func breaker(at now: Timestamp) -> Breaker? {
    tripped.flatMap { $0.until > now ? $0 : nil }
  }

  /// Measures the prices of now.
  ///
  /// - Returns: why nothing should grow for a while; nil when the market is as usual.
  mutating func watch(at now: Timestamp, _ rules: Parameters.Breakers) -> Breaker.Cause? {
    gauge.note(spot: spot, perp: perp, at: now, rules)
  }

  /// Lets nothing grow for a while; the longest of several counts.
  mutating func trip(_ breaker: Breaker) {
    if let tripped, tripped.until >= breaker.until { return }
    tripped = breaker
  }

  static let outOfReach = Price(raw: .max)

  private static func noQuote(_ instrument: InstrumentIndex) -> Quote {
    Quote(
      instrument: instrument, bid: .zero, ask: .zero, mark: .zero, at: .distantPast)
  }

  /// Whether both legs have been quoted.
  public var isQuoted: Bool { spot.ask.isPositive && perp.ask.isPositive }

  /// Takes a price of one leg.
  mutating func hear(_ quote: Quote) {
    if quote.instrument == spot.instrument { spot = quote } else { perp = quote }
    // Of two moments, the difference would be the move of the leg that is ahead.
    if isQuoted, trail.isDue(at: quote.at), max(spot.at - perp.at, perp.at - spot.at) <= .minutes(1)
    {
      trail.add(mids, rate: (predicted ?? funding.last)?.rate, at: quote.at)
    }
  }

  /// Takes figures of one leg.
  mutating func hear(_ figures: MarketFigures, of market: Market) {
    switch market {
    case .spot: spotFigures.merge(figures)
    case .perp:
      perpFigures.merge(figures)
      if let interest = figures.openInterest { gauge.note(openInterest: interest) }
    }
  }

  /// The same perpetual beside the spot of another pair; what was told of both legs together, or of
  /// money, is left behind.
  func withSpot(of other: PairMarket) -> PairMarket {
    var market = self
    market.spot = other.spot
    market.spotFigures = other.spotFigures
    market.spotStatus = other.spotStatus
    market.trail = PriceTrail()
    market.position = nil
    market.trustedFrom = max(trustedFrom, other.trustedFrom)
    if let tripped = other.tripped { market.trip(tripped) }
    return market
  }

  /// The mids of both legs.
  public var mids: LegMids { LegMids(spot: spot.mid, perp: perp.mid) }

  /// The age of the older of both quotes; nil without both, or when they cannot be trusted.
  public func age(at now: Timestamp) -> TimeSpan? {
    let older = min(spot.at, perp.at)
    return isQuoted && older >= trustedFrom ? now - older : nil
  }
}

/// What is known of all markets now.
struct MarketView: Sendable {
  private(set) var pairs: [PairMarket]
  private let pairOfInstrument: [PairIndex]
  /// The pairs that changed since the last wake.
  private(set) var changed: [PairIndex] = []

  init(universe: Universe, window: TimeSpan) {
    pairs = universe.pairs.map { PairMarket(pair: $0, window: window) }
    pairOfInstrument = universe.pairOfInstrument
  }

  subscript(pair: PairIndex) -> PairMarket {
    _read { yield pairs[pair.position] }
    _modify { yield &pairs[pair.position] }
  }

  mutating func update(_ quote: Quote) {
    let pair = pairOfInstrument[quote.instrument.position]
    pairs[pair.position].hear(quote)
    touch(pair)
  }

  /// Lets prices of before a moment count as unknown.
  mutating func distrust(before moment: Timestamp) {
    for place in pairs.indices { pairs[place].trustedFrom = moment }
  }

  mutating func touch(_ pair: PairIndex) {
    if pairs[pair.position].isChanged { return }
    pairs[pair.position].isChanged = true
    changed.append(pair)
  }

  mutating func clearChanges() {
    for pair in changed { pairs[pair.position].isChanged = false }
    changed.removeAll(keepingCapacity: true)
  }
}
