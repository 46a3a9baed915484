public import FixedPoint
public import Simulation
public import Trading

extension Venue {
  /// What is said about funding of a perpetual now.
  public func funding(_ instrument: InstrumentIndex) -> FundingView {
    let coming = comingRate(instrument)
    let own = terms[instrument.position]
    return FundingView(
      mark: mark(instrument), index: indexPrice(instrument), nextSettlement: coming.settlesAt,
      rate: coming.rate, intervalHours: coming.intervalHours, cap: own.cap, floor: own.floor)
  }

  /// Settlements in `from ..< to` that happened, oldest first; also those before the simulation.
  ///
  /// - Parameter limit: at most so many: the newest when `from` is nil, else the oldest.
  public func settlements(
    _ instrument: InstrumentIndex, from: Timestamp? = nil, to: Timestamp? = nil, limit: Int
  ) -> [FundingSettlement] {
    let all = market.settled[instrument.position]
    let lower = from.map { from in all.firstPlace { $0.rate.settlesAt >= from } } ?? 0
    let upper = to.map { to in all.firstPlace { $0.rate.settlesAt >= to } } ?? all.count
    if lower >= upper { return [] }
    let range = all[lower..<upper]
    return Array(from == nil ? range.suffix(limit) : range.prefix(limit))
  }

  /// Makes a rate the next settlement's.
  public func setRate(_ rate: Rate, of instrument: InstrumentIndex) {
    terms[instrument.position].override = rate
    tell(.funding(instrument))
  }

  /// Lets a perpetual settle in another interval from now on.
  public func setInterval(hours: Int, of instrument: InstrumentIndex) {
    precondition(hours > 0 && 24 % hours == 0, "Invariant: an interval divides a day")
    terms[instrument.position].intervalHours = hours
    terms[instrument.position].isOwnGrid = true
    scheduleOwnSettlement(instrument, terms[instrument.position].changes &+ 1)
    terms[instrument.position].changes &+= 1
    tell(.terms(instrument))
    tell(.funding(instrument))
  }
}
