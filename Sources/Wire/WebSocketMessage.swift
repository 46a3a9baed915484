/// What a frame is (RFC 6455, section 5.2).
public enum WebSocketOpcode: UInt8, Hashable, Sendable {
  /// More of the message before.
  case continuation = 0x0
  /// UTF-8 text.
  case text = 0x1
  /// Bytes.
  case binary = 0x2
  /// The end of the conversation.
  case close = 0x8
  /// A question for a sign of life.
  case ping = 0x9
  /// A sign of life.
  case pong = 0xA

  /// Whether it steers the connection instead of carrying a message.
  public var isControl: Bool { rawValue >= 0x8 }
}

/// A complete message.
public enum WebSocketMessage: Hashable, Sendable {
  /// UTF-8 text, checked.
  case text([UInt8])
  /// Bytes.
  case binary([UInt8])
  /// A question for a sign of life, to be answered by a pong with the same bytes.
  case ping([UInt8])
  /// A sign of life.
  case pong([UInt8])
  /// The other side ends the conversation; nothing comes after it.
  case close(code: UInt16?, reason: String)
}

/// How the other side broke the protocol.
///
/// The connection is of no further use.
public enum WebSocketError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Reserved bits are set, though no extension was agreed on.
  case reservedBits
  /// An opcode that the protocol does not have.
  case unknownOpcode(UInt8)
  /// A client did not mask a frame, or a server did.
  case wrongMasking
  /// A control frame is fragmented or longer than 125 bytes.
  case badControlFrame
  /// A length is not in its shortest form, or too long for anything.
  case badLength
  /// A continuation without a beginning, or a beginning inside another message.
  case badFragmentation
  /// A text, or the reason of a close, is not UTF-8.
  case invalidText
  /// A close frame with half a code, or a code that may not be sent.
  case badClose
  /// A message is longer than allowed.
  case messageTooBig(maximum: Int)

  /// The code of the close frame that answers it (RFC 6455, section 7.4.1).
  public var closeCode: UInt16 {
    switch self {
    case .invalidText: 1007
    case .messageTooBig: 1009
    case .reservedBits, .unknownOpcode, .wrongMasking, .badControlFrame, .badLength,
      .badFragmentation, .badClose:
      1002
    }
  }

  /// What is wrong; nothing of the message itself.
  public var description: String {
    switch self {
    case .reservedBits: "reserved bits are set"
    case .unknownOpcode(let opcode): "unknown opcode \(opcode)"
    case .wrongMasking: "frame masked or not masked against the rule"
    case .badControlFrame: "control frame fragmented or too long"
    case .badLength: "malformed length"
    case .badFragmentation: "fragments out of order"
    case .invalidText: "text is not UTF-8"
    case .badClose: "malformed close frame"
    case .messageTooBig(let maximum): "message longer than \(maximum) bytes"
    }
  }
}
