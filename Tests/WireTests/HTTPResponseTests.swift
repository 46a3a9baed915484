import Testing

@testable import Wire

extension HTTPResponseReader {
  mutating func feed(_ bytes: [UInt8]) { bytes.withUnsafeBytes { feed($0) } }
}

@Suite("HTTP responses")
struct HTTPResponseTests {
  @Test("A response is written with its length and connection")
  func writing() {
    let response = HTTPResponse(
      status: 418, headers: [HTTPHeader("Retry-After", "3"), HTTPHeader("content-length", "9")],
      body: [UInt8]("{}"))
    #expect(
      String(decoding: response.serialized(keepAlive: true), as: UTF8.self)
        == "HTTP/1.1 418 I'm a Teapot\r\nRetry-After: 3\r\nConnection: keep-alive\r\n"
        + "Content-Length: 2\r\n\r\n{}")
    #expect(
      String(decoding: HTTPResponse(status: 200).serialized(keepAlive: false), as: UTF8.self)
        == "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
  }

  @Test("A header cannot forge another one")
  func forgery() {
    let response = HTTPResponse(status: 200, headers: [HTTPHeader("A", "b\r\nC: d\r\n\r\nevil")])
    let text = String(decoding: response.serialized(keepAlive: true), as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nA: b  C: d    evil\r\nConnection:"))
    let request = HTTPRequest(.get, "/ HTTP/1.1\r\nA: b")
    #expect(request.serialized() == [UInt8]("GET / HTTP/1.1  A: b HTTP/1.1\r\n\r\n"))
  }

  @Test("What was written is read back, in pieces too", arguments: 1...30)
  func roundTrip(seed: UInt64) throws {
    var chance = Chance(seed)
    let responses = (0..<5).map { _ in
      HTTPResponse(
        status: [200, 400, 429, 503][chance.below(4)], headers: [HTTPHeader("X-A", "b c")],
        body: chance.bytes(upTo: 300))
    }
    var reader = HTTPResponseReader()
    var read: [HTTPResponse] = []
    for piece in chance.pieces(responses.flatMap { $0.serialized(keepAlive: true) }) {
      reader.feed(piece)
      while let response = try reader.next() { read.append(response) }
    }
    #expect(read.map(\.status) == responses.map(\.status))
    #expect(read.map(\.body) == responses.map(\.body))
    #expect(read.allSatisfy { $0.header("x-a") == "b c" })
    let request = HTTPRequest(
      .post, "/a", query: "b=c", headers: [HTTPHeader("Host", "h")], body: chance.bytes(upTo: 99))
    let copies = requests([request.serialized() + request.serialized()]).requests
    #expect(copies.map(\.body) == [request.body, request.body])
    #expect(copies.map(\.target) == ["/a?b=c", "/a?b=c"])
  }

  @Test("Responses that never have a body end with their head")
  func bodiless() throws {
    for status in [100, 101, 204, 304] {
      let bytes = HTTPResponse(status: status, body: [1]).serialized(keepAlive: true)
      #expect(!String(decoding: bytes, as: UTF8.self).contains("Content-Length"))
      var reader = HTTPResponseReader()
      reader.feed([UInt8]("HTTP/1.1 \(status)\r\nContent-Length: 7\r\n\r\nframes"))
      #expect(try reader.next()?.status == status)
      #expect(reader.takeRemainder() == [UInt8]("frames"))
    }
  }

  @Test(
    "Malformed status lines are refused",
    arguments: [
      ("HTTP/1.1 20 OK", .badStartLine), ("HTTP/1.1 2000 OK", .badStartLine),
      ("HTTP/1.1 +20 OK", .badStartLine), ("HTTP/1.1 600 OK", .badStartLine),
      ("HTTP/1.1", .badStartLine), ("ICY 200 OK", .badStartLine),
      ("HTTP/2 200 OK", .unsupportedVersion), ("<html>", .badStartLine),
    ] as [(String, HTTPError)])
  func refusals(line: String, error: HTTPError) {
    var reader = HTTPResponseReader()
    reader.feed([UInt8]("\(line)\r\n\r\n"))
    #expect(throws: error) { try reader.next() }
  }
}
