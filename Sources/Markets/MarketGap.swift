public import Simulation
public import Trading

/// Bars that are not in a recording: the venue was down or the recorder was.
public struct MarketGap: Hashable, Sendable {
  /// The instrument without bars.
  public let instrument: InstrumentID
  /// When the first missing bar would open.
  public let from: Timestamp
  /// When the gap ends.
  public let to: Timestamp
  /// The length of each bar.
  public let interval: TimeSpan

  /// How many bars are missing.
  public var missingBars: Int { Int((to - from).nanoseconds / interval.nanoseconds) }
}

/// Recorded markets of a range, checked.
public struct LoadedMarkets: Hashable, Sendable {
  /// One history per symbol, in the order asked for.
  public let pairs: [PairSeries]
  /// Missing bars of both legs within the limit, by symbol, spot before perpetual, then by time.
  public let gaps: [MarketGap]
}

extension MarketGap: CustomStringConvertible {
  /// The outage in words.
  public var description: String {
    "\(instrument): \(missingBars) bars missing, \(from) to \(to)"
  }
}
