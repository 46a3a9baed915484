import Accounting
import FixedPoint
import Simulation
import Trading

/// Calm days at entry prices, then prices of now, then a bad day.
struct StressFeed: MarketFeed {
  /// When the market begins.
  static let start = Timestamp(milliseconds: 1_704_067_200_000)  // 2024-01-01
  /// When the bad day begins: carries are old enough by then for every rule.
  static let begin = start + .days(5)
  /// How long prices take from the entry to now.
  private static let drift = TimeSpan.days(4)

  private let book: StressBook
  private let scenario: StressScenario
  private let cap: Rate
  private let end: Timestamp
  private(set) var nextTime: Timestamp?

  init(_ book: StressBook, _ scenario: StressScenario, cap: Rate) {
    self.book = book
    self.scenario = scenario
    self.cap = cap
    end = Self.begin + scenario.length
    nextTime = Self.start + .seconds(1)
  }

  mutating func next(into ticks: inout [MarketTick]) {
    guard let moment = nextTime else { return }
    for (place, holding) in book.holdings.enumerated() {
      let pair = book.universe.pairs[place]
      let (spot, perp) = prices(holding, book.universe[pair.spot], book.universe[pair.perp], moment)
      ticks.append(.price(pair.spot, spot, mark: spot))
      ticks.append(.price(pair.perp, perp, mark: perp))
      let hours = interval(holding, at: moment)
      if moment == moment.floored(to: .hours(Int64(hours))) {
        let rate = moment > Self.begin && scenario == .interval ? -cap : holding.rate
        ticks.append(
          .funding(
            pair.perp, FundingRate(settlesAt: moment, intervalHours: hours, rate: rate),
            mark: perp))
      }
    }
    // Thick while carries are opened and on the bad day, thin in between.
    let step: TimeSpan =
      moment < Self.start + .minutes(30)
      ? .seconds(1) : moment < Self.begin ? .minutes(30) : scenario.step
    let next = moment + step
    nextTime = next > end ? nil : next.floored(to: step)
  }

  private func interval(_ holding: StressBook.Holding, at moment: Timestamp) -> Int {
    moment > Self.begin && scenario == .interval ? 1 : holding.intervalHours
  }

  private func prices(
    _ holding: StressBook.Holding, _ spot: Instrument, _ perp: Instrument, _ moment: Timestamp
  ) -> (spot: Price, perp: Price) {
    let age = moment - Self.start
    var mids = holding.mids
    if let entry = holding.entry, age < Self.drift {
      let part = age.seconds.divided(by: Self.drift.seconds)
      mids = LegMids(
        spot: entry + (mids.spot - entry).times(part, .halfEven),
        perp: entry + (mids.perp - entry).times(part, .halfEven))
    }
    let passed = max(TimeSpan(nanoseconds: 0), moment - Self.begin)
    let bad = scenario.factors(after: passed)
    return (
      mids.spot.times(bad.spot, .halfEven).rounded(toMultipleOf: spot.tick, .halfEven),
      mids.perp.times(bad.perp, .halfEven).rounded(toMultipleOf: perp.tick, .halfEven)
    )
  }

  func fundingHistory(
    of instrument: InstrumentIndex, since: Timestamp, until: Timestamp
  ) -> [FundingRate] {
    guard let place = book.universe.pairs.firstIndex(where: { $0.perp == instrument }) else {
      return []
    }
    let holding = book.holdings[place]
    let span = TimeSpan.hours(Int64(holding.intervalHours))
    var stamp = since.floored(to: span)
    var rates: [FundingRate] = []
    while stamp < min(until, Self.start + .seconds(1)) {
      if stamp >= since {
        rates.append(
          FundingRate(
            settlesAt: stamp, intervalHours: holding.intervalHours, rate: holding.rate))
      }
      stamp = stamp + span
    }
    return rates
  }
}
