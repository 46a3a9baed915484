import Wire

/// Frames with the members, lengths and order of members that the venues send.
enum SampleFrames {
  /// Counts of a book are twelve digits, so that one can be written over another.
  static let firstUpdate = 400_900_217_000

  /// Binance spot, combined stream.
  static func spotBook(_ name: String, update: Int, cents: Int) -> String {
    """
    {"stream":"\(name.lowercased())@bookTicker","data":{"u":\(update),"s":"\(name)",\
    "b":"\(price(cents))000000","B":"31.21000000","a":"\(price(cents + 1))000000",\
    "A":"40.66000000"}}
    """
  }

  /// Binance perpetuals, combined stream.
  static func perpBook(_ name: String, update: Int, cents: Int, milliseconds: Int64) -> String {
    """
    {"stream":"\(name.lowercased())@bookTicker","data":{"e":"bookTicker","u":\(update),\
    "s":"\(name)","ps":"\(name)","b":"\(price(cents))","B":"31.210","a":"\(price(cents + 1))",\
    "A":"40.660","T":\(milliseconds),"E":\(milliseconds + 2),"st":1}}
    """
  }

  /// Binance perpetuals, combined stream, once a second.
  static func mark(_ name: String, cents: Int, milliseconds: Int64) -> String {
    """
    {"stream":"\(name.lowercased())@markPrice@1s","data":{"e":"markPriceUpdate",\
    "E":\(milliseconds),"s":"\(name)","p":"\(price(cents))000000","ap":"\(price(cents))500000",\
    "P":"\(price(cents))256412","i":"\(price(cents))626591","r":"0.00010000",\
    "T":\(milliseconds / 28_800_000 * 28_800_000 + 28_800_000),"st":1}}
    """
  }

  /// Bybit, order book of depth one.
  static func bybitBook(_ name: String, update: Int, cents: Int, milliseconds: Int64) -> String {
    """
    {"topic":"orderbook.1.\(name)","type":"snapshot","ts":\(milliseconds),"data":{"s":"\(name)",\
    "b":[["\(price(cents))","12.345"]],"a":[["\(price(cents + 1))","8.901"]],"u":\(update),\
    "seq":\(update + 17)},"cts":\(milliseconds - 2)}
    """
  }

  /// Bybit perpetuals, what has changed of a ticker.
  static func bybitTicker(_ name: String, update: Int, cents: Int, milliseconds: Int64) -> String {
    """
    {"topic":"tickers.\(name)","type":"delta","data":{"symbol":"\(name)",\
    "tickDirection":"PlusTick","price24hPcnt":"0.017103","markPrice":"\(price(cents))",\
    "indexPrice":"\(price(cents + 3))","openInterestValue":"1183601235.91",\
    "bid1Price":"\(price(cents))","bid1Size":"84.489","ask1Price":"\(price(cents + 1))",\
    "ask1Size":"83.020"},"cs":\(update),"ts":\(milliseconds)}
    """
  }

  private static func price(_ cents: Int) -> String {
    "\(cents / 100).\(padded(cents % 100, width: 2))"
  }
}

/// A frame in its WebSocket frame whose count of book changes can be written over.
struct SentFrame {
  var bytes: [UInt8]
  private let digits: Range<Int>

  /// Takes a frame that holds `SampleFrames.firstUpdate` once.
  init(_ text: String) {
    let bytes = WebSocketFrame.encode(.text, text, mask: nil)
    self.bytes = bytes
    let wanted = Array(String(SampleFrames.firstUpdate).utf8)
    let start = bytes.indices.first { bytes[$0...].starts(with: wanted) } ?? 0
    digits = start..<start + wanted.count
  }

  mutating func number(_ update: Int) {
    var rest = update
    for place in digits.reversed() {
      bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }
}
