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
    guard isWhole, scanner.isAtEnd else { throw DialectError("a frame that is broken") }
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
    case UInt8(ascii: "e"): event = Self.event(scanner.rawText())
    case UInt8(ascii: "s"): symbol = scanner.rawText()
    case UInt8(ascii: "b"): bid = scanner.decimal()
    case UInt8(ascii: "a"): ask = scanner.decimal()
    case UInt8(ascii: "p"): price = scanner.decimal()
    case UInt8(ascii: "r"): rate = scanner.decimal()
    case UInt8(ascii: "u"): update = scanner.integer()
    case UInt8(ascii: "E"): sent = scanner.integer()
    case UInt8(ascii: "T"): stamp = scanner.integer()
    default: return scanner.skip()
    }
    return !scanner.isBroken
  }

  private static func event(_ text: UnsafeRawBufferPointer?) -> Event {
    guard let text else { return .other }
    if text.spells("bookTicker") { return .bookTicker }
    if text.spells("markPriceUpdate") { return .markPrice }
    return text.spells("serverShutdown") ? .shutdown : .other
  }
}
