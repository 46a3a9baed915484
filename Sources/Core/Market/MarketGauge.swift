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
  /// How far from there the price may be within one interval; nil while unknown.
  private var widestMove: Price?
  private var interest: Quantity?
  private var interestBefore: Quantity?

  /// Weight of the past in the mean of squares, per interval.
  private static let decay: Rate = "0.94"
  private static let enoughMoves = 30
  private static let enoughSpreads = 15
  private static let mostSpreads = 31

  init() {}

  /// One standard deviation of a day's move, a fraction; nil while unknown.
  public var dailyDeviation: Rate? { variancePerHour.map { $0.times(24).root(2) } }

  /// Takes over how much is open in the perpetual, base units.
  mutating func note(openInterest: Quantity) {
    interest = openInterest
    if interestBefore == nil { interestBefore = openInterest }
  }

  /// Takes over prices.
  ///
  /// - Returns: why nothing should grow for a while; nil when the market is as usual.
  mutating func note(
    spot: Quote, perp: Quote, at now: Timestamp, _ rules: Parameters.Breakers
  ) -> Breaker.Cause? {
    let mid = perp.mid
    let spread = spot.spread + perp.spread
    let interval = TimeSpan.minutes(Int64(rules.intervalMinutes))
    if from.isZero { begin(mid, at: now, interval, rules) }
    let passed = now - since
    let widest = passed <= interval ? widestMove : widestMove(in: passed, rules)
    let cause = cause(spot: spot.mid, perp: mid, widest: widest, spread: spread, rules)
    if passed >= interval {
      close(move: mid.ratio(to: from) - .one, hours: passed.hours, spread: spread)
      begin(mid, at: now, interval, rules)
    }
    return cause
  }

  private mutating func begin(
    _ mid: Price, at now: Timestamp, _ interval: TimeSpan, _ rules: Parameters.Breakers
  ) {
    since = now
    from = mid
    interestBefore = interest
    widestMove = widestMove(in: interval, rules)
  }

  /// How far the price may be from where the interval began; nil while unknown.
  private func widestMove(in span: TimeSpan, _ rules: Parameters.Breakers) -> Price? {
    variancePerHour.map {
      from.times(rules.deviations.times($0.times(span.hours).root(2)))
    }
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
    spot: Price, perp: Price, widest: Price?, spread: Rate, _ rules: Parameters.Breakers
  ) -> Breaker.Cause? {
    if (spot - perp).magnitude > perp.times(rules.maximumDislocation) { return .dislocation }
    if let now = interest, let before = interestBefore, before.isPositive,
      Cascade(openInterest: (before, now), price: (from, perp))
        .isUnderWay(fall: rules.interestFall, move: rules.cascadeMove)
    {
      return .cascade
    }
    if let widest, (perp - from).magnitude > widest { return .volatility }
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
      if let cause = market[pair].watch(at: now, parameters.breaker) { trip(pair, cause, at: now) }
    }
  }
}
