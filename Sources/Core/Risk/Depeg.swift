import FixedPoint
import Trading

/// How far the asset that prices and profit are counted in is from another of the same worth.
///
/// Both legs of a carry are quoted in it, so the carry itself does not feel its fall; the account does.
/// What one asset buys and the other tells their rate. Which of both fell it does not tell, so nothing
/// grows that is priced in either.
enum Depeg {
  /// The largest departure that anything tells, a fraction; nil while no price of both is fresh.
  static func departure(
    _ witnesses: [PegWitness], _ markets: [PairMarket], at now: Timestamp, staleSeconds: Int
  ) -> Rate? {
    func price(_ pair: PairIndex) -> Price? {
      let quote = markets[pair.position].spot
      guard quote.ask.isPositive, quote.at >= markets[pair.position].trustedFrom,
        now - quote.at <= .seconds(Int64(staleSeconds))
      else { return nil }
      return quote.mid
    }
    return witnesses.compactMap { witness in
      guard let own = price(witness.own), let other = price(witness.other) else { return nil }
      return (other.ratio(to: own) - .one).magnitude
    }.max()
  }

  static func gate(_ departure: Rate?, _ rules: Parameters.Market) -> Gate {
    Gate("depeg", departure, .atMost, rules.maximumDepeg, unit: "of the peg")
  }
}

extension Engine {
  /// Lets nothing grow that is priced in an asset that left its peg, and says so of what is held; once,
  /// until most of the way back was made.
  mutating func watchPegs(at now: Timestamp, into outcome: inout Outcome) {
    guard universe.hasPegWitnesses, parameters.market.maximumDepeg.isPositive else { return }
    let rules = parameters.market
    for money in universe.pegWitnesses.indices {
      let witnesses = universe.pegWitnesses[money]
      guard
        witnesses.contains(where: { market[$0.own].isChanged || market[$0.other].isChanged }),
        let departure = Depeg.departure(
          witnesses, market.pairs, at: now, staleSeconds: rules.staleSeconds)
      else { continue }
      guard departure > rules.maximumDepeg else {
        if departure.times(2) <= rules.maximumDepeg { departed.remove(money) }
        continue
      }
      let isNews = departed.insert(money).inserted
      for place in universe.pairs.indices where universe.pairs[place].money == money {
        let pair = PairIndex(place)
        trip(pair, .depeg, at: now)
        guard isNews, state.carries[place] != nil else { continue }
        record(
          .decided(
            view(of: pair, at: now).record(
              .warn, "the quote asset left its peg", [Depeg.gate(departure, rules)],
              version: policy.version)),
          into: &outcome)
      }
    }
  }
}
