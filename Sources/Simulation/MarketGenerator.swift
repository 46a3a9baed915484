public import FixedPoint
public import Trading

/// Makes markets up from a seed, in whole numbers, so that every machine gets the same ones.
///
/// Spot is a random walk with occasional jumps. The perpetual trades at a basis over spot that
/// returns to the mean of the current regime, and funding follows from that premium by the venues'
/// formula. Symbols are independent of each other. It resembles a market; it predicts none.
public enum MarketGenerator {
  /// Days of funding history before the first bar.
  public static let historyDays = 45

  /// One history per market.
  ///
  /// A symbol's history depends on the seed and on its place alone, not on the other symbols. One
  /// symbol in four settles every 4 hours, the others every 8, at whole hours of UTC.
  ///
  /// - Parameters:
  ///   - seed: same seed, same markets.
  ///   - markets: both instruments of each pair, and the spot price at `from`.
  ///   - from: when the first bar opens.
  ///   - days: how long the bars go on; settlements begin `historyDays` earlier.
  ///   - interval: the length of a bar, above zero.
  public static func generate(
    seed: UInt64, markets: [(spot: Instrument, perp: Instrument, startPrice: Price)],
    from: Timestamp, days: Int, interval: TimeSpan
  ) -> [PairSeries] {
    precondition(interval.nanoseconds >= 1_000_000_000, "Invariant: a bar lasts a second or more")
    return markets.enumerated().map { place, market in
      var path = MarketPath(
        random: SeededRandom(seed: seed, stream: place), spot: market.spot, perp: market.perp,
        startPrice: market.startPrice, fundingHours: place % 4 == 3 ? 4 : 8,
        start: from - .days(Int64(historyDays)), interval: interval)
      path.walk(until: from)
      return path.series(from: from, until: from + .days(Int64(days)))
    }
  }
}
