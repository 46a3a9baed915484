public import Accounting
public import FixedPoint
public import Trading

/// Both mids of one pair and its rate of funding, once an hour over the last week.
///
/// Volatile, like all prices: after a restart it fills again.
public struct PriceTrail: Sendable {
  /// One hour.
  struct Sample: Sendable {
    let mids: LegMids
    let basis: Rate
    /// The rate of funding then; nil while none was known.
    let rate: Rate?
  }

  /// Fewer samples say nothing: a day.
  private static let fewest = 24
  private static let most = 168
  private static let spacing = TimeSpan.hours(1)

  private var ring: [Sample] = []
  private var place = 0
  private var sampledAt = Timestamp.distantPast

  /// Knows nothing yet.
  public init() {}

  /// Oldest first.
  var samples: [Sample] { Array(ring[place...] + ring[..<place]) }

  /// Whether an hour has gone by since the last sample.
  public func isDue(at now: Timestamp) -> Bool { now >= sampledAt + Self.spacing }

  /// Takes a sample.
  ///
  /// - Parameter rate: the rate of funding of now; nil while none is known.
  public mutating func add(_ mids: LegMids, rate: Rate? = nil, at now: Timestamp) {
    sampledAt = now
    let sample = Sample(
      mids: mids, basis: Basis.of(spot: mids.spot, perp: mids.perp), rate: rate)
    if ring.count < Self.most {
      ring.append(sample)
    } else {
      ring[place] = sample
      place = (place + 1) % Self.most
    }
  }

  /// How many deviations a basis lies above the mean of the last week; nil before a day is known.
  public func score(of mids: LegMids) -> Rate? {
    guard ring.count >= Self.fewest else { return nil }
    return Basis.score(Basis.of(spot: mids.spot, perp: mids.perp), in: ring.map(\.basis))
  }

  /// The deviation of the basis over the last week, a fraction of spot; nil before a day is known.
  public var basisDeviation: Rate? {
    ring.count >= Self.fewest ? Moments(ring.map(\.basis))?.deviation : nil
  }

  /// Mean over the days of the last week of (highest − lowest) / newest price of the perpetual, each
  /// day beginning with the price that the day before ended with; nil before a day is known.
  public var averageTrueRange: Rate? {
    let prices = samples.map(\.mids.perp)
    guard prices.count > Self.fewest, let newest = prices.last, newest.isPositive else {
      return nil
    }
    var ranges: [Rate] = []
    var end = prices.count - 1
    while end >= Self.fewest {
      let day = prices[(end - Self.fewest)...end]
      if let low = day.min(), let high = day.max() { ranges.append((high - low).ratio(to: newest)) }
      end -= Self.fewest
    }
    return ranges.reduce(.zero, +).divided(by: ranges.count, rounding: .halfEven)
  }

  /// What the last week was like; nil before more than a day is known.
  public var figures: PriceFigures? {
    let samples = samples
    return PriceFigures(
      basis: samples.map(\.basis), perps: samples.map(\.mids.perp), week: Self.most)
  }
}
