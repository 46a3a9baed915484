import Glibc
public import Simulation
public import Trading

/// Writes histories in the layout that `RecordedMarkets` reads.
public struct MarketWriter {
  private let folder: String

  /// Takes the folder that holds `klines` and `funding`.
  public init(folder: String) { self.folder = folder }

  /// Writes the bars of one leg.
  ///
  /// - Parameters:
  ///   - rows: oldest first; volumes as text, because nothing is computed with them.
  ///   - interval: as files name it, such as `1h`.
  public func writeBars(
    _ rows: [(bar: Bar, volume: String)], of instrument: InstrumentID, interval: String
  ) throws(MarketDataError) {
    let path =
      "klines/\(instrument.venue)/\(instrument.market.rawValue)/\(instrument.symbol)-\(interval).csv"
    let lines = rows.map { bar, volume in
      "\(bar.opensAt),\(bar.open),\(bar.high),\(bar.low),\(bar.close),\(volume)"
    }
    try write(BarFile.columns, lines, to: path)
  }

  /// Writes settled funding.
  public func writeFunding(
    _ settlements: [FundingSettlement], of instrument: InstrumentID
  ) throws(MarketDataError) {
    let lines = settlements.map { settlement in
      "\(settlement.rate.settlesAt),\(settlement.rate.rate),\(settlement.rate.intervalHours),"
        + (settlement.mark?.description ?? "")
    }
    try write(
      FundingFile.columns, lines, to: "funding/\(instrument.venue)/\(instrument.symbol).csv")
  }

  /// Writes beside the file and renames, so that nobody reads half a file.
  private func write(
    _ columns: [String], _ lines: [String], to path: String
  ) throws(MarketDataError) {
    let whole = "\(folder)/\(path)"
    var place = ""
    for part in whole.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      place += place.isEmpty && part.isEmpty ? "/" : "\(part)/"
      mkdir(place, 0o755)
    }
    let text = ([columns.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
    let draft = whole + ".new"
    guard let file = fopen(draft, "w") else { throw cannotWrite(draft) }
    let written = fputs(text, file)
    guard fclose(file) == 0, written >= 0, rename(draft, whole) == 0 else {
      throw cannotWrite(whole)
    }
  }

  private func cannotWrite(_ path: String) -> MarketDataError {
    MarketDataError(
      .cannotWrite, "cannot write \"\(path)\"", remedy: "check the folder and its permissions")
  }
}
