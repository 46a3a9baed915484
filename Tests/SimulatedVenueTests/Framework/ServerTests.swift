import FixedPoint
import Glibc
import Simulation
import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("The server of simulated venues", .serialized)
struct ServerTests {
  /// A server with the test's protocol on one port and the control port on another.
  struct Rig {
    let bench: Bench
    let server: VenueServer
    let front: EchoFront
    let port: UInt16
    let control: UInt16

    init(speed: Speed = .times(.one), isHeld: Bool = true, beat: TimeSpan? = nil) throws {
      bench = Bench(beat: beat)
      server = VenueServer(world: bench.world, speed: speed, isHeld: isHeld)
      front = EchoFront(bench.venue)
      port = try server.open(front)
      control = try server.openControl()
    }

    func client() throws -> Client { try Client(server, port: port) }

    func control(_ method: HTTPMethod, _ path: String, _ body: String = "") throws -> JSON {
      let client = try Client(server, port: control)
      let response = try client.ask(
        HTTPRequest(method, path, headers: [HTTPHeader("Host", "x")], body: Array(body.utf8)))
      return try JSON(response?.body ?? [])
    }
  }

  static func post(_ path: String, _ body: String = "") -> HTTPRequest {
    HTTPRequest(.post, path, headers: [HTTPHeader("Host", "x")], body: Array(body.utf8))
  }

