/// Reads requests of a client from the bytes of one connection.
///
/// They may be pipelined, and have Content-Length or chunked bodies. Whatever two readers could
/// understand differently is refused.
public struct HTTPRequestReader {
  private var messages: HTTPMessageReader

  /// Starts at the beginning of a connection.
  ///
  /// - Parameters:
  ///   - maximumHead: most bytes of first line and headers.
  ///   - maximumBody: most bytes of a body.
  public init(maximumHead: Int = 16 << 10, maximumBody: Int = 1 << 20) {
    messages = HTTPMessageReader(maximumHead: maximumHead, maximumBody: maximumBody)
  }

  /// Takes in bytes as they arrive.
  public mutating func feed(_ bytes: UnsafeRawBufferPointer) { messages.feed(bytes) }

  /// Takes what arrived behind the last request, for the protocol it changed to.
  public mutating func takeRemainder() -> [UInt8] { messages.takeRemainder() }

  /// The next complete request; nil when more bytes are needed.
  ///
  /// After an error the same error is thrown for ever.
  public mutating func next() throws(HTTPError) -> HTTPRequest? {
    let message = try messages.next { (head) throws(HTTPError) in
      _ = try RequestLine(head.startLine)
      guard head.headers.count(where: { $0.name.lowercased() == "host" }) <= 1 else {
        throw .badHeader
      }
      return try HTTPFraming(head.headers)
    }
    guard let message else { return nil }
    let line = try RequestLine(message.head.startLine)
    return HTTPRequest(
      line.method, line.path, query: line.query, headers: message.head.headers,
      body: message.body)
  }
}

/// Such as `GET /path?query HTTP/1.1`.
private struct RequestLine {
  let method: HTTPMethod
  let path: String
  let query: String

  init(_ text: String) throws(HTTPError) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3 else { throw .badStartLine }
    let target = words[1]
    guard target.hasPrefix("/"),
      target.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
    else { throw .badStartLine }
    guard words[2] == "HTTP/1.1" else {
      throw words[2].hasPrefix("HTTP/") ? .unsupportedVersion : .badStartLine
    }
    guard let method = HTTPMethod(rawValue: String(words[0])) else { throw .unsupportedMethod }
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.method = method
    path = String(parts[0])
    query = parts.count > 1 ? String(parts[1]) : ""
  }
}
