import Trading

/// What is asked of every file of a load.
struct Request {
  let range: Range<Timestamp>
  /// Settlements from here on are kept as history.
  let historyFrom: Timestamp
  let maximumGap: TimeSpan

  /// 1990 to 2200: no exchange history is older, and sums of these times cannot overflow.
  static let age =
    Timestamp(milliseconds: 631_152_000_000)..<Timestamp(milliseconds: 7_258_118_400_000)

  private static let mostHistoryDays = 3_660
  private static let mostGapHours = 87_840

  init(
    from: Timestamp, to: Timestamp, historyDays: Int, maximumGapHours: Int
  ) throws(MarketDataError) {
    guard Self.age.contains(from), Self.age.contains(to) else {
      throw MarketDataError(
        .badRequest, "the range is outside recorded time", remedy: "give years 1990 to 2199")
    }
    guard from < to else {
      throw MarketDataError(
        .badRequest, "the range \(from) to \(to) is empty", remedy: "give --from before --to")
    }
    guard (0...Self.mostHistoryDays).contains(historyDays) else {
      throw MarketDataError(
        .badRequest, "the history is out of range (\(historyDays) days)",
        remedy: "give 0 to \(Self.mostHistoryDays) days")
    }
    guard (0...Self.mostGapHours).contains(maximumGapHours) else {
      throw MarketDataError(
        .badRequest, "the longest gap is out of range (\(maximumGapHours) hours)",
        remedy: "give 0 to \(Self.mostGapHours) hours")
    }
    range = from..<to
    historyFrom = from - .days(Int64(historyDays))
    maximumGap = .hours(Int64(maximumGapHours))
  }

  var rangeText: String { "\(range.lowerBound) to \(range.upperBound)" }
}

extension Timestamp {
  /// The earliest multiple of a span since 1970 that is not before this moment.
  func rounded(upTo span: TimeSpan) -> Timestamp {
    let below = floored(to: span)
    return below == self ? self : below + span
  }

  /// The nearest full hour: settlements are stamped up to seconds late.
  var nearestHour: Timestamp { (self + .minutes(30)).floored(to: .hours(1)) }
}
