import FixedPoint
import Trading
import Wire

/// One frame of a market stream, read in one pass over its bytes and without allocating.
struct BinanceTick {
  enum Event { case none, bookTicker, markPrice, shutdown, other }

  var event = Event.none
  /// Valid as long as the frame.
  var symbol: UnsafeRawBufferPointer?
  var bid: Price?
  var ask: Price?
  var price: Price?
  var rate: Rate?
  /// `u`: counts the changes of the book.
  var update: Int64?
  /// `E`: when it was sent, milliseconds.
  var sent: Int64?
  /// `T`: when it happened, or the next settlement, milliseconds.
  var stamp: Int64?
  /// `st`: 1 for linear perpetuals; old frames leave it out.
  var product: Int64 = 1
  /// Whether it answers a request.
  var isControl = false

  var isLinear: Bool { product == 1 }

  init(_ frame: UnsafeRawBufferPointer) throws(DialectError) {
    var scanner = JSONScanner(frame)
    guard scanner.beginObject() else { throw DialectError("a frame that is no JSON object") }
    var isWhole = true
    while isWhole, let key = scanner.nextKey() {
      if key.spells("data") {
        isWhole = scanner.beginObject() && readMembers(&scanner)
      } else if key.spells("stream") {
        isWhole = scanner.skip()
      } else {
        isWhole = read(key, &scanner)
      }
    }
    guard isWhole, scanner.isAtEnd, Self.isText(frame) else {
      throw DialectError("a frame that is broken")
    }
    if let bid, bid.magnitude.raw > BinanceRow.largest { throw DialectError("a price too large") }
    if let ask, ask.magnitude.raw > BinanceRow.largest { throw DialectError("a price too large") }
    if let price, price.magnitude.raw > BinanceRow.largest {
      throw DialectError("a price too large")
    }
  }

  private mutating func readMembers(_ scanner: inout JSONScanner) -> Bool {
    while let key = scanner.nextKey() {
      guard read(key, &scanner) else { return false }
    }
    return !scanner.isBroken
  }

  /// Reads one member.
  ///
  /// - Returns: false when it is malformed.
  private mutating func read(
    _ key: UnsafeRawBufferPointer, _ scanner: inout JSONScanner
  ) -> Bool {
    guard key.count == 1 else {
      if key.spells("st") {
        product = scanner.integer() ?? 0
        return !scanner.isBroken
      }
      if key.spells("result") || key.spells("error") || key.spells("code") { isControl = true }
      return scanner.skip()
    }
    switch key[0] {
    case UInt8(ascii: "e") where event == .none: event = Self.event(scanner.rawText())
    case UInt8(ascii: "s") where symbol == nil: symbol = scanner.rawText()
    case UInt8(ascii: "b") where bid == nil: bid = scanner.decimal()
    case UInt8(ascii: "a") where ask == nil: ask = scanner.decimal()
    case UInt8(ascii: "p") where price == nil: price = scanner.decimal()
    case UInt8(ascii: "r") where rate == nil: rate = scanner.decimal()
    case UInt8(ascii: "u") where update == nil: update = scanner.integer()
    case UInt8(ascii: "E") where sent == nil: sent = scanner.integer()
    case UInt8(ascii: "T") where stamp == nil: stamp = scanner.integer()
    // A second value for one of these contradicts the first.
    case UInt8(ascii: "e"), UInt8(ascii: "s"), UInt8(ascii: "b"), UInt8(ascii: "a"),
      UInt8(ascii: "p"), UInt8(ascii: "r"), UInt8(ascii: "u"), UInt8(ascii: "E"),
      UInt8(ascii: "T"):
      return false
    default: return scanner.skip()
    }
    return !scanner.isBroken
  }

  /// Whether the bytes are UTF-8, which the scanner does not look at; nearly all are plain ASCII.
  private static func isText(_ frame: UnsafeRawBufferPointer) -> Bool {
    var place = 0
    var bits: UInt64 = 0
    while place + 8 <= frame.count {
      bits |= frame.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      place += 8
    }
    while place < frame.count {
      bits |= UInt64(frame[place])
      place += 1
    }
    return bits & 0x8080_8080_8080_8080 == 0 || String(validating: frame, as: UTF8.self) != nil
  }

  private static func event(_ text: UnsafeRawBufferPointer?) -> Event {
    guard let text else { return .other }
    if text.spells("bookTicker") { return .bookTicker }
    if text.spells("markPriceUpdate") { return .markPrice }
    return text.spells("serverShutdown") ? .shutdown : .other
  }
}
