import FixedPoint
import Simulation
import Trading

/// Settlements of one perpetual out of one file, and what the file reaches over.
struct FundingFile {
  private(set) var settlements: [FundingSettlement] = []
  /// The hour of the first and of the last row, in the range or not.
  private(set) var firstHour: Timestamp?
  private(set) var lastHour: Timestamp?
  private var firstInterval = TimeSpan.hours(0)
  private var lastInterval = TimeSpan.hours(0)
  let path: String

  static let columns = ["time", "rate", "interval_hours", "mark_price"]

  /// Reads and checks every row, keeps those from the start of history to the end of the range.
  init(path: String, _ request: Request) throws(MarketDataError) {
    self.path = path
    try read(request)
    try checkCoverage(request)
  }

  /// Reads and checks every row and keeps none.
  init(path: String) throws(MarketDataError) {
    self.path = path
    try read(nil)
  }

  /// When a settlement would come before the first row.
  private var start: Timestamp? { firstHour.map { $0 - firstInterval } }

  /// When a settlement would come after the last row.
  var end: Timestamp? { lastHour.map { $0 + lastInterval } }

  private mutating func read(_ request: Request?) throws(MarketDataError) {
    let file = try CSVFile(path: path, columns: Self.columns)
    while try file.advance() {
      let time = try file.time(0)
      let hour = time.nearestHour
      if let lastHour, hour <= lastHour {
        let problem = hour == lastHour ? "the settlement is a duplicate" : "time goes back"
        throw .malformed(problem, file[0], at: file.place)
      }
      let settlement = try Self.settlement(file, at: time)
      if let request, time >= request.historyFrom, time < request.range.upperBound {
        try checkSequence(settlement, hour, file, request)
        settlements.append(settlement)
      }
      lastInterval = .hours(Int64(settlement.rate.intervalHours))
      if firstHour == nil { (firstHour, firstInterval) = (hour, lastInterval) }
      lastHour = hour
    }
  }

  private static func settlement(
    _ file: CSVFile, at time: Timestamp
  ) throws(MarketDataError) -> FundingSettlement {
    guard let rate = Rate(utf8: file[1]), rate.magnitude <= .one else {
      throw .malformed("rate is not a decimal number from -1 to 1", file[1], at: file.place)
    }
    guard file[2].count == 1, (UInt8(ascii: "1")...UInt8(ascii: "8")).contains(file[2][0]) else {
      throw .malformed("interval_hours is not a whole number 1 to 8", file[2], at: file.place)
    }
    var mark: Price?
    if !file[3].isEmpty {
      guard let price = Price(utf8: file[3]), price.isPositive else {
        throw .malformed("mark_price is not a decimal number above 0", file[3], at: file.place)
      }
      mark = price
    }
    let hours = Int(file[2][0] - UInt8(ascii: "0"))
    return FundingSettlement(
      rate: FundingRate(settlesAt: time, intervalHours: hours, rate: rate), mark: mark)
  }

  /// Refuses a row within the range that does not follow the one before it by its interval.
  private func checkSequence(
    _ settlement: FundingSettlement, _ hour: Timestamp, _ file: CSVFile, _ request: Request
  ) throws(MarketDataError) {
    let previous = hour - .hours(Int64(settlement.rate.intervalHours))
    guard let lastHour, previous != lastHour else { return }
    if previous < lastHour, hour >= request.range.lowerBound {
      throw .malformed(
        "interval_hours is longer than the time since the previous settlement", file[2],
        at: file.place)
    }
    if previous > lastHour, previous >= request.range.lowerBound {
      throw MarketDataError(
        .gap, "the funding settlement at \(previous) is missing", at: file.place,
        remedy: "choose another range or fetch the file again")
    }
  }

  /// Refuses a file that begins after, or ends before, a settlement the range must have.
  private func checkCoverage(_ request: Request) throws(MarketDataError) {
    guard let start, let firstHour, let end else {
      throw MarketDataError(
        .notCovered, "the file has no settlement", at: path, remedy: "fetch the file again")
    }
    guard start < request.range.lowerBound, end >= request.range.upperBound else {
      throw MarketDataError(
        .notCovered, "the funding does not cover \(request.rangeText)", at: path,
        remedy: "it has \(firstHour) to \(end): choose a range within")
    }
  }
}
