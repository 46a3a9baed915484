import CZlib
import Glibc
import Trading

/// Reads a CSV file with a fixed header line by line, compressed or not, without copying a field.
///
/// The fields of a row are valid until the next call of `advance`.
final class CSVFile {
  let path: String
  /// The line of the current row; the header is line 1.
  private(set) var line = 0
  private(set) var fieldCount = 0

  private let columns: [String]
  private let file: gzFile
  private let buffer: UnsafeMutablePointer<UInt8>
  private let fields: UnsafeMutablePointer<UnsafeBufferPointer<UInt8>>
  /// The bytes read but not yet handed out: `start ..< end` of the buffer.
  private var start = 0
  private var end = 0
  private var isAtEnd = false

  private static let blockSize = 1 << 20
  /// No row of the layout comes near it.
  private static let longestLine = 4096
  /// One more than any layout has, so that a surplus field shows.
  private static let mostFields = 8

  init(path: String, columns: [String]) throws(MarketDataError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw MarketDataError(
        .missing, "there is no file \"\(path)\"", remedy: "give the folder of recorded markets")
    }
    guard status.st_mode & S_IFMT == S_IFREG, let file = gzopen(path, "rb") else {
      throw MarketDataError(
        .missing, "\"\(path)\" is not a readable file", remedy: "check the file and its mode")
    }
    gzbuffer(file, 1 << 18)
    self.path = path
    self.columns = columns
    self.file = file
    buffer = .allocate(capacity: Self.blockSize)
    fields = .allocate(capacity: Self.mostFields)
    fields.initialize(repeating: UnsafeBufferPointer(start: nil, count: 0), count: Self.mostFields)
    try readHeader()
  }

  deinit {
    gzclose_r(file)
    buffer.deallocate()
    fields.deallocate()
  }

  /// A field of the current row.
  subscript(_ index: Int) -> UnsafeBufferPointer<UInt8> { fields[index] }

  /// The current row, for an error.
  var place: String { "\(path), line \(line)" }

  /// Moves to the next row and splits it; false at the end of the file.
  func advance() throws(MarketDataError) -> Bool {
    guard let row = try nextLine() else { return false }
    split(row)
    guard fieldCount == columns.count else {
      throw .malformed("a row has \(fieldCount) fields instead of \(columns.count)", row, at: place)
    }
    return true
  }

  /// A field of the current row as a moment of an age in which anything was recorded.
  func time(_ index: Int) throws(MarketDataError) -> Timestamp {
    guard let time = Timestamp(utf8: fields[index]), Request.age.contains(time) else {
      throw .malformed("\(columns[index]) is not a UTC time", fields[index], at: place)
    }
    return time
  }

  private func readHeader() throws(MarketDataError) {
    let expected = columns.joined(separator: ",")
    guard let row = try nextLine(), String(decoding: row, as: UTF8.self) == expected else {
      throw MarketDataError(
        .malformed, "the first line is not \"\(expected)\"", at: "\(path), line 1",
        remedy: "see the layout of recorded markets in the documentation")
    }
  }

  private func split(_ row: UnsafeBufferPointer<UInt8>) {
    fieldCount = 0
    var from = 0
    for index in 0...row.count where index == row.count || row[index] == UInt8(ascii: ",") {
      if fieldCount < Self.mostFields {
        fields[fieldCount] = UnsafeBufferPointer(rebasing: row[from..<index])
      }
      fieldCount += 1
      from = index + 1
    }
  }

  /// The next line without its end, or nil at the end of the file.
  private func nextLine() throws(MarketDataError) -> UnsafeBufferPointer<UInt8>? {
    while true {
      if let newline = memchr(buffer + start, 0x0A, end - start) {
        let length = UnsafeRawPointer(newline) - UnsafeRawPointer(buffer + start)
        defer { start += length + 1 }
        return taken(length)
      }
      if end - start > Self.longestLine {
        line += 1
        throw MarketDataError(
          .malformed, "a line is longer than \(Self.longestLine) bytes", at: place,
          remedy: MarketDataError.repairRow)
      }
      if isAtEnd {
        guard end > start else { return nil }
        defer { start = end }
        return taken(end - start)
      }
      try fill()
    }
  }

  private func taken(_ length: Int) -> UnsafeBufferPointer<UInt8> {
    line += 1
    let hasReturn = length > 0 && buffer[start + length - 1] == 0x0D
    return UnsafeBufferPointer(start: buffer + start, count: hasReturn ? length - 1 : length)
  }

  /// Moves what is left to the front and reads the next block behind it.
  private func fill() throws(MarketDataError) {
    memmove(buffer, buffer + start, end - start)
    end -= start
    start = 0
    let count = gzread(file, buffer + end, UInt32(Self.blockSize - end))
    var code: Int32 = Z_OK
    // zlib reports a file that ends within a compressed stream only here.
    if count <= 0 { _ = gzerror(file, &code) }
    guard count >= 0, code == Z_OK || code == Z_STREAM_END else {
      throw MarketDataError(
        .damaged, code == Z_BUF_ERROR ? "the file ends early" : "the file is corrupt",
        at: "\(path), after line \(line)", remedy: "fetch the file again")
    }
    end += Int(count)
    isAtEnd = count == 0
  }
}
