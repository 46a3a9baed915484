import FixedPoint
import Simulation
import Trading

/// Bars of one instrument out of one file, and what the file reaches over.
struct BarFile {
  private(set) var bars: [Bar] = []
  /// What was traded in the day before each of them, quote units; nil where the file does not reach
  /// so far back.
  private(set) var turnovers: [Notional?] = []
  /// What was traded in the bars of the last day, and their sum.
  private var day: ArraySlice<(at: Timestamp, value: Notional)> = []
  private var traded = Notional.zero
  /// The first and last stamp in the file, in the range or not.
  private(set) var first: Timestamp?
  private(set) var last: Timestamp?
  let interval: TimeSpan
  let path: String

  static let columns = ["open_time", "open", "high", "low", "close", "volume"]

  /// Reads and checks every row; the prices of those within the range.
  init(path: String, interval: TimeSpan, range: Range<Timestamp>) throws(MarketDataError) {
    self.path = path
    self.interval = interval
    let file = try CSVFile(path: path, columns: Self.columns)
    let known = range.lowerBound - .days(1)..<range.upperBound
    while try file.advance() {
      let time = try readTime(file)
      if first == nil { first = time }
      last = time
      guard known.contains(time) else { continue }
      let (bar, volume) = try Self.bar(file, opensAt: time)
      forget(before: time - .days(1))
      if range.contains(time) {
        bars.append(bar)
        turnovers.append(first.map { $0 <= time - .days(1) } == true ? traded : nil)
      }
      let value = bar.close.notional(of: volume)
      day.append((time, value))
      traded += value
    }
  }

  private mutating func forget(before moment: Timestamp) {
    // A slice forgets its beginning without moving the rest: a day of minutes is 1440 bars.
    while let oldest = day.first, oldest.at < moment {
      traded -= oldest.value
      day.removeFirst()
    }
  }

  private func readTime(_ file: CSVFile) throws(MarketDataError) -> Timestamp {
    let time = try file.time(0)
    guard time.floored(to: interval) == time else {
      throw .malformed("open_time is not on the grid of the interval", file[0], at: file.place)
    }
    if let last, time <= last {
      let problem = time == last ? "open_time is a duplicate" : "open_time goes back"
      throw .malformed(problem, file[0], at: file.place)
    }
    return time
  }

  private static func bar(
    _ file: CSVFile, opensAt: Timestamp
  ) throws(MarketDataError) -> (bar: Bar, volume: Quantity) {
    let open = try price(file, 1)
    let high = try price(file, 2)
    let low = try price(file, 3)
    let close = try price(file, 4)
    guard high >= max(open, close) else {
      throw .malformed("high is below open or close", file[2], at: file.place)
    }
    guard low <= min(open, close) else {
      throw .malformed("low is above open or close", file[3], at: file.place)
    }
    guard let volume = Quantity(utf8: file[5]), !volume.isNegative else {
      throw .malformed("volume is not a decimal number from 0", file[5], at: file.place)
    }
    return (Bar(opensAt: opensAt, open: open, high: high, low: low, close: close), volume)
  }

  private static func price(_ file: CSVFile, _ index: Int) throws(MarketDataError) -> Price {
    guard let price = Price(utf8: file[index]), price.isPositive else {
      throw .malformed(
        "\(columns[index]) is not a decimal number above 0", file[index], at: file.place)
    }
    return price
  }
}

extension BarFile {
  /// The bars as a series.
  ///
  /// - Parameter countsBase: whether volumes are in base units; others say nothing of what was traded.
  func series(countsBase: Bool) -> BarSeries {
    BarSeries(
      interval: interval, bars: bars, turnovers: countsBase ? turnovers : [], beganAt: first)
  }

  /// Whole intervals without a bar within the range, refusing those beyond the limit.
  func gaps(of instrument: InstrumentID, _ request: Request) throws(MarketDataError) -> [MarketGap]
  {
    guard let firstBar = bars.first, let lastBar = bars.last,
      firstBar.opensAt - request.range.lowerBound <= request.maximumGap,
      request.range.upperBound - lastBar.opensAt <= max(request.maximumGap, interval)
    else { throw notCovered(request) }
    var gaps: [MarketGap] = []
    var due = request.range.lowerBound.rounded(upTo: interval)
    for bar in bars {
      if bar.opensAt > due {
        gaps.append(try gap(of: instrument, from: due, to: bar.opensAt, request))
      }
      due = bar.opensAt + interval
    }
    let end = request.range.upperBound.rounded(upTo: interval)
    if end > due { gaps.append(try gap(of: instrument, from: due, to: end, request)) }
    return gaps
  }

  private func gap(
    of instrument: InstrumentID, from: Timestamp, to: Timestamp, _ request: Request
  ) throws(MarketDataError) -> MarketGap {
    let gap = MarketGap(instrument: instrument, from: from, to: to, interval: interval)
    guard to - from <= request.maximumGap else {
      throw MarketDataError(
        .gap, "\(gap.missingBars) bars are missing from \(from) to \(to)", at: path,
        remedy: "raise --max-gap-hours or choose another range")
    }
    return gap
  }

  private func notCovered(_ request: Request) -> MarketDataError {
    let available =
      if let first, let last { "it has \(first) to \(last + interval)" } else { "it has no bar" }
    return MarketDataError(
      .notCovered, "the bars do not cover \(request.rangeText)", at: path,
      remedy: "\(available): choose a range within")
  }
}
