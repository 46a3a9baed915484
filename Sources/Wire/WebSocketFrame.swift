/// Writes frames (RFC 6455, section 5.2).
public enum WebSocketFrame {
  /// One frame.
  ///
  /// - Parameter mask: unpredictable for a client; nil for a server.
  public static func encode(
    _ opcode: WebSocketOpcode, _ payload: [UInt8], mask: UInt32?, isFinal: Bool = true
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(payload.count + 14)
    append(opcode, payload, mask: mask, isFinal: isFinal, into: &bytes)
    return bytes
  }

  /// One frame.
  ///
  /// - Parameter mask: unpredictable for a client; nil for a server.
  public static func encode(
    _ opcode: WebSocketOpcode, _ payload: String, mask: UInt32?, isFinal: Bool = true
  ) -> [UInt8] {
    encode(opcode, Array(payload.utf8), mask: mask, isFinal: isFinal)
  }

  /// Appends one frame to bytes that are sent together.
  public static func append(
    _ opcode: WebSocketOpcode, _ payload: [UInt8], mask: UInt32?, isFinal: Bool = true,
    into bytes: inout [UInt8]
  ) {
    bytes.append(opcode.rawValue | (isFinal ? 0x80 : 0))
    let maskBit: UInt8 = mask == nil ? 0 : 0x80
    switch payload.count {
    case ...125: bytes.append(maskBit | UInt8(payload.count))
    case ...0xFFFF:
      bytes.append(maskBit | 126)
      append(UInt64(payload.count), bytes: 2, into: &bytes)
    default:
      bytes.append(maskBit | 127)
      append(UInt64(payload.count), bytes: 8, into: &bytes)
    }
    guard let mask else {
      bytes.append(contentsOf: payload)
      return
    }
    append(UInt64(mask), bytes: 4, into: &bytes)
    let start = bytes.count
    bytes.append(contentsOf: payload)
    bytes.withUnsafeMutableBytes {
      WebSocketMask.apply(mask, to: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
    }
  }

  /// A close frame; a reason that does not fit is cut between characters.
  public static func close(code: UInt16?, reason: String = "", mask: UInt32?) -> [UInt8] {
    guard let code else { return encode(.close, [UInt8](), mask: mask) }
    var payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
    for scalar in reason.unicodeScalars {
      let scalar = Array(String(scalar).utf8)
      guard payload.count + scalar.count <= 125 else { break }
      payload += scalar
    }
    return encode(.close, payload, mask: mask)
  }

  private static func append(_ value: UInt64, bytes count: Int, into bytes: inout [UInt8]) {
    for place in (0..<count).reversed() {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(place * 8)))
    }
  }
}

/// The masking of a client's payload (RFC 6455, section 5.3); applied twice it is undone.
enum WebSocketMask {
  /// Masks in place, eight bytes at a time.
  ///
  /// - Parameter mask: its most significant byte goes first.
  static func apply(_ mask: UInt32, to bytes: UnsafeMutableRawBufferPointer) {
    let word = UInt64(bigEndian: UInt64(mask) << 32 | UInt64(mask))
    var index = 0
    while index + 8 <= bytes.count {
      let masked = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ word
      bytes.storeBytes(of: masked, toByteOffset: index, as: UInt64.self)
      index += 8
    }
    while index < bytes.count {
      bytes[index] ^= UInt8(truncatingIfNeeded: mask >> UInt32(24 - index % 4 * 8))
      index += 1
    }
  }
}
