/// Why recorded market data cannot be used, with the file, the place in it and the way out.
public struct MarketDataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The nature of a problem.
  public enum Kind: Equatable, Sendable {
    /// The request itself makes no sense.
    case badRequest
    /// A file or folder is not there or cannot be read.
    case missing
    /// A compressed file ends early or is corrupt.
    case damaged
    /// A row is not what the layout says.
    case malformed
    /// Bars or settlements are missing within the range.
    case gap
    /// The file does not reach over the range.
    case notCovered
    /// A file cannot be written.
    case cannotWrite
  }

  /// The nature of the problem.
  public let kind: Kind
  /// What is wrong, with the value.
  public let problem: String
  /// Where: `file` or `file, line 17`; nil when no file is concerned.
  public let place: String?
  /// The way out.
  public let remedy: String

  /// States a problem.
  init(_ kind: Kind, _ problem: String, at place: String? = nil, remedy: String) {
    self.kind = kind
    self.problem = problem
    self.place = place
    self.remedy = remedy
  }

  /// One line: `what (where); what to do`.
  public var description: String {
    place.map { "\(problem) (\($0)); \(remedy)" } ?? "\(problem); \(remedy)"
  }
}

extension MarketDataError {
  static let repairRow = "correct the row or fetch the file again"

  /// A value of a row that is not acceptable.
  static func malformed(
    _ problem: String, _ value: UnsafeBufferPointer<UInt8>, at place: String
  ) -> MarketDataError {
    MarketDataError(
      .malformed, "\(problem) \"\(printable(value))\"", at: place, remedy: repairRow)
  }

  /// A value fit for a terminal: at most 40 characters, nothing but printable ASCII.
  static func printable(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let kept = bytes.prefix(40).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
    return String(decoding: kept, as: UTF8.self) + (bytes.count > 40 ? "…" : "")
  }
}
