import FixedPoint
import Trading

/// One made-up market on its way through time, in four steps per bar.
struct MarketPath {
  private static let stepsPerBar = 4

  private var chance: SeededRandom
  private let spotInstrument: Instrument
  private let perpInstrument: Instrument
  private let interval: TimeSpan
  private let fundingHours: Int
  /// Largest magnitude of a rate: three quarters of the maintenance rate, as on large venues.
  private let cap: Rate

  /// Deviation of spot in one step, and of a jump; fractions.
  private let stepVolatility: Rate
  private let jumpVolatility: Rate
  /// A jump comes once in so many steps on average.
  private let stepsPerJump: Int
  /// Fraction of its distance to the mean by which the basis returns in one step.
  private let pull: Rate
  /// Deviation of the basis in one step, a fraction of spot.
  private let basisNoise: Rate

  private var time: Timestamp
  private var spot: Price
  private var basis: Rate = .zero
  /// The mark follows the basis with a delay.
  private var markBasis: Rate = .zero
  private var meanBasis: Rate = .zero
  private var regime: MarketRegime?
  private var regimeEndsAt: Timestamp
  private var nextSettlement: Timestamp
  /// Premiums since the last settlement.
  private var premiums: [Rate] = []
  private var funding: [FundingSettlement] = []

  init(
    random: SeededRandom, spot: Instrument, perp: Instrument, startPrice: Price,
    fundingHours: Int, start: Timestamp, interval: TimeSpan
  ) {
    chance = random
    spotInstrument = spot
    perpInstrument = perp
    self.interval = interval
    self.fundingHours = fundingHours
    cap = perp.marginTiers.first?.maintenanceRate.times("0.75") ?? "0.02"

    let step = TimeSpan(nanoseconds: interval.nanoseconds / Int64(Self.stepsPerBar))
    let yearly = Rate.basisPoints(4000 + chance.below(5001))
    let day = TimeSpan.days(1).seconds
    stepVolatility = yearly.times(step.seconds.divided(by: day.times(365)).root(2))
    jumpVolatility = yearly.times(Rate.one.divided(by: 365, rounding: .halfEven).root(2))
    stepsPerJump = max(1, Int(TimeSpan.days(30).nanoseconds / step.nanoseconds))
    // The basis forgets half of itself in an hour: a time constant of about 5200 seconds.
    pull = min(.one, step.seconds.divided(by: "5200"))
    // Scatter that stays at 4 basis points whatever the step.
    basisNoise = Rate.basisPoints(4).times((pull.times(2) - pull.squared()).root(2))

    time = start
    self.spot = startPrice
    regimeEndsAt = start
    nextSettlement = start.floored(to: .hours(Int64(fundingHours))) + .hours(Int64(fundingHours))
  }

  /// Lets the basis and funding run up to a moment while spot stands still.
  mutating func walk(until end: Timestamp) {
    let step = TimeSpan(nanoseconds: interval.nanoseconds / Int64(Self.stepsPerBar))
    while time < end { advance(to: min(time + step, end), spotMoves: false) }
  }

  /// Goes on in bars up to a moment and returns all that there is.
  mutating func series(from: Timestamp, until end: Timestamp) -> PairSeries {
    var spots: [Bar] = []
    var perps: [Bar] = []
    var marks: [Bar] = []
    var opensAt = from
    while opensAt + interval <= end {
      var spotBar = BarBuilder(opensAt: opensAt, spotPrice)
      var perpBar = BarBuilder(opensAt: opensAt, perpPrice)
      var markBar = BarBuilder(opensAt: opensAt, markPrice)
      for step in 1...Self.stepsPerBar {
        let share = interval.nanoseconds * Int64(step) / Int64(Self.stepsPerBar)
        advance(to: opensAt + TimeSpan(nanoseconds: share), spotMoves: true)
        spotBar.add(spotPrice)
        perpBar.add(perpPrice)
        markBar.add(markPrice)
      }
      spots.append(spotBar.bar)
      perps.append(perpBar.bar)
      marks.append(markBar.bar)
      opensAt = opensAt + interval
    }
    return PairSeries(
      venue: perpInstrument.id.venue, symbol: perpInstrument.id.symbol,
      spot: BarSeries(interval: interval, bars: spots),
      perp: BarSeries(interval: interval, bars: perps),
      mark: BarSeries(interval: interval, bars: marks), funding: funding)
  }

  private mutating func advance(to next: Timestamp, spotMoves: Bool) {
    if time >= regimeEndsAt {
      let chosen = MarketRegime.following(regime, &chance)
      regime = chosen
      meanBasis = chosen.premium(&chance)
      regimeEndsAt = time + .hours(Int64(5 * 24 + chance.below(15 * 24 + 1)))
    }
    if spotMoves {
      var change = stepVolatility.times(chance.bell())
      if chance.below(stepsPerJump) == 0 { change += jumpVolatility.times(chance.bell()) }
      spot = max(spot.times(.one + change), spotInstrument.tick)
    }
    basis += (meanBasis - basis).times(pull) + basisNoise.times(chance.bell())
    markBasis += (basis - markBasis).divided(by: 2, rounding: .halfEven)
    premiums.append(basis)
    time = next
    while nextSettlement <= time { settle() }
  }

  private mutating func settle() {
    let rate = fundingRate(
      premium: premiums.isEmpty ? basis : timeWeightedPremium(premiums), interest: .basisPoints(1),
      intervalHours: fundingHours, cap: cap)
    funding.append(
      FundingSettlement(
        rate: FundingRate(
          settlesAt: nextSettlement, intervalHours: fundingHours,
          rate: rate.rounded(places: 8, .halfEven)),
        mark: markPrice))
    premiums.removeAll(keepingCapacity: true)
    nextSettlement = nextSettlement + .hours(Int64(fundingHours))
  }

  private var spotPrice: Price { onTick(spot, spotInstrument.tick) }
  private var perpPrice: Price { onTick(spot.times(.one + basis), perpInstrument.tick) }
  private var markPrice: Price { onTick(spot.times(.one + markBasis), perpInstrument.tick) }

  private func onTick(_ price: Price, _ tick: Price) -> Price {
    max(price.rounded(toMultipleOf: tick, .halfEven), tick)
  }
}

/// A bar in the making.
private struct BarBuilder {
  private(set) var bar: Bar

  init(opensAt: Timestamp, _ open: Price) {
    bar = Bar(opensAt: opensAt, open: open, high: open, low: open, close: open)
  }

  mutating func add(_ price: Price) {
    bar = Bar(
      opensAt: bar.opensAt, open: bar.open, high: max(bar.high, price), low: min(bar.low, price),
      close: price)
  }
}
