import FixedPoint
import Trading

/// Spot at one venue beside the perpetual at another.
///
/// The engine opens no such carry: it cannot move collateral between venues, so nothing would keep
/// the short from liquidation while the profit lies elsewhere. They are ranked so that an operator sees
/// what holding both legs at one venue costs, and only when asked.
enum CrossVenue {
  /// The gate that no such candidate passes.
  static let gate = Gate("both_legs_at_one_venue", "no", mustBe: "yes")

  /// The gates of an entry with what is bought and what is set aside weighed apart, because cash at one
  /// venue is of no use at the other.
  static func gates(
    _ assessment: EntryRules.Assessment, _ view: PairView, maximumSlippage: Rate
  ) -> [Gate] {
    let notional = assessment.notional
    let margin = notional.times(Rate.one.divided(by: assessment.entry.leverage, .up), .up)
    let free = view.freeCash
    let capital = [
      capital(
        "free_capital_spot", free.spot,
        notional + notional.times(view.spot.fees.taker + maximumSlippage, .up)),
      capital(
        "free_capital_perp", free.futures, margin + notional.times(view.perp.fees.taker, .up)),
    ]
    return [gate] + assessment.gates.flatMap { $0.name == "free_capital" ? capital : [$0] }
  }

  private static func capital(_ name: String, _ free: Notional, _ needed: Notional) -> Gate {
    Gate(
      name, free.reinterpreted(as: Unit.Ratio.self), .atLeast,
      needed.reinterpreted(as: Unit.Ratio.self), unit: "quote")
  }
}

extension Engine {
  /// Candidates across venues: fees and spread of either venue, funding and margin of the perpetual's.
  func candidatesAcrossVenues(
    by rules: EntryRules, at now: Timestamp, _ gauges: inout AccountGauges
  ) -> [Candidate] {
    let legs = universe.venues.count > 1 ? universe.crossedLegs : []
    guard !legs.isEmpty else { return [] }
    let crossed = universe.crossed(legs)
    let markets = market.pairs + legs.map { market[$0.perp].withSpot(of: market[$0.spot]) }
    // What is held counts in full, so that limits across venues bind here too.
    let carries = state.carries + legs.map { _ in nil }
    let exits = state.lastExitAt + legs.map { _ in Timestamp.distantPast }
    let interests = state.interests + legs.map { state.interests[$0.perp.position] }
    return legs.enumerated().map { place, leg in
      let here = trading(at: universe[leg.spot].venue)
      let view = PairView(
        now: now, index: PairIndex(universe.pairs.count + place), universe: crossed,
        markets: markets, carries: carries,
        decidedThrough: state.decidedThrough[leg.perp.position], lastExits: exits,
        interests: interests,
        purse: Purse(
          spot: view(of: leg.spot, at: now).freeSpot,
          futures: view(of: leg.perp, at: now).freeFutures),
        trading: here == .active ? trading(at: universe[leg.perp].venue) : here,
        account: account(of: leg.perp, &gauges),
        maximumSlippage: parameters.execution.maximumSlippage)
      var assessment = rules.assess(view, wanted: nil)
      assessment.gates = CrossVenue.gates(
        assessment, view, maximumSlippage: parameters.execution.maximumSlippage)
      return Candidate(assessment, by: rules, view: view)
    }
  }
}
