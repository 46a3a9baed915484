import FixedPoint
import Trading

/// How near a short is to being deleveraged, where the venue tells it.
extension Engine {
  /// Records a warning when a short rises high in the queue; once, until it has left that part of it.
  mutating func warnOfRank(
    _ pair: PairIndex, _ figures: MarketFigures, at now: Timestamp, into outcome: inout Outcome
  ) {
    let limit = parameters.margin.highestRank
    let before = market[pair].perpFigures.deleveragingRank ?? 0
    guard let rank = figures.deleveragingRank, rank > limit, before <= limit,
      state.carries[pair.position] != nil
    else { return }
    let gate = DeleveragingRank.gate(rank, limit: limit)
    record(
      .decided(
        view(of: pair, at: now).record(
          .warn, "the venue may close the short", [gate], version: policy.version)),
      into: &outcome)
  }
}

enum DeleveragingRank {
  static func gate(_ rank: Int, limit: Int) -> Gate {
    Gate("deleveraging_rank", Rate(rank), .atMost, Rate(limit), unit: "of 5")
  }
}
