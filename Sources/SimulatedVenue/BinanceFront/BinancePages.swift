import Trading
import Wire

/// The part of a list that a request asks for by time and number.
struct BinancePage {
  private let from: Timestamp?
  private let to: Timestamp?
  private let limit: Int

  /// Whether any time was given.
  var hasTimes: Bool { from != nil || to != nil }

  /// Reads `startTime`, `endTime` and `limit`.
  ///
  /// - Parameter window: the longest span between both times.
  /// - Throws: a longer one, or an end before the start.
  init(
    _ parameters: BinanceParameters, window: TimeSpan?, default: Int = 500, maximum: Int
  ) throws(BinanceError) {
    from = try parameters.moment("startTime")
    to = try parameters.moment("endTime")
    limit = try parameters.limit(default: `default`, maximum: maximum)
    guard let from, let to else { return }
    if to < from { throw .invalid("startTime") }
    if let window, to - from > window {
      throw BinanceError(
        -1127,
        "More than \(window.nanoseconds / 3_600_000_000_000) hours between startTime and "
          + "endTime.")
    }
  }

  /// Whether a moment is asked for.
  func holds(_ time: Timestamp) -> Bool {
    // The venue knows only milliseconds.
    let moment = Timestamp(milliseconds: time.wholeMilliseconds)
    return moment >= from ?? .distantPast && moment <= to ?? .distantFuture
  }

  /// At most so many: the oldest from a start on, else the newest.
  func cut<Row>(_ rows: [Row], fromStart: Bool = false) -> ArraySlice<Row> {
    from != nil || fromStart ? rows.prefix(limit) : rows.suffix(limit)
  }
}

extension Venue {
  /// Whether a closed order is no longer known to lookups.
  func isGone(_ order: WorldOrder) -> Bool {
    isHidden(order) || (!order.state.isOpen && order.updatedAt < forgottenBefore)
  }

  /// The order that a request names by `orderId` or `origClientOrderId`; nil for none that lookups
  /// know.
  func order(
    named parameters: BinanceParameters, of symbol: BinanceSymbol
  ) throws(BinanceError) -> WorldOrder? {
    let found: WorldOrder?
    if let number = try parameters.integer("orderId") {
      found = order(number)
    } else if let id = try parameters.text("origClientOrderId") {
      found = order(clientID: id, on: symbol.index)
    } else {
      throw BinanceError(
        -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")
    }
    guard let found, found.request.instrument == symbol.index, !isGone(found) else { return nil }
    return found
  }
}
