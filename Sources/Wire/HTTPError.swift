/// Why bytes are not a message this side takes.
///
/// The connection is of no further use.
public enum HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The first line is malformed.
  case badStartLine
  /// A header is malformed or folded, or a line does not end with CR LF.
  case badHeader
  /// Content-Length or Transfer-Encoding is malformed, repeated or contradictory.
  case badFraming
  /// A chunk is malformed.
  case badChunk
  /// A method that nobody here serves.
  case unsupportedMethod
  /// A version other than HTTP/1.1.
  case unsupportedVersion
  /// First line and headers, or trailers, are longer than allowed.
  case headTooLarge
  /// The body is longer than allowed.
  case bodyTooLarge

  /// The status that tells a client.
  public var status: Int {
    switch self {
    case .badStartLine, .badHeader, .badFraming, .badChunk: 400
    case .bodyTooLarge: 413
    case .headTooLarge: 431
    case .unsupportedMethod: 501
    case .unsupportedVersion: 505
    }
  }

  /// What is wrong; nothing of the message itself.
  public var description: String {
    switch self {
    case .badStartLine: "malformed first line"
    case .badHeader: "malformed header"
    case .badFraming: "malformed or contradictory length"
    case .badChunk: "malformed chunk"
    case .unsupportedMethod: "unknown method"
    case .unsupportedVersion: "not HTTP/1.1"
    case .headTooLarge: "headers too long"
    case .bodyTooLarge: "body too long"
    }
  }
}
