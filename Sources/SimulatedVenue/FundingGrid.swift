import FixedPoint
import Simulation
import Trading

/// What the coming settlements of a perpetual are like.
struct FundingTerms {
  /// Hours between settlements.
  var intervalHours: Int
  /// Largest and smallest rate.
  var cap: Rate
  var floor: Rate
  /// A rate that was set for the next settlement.
  var override: Rate?
  /// Whether settlements follow the interval instead of the recorded stamps.
  var isOwnGrid = false
  /// How often the interval was changed: settlements scheduled before that are void.
  var changes = 0
}

extension VenuePlan {
  /// By place in the universe; on spot without meaning.
  var fundingTerms: [FundingTerms] {
    pairs.enumerated().flatMap { place, pair in
      let recorded = series(of: place)?.funding
        .last { $0.rate.settlesAt < range.lowerBound + .days(1) }?.rate.intervalHours
      let terms = FundingTerms(
        intervalHours: pair.fundingHours ?? recorded ?? 8, cap: pair.fundingCap,
        floor: -pair.fundingCap)
      return [terms, terms]
    }
  }
}

extension Venue {
  /// The settlement that comes next, on the full hour, with the rate that it will have.
  func comingRate(_ instrument: InstrumentIndex) -> FundingRate {
    let own = terms[instrument.position]
    let hours = own.intervalHours
    let grid = now.floored(to: .hours(Int64(hours))) + .hours(Int64(hours))
    let recorded = recordedRate(instrument)
    if own.isOwnGrid {
      return FundingRate(
        settlesAt: grid, intervalHours: hours, rate: own.override ?? scaledRate(instrument))
    }
    guard let recorded else {
      return FundingRate(
        settlesAt: grid, intervalHours: hours,
        rate: own.override ?? market.settled[instrument.position].last?.rate.rate ?? .zero)
    }
    return FundingRate(
      settlesAt: (recorded.settlesAt + .minutes(30)).floored(to: .hours(1)),
      intervalHours: recorded.intervalHours, rate: own.override ?? recorded.rate)
  }

  /// Settles funding of everybody's positions.
  func settle(_ instrument: InstrumentIndex, _ rate: FundingRate, mark: Price) {
    var rate = rate
    if let override = terms[instrument.position].override {
      rate = FundingRate(
        settlesAt: rate.settlesAt, intervalHours: rate.intervalHours, rate: override)
      terms[instrument.position].override = nil
    }
    market.settled[instrument.position].append(FundingSettlement(rate: rate, mark: mark))
    act(.funding) { events in
      exchange.apply(.funding(instrument, rate, mark: mark), at: now, into: &events)
    }
    tell(.funding(instrument))
  }

  /// Settles at the next moment of the grid, and so on, until the interval changes again.
  func scheduleOwnSettlement(_ instrument: InstrumentIndex, _ change: Int) {
    let hours = terms[instrument.position].intervalHours
    let span = TimeSpan.hours(Int64(hours))
    if now.floored(to: span) + span >= world.until { return }
    world.schedule(at: now.floored(to: span) + span) { [unowned self] in
      guard terms[instrument.position].changes == change,
        listing(instrument).status != .delisted
      else { return }
      let rate = FundingRate(
        settlesAt: now, intervalHours: hours,
        rate: terms[instrument.position].override ?? scaledRate(instrument))
      settle(instrument, rate, mark: mark(instrument))
      scheduleOwnSettlement(instrument, change)
    }
  }

  /// The recorded settlement that comes next; nil when none is left.
  private func recordedRate(_ instrument: InstrumentIndex) -> FundingRate? {
    guard let series = plan.series(of: instrument.position / 2)?.funding else { return nil }
    let place = series.firstPlace { $0.rate.settlesAt > now }
    return place < series.count ? series[place].rate : nil
  }

  /// The recorded rate brought to the own interval, within the cap.
  private func scaledRate(_ instrument: InstrumentIndex) -> Rate {
    let own = terms[instrument.position]
    let recorded = recordedRate(instrument)
    let last = market.settled[instrument.position].last?.rate
    guard let base = recorded ?? last else { return .zero }
    let rate = base.rate.times(own.intervalHours)
      .divided(by: max(base.intervalHours, 1), rounding: .halfEven)
    return min(max(rate, own.floor), own.cap).rounded(places: 8, .halfEven)
  }
}
