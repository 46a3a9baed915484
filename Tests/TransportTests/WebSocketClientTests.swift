import Foundation
import Testing
import Trading
import Transport
import Wire

/// Drives one client until a condition holds, keeping what it says.
final class Listener {
  let client: WebSocketClient
  var heard: [String] = []

  init(_ client: WebSocketClient) { self.client = client }

  @discardableResult
  func wait(atMost seconds: Int64 = 5, until condition: (Listener) -> Bool) -> Bool {
    let end = LocalClock.now + .seconds(seconds)
    while !condition(self) {
      guard LocalClock.now < end else { return false }
      Poller.wait(for: [client], atMost: .milliseconds(50))
      client.receive { opcode, payload in
        let text = String(decoding: payload, as: UTF8.self)
        self.heard.append("\(opcode) " + (payload.count > 64 ? "\(payload.count) bytes" : text))
      }
    }
    return true
  }

  func waitUntilClosed() -> String? {
    wait { $0.isClosed }
    if case .closed(let reason) = client.state { return reason }
    return nil
  }

  var isClosed: Bool { if case .closed = client.state { true } else { false } }
}

@Suite struct WebSocketClientTests {
  private func listener(
    _ server: LoopbackServer, target: String = "/ws?streams=a", maximum: Int = 100_000
  ) -> Listener {
    var options = TransportOptions()
    options.maximumMessage = maximum
    return Listener(WebSocketClient(base: server.ws, target: target, options: options))
  }

  @Test func talks() throws {
    let server = try LoopbackServer { connection in
      connection.upgrade()
      while let message = connection.message(), case .text(let bytes) = message {
        connection.send("echo " + String(decoding: bytes, as: UTF8.self))
      }
    }
    let listener = listener(server)
    #expect(listener.wait { $0.client.state == .open })
    listener.client.send("one")
    listener.client.send("two")
    #expect(listener.wait { $0.heard.count == 2 })
    #expect(listener.heard == ["text echo one", "text echo two"])
    #expect(server.paths == ["GET /ws?streams=a"])
  }

  @Test func framesMayComeWithTheHandshakeAndInPieces() throws {
    let server = try LoopbackServer { connection in
      connection.upgrade(then: WebSocketFrame.encode(.text, "at once", mask: nil))
      let pieces =
        WebSocketFrame.encode(.text, "frag", mask: nil, isFinal: false)
        + WebSocketFrame.encode(.ping, "p", mask: nil)
        + WebSocketFrame.encode(.continuation, "ment", mask: nil)
        + WebSocketFrame.encode(.text, String(repeating: "x", count: 70_000), mask: nil)
      for byte in pieces[..<40] { connection.write([byte]) }
      connection.write(Array(pieces[40...]))
      _ = connection.read()
    }
    let listener = listener(server)
    #expect(listener.wait { $0.heard.count == 4 })
    #expect(listener.heard == ["text at once", "ping p", "text fragment", "text 70000 bytes"])
  }

  @Test func pongsWaitUntilTheyAreFlushed() throws {
    let server = try LoopbackServer { connection in
      connection.upgrade(then: WebSocketFrame.encode(.ping, "1", mask: nil))
      connection.write(WebSocketFrame.encode(.ping, "2", mask: nil))
      while let message = connection.message() { connection.send("\(message)") }
    }
    let listener = listener(server)
    #expect(listener.wait { $0.heard.count == 2 })
    #expect(!listener.wait(atMost: 1) { $0.heard.count > 2 })
    listener.client.flushPongs()
    listener.client.flushPongs()
    #expect(listener.wait { $0.heard.count == 4 })
    #expect(listener.heard[2...] == ["text pong([49])", "text pong([50])"])
  }

