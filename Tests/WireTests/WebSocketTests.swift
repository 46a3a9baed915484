import Testing

@testable import Wire

extension WebSocketReader {
  mutating func feed(_ bytes: [UInt8]) { bytes.withUnsafeBytes { feed($0) } }
}

/// Everything that comes out of pieces of a connection, up to the first error.
func messages(
  _ pieces: [[UInt8]], isServer: Bool = false, maximum: Int = 100_000
) -> (messages: [WebSocketMessage], error: WebSocketError?) {
  var reader = WebSocketReader(isServer: isServer, maximumMessage: maximum)
  var messages: [WebSocketMessage] = []
  do {
    for piece in pieces {
      reader.feed(piece)
      while let message = try reader.next() { messages.append(message) }
    }
  } catch {
    return (messages, error)
  }
  return (messages, nil)
}

@Suite("WebSocket frames")
struct WebSocketTests {
  private static let hello = [UInt8]("Hello")

  @Test(
    "The samples of RFC 6455, section 5.7",
    arguments: [
      ("81 05 48656c6c6f", false, [.text(hello)]),
      ("81 85 37fa213d 7f9f4d5158", true, [.text(hello)]),
      ("01 03 48656c 80 02 6c6f", false, [.text(hello)]),
      ("89 05 48656c6c6f", false, [.ping(hello)]),
      ("8a 85 37fa213d 7f9f4d5158", true, [.pong(hello)]),
    ] as [(String, Bool, [WebSocketMessage])])
  func samples(hex: String, isServer: Bool, expected: [WebSocketMessage]) {
    let result = messages([[UInt8](hex: hex)], isServer: isServer)
    #expect(result.error == nil)
    #expect(result.messages == expected)
  }

