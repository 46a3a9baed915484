/// Two spot markets of one asset at one venue, priced in different assets: together they tell what one
/// of those is worth in the other.
public struct PegWitness: Hashable, Sendable, BitwiseCopyable {
  /// The pair that is priced in the asset in question.
  public let own: PairIndex
  /// The pair that is priced in another.
  public let other: PairIndex

  /// Of two assets so many are asked at most, the first of the universe: more would say the same, and
  /// each decision asks them all.
  private static let most = 3

  /// The witnesses of each `Pair.money`.
  static func byMoney(_ pairs: [Pair], _ instruments: [Instrument]) -> [[PegWitness]] {
    var witnesses: [[PegWitness]] = []
    var counts: [[Int]: Int] = [:]
    var alike: [[String]: [Int]] = [:]
    func name(_ pair: Pair) -> [String] {
      [pair.venue.rawValue, instruments[pair.spot.position].base.rawValue]
    }
    for place in pairs.indices { alike[name(pairs[place]), default: []].append(place) }
    for (place, pair) in pairs.enumerated() {
      if pair.money == witnesses.count { witnesses.append([]) }
      for other in alike[name(pair)] ?? [] where pairs[other].money != pair.money {
        let both = [pair.money, pairs[other].money]
        guard counts[both, default: 0] < most else { continue }
        counts[both, default: 0] += 1
        witnesses[pair.money].append(
          PegWitness(own: PairIndex(place), other: PairIndex(other)))
      }
    }
    return witnesses
  }
}

extension Universe {
  /// What tells whether the quote asset of a pair has left its peg; empty when the venue of its
  /// perpetual trades nothing for a second one.
  public func pegWitnesses(of pair: PairIndex) -> [PegWitness] {
    let home = pairOfInstrument[self[pair].perp.position]
    return pegWitnesses[self[home].money]
  }
}
