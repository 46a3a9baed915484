import FixedPoint
import Simulation
import Trading

/// Prices and funding of every pair of a world: made up, repeatable, and open to shocks.
struct WorldMarket: Sendable {
  /// One pair's market.
  struct Path: Sendable {
    let spot: Instrument
    let perp: Instrument
    var price: Price
    var basis: Rate
    /// The mean of the funding rate at present, per eight hours.
    var level: Rate
    var intervalHours = 8
    /// What is open, base units.
    var interest: Quantity = "10000000"
    var nextSettlement: Timestamp
    /// Settled rates with their marks, oldest first.
    var settled: [(rate: FundingRate, mark: Price)] = []
  }

  static let step = TimeSpan.minutes(5)
  static let cap: Rate = "0.02"

  private(set) var paths: [Path]
  private var chance: SeededRandom
  private var figureChance: SeededRandom

  /// Makes markets with a history of funding before the start.
  init(
    universe: Universe, prices: [Price], chance: SeededRandom, figureChance: SeededRandom,
    start: Timestamp, history: TimeSpan
  ) {
    self.chance = chance
    self.figureChance = figureChance
    paths = zip(universe.pairs, prices).map { pair, price in
      Path(
        spot: universe[pair.spot], perp: universe[pair.perp], price: price, basis: .zero,
        level: .basisPoints(1), nextSettlement: start.floored(to: .hours(8)) - history)
    }
    for place in paths.indices {
      while paths[place].nextSettlement < start { settle(place) }
    }
  }

  /// Goes one step on.
  mutating func advance() {
    for place in paths.indices {
      // 0.2 % in five minutes is about 65 % a year.
      let move = chance.bell().times("0.002")
      paths[place].price = max(paths[place].price.times(.one + move), paths[place].spot.tick)
      paths[place].basis +=
        chance.bell().times("0.0001") - paths[place].basis.divided(by: 8, rounding: .halfEven)
    }
  }

  /// What the venue tells of a pair's perpetual beside its price; nil when it tells nothing now.
  ///
  /// Now and then too little is traded, a position is the next to be deleveraged, or much is closed.
  mutating func figures(_ place: Int) -> MarketFigures? {
    guard figureChance.below(3) == 0 else { return nil }
    let change = Rate(figureChance.below(70) - 40).divided(by: 1000, rounding: .down)
    paths[place].interest = max("100", paths[place].interest.times(.one + change, .down))
    return MarketFigures(
      turnover: Notional((figureChance.below(20) == 0 ? 1 : 20) * 1_000_000),
      openInterest: paths[place].interest,
      fundingCap: Self.cap, listedAt: WorldSetting.start - .days(400),
      deleveragingRank: figureChance.below(24) == 0 ? 5 : figureChance.below(4))
  }

  /// Multiplies the price of a pair.
  mutating func jump(_ place: Int, by factor: Rate) {
    paths[place].price = max(paths[place].price.times(factor), paths[place].spot.tick)
  }

  /// Pays funding every hour from the next stamp on, or every eight hours again.
  mutating func setInterval(_ place: Int, hours: Int, at now: Timestamp) {
    paths[place].intervalHours = hours
    let span = TimeSpan.hours(Int64(hours))
    paths[place].nextSettlement = now.floored(to: span) + span
  }

  /// Settles funding and sets the next stamp.
  mutating func settle(_ place: Int) {
    let path = paths[place]
    let short = path.intervalHours < 8
    // A level that wanders around one basis point, and scatter on top of it.
    paths[place].level +=
      chance.bell().times("0.00008")
      - (path.level - .basisPoints(1)).divided(by: 12, rounding: .halfEven)
    let rate =
      short
      ? Self.cap.times(path.level.isNegative ? -1 : 1)
      : paths[place].level + chance.bell().times("0.00004")
    let settled = FundingRate(
      settlesAt: path.nextSettlement, intervalHours: path.intervalHours,
      rate: rate.rounded(places: 8, .halfEven))
    paths[place].settled.append((settled, marks(place)))
    paths[place].nextSettlement = path.nextSettlement + .hours(Int64(path.intervalHours))
  }

  /// The prices of a pair now, on the tick.
  func prices(_ place: Int) -> (spot: Price, perp: Price, mark: Price) {
    let path = paths[place]
    let perp = path.price.times(.one + path.basis)
    return (onTick(path.price, path.spot.tick), onTick(perp, path.perp.tick), marks(place))
  }

  private func marks(_ place: Int) -> Price {
    let path = paths[place]
    return onTick(
      path.price.times(.one + path.basis.divided(by: 2, rounding: .halfEven)), path.perp.tick)
  }

  private func onTick(_ price: Price, _ tick: Price) -> Price {
    max(price.rounded(toMultipleOf: tick, .halfEven), tick)
  }
}
