public import FixedPoint
public import Simulation
public import Trading

/// What a carry of one size could have gained at most, had every settlement been known.
///
/// One is in or out. Entering buys the notional at the price of the moment and keeps the quantity;
/// each way costs a fraction of what is traded; while in, the bound capital earns no cash rate. The
/// best choice of all entries and exits is found exactly: out(j) is the best result while out after
/// settlement j, and every entry i is a line A + s·X in what funding less the cost of leaving has
/// reached at j, so the best entry is the top of all lines there.
public struct Foresight: Sendable {
  /// One moment at which one may switch.
  public struct Stop: Hashable, Sendable {
    /// When.
    public let at: Timestamp
    /// The rate that settles there; zero where none does.
    public let rate: Rate
    /// The mark price.
    public let mark: Price

    /// States a moment.
    public init(at: Timestamp, rate: Rate, mark: Price) {
      self.at = at
      self.rate = rate
      self.mark = mark
    }
  }

  /// Quote units of one carry when it is entered.
  public let notional: Notional
  /// Both legs, one way, a fraction of what is traded.
  public let oneWay: Rate
  /// What the capital of one carry would earn idle, quote units per year.
  public let idlePerYear: Notional

  /// States the terms.
  public init(notional: Notional, oneWay: Rate, idlePerYear: Notional = .zero) {
    self.notional = notional
    self.oneWay = oneWay
    self.idlePerYear = idlePerYear
  }

  /// The largest gain in quote units beyond what the idle capital would have earned; never below
  /// zero, for one may stay out.
  ///
  /// - Parameter stops: rising in time; the last may be held through without leaving.
  public func best(_ stops: [Stop]) -> Notional {
    // Per base unit: Σ mark × rate so far, with and without the cost of leaving here.
    var paid = Price.zero
    var funding: [Price] = []
    var reach: [Price] = []
    for stop in stops {
      paid += stop.mark.times(stop.rate)
      funding.append(paid)
      reach.append(paid - stop.mark.times(oneWay))
    }
    guard let first = stops.first, let last = stops.last else { return .zero }
    var lines = UpperLines(at: reach + [paid])
    var out = Notional.zero
    for (place, stop) in stops.enumerated() {
      let forgone = idle(from: first.at, to: stop.at)
      if let top = lines.top(at: place) { out = max(out, top - forgone) }
      let quantity = notional.quantity(at: stop.mark, .down)
      lines.insert(
        Line(
          base: out - notional.times(oneWay) - funding[place].notional(of: quantity) + forgone,
          slope: quantity))
    }
    let held = lines.top(at: stops.count).map { $0 - idle(from: first.at, to: last.at) }
    return max(out, held ?? .zero)
  }

  private func idle(from: Timestamp, to: Timestamp) -> Notional {
    idlePerYear.times((to - from).seconds.divided(by: 31_536_000, rounding: .halfEven))
  }
}

extension Foresight {
  /// The moments of a recorded pair within a range: its start and each settlement.
  public static func stops(of series: PairSeries, in range: Range<Timestamp>) -> [Stop] {
    var stops: [Stop] = []
    if let first = series.mark(at: range.lowerBound) {
      stops.append(Stop(at: range.lowerBound, rate: .zero, mark: first))
    }
    for settlement in series.funding where range.contains(settlement.rate.settlesAt) {
      let at = settlement.rate.settlesAt
      // A settlement at the very start is over before anything can be held.
      guard at.floored(to: .hours(1)) > range.lowerBound,
        let mark = settlement.mark ?? series.mark(at: at)
      else { continue }
      stops.append(Stop(at: at, rate: settlement.rate.rate, mark: mark))
    }
    return stops
  }
}
