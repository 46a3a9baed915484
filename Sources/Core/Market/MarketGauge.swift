public import FixedPoint
public import Trading

/// How one pair's market moves, interval by interval: what the breakers and the margin guard measure by.
///
/// Volatile, like the market itself. A figure that rests on too few intervals is unknown.
public struct MarketGauge: Sendable {
  /// Mean square of the perpetual's moves in an hour; nil before there are enough of them.
  public var variancePerHour: Rate? { moves >= Self.enoughMoves ? variance : nil }
  /// Fastest rise seen, a fraction in an hour.
  public private(set) var fastestRise = Rate.zero
  /// Both legs' spread in ordinary times, a fraction; nil before there are enough of them.
  public private(set) var usualSpread: Rate?

  private var variance = Rate.zero
  private var moves = 0
  private var spreads: [Rate] = []
  private var since = Timestamp.distantPast
  private var from = Price.zero
  private var interest: Quantity?
  private var interestBefore: Quantity?
  private var interests: [Quantity] = []
  private var nextInterestAt = Timestamp.distantPast

  /// Weight of the past in the mean of squares, per interval.
  private static let decay: Rate = "0.94"
  private static let enoughMoves = 30
  private static let enoughSpreads = 15
  private static let mostSpreads = 31
  private static let enoughInterests = 30 * 24
  private static let mostInterests = 90 * 24

  init() {}

  /// One standard deviation of a day's move, a fraction; nil while unknown.
  public var dailyDeviation: Rate? { variancePerHour.map { $0.times(24).root(2) } }

  /// The part of the last ninety days' hours in which less was open than now; nil before a month of
  /// them.
  public var interestRank: Rate? {
    guard let interest, interests.count >= Self.enoughInterests else { return nil }
    return Rate(interests.count { $0 < interest }).divided(by: interests.count, rounding: .down)
  }

  /// Takes over how much is open in the perpetual, base units.
  mutating func note(openInterest: Quantity, at now: Timestamp) {
    interest = openInterest
    if interestBefore == nil { interestBefore = openInterest }
    guard now >= nextInterestAt else { return }
    nextInterestAt = now + .hours(1)
    interests.append(openInterest)
    if interests.count > Self.mostInterests { interests.removeFirst() }
  }

  /// Takes over prices.
  ///
  /// - Returns: why nothing should grow for a while; nil when the market is as usual.
  mutating func note(
    _ market: PairMarket, at now: Timestamp, _ rules: Parameters.Breakers
  ) -> Breaker.Cause? {
    let mid = market.perp.mid
    let spread = market.spot.spread + market.perp.spread
    if from.isZero { begin(mid, at: now) }
    let interval = TimeSpan.minutes(Int64(rules.intervalMinutes))
    let passed = now - since
    let move = mid.ratio(to: from) - .one
    let hours = max(passed, interval).hours
    let cause = cause(market, move: move, hours: hours, spread: spread, rules)
    if passed >= interval {
      close(move: move, hours: hours, spread: spread)
      begin(mid, at: now)
    }
    return cause
  }

  private mutating func begin(_ mid: Price, at now: Timestamp) {
    since = now
    from = mid
    interestBefore = interest
  }

  private mutating func close(move: Rate, hours: Rate, spread: Rate) {
    let square = move.squared().divided(by: hours)
    variance =
      moves == 0 ? square : square + (variance - square).times(Self.decay)
    moves += 1
    fastestRise = max(fastestRise, move.divided(by: hours))
    spreads.append(spread)
    if spreads.count > Self.mostSpreads { spreads.removeFirst() }
    if spreads.count >= Self.enoughSpreads { usualSpread = spreads.sorted()[spreads.count / 2] }
  }

  private func cause(
    _ market: PairMarket, move: Rate, hours: Rate, spread: Rate, _ rules: Parameters.Breakers
  ) -> Breaker.Cause? {
    let apart = market.spot.mid.ratio(to: market.perp.mid) - .one
    if apart.magnitude > rules.maximumDislocation { return .dislocation }
    if let now = interest, let before = interestBefore, before.isPositive,
      Cascade(openInterest: (before, now), price: (from, market.perp.mid))
        .isUnderWay(fall: rules.interestFall, move: rules.cascadeMove)
    {
      return .cascade
    }
    if let variance = variancePerHour,
      move.squared() > rules.deviations.squared().times(variance).times(hours)
    {
      return .volatility
    }
    if let usual = usualSpread, spread > rules.minimumSpread,
      spread > usual.times(rules.spreadMultiple)
    {
      return .spread
    }
    return nil
  }
}

extension Engine {
  /// Looks at the prices of a moment before anything is decided on them.
  mutating func watchMarkets(at now: Timestamp) {
    for place in market.changed.indices {
      let pair = market.changed[place]
      guard let age = market[pair].age(at: now),
        age <= .seconds(Int64(parameters.market.staleSeconds))
      else { continue }
      var gauge = market[pair].gauge
      if let cause = gauge.note(market[pair], at: now, parameters.breaker) {
        trip(pair, cause, at: now)
      }
      market[pair].gauge = gauge
    }
  }
}
