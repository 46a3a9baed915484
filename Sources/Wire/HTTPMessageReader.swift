/// Cuts a stream of bytes into heads and bodies; what a head means is the caller's.
struct HTTPMessageReader {
  private enum Phase {
    case head
    case fixed(HTTPHead, Int)
    case chunkSize(HTTPHead)
    case chunk(HTTPHead, Int)
    case trailer(HTTPHead)
    case broken(HTTPError)
  }

  private let maximumHead: Int
  private let maximumBody: Int
  private var queue = ByteQueue()
  private var phase = Phase.head
  /// Ends of lines of the head or trailer, counted from the front of the queue.
  private var lineEnds: [Int] = []
  /// Up to where no end of a line is.
  private var searched = 0
  private var body: [UInt8] = []

  init(maximumHead: Int, maximumBody: Int) {
    self.maximumHead = maximumHead
    self.maximumBody = maximumBody
  }

  mutating func feed(_ bytes: UnsafeRawBufferPointer) {
    if case .broken = phase { return }
    queue.append(bytes)
  }

  /// Takes what arrived behind the last message, for another protocol.
  mutating func takeRemainder() -> [UInt8] { queue.take(queue.count) }

  /// The next complete message; nil when more bytes are needed.
  ///
  /// - Parameter framing: finds out from a head how its body ends.
  mutating func next(
    _ framing: (HTTPHead) throws(HTTPError) -> HTTPFraming
  ) throws(HTTPError) -> (head: HTTPHead, body: [UInt8])? {
    do {
      return try advance(framing)
    } catch {
      phase = .broken(error)
      queue.removeAll()
      throw error
    }
  }

  private mutating func advance(
    _ framing: (HTTPHead) throws(HTTPError) -> HTTPFraming
  ) throws(HTTPError) -> (head: HTTPHead, body: [UInt8])? {
    while true {
      switch phase {
      case .head:
        guard let lines = try takeLines() else { return nil }
        // Empty lines in front of a message are passed over.
        if lines.isEmpty { continue }
        let head = try HTTPHead(lines: lines)
        switch try framing(head) {
        case .length(let length):
          guard length <= maximumBody else { throw .bodyTooLarge }
          phase = .fixed(head, length)
        case .chunked: phase = .chunkSize(head)
        }
      case .fixed(let head, let length):
        guard queue.count >= length else { return nil }
        phase = .head
        return (head, queue.take(length))
      case .chunkSize(let head):
        guard let size = try takeChunkSize() else { return nil }
        guard size <= maximumBody - body.count else { throw .bodyTooLarge }
        phase = size == 0 ? .trailer(head) : .chunk(head, size)
      case .chunk(let head, let size):
        guard queue.count >= size + 2 else { return nil }
        body += queue.take(size)
        guard queue.take(2) == [0x0D, 0x0A] else { throw .badChunk }
        phase = .chunkSize(head)
      case .trailer(let head):
        guard let lines = try takeLines() else { return nil }
        // Trailers are checked and dropped.
        if !lines.isEmpty { _ = try HTTPHead(lines: [[0x20]] + lines) }
        phase = .head
        defer { body = [] }
        return (head, body)
      case .broken(let error): throw error
      }
    }
  }

  /// Lines up to an empty one, without their ends; nil when the empty line is not there yet.
  private mutating func takeLines() throws(HTTPError) -> [ArraySlice<UInt8>]? {
    while let end = queue.firstIndex(of: 0x0A, from: searched), end < maximumHead {
      let start = searchedLineStart
      guard end > start, queue[end - 1] == 0x0D else { throw .badHeader }
      searched = end + 1
      lineEnds.append(end)
      if end == start + 1 { return cutLines() }
    }
    searched = queue.count
    guard searched < maximumHead else { throw .headTooLarge }
    return nil
  }

  private var searchedLineStart: Int { lineEnds.last.map { $0 + 1 } ?? 0 }

  private mutating func cutLines() -> [ArraySlice<UInt8>] {
    let bytes = queue.take(searched)
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for end in lineEnds.dropLast() {
      lines.append(bytes[start..<end - 1])
      start = end + 1
    }
    lineEnds = []
    searched = 0
    return lines
  }

  /// The size in a line such as `1A` or `1A;name=value`; nil when the line is not complete.
  private mutating func takeChunkSize() throws(HTTPError) -> Int? {
    let longest = 256
    guard let end = queue.firstIndex(of: 0x0A, from: 0) else {
      guard queue.count <= longest else { throw .badChunk }
      return nil
    }
    guard end > 0, end <= longest, queue[end - 1] == 0x0D else { throw .badChunk }
    let line = queue.take(end + 1).dropLast(2)
    let digits = line.prefix { Hex.value(of: $0) != nil }
    let rest = line.dropFirst(digits.count)
    // Fifteen digits always fit.
    guard !digits.isEmpty, digits.count <= 15, rest.isEmpty || rest.first == UInt8(ascii: ";"),
      rest.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
    else { throw .badChunk }
    return digits.reduce(0) { $0 << 4 | Int(Hex.value(of: $1) ?? 0) }
  }
}
