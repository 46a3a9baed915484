/// The place of two legs at two venues: the pair that has the spot, and the one that has the perpetual.
public struct CrossedLegs: Hashable, Sendable, BitwiseCopyable {
  /// The pair whose spot leg is meant.
  public let spot: PairIndex
  /// The pair whose perpetual is meant.
  public let perp: PairIndex
}

extension Universe {
  /// Every spot leg beside every perpetual of the same base and quote asset at another venue, in the
  /// order of the pairs.
  public var crossedLegs: [CrossedLegs] {
    var alike: [[AssetID]: [Int]] = [:]
    for place in pairs.indices { alike[assets(of: place), default: []].append(place) }
    return pairs.indices.flatMap { perp in
      (alike[assets(of: perp)] ?? []).filter { pairs[$0].venue != pairs[perp].venue }
        .map { CrossedLegs(spot: PairIndex($0), perp: PairIndex(perp)) }
    }
  }

  /// This universe with such legs as pairs, in this order, after its own.
  ///
  /// They are for looking at. An instrument still belongs to the pair at its venue, no name finds them,
  /// and no money trades them, so none of them shares cash with another pair.
  public func crossed(_ legs: [CrossedLegs]) -> Universe {
    Universe(
      self,
      adding: legs.enumerated().map { place, leg in
        let (spot, perp) = (self[leg.spot].spot, self[leg.perp].perp)
        return Pair(
          spot: spot, perp: perp, venue: self[leg.perp].venue, money: -1 - place,
          symbol: self[leg.perp].symbol,
          jointLot: Self.jointLot(self[spot].lot, self[perp].lot), combo: nil)
      })
  }

  private func assets(of place: Int) -> [AssetID] {
    let perp = self[pairs[place].perp]
    return [perp.base, perp.quote]
  }
}