  @Test func endsWithAGoodbyeOfEither() throws {
    let server = try LoopbackServer { connection in
      connection.upgrade()
      if connection.number == 1 {
        connection.write(WebSocketFrame.close(code: 1001, reason: "maintenance", mask: nil))
      }
      guard let message = connection.message() else { return }
      connection.arrive("\(message)")
      if case .close = message, connection.number == 2 {
        connection.write(WebSocketFrame.close(code: 1000, mask: nil))
      }
    }
    let first = listener(server)
    #expect(first.waitUntilClosed() == "closed by the peer with 1001: maintenance")
    // The other end has its own time to hear the answer.
    for _ in 0..<100 where server.paths.count < 2 { Thread.sleep(forTimeInterval: 0.02) }
    let second = listener(server)
    #expect(second.wait { $0.client.state == .open })
    second.client.close()
    #expect(second.client.state == .closing)
    #expect(second.waitUntilClosed() == "closed by the peer with 1000")
    for _ in 0..<100 where server.paths.count < 4 { Thread.sleep(forTimeInterval: 0.02) }
    #expect(
      server.paths.filter { $0.hasPrefix("close") } == [
        "close(code: Optional(1001), reason: \"\")", "close(code: Optional(1000), reason: \"\")",
      ])
  }

  enum Attack: String, CaseIterable {
    case masked, oversized, unknownOpcode, badText, compressed, cut

    var bytes: [UInt8] {
      switch self {
      case .masked: WebSocketFrame.encode(.text, "x", mask: 7)
      case .oversized: [0x81, 127, 0, 0, 0, 0, 0, 0x10, 0, 0]
      case .unknownOpcode: [0x83, 0]
      case .badText: [0x81, 2, 0xC3, 0x28]
      case .compressed: [0xC1, 1, 0]
      case .cut: [0x81, 5, 65]
      }
    }
  }

  @Test(arguments: Attack.allCases)
  func aBrokenPeerIsLeft(attack: Attack) throws {
    let server = try LoopbackServer { connection in
      connection.upgrade()
      connection.write(attack.bytes)
      if attack != .cut, let message = connection.message() { connection.arrive("\(message)") }
    }
    let listener = listener(server)
    let reason = listener.waitUntilClosed()
    #expect(reason != nil)
    #expect(listener.heard.isEmpty)
    if attack != .cut {
      #expect(reason?.hasPrefix("the peer broke the protocol") == true)
    }
  }

  @Test(arguments: [
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "nonsense\r\n\r\n", "",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      + "Sec-WebSocket-Accept: AAAA\r\n\r\n",
  ])
  func aRefusedHandshakeEndsIt(answer: String) throws {
    let server = try LoopbackServer { connection in
      _ = connection.request()
      connection.write(answer)
    }
    let listener = listener(server, target: "/ws/secretListenKey")
    let reason = listener.waitUntilClosed()
    #expect(reason != nil)
    #expect(reason?.contains("secretListenKey") == false)
  }

  @Test func aDeadPortEndsIt() throws {
    let port = try LoopbackServer.deadPort()
    for base in ["ws://127.0.0.1:\(port)", "ftp://127.0.0.1", "ws://no-such-host.invalid", ""] {
      let listener = Listener(WebSocketClient(base: base, target: "/"))
      #expect(listener.waitUntilClosed() != nil, "\(base)")
    }
  }

  @Test func sendingToAPeerThatDoesNotReadNeverBlocks() throws {
    let server = try LoopbackServer { connection in
      connection.upgrade()
      Thread.sleep(forTimeInterval: 2)
    }
    let listener = listener(server)
    #expect(listener.wait { $0.client.state == .open })
    let text = String(repeating: "x", count: 100_000)
    let began = LocalClock.now
    for _ in 0..<200 { listener.client.send(text) }
    #expect(LocalClock.now - began < .seconds(1))
    #expect(listener.client.state == .closed("the peer does not read"))
  }

  @Test func whatIsQueuedArrivesWhole() throws {
    let server = try LoopbackServer { connection in
      connection.upgrade()
      Thread.sleep(forTimeInterval: 0.3)
      var total = 0
      for _ in 0..<8 {
        guard case .text(let bytes)? = connection.message() else { return }
        total += bytes.allSatisfy { $0 == 120 } ? bytes.count : 0
      }
      connection.send("\(total)")
      _ = connection.read()
    }
    let listener = listener(server)
    #expect(listener.wait { $0.client.state == .open })
    for _ in 0..<8 { listener.client.send(String(repeating: "x", count: 400_000)) }
    #expect(listener.wait { !$0.heard.isEmpty || $0.isClosed })
    #expect(listener.heard == ["text 3200000"])
  }
}
