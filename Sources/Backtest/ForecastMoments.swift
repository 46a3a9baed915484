import Accounting
public import Core
public import FixedPoint
public import Simulation
public import Trading

/// A moment of a recorded market at which a forecast can be made and judged.
public struct ForecastMoment: Sendable {
  /// When it is made.
  public let at: Timestamp
  /// Settled funding that a forecast may see, oldest first.
  public let known: ArraySlice<FundingRate>
  /// Prices of the week before; nil where none were recorded.
  public let prices: PriceFigures?
  /// The last value of eight hours, a yearly rate.
  public let last: Rate
  /// What came over the horizon, a yearly rate.
  public let actual: Rate
}

/// The moments of one market, every eight hours.
public struct ForecastMoments: Sequence, IteratorProtocol {
  private let settlements: [FundingRate]
  private let range: Range<Timestamp>
  private let ahead: TimeSpan
  private let window: TimeSpan
  private var replay: PriceReplay
  private var place = 0
  private var oldest = 0
  private var horizon = 0
  private var due: Timestamp

  /// Prepares the moments of a range; what comes is within it, too.
  ///
  /// - Parameters:
  ///   - series: history included.
  ///   - horizon: steps of eight hours that a forecast looks ahead.
  ///   - window: settled history that a forecast may see.
  public init(
    _ series: PairSeries, over range: Range<Timestamp>, horizon steps: Int, window: TimeSpan
  ) {
    settlements = series.funding.map(\.rate)
    self.range = range
    self.window = window
    ahead = .hours(Int64(8 * steps))
    replay = PriceReplay(series)
    due = range.lowerBound
  }

  /// The next moment; nil at the end.
  public mutating func next() -> ForecastMoment? {
    while place < settlements.count {
      let place = place
      self.place += 1
      let now = settlements[place].settlesAt
      guard now >= due, now + ahead < range.upperBound else { continue }
      // A stamp some seconds late does not shift the ones after it.
      due = now.floored(to: .hours(1)) + .hours(8)
      while settlements[oldest].settlesAt <= now - window { oldest += 1 }
      while horizon + 1 < settlements.count,
        settlements[horizon + 1].settlesAt <= now + ahead + .minutes(30)
      { horizon += 1 }
      guard horizon > place else { continue }
      let known = settlements[oldest...place]
      guard let actual = Annualising.realized(Array(settlements[(place + 1)...horizon])),
        let last = FundingSteps.annualized(known.suffix(8)).last
      else { continue }
      replay.advance(to: now)
      return ForecastMoment(
        at: now, known: known, prices: replay.trail.figures, last: last, actual: actual)
    }
    return nil
  }
}

/// Recorded prices as the engine keeps them: both legs once an hour over a week.
struct PriceReplay: Sendable {
  private(set) var trail = PriceTrail()
  private let spot: [Bar]
  private let perp: [Bar]
  private var spotPlace = 0
  private var perpPlace = 0

  init(_ series: PairSeries) {
    spot = series.spot.bars
    perp = series.perp.bars
  }

  /// Takes what opened up to a moment; an hour in which a leg is missing gives nothing.
  mutating func advance(to now: Timestamp) {
    while perpPlace < perp.count, perp[perpPlace].opensAt <= now {
      let bar = perp[perpPlace]
      perpPlace += 1
      while spotPlace < spot.count, spot[spotPlace].opensAt < bar.opensAt { spotPlace += 1 }
      guard spotPlace < spot.count, spot[spotPlace].opensAt == bar.opensAt,
        trail.isDue(at: bar.opensAt)
      else { continue }
      trail.add(LegMids(spot: spot[spotPlace].open, perp: bar.open), at: bar.opensAt)
    }
  }
}
