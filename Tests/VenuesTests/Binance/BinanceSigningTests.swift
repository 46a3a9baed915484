import Testing
import Trading
import Wire

@testable import Venues

/// Requests byte for byte as the venue's documentation and other clients sign them.
@Suite struct BinanceSigningTests {
  /// Every recorded vector: parameters in its order, then the whole text with the signature.
  @Test func vectors() throws {
    var (rest, socket, ed25519) = (0, 0, 0)
    for vector in try BinanceFixture.lines("signing.jsonl") {
      let key = try #require(vector["key"])
      let kind: BinanceCredentials.Kind = key["pkcs8_pem"] == nil ? .hmac : .ed25519
      let secret = try #require((key["secret"] ?? key["pkcs8_pem"])?.text)
      let apiKey = try #require(key["apiKey"]?.text)
      let credentials = BinanceCredentials(apiKey: apiKey, secret: Secret(secret), kind: kind)
      if vector["http_method"]?.text == "WS" {
        let canonical = try #require(vector["canonical"]?.text)
        #expect(credentials.signature(of: canonical) == vector["signature"]?.text)
        socket += 1
        continue
      }
      let sent = try #require(vector["query"]?.text ?? vector["body"]?.text)
      let pairs = try #require(FormText.split(sent)).dropLast()
      #expect(
        credentials.signed(FormText.join(pairs.map { ($0.name, $0.value) })) == sent,
        "\(vector["id"]?.text ?? "")")
      rest += 1
      ed25519 += kind == .ed25519 ? 1 : 0
    }
    #expect(rest >= 14 && socket == 1 && ed25519 == 1, "\(rest) \(socket) \(ed25519)")
  }

  @Test func publishedSignatures() throws {
    let vectors = try BinanceFixture.json("published_signatures.json").elements
    var count = 0
    for vector in vectors {
      guard let secret = vector["secret"]?.text, let payload = vector["payload"]?.text else {
        continue
      }
      let credentials = BinanceCredentials(apiKey: "k", secret: Secret(secret))
      #expect(credentials.signature(of: payload) == vector["signature"]?.text)
      count += 1
    }
    #expect(count == 5)
  }

  /// The whole request: a form body to change things, a query to read them, the key in a header.
  @Test func requests() throws {
    var bench = BinanceBench()
    let call = bench.begin(.request(.submit(BinanceBench.order(.limit("50000")))))[0]
    let request = bench.dialect.encode(call, at: bench.now)
    let text =
      "symbol=BTCUSDT&side=BUY&newClientOrderId=h3-17-41s&newOrderRespType=FULL&type=LIMIT"
      + "&quantity=0.01&price=50000&timeInForce=GTC&recvWindow=2000&timestamp=1735689600123"
    let signature = Signature.hmacSHA256Hex(
      text, key: Secret("fakeBinanceSecret0001abcdefghijklmnopqrstuvwxyz"))
    #expect(String(decoding: request.body, as: UTF8.self) == "\(text)&signature=\(signature)")
    #expect(request.method == .post && request.target == "/api/v3/order")
    #expect(request.header("x-mbx-apikey") == "fakeBinanceKey0001")
    #expect(request.header("content-type") == "application/x-www-form-urlencoded")
    let key = bench.dialect.encode(bench.begin(.readKey)[0], at: bench.now)
    #expect(key.body.isEmpty && key.query.hasPrefix("recvWindow=5000&timestamp=1735689600123&sig"))
    let open = bench.dialect.encode(bench.begin(.openStreams)[0], at: bench.now)
    #expect(open.target == "/fapi/v1/listenKey" && open.body.isEmpty)
    #expect(open.headers == [HTTPHeader("X-MBX-APIKEY", "fakeBinanceKey0001")])
    let time = bench.dialect.encode(bench.begin(.readClock)[0], at: bench.now)
    #expect(time == HTTPRequest(.get, "/api/v3/time"))
  }

  /// The window is what is left until the deadline: at least 1 ms, at most a minute.
  @Test func window() {
    var bench = BinanceBench()
    var call = bench.begin(.request(.submit(BinanceBench.order(.market))))[0]
    for (left, window) in [(2000, 2000), (1, 1), (0, 1), (-500, 1), (90_000, 60_000)] {
      call.deadline = bench.now + .milliseconds(Int64(left))
      #expect(BinanceDialect.window(of: call, at: bench.now) == Int64(window))
    }
    call.deadline = nil
    #expect(BinanceDialect.window(of: call, at: bench.now) == 5000)
  }

  /// The same subscription as a recorded client sent, with our window.
  @Test func socketSubscription() throws {
    var bench = BinanceBench()
    let frames = bench.dialect.opened(BinanceDialect.spotAccount, at: bench.now)
    let request = try BinanceBench.parsed(try #require(frames.first))
    #expect(frames.count == 1 && request["method"] == "userDataStream.subscribe.signature")
    #expect(request["id"] == "1")
    let text = "apiKey=fakeBinanceKey0001&recvWindow=5000&timestamp=1735689600123"
    #expect(
      request["params"]?["signature"]?.text
        == Signature.hmacSHA256Hex(
          text, key: Secret("fakeBinanceSecret0001abcdefghijklmnopqrstuvwxyz")))
    #expect(
      request["params"]?.members.map(\.name) == [
        "apiKey", "recvWindow", "timestamp", "signature",
      ])
  }

  @Test func secretsAreNeverShown() {
    let bench = BinanceBench()
    var text = ""
    dump(bench.dialect, to: &text)
    #expect(!text.contains("fakeBinanceSecret"))
    #expect(!"\(bench.dialect)".contains("fakeBinanceSecret"))
    let broken = BinanceCredentials(apiKey: "k", secret: Secret("no key"), kind: .ed25519)
    #expect(!broken.canSign && broken.signed("a=1") == "a=1&signature=")
  }
}
