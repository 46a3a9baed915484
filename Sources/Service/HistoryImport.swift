import FixedPoint
import Markets
import Simulation
public import Trading
public import Transport
import Venues

/// History of one pair, fetched from what a venue publishes.
public struct HistoryImport {
  /// What was fetched, for whoever watches.
  public struct Summary: Hashable, Sendable {
    /// Bars of the spot leg.
    public let spotBars: Int
    /// Bars of the perpetual.
    public let perpBars: Int
    /// Settlements.
    public let settlements: Int
  }

  private let session: any AnyVenueSession
  private let symbol: Symbol
  private let range: Range<Timestamp>

  /// Takes a conversation that needs no key.
  ///
  /// - Parameters:
  ///   - symbol: the pair, such as `BTCUSDT`.
  ///   - contract: the perpetual's name at the venue where it differs, such as `1000PEPEUSDT`.
  ///   - multiplier: base units per contract unit.
  public init(
    _ session: any AnyVenueSession, symbol: Symbol, contract: String?, multiplier: Int,
    range: Range<Timestamp>
  ) {
    self.session = session
    self.symbol = symbol
    self.range = range
    let listing = Self.listing(session.venue, symbol, contract: contract, multiplier: multiplier)
    session.attach(Universe(pairs: [(listing.spot, listing.perp)]), listings: [listing])
  }

  /// Fetches bars and settlements and writes them as recorded markets.
  ///
  /// - Parameter interval: as files name it, such as `1h`.
  /// - Throws: what the venue said instead of an answer, or why a file cannot be written.
  public func run(
    interval: String, length: TimeSpan, into folder: String
  ) throws(HistoryImportError) -> Summary {
    let spot = InstrumentID(venue: session.venue, market: .spot, symbol: symbol)
    let perp = InstrumentID(venue: session.venue, market: .perp, symbol: symbol)
    let spotBars = try bars(of: spot, length: length)
    let perpBars = try bars(of: perp, length: length)
    let settlements = try settlements(of: perp)
    guard !spotBars.isEmpty, !perpBars.isEmpty, !settlements.isEmpty else {
      throw HistoryImportError(
        "nothing was written: \(spotBars.count) spot bars, \(perpBars.count) perpetual bars, "
          + "\(settlements.count) settlements from \(range.lowerBound) to \(range.upperBound); "
          + "choose another range")
    }
    let writer = MarketWriter(folder: folder)
    do throws(MarketDataError) {
      try writer.writeBars(spotBars, of: spot, interval: interval)
      try writer.writeBars(perpBars, of: perp, interval: interval)
      try writer.writeFunding(settlements, of: perp)
    } catch {
      throw HistoryImportError(error.description)
    }
    return Summary(
      spotBars: spotBars.count, perpBars: perpBars.count, settlements: settlements.count)
  }

  private func bars(
    of id: InstrumentID, length: TimeSpan
  ) throws(HistoryImportError) -> [(bar: Bar, volume: String)] {
    let task = VenueTask.bars(
      id, from: range.lowerBound, to: range.upperBound, interval: length)
    let messages = session.performAndWait(task, atMost: .hours(1))
    try Self.check(messages, id)
    return messages.flatMap { message in
      if case .bars(let bars) = message { bars } else { [VenueBar]() }
    }
    .map {
      (
        Bar(opensAt: $0.openedAt, open: $0.open, high: $0.high, low: $0.low, close: $0.close),
        $0.volume
      )
    }
  }

  private func settlements(
    of id: InstrumentID
  ) throws(HistoryImportError) -> [FundingSettlement] {
    let task = VenueTask.settlements(id, from: range.lowerBound, to: range.upperBound)
    let messages = session.performAndWait(task, atMost: .hours(1))
    try Self.check(messages, id)
    return messages.flatMap { message in
      if case .settlements(let rows) = message { rows } else { [VenueSettlement]() }
    }
    .map { FundingSettlement(rate: $0.rate, mark: $0.mark) }
  }

  private static func check(
    _ messages: [VenueMessage], _ id: InstrumentID
  ) throws(HistoryImportError) {
    for case .failed(_, let failure) in messages {
      var isUnavailable = false
      if case .unavailable = failure { isUnavailable = true }
      throw HistoryImportError(
        "no history of \(id) (\(failure)); check symbol and range", isUnavailable: isUnavailable)
    }
  }

  /// A listing that is enough to ask for history: steps and fees do not matter.
  private static func listing(
    _ venue: VenueID, _ symbol: Symbol, contract: String?, multiplier: Int
  ) -> Listing {
    func instrument(_ market: Market) -> Instrument {
      Instrument(
        id: InstrumentID(venue: venue, market: market, symbol: symbol), base: "BASE",
        quote: "QUOTE", tick: .ulp, lot: .ulp, minimumQuantity: .ulp, minimumNotional: .zero,
        fees: FeeSchedule(maker: .zero, taker: .zero, isTakenFromReceivedAsset: false))
    }
    return Listing(
      spot: instrument(.spot), perp: instrument(.perp), spotName: symbol.rawValue,
      perpName: contract ?? symbol.rawValue, multiplier: multiplier,
      terms: FundingTerms(intervalHours: 8, cap: nil, floor: nil, nextSettlement: nil),
      spotStatus: .trading, perpStatus: .trading, delistsAt: nil, combo: nil)
  }
}

/// Why a history could not be fetched.
public struct HistoryImportError: Error, Sendable, CustomStringConvertible {
  /// What, and what to do.
  public let description: String
  /// Whether the venue could not be reached.
  public let isUnavailable: Bool

  init(_ description: String, isUnavailable: Bool = false) {
    self.description = description
    self.isUnavailable = isUnavailable
  }
}
