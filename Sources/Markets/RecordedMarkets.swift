public import Simulation
public import Trading

/// A folder of recorded exchange history.
///
/// `funding/<venue>/<SYMBOL>.csv` holds settled rates, `klines/<venue>/<spot|perp|mark>/
/// <SYMBOL>-<interval>.csv` bars; either may be compressed as `.csv.gz`, and the plain file wins
/// where both are. Decimals are read exactly, nothing is filled in.
public struct RecordedMarkets: Sendable {
  /// The folder.
  public let folder: String

  /// Names a folder; nothing is read yet.
  public init(folder: String) { self.folder = folder }

  /// Reads both legs, marks and funding of every symbol over `from ..< to`.
  ///
  /// - Parameters:
  ///   - interval: the length of the bars as in the file names: `1h`, `5m`, `1d`.
  ///   - historyDays: days of settlements kept from before `from`.
  ///   - maximumGapHours: the longest run of missing bars of a leg that is accepted.
  public func load(
    venue: VenueID, symbols: [Symbol], interval: String = "1h", from: Timestamp, to: Timestamp,
    historyDays: Int = 60, maximumGapHours: Int = 6
  ) throws(MarketDataError) -> LoadedMarkets {
    let request = try Request(
      from: from, to: to, historyDays: historyDays, maximumGapHours: maximumGapHours)
    var pairs: [PairSeries] = []
    var gaps: [MarketGap] = []
    for symbol in symbols {
      let files = try MarketFolder(folder: folder, venue: venue, symbol: symbol, interval: interval)
      let pair = try load(files, request)
      pairs.append(pair.series)
      gaps += pair.gaps
    }
    return LoadedMarkets(pairs: pairs, gaps: gaps)
  }

  /// Reads funding alone, with prices that stand still: both legs at one price all the time.
  public func loadFlat(
    venue: VenueID, prices: [(symbol: Symbol, price: Price)], from: Timestamp, to: Timestamp,
    historyDays: Int = 60
  ) throws(MarketDataError) -> [PairSeries] {
    let request = try Request(from: from, to: to, historyDays: historyDays, maximumGapHours: 0)
    var pairs: [PairSeries] = []
    for (symbol, price) in prices {
      let files = try MarketFolder(folder: folder, venue: venue, symbol: symbol, interval: "1h")
      let funding = try FundingFile(path: files.funding(), request)
      var bars: [Bar] = []
      var moment = from.rounded(upTo: .hours(1))
      while moment < to {
        bars.append(Bar(opensAt: moment, open: price, high: price, low: price, close: price))
        moment = moment + .hours(1)
      }
      let series = BarSeries(interval: .hours(1), bars: bars)
      pairs.append(
        PairSeries(
          venue: venue, symbol: symbol, spot: series, perp: series, mark: nil,
          funding: funding.settlements))
    }
    return pairs
  }

  /// The symbols with spot bars, perpetual bars and funding, sorted.
  public func availableSymbols(
    venue: VenueID, interval: String = "1h"
  ) throws(MarketDataError) -> [Symbol] {
    try MarketFolder.symbols(folder: folder, venue: venue, interval: interval)
  }

  /// The longest range `load` could cover, gaps aside; nil when the recordings do not overlap.
  ///
  /// Reads the three files to their ends.
  public func availableRange(
    venue: VenueID, symbol: Symbol, interval: String = "1h"
  ) throws(MarketDataError) -> Range<Timestamp>? {
    let files = try MarketFolder(folder: folder, venue: venue, symbol: symbol, interval: interval)
    let nothing = Timestamp.distantFuture..<Timestamp.distantFuture
    let spot = try BarFile(path: files.bars(.spot), interval: files.interval, range: nothing)
    let perp = try BarFile(path: files.bars(.perp), interval: files.interval, range: nothing)
    let funding = try FundingFile(path: files.funding())
    guard let spotFirst = spot.first, let spotLast = spot.last, let perpFirst = perp.first,
      let perpLast = perp.last, let fundingFirst = funding.firstHour, let fundingEnd = funding.end
    else { return nil }
    let first = max(spotFirst, perpFirst, fundingFirst)
    let end = min(min(spotLast, perpLast) + files.interval, fundingEnd)
    return first < end ? first..<end : nil
  }

  private func load(
    _ files: MarketFolder, _ request: Request
  ) throws(MarketDataError) -> (series: PairSeries, gaps: [MarketGap]) {
    var gaps: [MarketGap] = []
    func leg(_ market: Market) throws(MarketDataError) -> BarSeries {
      let file = try BarFile(
        path: files.bars(market), interval: files.interval, range: request.range)
      let instrument = InstrumentID(venue: files.venue, market: market, symbol: files.symbol)
      gaps += try file.gaps(of: instrument, request)
      // OKX counts contracts of perpetuals, whose size is not recorded.
      return file.series(countsBase: files.venue != "okx" || market == .spot)
    }
    let spot = try leg(.spot)
    let perp = try leg(.perp)
    var mark: BarSeries?
    if let path = files.mark() {
      let file = try BarFile(path: path, interval: files.interval, range: request.range)
      mark = file.bars.isEmpty ? nil : file.series(countsBase: false)
    }
    let funding = try FundingFile(path: files.funding(), request)
    let series = PairSeries(
      venue: files.venue, symbol: files.symbol, spot: spot, perp: perp, mark: mark,
      funding: funding.settlements)
    return (series, gaps)
  }
}