  @Test("Frames are written as in RFC 6455, section 5.7")
  func writing() {
    #expect(WebSocketFrame.encode(.text, "Hello", mask: nil) == [UInt8](hex: "810548656c6c6f"))
    #expect(
      WebSocketFrame.encode(.text, "Hello", mask: 0x37FA_213D)
        == [UInt8](hex: "818537fa213d7f9f4d5158"))
    #expect(
      WebSocketFrame.encode(.text, "Hel", mask: nil, isFinal: false) == [UInt8](hex: "010348656c"))
    let long = [UInt8](repeating: 7, count: 256)
    #expect(WebSocketFrame.encode(.binary, long, mask: nil) == [UInt8](hex: "827e0100") + long)
    let longer = [UInt8](repeating: 7, count: 65536)
    #expect(
      WebSocketFrame.encode(.binary, longer, mask: nil)
        == [UInt8](hex: "827f0000000000010000") + longer)
    #expect(WebSocketFrame.close(code: nil, mask: nil) == [UInt8](hex: "8800"))
    #expect(
      WebSocketFrame.close(code: 1000, reason: "ok", mask: nil) == [UInt8](hex: "880403e86f6b"))
    let cut = WebSocketFrame.close(
      code: 1008, reason: String(repeating: "é", count: 100), mask: nil)
    #expect(
      messages([cut]).messages
        == [.close(code: 1008, reason: String(repeating: "é", count: 61))])
  }

  @Test(
    "Lengths on both sides of every form survive, masked and not",
    arguments: [
      0, 1, 7, 8, 9, 124, 125, 126, 127, 128, 255, 256, 65534, 65535, 65536, 65537,
    ])
  func lengths(count: Int) {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    for mask in [nil, 0, 0xFFFF_FFFF, 0x0102_0304] as [UInt32?] {
      let frame = WebSocketFrame.encode(.binary, payload, mask: mask)
      let result = messages([frame, frame], isServer: mask != nil)
      #expect(result.messages == [.binary(payload), .binary(payload)])
    }
  }

  @Test(
    "Messages survive any fragmentation, control frames between and any pieces", arguments: 1...40)
  func roundTrip(seed: UInt64) {
    var chance = Chance(seed)
    let isServer = chance.below(2) == 0
    var stream: [UInt8] = []
    var expected: [WebSocketMessage] = []
    for _ in 0..<30 {
      let mask = isServer ? UInt32(truncatingIfNeeded: chance.next()) : nil
      let isText = chance.below(2) == 0
      let payload = isText ? [UInt8](chance.text() + chance.text()) : chance.bytes(upTo: 300)
      let parts = chance.below(2) == 0 ? [payload] : chance.pieces(payload) + [[]]
      for (index, part) in parts.enumerated() {
        WebSocketFrame.append(
          index > 0 ? .continuation : isText ? .text : .binary, part, mask: mask,
          isFinal: index == parts.count - 1, into: &stream)
        if index < parts.count - 1, chance.below(4) == 0 {
          let sign = chance.bytes(upTo: 125)
          WebSocketFrame.append(.ping, sign, mask: mask, into: &stream)
          expected.append(.ping(sign))
        }
      }
      expected.append(isText ? .text(payload) : .binary(payload))
    }
    #expect(messages([stream], isServer: isServer).messages == expected)
    #expect(messages(chance.pieces(stream), isServer: isServer).messages == expected)
    #expect(messages(stream.map { [$0] }, isServer: isServer).messages == expected)
  }

  @Test(
    "What breaks the protocol is refused",
    arguments: [
      ("c100", .reservedBits), ("a100", .reservedBits), ("9100", .reservedBits),
      ("8300", .unknownOpcode(3)), ("8b00", .unknownOpcode(11)), ("8f00", .unknownOpcode(15)),
      ("8180 00000000", .wrongMasking), ("0900", .badControlFrame),
      ("897e007e", .badControlFrame), ("887f", .badControlFrame),
      ("817e007d", .badLength), ("817f000000000000ffff", .badLength),
      ("817fffffffffffffffff", .badLength), ("827f7fffffffffffffff", .messageTooBig(maximum: 100)),
      ("8265", .messageTooBig(maximum: 100)), ("8000", .badFragmentation),
      ("0000", .badFragmentation), ("0100 8100", .badFragmentation),
      ("0100 0100", .badFragmentation), ("8801 03", .badClose), ("8802 03e7", .badClose),
      ("8802 03ec", .badClose), ("8802 03ed", .badClose), ("8802 03ee", .badClose),
      ("8802 03f7", .badClose), ("8802 0bb7", .badClose), ("8802 1388", .badClose),
      ("8803 03e8 ff", .invalidText), ("8102 c3 28", .invalidText), ("8101 80", .invalidText),
      ("8103 eda080", .invalidText), ("8104 f4908080", .invalidText),
      ("0101 c3 8001 28", .invalidText),
    ] as [(String, WebSocketError)])
  func refusals(hex: String, error: WebSocketError) {
    let bytes = [UInt8](hex: hex)
    for pieces in [[bytes], bytes.map { [$0] }] {
      let result = messages(pieces, maximum: 100)
      #expect(result.error == error)
      #expect(result.messages.isEmpty)
    }
    #expect([1002, 1007, 1009].contains(error.closeCode))
  }

  @Test("A client that does not mask is refused")
  func unmaskedClient() {
    #expect(messages([[UInt8](hex: "8100")], isServer: true).error == .wrongMasking)
  }

  @Test("A character may lie across fragments")
  func splitCharacter() {
    #expect(
      messages([[UInt8](hex: "0101c3 8001a9")]).messages == [.text([0xC3, 0xA9])])
  }

  @Test("The limit holds for all fragments together, and to the byte")
  func limit() {
    func fragments(_ last: Int) -> [UInt8] {
      WebSocketFrame.encode(.binary, [UInt8](repeating: 1, count: 60), mask: nil, isFinal: false)
        + WebSocketFrame.encode(.continuation, [UInt8](repeating: 1, count: last), mask: nil)
    }
    #expect(messages([fragments(40)], maximum: 100).messages.count == 1)
    #expect(messages([fragments(41)], maximum: 100).error == .messageTooBig(maximum: 100))
  }

  @Test(
    "Close codes that may be sent are handed over, and nothing after them",
    arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1011, 1012, 3000, 4999] as [UInt16])
  func close(code: UInt16) {
    let stream =
      WebSocketFrame.close(code: code, reason: "é", mask: nil)
      + WebSocketFrame.encode(.text, "after", mask: nil)
    #expect(messages([stream]).messages == [.close(code: code, reason: "é")])
    #expect(messages(stream.map { [$0] }).messages == [.close(code: code, reason: "é")])
    #expect(messages([[0x88, 0]]).messages == [.close(code: nil, reason: "")])
  }

  @Test("After an error the connection stays broken")
  func sticky() {
    var reader = WebSocketReader(isServer: false, maximumMessage: 10)
    reader.feed([0x83, 0])
    #expect(throws: WebSocketError.unknownOpcode(3)) { try reader.next() }
    reader.feed(WebSocketFrame.encode(.text, "a", mask: nil))
    #expect(throws: WebSocketError.unknownOpcode(3)) { try reader.next() }
  }

  @Test("A message is lent as it would be handed over, and lost with what its reader throws")
  func lending() throws {
    struct Refusal: Error {}
    var reader = WebSocketReader(isServer: true, maximumMessage: 10)
    for text in ["a", "b", "c"] {
      reader.feed(WebSocketFrame.encode(.text, text, mask: 0xABCD_EF01))
    }
    reader.feed(WebSocketFrame.close(code: 1001, mask: 5))
    #expect(try reader.withNext { opcode, bytes in (opcode == .text, Array(bytes)).1 } == [0x61])
    #expect(throws: Refusal.self) { try reader.withNext { _, _ in throw Refusal() } }
    #expect(try reader.next() == .text([0x63]))
    #expect(try reader.withNext { opcode, bytes in [opcode.rawValue] + bytes } == [8, 0x03, 0xE9])
    #expect(reader.isClosed)
    #expect(try reader.next() == nil)
  }

  @Test("Damaged and random bytes crash nothing, in pieces as at once", arguments: 1...40)
  func damage(seed: UInt64) {
    var chance = Chance(seed)
    for round in 0..<60 {
      var stream: [UInt8] = []
      let isServer = chance.below(2) == 0
      for _ in 0..<4 {
        let opcodes: [WebSocketOpcode] = [.text, .binary, .ping, .pong, .continuation, .close]
        WebSocketFrame.append(
          opcodes[chance.below(6)], chance.bytes(upTo: 140), mask: isServer ? 0xA1B2_C3D4 : nil,
          isFinal: chance.below(3) > 0, into: &stream)
      }
      stream = round % 4 == 0 ? chance.bytes(upTo: 200) : chance.damaged(stream)
      let whole = messages([stream], isServer: isServer, maximum: 200)
      let cut = messages(chance.pieces(stream), isServer: isServer, maximum: 200)
      #expect(whole.messages == cut.messages)
      #expect(whole.error == cut.error)
    }
  }
}