  @Test("One connection asks many times, also in one go")
  func keepAlive() throws {
    let rig = try Rig()
    let client = try rig.client()
    for number in 1...5 {
      let response = try client.ask(Self.post("/echo", "\(number)"))
      #expect(response?.body == Array("\(number)".utf8))
    }
    let several = (1...20).flatMap { Self.post("/echo", "n\($0)").serialized() }
    client.send(several)
    for number in 1...20 { #expect(try client.answer()?.body == Array("n\(number)".utf8)) }
    var last = Self.post("/echo", "bye")
    last.headers.append(HTTPHeader("Connection", "close"))
    #expect(try client.ask(last)?.body == Array("bye".utf8))
    #expect(try client.answer(turns: 20) == nil && client.isClosed)
  }

  @Test("A WebSocket opens where it may, speaks both ways and is told what a request did")
  func webSocket() throws {
    let rig = try Rig()
    let other = try rig.client()
    #expect(try other.upgrade("/elsewhere") == 404)
    let client = try rig.client()
    #expect(try client.upgrade("/ws") == 101)
    #expect(try client.hear() == "hello")
    client.say("ping pong")
    #expect(try client.hear() == "ping pong")
    #expect(try other.ask(Self.post("/buy"))?.status == 200)
    #expect(try client.hear()?.hasPrefix("order 1000001 accepted") == true)
    #expect(try client.hear()?.hasPrefix("order 1000001 traded") == true)
    client.close()
    for _ in 0..<20 { rig.server.turn(milliseconds: 1) }
    #expect(rig.front.sockets.isEmpty)
  }

  @Test(
    "Who breaks a protocol is cut off, and nobody else notices",
    arguments: [
      "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
      "POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "POST /echo HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
      "POST /echo HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET /" + String(repeating: "a", count: 100_000) + " HTTP/1.1\r\n\r\n", "\0\0\0\0\r\n\r\n",
    ])
  func hostileHTTP(text: String) throws {
    let rig = try Rig()
    let decent = try rig.client()
    #expect(try decent.ask(Self.post("/echo", "a"))?.status == 200)
    let hostile = try rig.client()
    hostile.send(text)
    let response = try hostile.answer()
    #expect((response?.status ?? 400) >= 400)
    #expect(try hostile.answer(turns: 50) == nil && hostile.isClosed)
    #expect(try decent.ask(Self.post("/echo", "b"))?.body == Array("b".utf8))
  }

  @Test("Frames that break the protocol end the WebSocket")
  func hostileFrames() throws {
    let rig = try Rig()
    let frames: [[UInt8]] = [
      WebSocketFrame.encode(.text, "unmasked", mask: nil), [0xFF, 0xFF, 0xFF, 0xFF],
      WebSocketFrame.encode(.binary, [1, 2, 3], mask: 7),
      [0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4],
      WebSocketFrame.encode(.text, [0xC3, 0x28], mask: 7),
      WebSocketFrame.encode(.continuation, [65], mask: 7),
    ]
    for frame in frames {
      let client = try rig.client()
      #expect(try client.upgrade("/ws") == 101)
      #expect(try client.hear() == "hello")
      client.send(frame)
      #expect(try client.hear(turns: 50) == nil && client.isClosed)
    }
    #expect(rig.front.sockets.isEmpty && rig.front.heard.isEmpty)
  }

  @Test("A client that does not read is cut off before it costs memory")
  func slowReader() throws {
    let rig = try Rig()
    let client = try rig.client()
    #expect(try client.upgrade("/ws") == 101)
    let socket = rig.server.server.connections.first { $0.isWebSocket }
    let connection = try #require(socket)
    let payload = [UInt8](repeating: 65, count: 1 << 20)
    for _ in 0..<80 {
      connection.send(.text, payload)
      rig.server.turn(milliseconds: 0)
    }
    #expect(rig.server.server.connections.isEmpty)
  }

  @Test("Requests lost before or after, late, refused: each as stated")
  func requestFaults() throws {
    let rig = try Rig()
    func state(_ text: String) throws {
      #expect(try rig.control(.post, "/fault", text)["ok"]?.bool == true)
    }
    try state(#"{"kind":"lost-request","path":"/buy"}"#)
    #expect(try rig.client().ask(Self.post("/buy")) == nil)
    #expect(rig.bench.venue.fills.isEmpty)
    try state(#"{"kind":"lost-reply","path":"/buy"}"#)
    #expect(try rig.client().ask(Self.post("/buy")) == nil)
    #expect(rig.bench.venue.fills.count == 1)
    try state(#"[{"kind":"429","seconds":7},{"kind":"418"},{"kind":"5xx","status":"502"}]"#)
    let client = try rig.client()
    #expect(try client.ask(Self.post("/buy"))?.status == 418)
    let refused = try client.ask(Self.post("/buy"))
    #expect(refused?.status == 429 && refused?.header("Retry-After") == "7")
    let broken = try client.ask(Self.post("/buy"))
    #expect(broken?.status == 502 && broken?.header("Content-Type") == "text/html")
    try state(#"[{"kind":"unknown-outcome","executes":true},{"kind":"unknown-outcome"}]"#)
    #expect(try client.ask(Self.post("/buy"))?.status == 504)
    #expect(rig.bench.venue.fills.count == 2)
    #expect(try client.ask(Self.post("/buy"))?.status == 504)
    #expect(rig.bench.venue.fills.count == 2)
    try state(#"{"kind":"late-reply","seconds":3}"#)
    client.send(Self.post("/buy").serialized())
    #expect(try client.answer(turns: 20) == nil && rig.bench.venue.fills.count == 3)
    _ = try rig.control(.post, "/time", #"{"advance_seconds":3}"#)
    #expect(try client.answer()?.status == 200)
    #expect(try rig.control(.post, "/fault", #"{"kind":"nothing"}"#)["error"] != nil)
  }

  @Test("Account events lost, doubled, turned round; sockets cut and silent")
  func socketFaults() throws {
    let rig = try Rig()
    let (client, trader) = (try rig.client(), try rig.client())
    #expect(try client.upgrade("/ws") == 101)
    #expect(try client.hear() == "hello")
    func trade(_ fault: String) throws -> [String] {
      #expect(try rig.control(.post, "/fault", fault)["ok"]?.bool == true)
      #expect(try trader.ask(Self.post("/buy"))?.status == 200)
      var words: [String] = []
      while let text = try client.hear(turns: 15) {
        if let word = text.split(separator: " ").dropFirst(2).first { words.append(String(word)) }
      }
      return words
    }
    #expect(try trade(#"{"kind":"lose-events"}"#).isEmpty)
    #expect(
      try trade(#"{"kind":"duplicate-events"}"#)
        == ["accepted", "accepted", "traded(1)", "traded(1)"])
    #expect(try trade(#"{"kind":"reorder-events"}"#) == ["traded(2)", "accepted"])
    #expect(try trade(#"{"kind":"silence","seconds":1}"#).isEmpty)
    usleep(1_000_000)
    for _ in 0..<30 { rig.server.turn(milliseconds: 40) }
    #expect(try client.hear()?.hasPrefix("order") == true)
    #expect(try client.hear()?.hasPrefix("order") == true)
    #expect(try trade(#"{"kind":"disconnect"}"#).isEmpty)
    // A busy machine closes sockets late.
    let deadline = ContinuousClock.now + .seconds(20)
    while !client.isClosed, ContinuousClock.now < deadline {
      rig.server.turn(milliseconds: 1)
      client.read()
    }
    #expect(client.isClosed)
  }

  @Test("The control port tells the truth and moves market and clock")
  func control() throws {
    let rig = try Rig()
    _ = try rig.client().ask(Self.post("/buy"))
    let truth = try rig.control(.get, "/truth")
    let venue = try #require(truth["venues"]?["test"])
    #expect(venue["fills"]?[0]?["price"]?.text == "30003")
    #expect(venue["orders"]?[0]?["client_id"]?.text == "e1")
    #expect(venue["positions"]?[0]?["quantity"]?.text == "0.01")
    _ = try rig.control(
      .post, "/market", #"{"symbol":"BTCUSDT","price":"31000","rate":"0.0004"}"#)
    #expect(rig.bench.venue.mark(Bench.perp) == "31000")
    #expect(rig.bench.venue.funding(Bench.perp).rate == "0.0004")
    _ = try rig.control(
      .post, "/market", #"{"symbol":"BTCUSDT","market":"perp","move":"-0.1"}"#)
    #expect(rig.bench.venue.lastPrice(Bench.perp) == "27900")
    #expect(rig.bench.venue.lastPrice(Bench.spot) == "31000")
    _ = try rig.control(.post, "/time", #"{"to":"2024-01-01T05:00:00Z"}"#)
    #expect(rig.bench.world.now == Bench.start + .hours(5))
    _ = try rig.control(
      .post, "/deposit", #"{"wallet":"spot","asset":"BTC","amount":"2"}"#)
    #expect(rig.bench.total(.spot, "BTC") == "2")
    for (path, body) in [
      ("/market", #"{"symbol":"NOPE"}"#), ("/market", #"{"symbol":"BTCUSDT","price":"0"}"#),
      ("/time", #"{"to":"tomorrow"}"#), ("/deposit", "{}"), ("/fault", "not json"), ("/x", "{}"),
    ] {
      #expect(try rig.control(.post, path, body)["error"] != nil)
    }
    #expect(try rig.control(.get, "/health")["ok"]?.bool == true)
  }
}
