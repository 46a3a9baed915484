import FixedPoint
import Testing

@testable import Wire

/// Scans a text that lives as long as the body.
func scan<R>(_ bytes: [UInt8], _ body: (inout JSONScanner) -> R) -> R {
  bytes.withUnsafeBytes { bytes in
    var scanner = JSONScanner(bytes)
    return body(&scanner)
  }
}

func scan<R>(_ text: String, _ body: (inout JSONScanner) -> R) -> R {
  scan([UInt8](text), body)
}

/// The fields of a best bid and ask that a venue's frame holds.
struct Quote: Equatable {
  var symbol = ""
  var time: Int64 = 0
  var prices: [Fixed<Unit>] = []

  static func read(_ scanner: inout JSONScanner) -> Quote? {
    var quote = Quote()
    guard scanner.beginObject() else { return nil }
    while let key = scanner.nextKey() {
      if key.spells("s") {
        quote.symbol = scanner.rawText().map { String(decoding: $0, as: UTF8.self) } ?? ""
      } else if key.spells("T") {
        quote.time = scanner.integer() ?? -1
      } else if key.spells("b") || key.spells("B") || key.spells("a") || key.spells("A") {
        guard let price: Fixed<Unit> = scanner.decimal() else { return nil }
        quote.prices.append(price)
      } else if !scanner.skip() {
        return nil
      }
    }
    return scanner.isAtEnd ? quote : nil
  }
}

@Suite("JSON by scanning")
struct JSONScannerTests {
  static let frame =
    #"{"e":"bookTicker","u":400900217,"E":1568014460893,"T":1568014460891,"s":"BNBUSDT","#
    + #""b":"25.35190000","B":"31.21000000","a":"25.36520000","A":"40.66000000","st":1,"#
    + #""ps":"BNBUSDT"}"#

  @Test("A frame's fields are read where they stand")
  func bookTicker() {
    let expected = Quote(
      symbol: "BNBUSDT", time: 1_568_014_460_891,
      prices: ["25.3519", "31.21", "25.3652", "40.66"])
    #expect(scan(Self.frame) { Quote.read(&$0) } == expected)
    #expect(scan(" \n\(Self.frame)\t ") { Quote.read(&$0) } == expected)
  }

