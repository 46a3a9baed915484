import FixedPoint
import Simulation
import Trading

/// A market told tick by tick.
struct ScriptedFeed: MarketFeed {
  private var rest: ArraySlice<(at: Timestamp, ticks: [MarketTick])>
  private let history: [FundingRate]

  /// - Parameters:
  ///   - moments: in rising order.
  ///   - history: settled rates of the perpetual at place 1.
  init(_ moments: [(at: Timestamp, ticks: [MarketTick])], history: [FundingRate] = []) {
    rest = moments[...]
    self.history = history
  }

  var nextTime: Timestamp? { rest.first?.at }

  mutating func next(into ticks: inout [MarketTick]) {
    if let moment = rest.popFirst() { ticks += moment.ticks }
  }

  func fundingHistory(
    of instrument: InstrumentIndex, since: Timestamp, until: Timestamp
  ) -> [FundingRate] {
    instrument == InstrumentIndex(1)
      ? history.filter { $0.settlesAt >= since && $0.settlesAt < until } : []
  }

  /// Both legs of the pair at a place at one price.
  static func price(_ price: Price, of pair: Int = 0) -> [MarketTick] {
    [0, 1].map { .price(InstrumentIndex(2 * pair + $0), price, mark: price) }
  }

  /// The same price so many times, one after each span.
  static func still(
    _ price: Price, of pair: Int = 0, from: Timestamp, every span: TimeSpan, times: Int64
  ) -> [(at: Timestamp, ticks: [MarketTick])] {
    (0..<times).map { (from + span.times($0), Self.price(price, of: pair)) }
  }
}
