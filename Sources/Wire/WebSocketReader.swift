/// Reads messages from the bytes of one connection (RFC 6455), holding no socket.
///
/// Control frames between fragments come out where they stand. Nothing comes after a close.
public struct WebSocketReader {
  private let isServer: Bool
  private let maximumMessage: Int
  private var queue = ByteQueue()
  /// Opcode and bytes of a message whose end is still to come.
  private var fragments: (opcode: WebSocketOpcode, bytes: [UInt8])?
  private var failure: WebSocketError?
  /// Whether the other side has ended the conversation.
  public private(set) var isClosed = false

  /// Starts at the beginning of a conversation.
  ///
  /// - Parameters:
  ///   - isServer: whether this side is the server, whose client must mask its frames.
  ///   - maximumMessage: most bytes of a message, fragments taken together.
  public init(isServer: Bool, maximumMessage: Int) {
    self.isServer = isServer
    self.maximumMessage = maximumMessage
  }

  /// Takes in bytes as they arrive.
  public mutating func feed(_ bytes: UnsafeRawBufferPointer) {
    guard failure == nil, !isClosed else { return }
    queue.append(bytes)
  }

  /// The next complete message; nil when more bytes are needed or after a close.
  ///
  /// After an error the same error is thrown for ever.
  public mutating func next() throws(WebSocketError) -> WebSocketMessage? {
    try withNext { opcode, payload in WebSocketMessage(opcode, payload) }
  }

  /// Lends the next complete message, of a close its code and reason; nil as in `next`.
  ///
  /// The bytes are valid only inside `body`. A continuation is never lent.
  @inlinable
  public mutating func withNext<R>(
    _ body: (WebSocketOpcode, UnsafeRawBufferPointer) -> R
  ) throws(WebSocketError) -> R? {
    var result: R?
    try lendNext { opcode, payload in result = .some(body(opcode, payload)) }
    return result
  }

  /// Lends the next complete message; what `body` throws leaves the reader as it is.
  @inlinable
  public mutating func withNext<R>(
    _ body: (WebSocketOpcode, UnsafeRawBufferPointer) throws -> R
  ) throws -> R? {
    try withNext { opcode, payload in Result { try body(opcode, payload) } }?.get()
  }

  @usableFromInline
  mutating func lendNext(
    _ body: (WebSocketOpcode, UnsafeRawBufferPointer) -> Void
  ) throws(WebSocketError) {
    if let failure { throw failure }
    do {
      while let frame = try nextFrame() {
        if try take(frame, body) { return }
      }
    } catch {
      failure = error
      queue.removeAll()
      fragments = nil
      throw error
    }
  }

  /// The frame at the front of the queue, when all of it is there and none of it breaks a rule.
  private func nextFrame() throws(WebSocketError) -> WebSocketFrameHeader? {
    guard !isClosed, let frame = try WebSocketFrameHeader(queue) else { return nil }
    guard (frame.mask != nil) == isServer else { throw .wrongMasking }
    if !frame.opcode.isControl {
      guard (frame.opcode == .continuation) == (fragments != nil) else { throw .badFragmentation }
      let used = fragments?.bytes.count ?? 0
      guard frame.length <= maximumMessage - used else {
        throw .messageTooBig(maximum: maximumMessage)
      }
    }
    return queue.count - frame.size >= frame.length ? frame : nil
  }

  /// Takes a whole frame off the queue; false when its message goes on.
  private mutating func take(
    _ frame: WebSocketFrameHeader, _ body: (WebSocketOpcode, UnsafeRawBufferPointer) -> Void
  ) throws(WebSocketError) -> Bool {
    defer { queue.drop(frame.size + frame.length) }
    if frame.opcode == .close { isClosed = true }
    if frame.opcode.isControl || frame.opcode != .continuation && frame.isFinal {
      let error = queue.withBytes { Self.deliver(frame.opcode, frame.payload(of: $0), body) }
      if let error { throw error }
      return true
    }
    let payload = queue.withBytes { Array(frame.payload(of: $0)) }
    guard var message = fragments else {
      fragments = (frame.opcode, payload)
      return false
    }
    // Only one owner, so that the bytes are appended in place.
    fragments = nil
    message.bytes += payload
    if !frame.isFinal {
      fragments = message
      return false
    }
    let error = message.bytes.withUnsafeBytes { Self.deliver(message.opcode, $0, body) }
    if let error { throw error }
    return true
  }

  /// Lends a whole message unless it breaks a rule.
  private static func deliver(
    _ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer,
    _ body: (WebSocketOpcode, UnsafeRawBufferPointer) -> Void
  ) -> WebSocketError? {
    switch opcode {
    case .text:
      guard UTF8Text.isValid(payload) else { return .invalidText }
    case .close:
      guard payload.isEmpty || WebSocketClose.isValid(payload) else { return .badClose }
      guard UTF8Text.isValid(UnsafeRawBufferPointer(rebasing: payload.dropFirst(2))) else {
        return .invalidText
      }
    case .binary, .ping, .pong, .continuation: break
    }
    body(opcode, payload)
    return nil
  }
}

extension WebSocketMessage {
  fileprivate init(_ opcode: WebSocketOpcode, _ payload: UnsafeRawBufferPointer) {
    switch opcode {
    case .text: self = .text(Array(payload))
    case .binary, .continuation: self = .binary(Array(payload))
    case .ping: self = .ping(Array(payload))
    case .pong: self = .pong(Array(payload))
    case .close:
      let reason = String(decoding: payload.dropFirst(2), as: UTF8.self)
      self = .close(code: WebSocketClose.code(payload), reason: reason)
    }
  }
}
