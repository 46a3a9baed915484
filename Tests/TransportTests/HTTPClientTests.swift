import Foundation
import Testing
import Trading
import Transport
import Venues
import Wire

@Suite struct HTTPClientTests {
  private static let get = HTTPRequest(.get, "/read", query: "a=1%2B2&b=c")

  private func options(stall: Int64 = 1) -> TransportOptions {
    var options = TransportOptions()
    options.connectTimeout = .seconds(2)
    options.stallTimeout = .seconds(stall)
    options.transferTimeout = .seconds(6)
    options.maximumBody = 100_000
    return options
  }

  @Test func sendsExactlyWhatItIsGiven() throws {
    let server = try LoopbackServer { connection in
      guard let bytes = connection.read() else { return }
      connection.answer(200, [], String(decoding: bytes, as: UTF8.self))
    }
    let request = HTTPRequest(
      .post, "/v5/order/./create", query: "x=%2F", headers: [HTTPHeader("X-Key", "abc")],
      body: Array(#"{"a":1}"#.utf8))
    let outcome = HTTPClient(options: options()).perform(request, base: server.http)
    guard case .answered(let response) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(
      String(decoding: response.body, as: UTF8.self) == """
        POST /v5/order/./create?x=%2F HTTP/1.1\r
        Host: 127.0.0.1:\(server.port)\r
        X-Key: abc\r
        Content-Length: 7\r
        \r
        {"a":1}
        """)
  }

  @Test(arguments: [HTTPMethod.get, .post, .put, .delete])
  func statesThatThereIsNoBody(method: HTTPMethod) throws {
    let server = try LoopbackServer { connection in
      guard let bytes = connection.read() else { return }
      connection.answer(200, [], String(decoding: bytes, as: UTF8.self))
    }
    let outcome = HTTPClient(options: options()).perform(
      HTTPRequest(method, "/key"), base: server.http)
    guard case .answered(let response) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    let length = method == .post || method == .put ? "Content-Length: 0\r\n" : ""
    #expect(
      String(decoding: response.body, as: UTF8.self)
        == "\(method.rawValue) /key HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\(length)\r\n")
  }

  @Test(arguments: [HTTPMethod.get, .post, .put, .delete])
  func keepsTheConnection(method: HTTPMethod) throws {
    let server = try LoopbackServer { connection in
      while let request = connection.request() {
        connection.answer(200, [HTTPHeader("X-Seen", request.method.rawValue)])
      }
    }
    let client = HTTPClient(options: options())
    for _ in 0..<5 {
      let outcome = client.perform(HTTPRequest(method, "/x"), base: server.http)
      guard case .answered(let response) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(response.status == 200)
      #expect(response.header("x-seen") == method.rawValue)
      #expect(response.body == Array("{}".utf8))
    }
    #expect(server.connections.load(ordering: .relaxed) == 1)
    #expect(server.paths.count == 5)
  }

  /// libcurl would send the second request again, over a new connection.
  @Test(arguments: [HTTPMethod.get, .post, .delete])
  func arrivesOnceWhenAKeptConnectionCloses(method: HTTPMethod) throws {
    let server = try LoopbackServer { connection in
      guard connection.request() != nil else { return }
      connection.answer()
      _ = connection.request()
    }
    let client = HTTPClient(options: options())
    #expect(client.perform(HTTPRequest(.get, "/first"), base: server.http).isAnswered)
    let body = method == .post ? Array("order".utf8) : []
    let outcome = client.perform(HTTPRequest(method, "/second", body: body), base: server.http)
    #expect(outcome.isUnknown, "\(outcome)")
    Thread.sleep(forTimeInterval: 0.1)
    #expect(server.paths == ["GET /first", "\(method.rawValue) /second"])
    #expect(client.perform(HTTPRequest(.get, "/third"), base: server.http).isAnswered)
  }

  @Test func arrivesOnceWhenANewConnectionCloses() throws {
    let server = try LoopbackServer { connection in _ = connection.request() }
    let client = HTTPClient(options: options())
    let outcome = client.perform(
      HTTPRequest(.post, "/order", body: [1, 2, 3]), base: server.http)
    #expect(outcome.isUnknown, "\(outcome)")
    Thread.sleep(forTimeInterval: 0.1)
    #expect(server.paths == ["POST /order"])
  }

  @Test func whatWasNeverSentIsKnownNotToBe() throws {
    let client = HTTPClient(options: options())
    let dead = try LoopbackServer.deadPort()
    for base in ["http://127.0.0.1:\(dead)", "http://no-such-host.invalid", "ftp://127.0.0.1"] {
      let outcome = client.perform(HTTPRequest(.post, "/order"), base: base)
      #expect(outcome.isNotSent, "\(base): \(outcome)")
    }
    let forged = HTTPRequest(.get, "/x", headers: [HTTPHeader("X", "a\r\nY: b")])
    #expect(client.perform(forged, base: "http://127.0.0.1:\(dead)").isNotSent)
  }

  @Test func aConnectionThatNeverStandsIsNotSent() throws {
    // A TLS client hello that nobody answers.
    let server = try LoopbackServer { connection in while connection.read() != nil {} }
    let outcome = HTTPClient(options: options()).perform(
      HTTPRequest(.post, "/order"), base: "https://127.0.0.1:\(server.port)")
    #expect(outcome.isNotSent, "\(outcome)")
  }

  enum BrokenAnswer: String, CaseIterable {
    case halfABody, noHTTP, nothing, tooLong, endlessHead, badChunk

    var text: String {
      switch self {
      case .halfABody: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"
      case .noHTTP: "garbage\r\n\r\n\u{0}\u{1}"
      case .nothing: ""
      case .tooLong:
        "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n"
          + String(repeating: "x", count: 200_000)
      case .endlessHead:
        "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 90_000) + "\r\n\r\n"
      case .badChunk: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
      }
    }
  }

  @Test(arguments: BrokenAnswer.allCases)
  func aBrokenAnswerIsUnknown(answer: BrokenAnswer) throws {
    let server = try LoopbackServer { connection in
      _ = connection.request()
      connection.write(answer.text)
    }
    let outcome = HTTPClient(options: options()).perform(
      HTTPRequest(.post, "/order"), base: server.http)
    #expect(outcome.isUnknown, "\(outcome)")
    #expect(server.paths == ["POST /order"])
  }

  @Test func silenceIsUnknownAfterTheStallTimeout() throws {
    let server = try LoopbackServer { connection in
      _ = connection.request()
      _ = connection.read()
    }
    let began = LocalClock.now
    let outcome = HTTPClient(options: options()).perform(
      HTTPRequest(.post, "/order"), base: server.http)
    #expect(outcome.isUnknown, "\(outcome)")
    #expect(LocalClock.now - began < .seconds(4))
    #expect(server.paths == ["POST /order"])
  }

  @Test func slowBytesAreAnAnswer() throws {
    let server = try LoopbackServer { connection in
      _ = connection.request()
      for byte in "HTTP/1.1 503 Busy\r\nContent-Length: 13\r\n\r\n<html></html>".utf8 {
        connection.write([byte])
        Thread.sleep(forTimeInterval: 0.005)
      }
    }
    let outcome = HTTPClient(options: options()).perform(Self.get, base: server.http)
    guard case .answered(let response) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(response.status == 503)
    #expect(response.body == Array("<html></html>".utf8))
  }

  @Test func followsNoRedirectAndPassesOverInterimAnswers() throws {
    let server = try LoopbackServer { connection in
      _ = connection.request()
      connection.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n")
      connection.answer(302, [HTTPHeader("Location", "/elsewhere")], "")
      _ = connection.request()
    }
    let outcome = HTTPClient(options: options()).perform(Self.get, base: server.http)
    guard case .answered(let response) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(response.status == 302)
    #expect(response.header("X-Early") == nil)
    #expect(server.paths == ["GET /read?a=1%2B2&b=c"])
  }

  /// Over before anybody waited: no socket is left that could tell of it.
  @Test func whatIsOverAtOnceEndsTheWait() {
    let client = HTTPClient(options: options())
    let token = client.submit(HTTPRequest(.get, "/x"), base: "gopher://127.0.0.1")
    let began = LocalClock.now
    Poller.wait(for: [client], atMost: .seconds(5))
    #expect(LocalClock.now - began < .seconds(1))
    #expect(client.completions().map(\.token) == [token])
  }

  @Test func manyAtOnceAreToldApart() throws {
    let server = try LoopbackServer { connection in
      while let request = connection.request() { connection.answer(200, [], request.target) }
    }
    let client = HTTPClient(options: options())
    var expected: [Int: String] = [:]
    for number in 0..<20 {
      expected[client.submit(HTTPRequest(.get, "/\(number)"), base: server.http)] = "/\(number)"
    }
    while !expected.isEmpty {
      Poller.wait(for: [client], atMost: .seconds(5))
      for completion in client.completions() {
        guard case .answered(let response) = completion.outcome else {
          Issue.record("\(completion.outcome)")
          return
        }
        let text = expected.removeValue(forKey: completion.token)
        #expect(text == String(decoding: response.body, as: UTF8.self))
        #expect(completion.sentAt.map { $0 <= completion.receivedAt } == true)
      }
    }
  }
}

extension CallOutcome {
  var isAnswered: Bool { if case .answered = self { true } else { false } }
  var isNotSent: Bool { if case .notSent = self { true } else { false } }
  var isUnknown: Bool { if case .unknown = self { true } else { false } }
}
