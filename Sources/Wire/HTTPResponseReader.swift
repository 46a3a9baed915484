/// Reads responses of a server from the bytes of one connection, for handshakes.
///
/// A body must have a length or chunks; one that ends with the connection counts as empty.
public struct HTTPResponseReader {
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

  /// Takes what arrived behind the last response, for the protocol it changed to.
  public mutating func takeRemainder() -> [UInt8] { messages.takeRemainder() }

  /// The next complete response; nil when more bytes are needed.
  ///
  /// After an error the same error is thrown for ever.
  public mutating func next() throws(HTTPError) -> HTTPResponse? {
    let message = try messages.next { (head) throws(HTTPError) in
      let framing = try HTTPFraming(head.headers)
      return HTTPResponse.hasBody(try Self.status(head.startLine)) ? framing : .length(0)
    }
    guard let message else { return nil }
    return HTTPResponse(
      status: try Self.status(message.head.startLine), headers: message.head.headers,
      body: message.body)
  }

  /// The status of a line such as `HTTP/1.1 200 OK`; the reason may be missing.
  private static func status(_ line: String) throws(HTTPError) -> Int {
    let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2, words[0].hasPrefix("HTTP/") else { throw .badStartLine }
    guard words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0" else { throw .unsupportedVersion }
    guard words[1].utf8.count == 3, let status = Int(words[1]), (100...599).contains(status) else {
      throw .badStartLine
    }
    return status
  }
}
