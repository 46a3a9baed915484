import FixedPoint
import Glibc
import Trading

/// The closes of both legs in one minute.
struct MinuteBar {
  /// Milliseconds since 1970, UTC.
  let time: Int64
  /// Hundredths of the quote asset.
  let spot: Int32
  /// Hundredths of the quote asset.
  let perp: Int32
}

/// A settled funding rate.
struct SettledRate {
  /// Milliseconds since 1970, UTC.
  let time: Int64
  /// In 10⁻⁸.
  let rate: Int64
}

/// The files of some symbols, read exactly and kept small: one symbol after the other.
struct RecordedMarkets {
  /// The part of one symbol in the common lists.
  struct Part {
    let bars: Range<Int>
    let funding: Range<Int>
  }

  private(set) var bars: [MinuteBar] = []
  private(set) var funding: [SettledRate] = []
  private(set) var parts: [Part] = []

  /// Bars of both legs of all symbols.
  var barCount: Int { 2 * bars.count }

  /// Reads `bars_KKK.csv` and `funding_KKK.csv` of each symbol K.
  init(folder: String, symbols: ClosedRange<Int>) throws(WorkloadError) {
    for symbol in symbols { try read(folder, padded(symbol, width: 3), of: symbols.count) }
  }

  private mutating func read(
    _ folder: String, _ number: String, of count: Int
  ) throws(WorkloadError) {
    let (firstBar, firstRate) = (bars.count, funding.count)
    let barFile = try MappedFile("\(folder)/bars_\(number).csv")
    // A row of this size has 32 bytes.
    if bars.isEmpty { bars.reserveCapacity(count * (barFile.bytes.count / 31)) }
    try barFile.eachRow { row throws(WorkloadError) in
      let time = try row.number(places: 0)
      bars.append(
        MinuteBar(time: time, spot: try row.price(), perp: try row.price(isLast: true)))
    }
    let fundingFile = try MappedFile("\(folder)/funding_\(number).csv")
    try fundingFile.eachRow { row throws(WorkloadError) in
      funding.append(
        SettledRate(
          time: try row.number(places: 0), rate: try row.number(places: 8, isLast: true)))
    }
    guard bars.count > firstBar else { throw WorkloadError("\(barFile.path): no rows") }
    parts.append(
      Part(bars: firstBar..<bars.count, funding: firstRate..<funding.count))
  }
}

/// A file seen as bytes, as long as it lives.
struct MappedFile: ~Copyable {
  let path: String
  let bytes: UnsafeRawBufferPointer

  init(_ path: String) throws(WorkloadError) {
    self.path = path
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
      throw WorkloadError("\(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    guard size > 0,
      let base = mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0),
      base != MAP_FAILED
    else { throw WorkloadError("\(path): empty or not a file") }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

  /// All of it.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Calls a reader at the start of each row after the header.
  borrowing func eachRow(
    _ read: (inout RowReader) throws(WorkloadError) -> Void
  ) throws(WorkloadError) {
    var row = RowReader(bytes: bytes, path: path)
    row.skipLine()
    while !row.isAtEnd { try read(&row) }
  }
}

/// Reads numbers of a CSV file one after the other.
struct RowReader {
  private let bytes: UnsafeRawBufferPointer
  private let path: String
  private var place = 0

  fileprivate init(bytes: UnsafeRawBufferPointer, path: String) {
    self.bytes = bytes
    self.path = path
  }

  var isAtEnd: Bool { place >= bytes.count }

  mutating func skipLine() {
    while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
    place += 1
  }

  /// A price of two decimals, in hundredths.
  @inline(__always)
  mutating func price(isLast: Bool = false) throws(WorkloadError) -> Int32 {
    guard let price = Int32(exactly: try number(places: 2, isLast: isLast)), price > 0 else {
      throw broken()
    }
    return price
  }

  /// A decimal number with exactly so many places, as a count of the last one.
  @inline(__always)
  mutating func number(places: Int, isLast: Bool = false) throws(WorkloadError) -> Int64 {
    let start = place
    let isNegative = place < bytes.count && bytes[place] == UInt8(ascii: "-")
    if isNegative { place += 1 }
    var value = digits()
    if places > 0 {
      guard place < bytes.count, bytes[place] == UInt8(ascii: ".") else { throw broken() }
      place += 1
      let point = place
      value = digits(after: value)
      guard place - point == places else { throw broken() }
    }
    // Eighteen characters cannot overflow.
    guard place > start, place - start <= 18, place < bytes.count,
      bytes[place] == (isLast ? UInt8(ascii: "\n") : UInt8(ascii: ","))
    else { throw broken() }
    place += 1
    return isNegative ? -value : value
  }

  @inline(__always)
  private mutating func digits(after start: Int64 = 0) -> Int64 {
    var value = start
    while place < bytes.count {
      let digit = bytes[place] &- UInt8(ascii: "0")
      if digit > 9 { break }
      value = value &* 10 &+ Int64(digit)
      place += 1
    }
    return value
  }

  private func broken() -> WorkloadError {
    let line = bytes.prefix(place).reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    return WorkloadError("\(path): line \(line) is not what the workload's generator writes")
  }
}

/// Why the workload cannot run.
struct WorkloadError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A count with leading zeros.
func padded(_ number: Int, width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
