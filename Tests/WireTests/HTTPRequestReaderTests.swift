import Testing

@testable import Wire

extension HTTPRequestReader {
  mutating func feed(_ bytes: [UInt8]) { bytes.withUnsafeBytes { feed($0) } }
  mutating func feed(_ text: String) { feed([UInt8](text)) }
}

/// Everything that comes out of pieces of a connection, up to the first error.
func requests(
  _ pieces: [[UInt8]], maximumHead: Int = 1000, maximumBody: Int = 1000
) -> (requests: [HTTPRequest], error: HTTPError?) {
  var reader = HTTPRequestReader(maximumHead: maximumHead, maximumBody: maximumBody)
  var requests: [HTTPRequest] = []
  do {
    for piece in pieces {
      reader.feed(piece)
      while let request = try reader.next() { requests.append(request) }
    }
  } catch {
    return (requests, error)
  }
  return (requests, nil)
}

@Suite("HTTP requests")
struct HTTPRequestReaderTests {
  static let stream =
    "GET /fapi/v1/time HTTP/1.1\r\nHost: a\r\n\r\n"
    + "\r\nPOST /api/v3/order?x=%20y HTTP/1.1\r\nhost:a\r\nCONTENT-length:  5 \r\n\r\nab\r\nc"
    + "DELETE /?a?b HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
    + "3;name=\"v\"\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
    + "PUT /a HTTP/1.1\r\nX-Empty:\r\nX-Text: é\tb\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n"

  static let expected = [
    HTTPRequest(.get, "/fapi/v1/time", headers: [HTTPHeader("Host", "a")]),
    HTTPRequest(
      .post, "/api/v3/order", query: "x=%20y",
      headers: [HTTPHeader("host", "a"), HTTPHeader("CONTENT-length", "5")],
      body: [UInt8]("ab\r\nc")),
    HTTPRequest(
      .delete, "/", query: "a?b", headers: [HTTPHeader("Transfer-Encoding", "Chunked")],
      body: [UInt8]("abc0123456789")),
    HTTPRequest(
      .put, "/a",
      headers: [
        HTTPHeader("X-Empty", ""), HTTPHeader("X-Text", "é\tb"), HTTPHeader("Connection", "Close"),
        HTTPHeader("Content-Length", "0"),
      ]),
  ]

  @Test("Requests in a row come out in their order, with their bodies")
  func pipelined() {
    let result = requests([[UInt8](Self.stream)])
    #expect(result.error == nil)
    #expect(result.requests == Self.expected)
    #expect(result.requests.map(\.keepsAlive) == [true, true, true, false])
    #expect(result.requests[1].header("Content-Length") == "5")
  }

  @Test("Bytes one by one are the same as all at once")
  func bytewise() {
    let result = requests([UInt8](Self.stream).map { [$0] })
    #expect(result.error == nil)
    #expect(result.requests == Self.expected)
  }

  @Test("Pieces of any size are the same as all at once", arguments: 1...20)
  func pieces(seed: UInt64) {
    var chance = Chance(seed)
    let result = requests(chance.pieces([UInt8](Self.stream)))
    #expect(result.error == nil)
    #expect(result.requests == Self.expected)
  }

  @Test("A stream cut anywhere gives the complete requests before the cut, and no error")
  func truncation() {
    let bytes = [UInt8](Self.stream)
    for length in 0..<bytes.count {
      let result = requests([Array(bytes.prefix(length))])
      #expect(result.error == nil)
      #expect(result.requests == Array(Self.expected.prefix(result.requests.count)))
      #expect(result.requests.count < Self.expected.count)
    }
  }

