import Testing

@testable import Wire

@Suite("WebSocket handshake")
struct WebSocketHandshakeTests {
  private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
  private static let request = WebSocketHandshake.request(
    host: "fstream.binance.com", target: "/stream?streams=a/b@c", key: key)

  @Test("The sample of RFC 6455, section 1.3")
  func sample() {
    #expect(WebSocketHandshake.accept(key: Self.key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
  }

  @Test("What a client asks for is what a server answers, over the wire")
  func roundTrip() throws {
    #expect(
      String(decoding: Self.request.serialized(), as: UTF8.self)
        == "GET /stream?streams=a/b@c HTTP/1.1\r\nHost: fstream.binance.com\r\n"
        + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: \(Self.key)\r\n"
        + "Sec-WebSocket-Version: 13\r\n\r\n")
    let asked = try #require(requests([Self.request.serialized()]).requests.first)
    let answer = try #require(WebSocketHandshake.response(to: asked)).serialized(keepAlive: true)
    var reader = HTTPResponseReader()
    reader.feed(answer + [0x81, 0])
    let response = try #require(try reader.next())
    #expect(WebSocketHandshake.isAccepted(response, key: Self.key))
    #expect(!WebSocketHandshake.isAccepted(response, key: "AAAAAAAAAAAAAAAAAAAAAA=="))
    #expect(reader.takeRemainder() == [0x81, 0])
  }

  @Test("Another answer is not accepted")
  func refusedAnswers() throws {
    let good = try #require(WebSocketHandshake.response(to: Self.request))
    func without(_ name: String) -> HTTPResponse {
      HTTPResponse(status: 101, headers: good.headers.filter { $0.name != name })
    }
    #expect(WebSocketHandshake.isAccepted(good, key: Self.key))
    for name in ["Upgrade", "Connection", "Sec-WebSocket-Accept"] {
      #expect(!WebSocketHandshake.isAccepted(without(name), key: Self.key))
    }
    var other = good
    other.status = 200
    #expect(!WebSocketHandshake.isAccepted(other, key: Self.key))
    for name in ["Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"] {
      var other = good
      other.headers.append(HTTPHeader(name, "x"))
      #expect(!WebSocketHandshake.isAccepted(other, key: Self.key))
    }
  }

  @Test("Another request is not answered")
  func refusedRequests() {
    var headers = Self.request.headers
    #expect(WebSocketHandshake.response(to: HTTPRequest(.post, "/", headers: headers)) == nil)
    for index in headers.indices.dropFirst() {
      let removed = headers.remove(at: index)
      #expect(WebSocketHandshake.response(to: HTTPRequest(.get, "/", headers: headers)) == nil)
      headers.insert(HTTPHeader(removed.name, "x"), at: index)
      #expect(WebSocketHandshake.response(to: HTTPRequest(.get, "/", headers: headers)) == nil)
      headers[index] = removed
    }
    headers[2] = HTTPHeader("connection", "keep-alive, UPGRADE")
    #expect(WebSocketHandshake.response(to: HTTPRequest(.get, "/", headers: headers)) != nil)
  }
}