  @Test("A frame cut anywhere is nothing, and says that it is malformed")
  func truncation() {
    let bytes = [UInt8](Self.frame)
    for length in 0..<bytes.count {
      let prefix = Array(bytes.prefix(length))
      #expect(scan(prefix) { Quote.read(&$0) } == nil)
      #expect(
        scan(prefix) { scanner in
          _ = scanner.skip()
          return scanner.isBroken && !scanner.isAtEnd
        })
    }
  }

  @Test("A value of another kind is consumed and gives nil")
  func otherKinds() {
    let text = #"["",null,true,[1,{"a":2}],{"b":[]},"1e5","a\n","7",8,"true","no",1.5]"#
    let decimals = scan(text) { scanner -> [Fixed<Unit>?] in
      var values: [Fixed<Unit>?] = []
      guard scanner.beginArray() else { return [] }
      while scanner.nextElement() { values.append(scanner.decimal()) }
      #expect(scanner.isAtEnd)
      return values
    }
    #expect(decimals == [nil, nil, nil, nil, nil, nil, nil, "7", "8", nil, nil, "1.5"])
    let integers = scan(text) { scanner -> [Int64?] in
      var values: [Int64?] = []
      guard scanner.beginArray() else { return [] }
      while scanner.nextElement() { values.append(scanner.integer()) }
      #expect(scanner.isAtEnd)
      return values
    }
    #expect(integers == [nil, nil, nil, nil, nil, nil, nil, 7, 8, nil, nil, nil])
    let truths = scan(text) { scanner -> [Bool?] in
      var values: [Bool?] = []
      guard scanner.beginArray() else { return [] }
      while scanner.nextElement() { values.append(scanner.bool()) }
      #expect(scanner.isAtEnd)
      return values
    }
    #expect(truths == [nil, nil, true, nil, nil, nil, nil, nil, nil, true, nil, nil])
  }

  @Test("Entering what is not there consumes nothing")
  func refusedEntry() {
    let steps = scan("[5]") { scanner -> [Bool] in
      [
        !scanner.beginObject(), !scanner.isBroken, scanner.beginArray(), !scanner.isAtEnd,
        scanner.nextElement(), !scanner.beginArray(), scanner.integer() == 5,
        !scanner.nextElement(), scanner.isAtEnd,
      ]
    }
    #expect(steps == Array(repeating: true, count: 9))
  }

  @Test("A value that was not read breaks the scanner at the next key")
  func forgottenValue() {
    let steps = scan(#"{"a":1,"b":2}"#) { scanner -> [Bool] in
      [
        scanner.beginObject(), scanner.nextKey()?.spells("a") == true, scanner.nextKey() == nil,
        scanner.isBroken, !scanner.skip(), scanner.integer() == nil, scanner.bool() == nil,
      ]
    }
    #expect(steps == Array(repeating: true, count: 7))
  }

  @Test("Bytes that end inside an object are not the end of it")
  func unclosed() {
    let steps = scan(#"{"a":1"#) { scanner -> [Bool] in
      [
        scanner.beginObject(), scanner.nextKey() != nil, scanner.integer() == 1,
        !scanner.isAtEnd, !scanner.isBroken, scanner.nextKey() == nil, scanner.isBroken,
      ]
    }
    #expect(steps == Array(repeating: true, count: 7))
  }

  @Test("A name with an escape is passed over by skip, and breaks where names are read")
  func escapedName() {
    let text = #"{"x":{"\u0061":1}}"#
    #expect(scan(text) { $0.skip() && $0.isAtEnd })
    let steps = scan(text) { scanner -> [Bool] in
      [
        scanner.beginObject(), scanner.nextKey()?.spells("x") == true, scanner.beginObject(),
        scanner.nextKey() == nil, scanner.isBroken,
      ]
    }
    #expect(steps == Array(repeating: true, count: 5))
  }

  @Test(
    "Malformed values break the scanner",
    arguments: [
      "", "{", "[", "[1 2]", "[1,]", "[,1]", "{\"a\" 1}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "[1}",
      "{\"a\":1]", "nul", "tru", "01", "1.", "-", "+1", "NaN", "\"\\x\"", "\"\\u12\"", "\"\n\"",
      "\"abc", "]", "}", "<html>", "[\"\\", "\"\\u123", "[1e]",
    ])
  func malformed(text: String) {
    #expect(scan(text) { !($0.skip() && $0.isAtEnd) })
  }

  @Test("64 values inside one another are passed over, 65 break, a million too")
  func depth() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(scan(nested(64)) { $0.skip() && $0.isAtEnd })
    #expect(scan(nested(65)) { !$0.skip() && $0.isBroken })
    #expect(scan(nested(1_000_000)) { !$0.skip() && $0.isBroken })
  }

  @Test("The end of a string is found at every place, between any bytes")
  func endOfString() {
    for length in 0...40 {
      for filler in [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF] as [UInt8] {
        let text = [UInt8](repeating: filler, count: length)
        let read = scan([0x22] + text + [0x22] + text) { $0.rawText().map(Array.init) }
        #expect(read == text)
        for place in 0..<length {
          for control in [0x00, 0x01, 0x1F] as [UInt8] {
            var text = text
            text[place] = control
            #expect(scan([0x22] + text + [0x22]) { $0.rawText() == nil && $0.isBroken })
          }
          var text = text
          text[place] = UInt8(ascii: "\\")
          text.insert(UInt8(ascii: "\""), at: place + 1)
          #expect(scan([0x22] + text + [0x22]) { $0.skip() && $0.isAtEnd })
          #expect(scan([0x22] + text + [0x22]) { $0.rawText() == nil && $0.isAtEnd })
        }
      }
    }
  }

  @Test("Leaving without having entered breaks the scanner")
  func unbalanced() {
    #expect(scan("]") { !$0.nextElement() && $0.isBroken })
    #expect(scan("}") { $0.nextKey() == nil && $0.isBroken })
  }
}