  @Test(
    "What could be understood in two ways is refused",
    arguments: [
      ("GET / HTTP/1.1\nHost: a\n\n", .badHeader),
      ("GET / HTTP/1.1\r\nHost: a\n\r\n", .badHeader),
      ("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", .badHeader),
      ("GET / HTTP/1.1\r\nA: b\r\n\tc: d\r\n\r\n", .badHeader),
      ("GET / HTTP/1.1\r\nA : b\r\n\r\n", .badHeader),
      ("GET / HTTP/1.1\r\n: b\r\n\r\n", .badHeader),
      ("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", .badHeader),
      ("GET / HTTP/1.1\r\nA\r\n\r\n", .badHeader),
      ("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", .badHeader),
      ("GET / HTTP/1.1\r\nA: b\u{0}\r\n\r\n", .badHeader),
      ("GET / HTTP/1.1\r\nÄ: b\r\n\r\n", .badHeader),
      ("GET  / HTTP/1.1\r\n\r\n", .badStartLine), ("GET /\r\n\r\n", .badStartLine),
      ("GET a HTTP/1.1\r\n\r\n", .badStartLine), ("GET /#a HTTP/1.1\r\n\r\n", .badStartLine),
      ("GET /é HTTP/1.1\r\n\r\n", .badStartLine), ("GET /a b HTTP/1.1\r\n\r\n", .badStartLine),
      ("GET http://a/ HTTP/1.1\r\n\r\n", .badStartLine), ("hello\r\n\r\n", .badStartLine),
      (" GET / HTTP/1.1\r\n\r\n", .badStartLine), ("GET / FTP/1.1\r\n\r\n", .badStartLine),
      ("GET / HTTP/1.0\r\n\r\n", .unsupportedVersion),
      ("GET / HTTP/2.0\r\n\r\n", .unsupportedVersion),
      ("BREW / HTTP/1.1\r\n\r\n", .unsupportedMethod),
      ("get / HTTP/1.1\r\n\r\n", .unsupportedMethod),
      ("PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .badFraming),
      ("PUT / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n", .badFraming),
      ("PUT / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", .badFraming),
      ("PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", .badFraming),
      ("PUT / HTTP/1.1\r\nContent-Length:\r\n\r\n", .badFraming),
      ("PUT / HTTP/1.1\r\nContent-Length: 0x1\r\n\r\n", .badFraming),
      ("PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .badFraming),
      ("PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .badFraming),
      ("PUT / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n", .badFraming),
      ("PUT / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", .bodyTooLarge),
      ("PUT / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", .bodyTooLarge),
    ] as [(String, HTTPError)])
  func refusals(text: String, error: HTTPError) {
    for pieces in [[[UInt8](text)], [UInt8](text).map { [$0] }] {
      let result = requests(pieces)
      #expect(result.error == error)
      #expect(result.requests.isEmpty)
    }
    #expect((400...505).contains(error.status))
  }

  @Test(
    "Malformed chunks are refused",
    arguments: [
      ("\r\n", .badChunk), ("g\r\n", .badChunk), ("-1\r\n", .badChunk), ("0x1\r\n", .badChunk),
      (" 1\r\n", .badChunk), ("1 \r\n", .badChunk), ("1\n", .badChunk), ("12\nab", .badChunk),
      ("1\r\nab\r\n", .badChunk), ("1\r\na\n\n", .badChunk),
      ("3e9\r\n", .bodyTooLarge), ("fffffffffffffff\r\n", .bodyTooLarge),
      ("1ffffffffffffffff\r\n", .badChunk), ("1;\u{1}\r\n", .badChunk),
      ("1\r\na\r\n3e8\r\n", .bodyTooLarge), ("0\r\nA : b\r\n\r\n", .badHeader),
      ("1;" + String(repeating: "x", count: 300), .badChunk),
      ("0\r\n" + String(repeating: "a: b\r\n", count: 300), .headTooLarge),
    ] as [(String, HTTPError)])
  func chunks(text: String, error: HTTPError) {
    let head = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    for pieces in [[[UInt8](head + text)], [UInt8](head + text).map { [$0] }] {
      let result = requests(pieces)
      #expect(result.error == error)
      #expect(result.requests.isEmpty)
    }
  }

  @Test("The head has a limit, met before its end arrives")
  func headLimit() {
    let head = "GET / HTTP/1.1\r\nA: \(String(repeating: "x", count: 100))\r\n\r\n"
    let bytes = [UInt8](head)
    #expect(requests([bytes], maximumHead: bytes.count).requests.count == 1)
    #expect(requests([bytes], maximumHead: bytes.count - 1).error == .headTooLarge)
    let endless = [UInt8](repeating: UInt8(ascii: "x"), count: 500)
    #expect(requests([endless], maximumHead: 500).error == .headTooLarge)
  }

  @Test("After an error the connection stays broken")
  func sticky() {
    var reader = HTTPRequestReader(maximumHead: 100, maximumBody: 100)
    reader.feed("hello\r\n\r\n")
    #expect(throws: HTTPError.badStartLine) { try reader.next() }
    reader.feed("GET / HTTP/1.1\r\n\r\n")
    #expect(throws: HTTPError.badStartLine) { try reader.next() }
  }

  @Test("What follows an upgrade is handed over")
  func remainder() throws {
    var reader = HTTPRequestReader(maximumHead: 100, maximumBody: 100)
    reader.feed("GET / HTTP/1.1\r\n\r\n\u{1}\u{2}")
    #expect(try reader.next() != nil)
    #expect(reader.takeRemainder() == [1, 2])
    #expect(reader.takeRemainder() == [])
  }

  @Test("Damaged and random bytes crash nothing, in pieces as at once", arguments: 1...40)
  func damage(seed: UInt64) {
    var chance = Chance(seed)
    for round in 0..<40 {
      let bytes =
        round % 4 == 0 ? chance.bytes(upTo: 200) : chance.damaged([UInt8](Self.stream))
      let whole = requests([bytes])
      let cut = requests(chance.pieces(bytes))
      #expect(whole.requests == cut.requests)
      #expect(whole.error == cut.error)
    }
  }
}
