/// What stands in front of a frame's payload.
struct WebSocketFrameHeader {
  let opcode: WebSocketOpcode
  let isFinal: Bool
  let mask: UInt32?
  /// Bytes of the header itself.
  let size: Int
  /// Bytes of the payload.
  let length: Int

  /// Reads the header at the front; nil when it is not complete.
  init?(_ queue: ByteQueue) throws(WebSocketError) {
    guard queue.count >= 2 else { return nil }
    let (first, second) = (queue[0], queue[1])
    guard first & 0x70 == 0 else { throw .reservedBits }
    guard let opcode = WebSocketOpcode(rawValue: first & 0x0F) else {
      throw .unknownOpcode(first & 0x0F)
    }
    self.opcode = opcode
    isFinal = first & 0x80 != 0
    let short = Int(second & 0x7F)
    if opcode.isControl, !isFinal || short > 125 { throw .badControlFrame }
    let lengthBytes = short == 126 ? 2 : short == 127 ? 8 : 0
    let isMasked = second & 0x80 != 0
    size = 2 + lengthBytes + (isMasked ? 4 : 0)
    guard queue.count >= size else { return nil }
    if lengthBytes == 0 {
      length = short
    } else {
      let long = Self.number(queue, at: 2, bytes: lengthBytes)
      guard long > (lengthBytes == 2 ? 125 : 0xFFFF), let length = Int(exactly: long) else {
        throw .badLength
      }
      self.length = length
    }
    mask =
      isMasked
      ? UInt32(truncatingIfNeeded: Self.number(queue, at: size - 4, bytes: 4)) : nil
  }

  private static func number(_ queue: ByteQueue, at offset: Int, bytes: Int) -> UInt64 {
    (offset..<offset + bytes).reduce(0) { $0 << 8 | UInt64(queue[$1]) }
  }

  /// The payload, unmasked in place; called once for a frame.
  func payload(of bytes: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
    let payload = UnsafeMutableRawBufferPointer(rebasing: bytes[size..<size + length])
    if let mask { WebSocketMask.apply(mask, to: payload) }
    return UnsafeRawBufferPointer(payload)
  }
}

/// The payload of a close frame.
enum WebSocketClose {
  /// The code in front of the reason; nil when there is none.
  static func code(_ payload: UnsafeRawBufferPointer) -> UInt16? {
    payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil
  }

  /// Whether a payload that is not empty begins with a code that may be sent.
  static func isValid(_ payload: UnsafeRawBufferPointer) -> Bool {
    switch code(payload) {
    case 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014: true
    case .some(3000...4999): true
    default: false
    }
  }
}
