import FixedPoint
import Testing

@testable import Wire

@Suite("JSON as a tree")
struct JSONTests {
  @Test("A text is read with the order of members and the text of numbers")
  func reading() throws {
    let json = try JSON(
      parsing: #" {"b":[1,-0.50,1e-7,true,false,null],"a":{"x":"\u00e9\ud83d\ude00\n\/"},"":""} "#)
    #expect(json.members.map(\.name) == ["b", "a", ""])
    #expect(
      json["b"] == [1, .number("-0.50"), .number("1e-7"), true, false, nil] as JSON)
    #expect(json["a"]?["x"]?.text == "é😀\n/")
    #expect(json[""] == "")
  }

  @Test("Values of another kind are nil or empty, never a crash")
  func accessors() {
    let json: JSON = ["n": 5, "s": "-7", "f": "0.10", "t": "true", "b": false, "z": nil]
    #expect(json["n"]?.integer == 5)
    #expect(json["s"]?.integer == -7)
    #expect(json["f"]?.integer == nil)
    #expect(json["f"]?.decimal(Unit.self) == "0.1")
    let inferred: Fixed<Unit>? = json["n"]?.decimal()
    #expect(inferred == "5")
    #expect(json["t"]?.bool == true)
    #expect(json["b"]?.bool == false)
    #expect(json["n"]?.bool == nil)
    #expect(json["z"] == .some(.null))
    #expect(json["none"] == nil)
    #expect(json[0] == nil)
    #expect(json.elements.isEmpty)
    #expect(JSON.array([1])[1] == nil)
    #expect(JSON.array([1])[-1] == nil)
    #expect(JSON.array([1])["a"] == nil)
    #expect(JSON.null.text == nil)
    #expect(JSON.number("1e3").decimal(Unit.self) == nil)
    #expect(JSON.number("0.0000000000000000001").decimal(Unit.self) == nil)
    #expect(JSON.string("NaN").decimal(Unit.self) == nil)
    #expect(JSON.string("").decimal(Unit.self) == nil)
    #expect(JSON.string("").integer == nil)
  }

  @Test(
    "Whole numbers are exact to the last of 64 bits",
    arguments: [
      ("9223372036854775807", Int64.max), ("-9223372036854775808", .min),
      ("9223372036854775808", nil), ("-9223372036854775809", nil), ("99999999999999999999", nil),
      ("0", 0), ("-0", 0), ("1.0", nil), ("1e2", nil),
    ] as [(String, Int64?)])
  func integers(text: String, value: Int64?) {
    #expect(JSON.number(text).integer == value)
    #expect(JSON.string(text).integer == value)
  }

  @Test(
    "What is not a JSON text is refused with a reason",
    arguments: [
      ("", .incomplete), ("  ", .incomplete), ("{", .incomplete), ("[1", .incomplete),
      ("[1,", .incomplete), (#"{"a""#, .incomplete), (#"{"a":"#, .incomplete), ("\"a", .incomplete),
      (#""\"#, .incomplete), (#""\u12"#, .incomplete), ("1 2", .trailing), ("{}x", .trailing),
      ("null\u{0}", .trailing), ("[1,]", .unexpected), ("{,}", .unexpected), ("[1}", .unexpected),
      (#"{"a":1,}"#, .unexpected), ("{a:1}", .unexpected), ("{1:1}", .unexpected),
      ("NaN", .unexpected), ("Infinity", .unexpected), ("-Infinity", .number), ("nul", .unexpected),
      ("True", .unexpected), ("'a'", .unexpected), ("+1", .unexpected), (".5", .unexpected),
      ("<html><body>502</body></html>", .unexpected), ("\u{FEFF}{}", .unexpected),
      ("01", .number), ("-", .number), ("1.", .number), ("1e", .number), ("-01", .number),
      ("1e+", .number), ("0x10", .trailing), (#""\x""#, .escape), (#""\u12G4""#, .escape),
      (#""\ud800""#, .escape), (#""\udc00""#, .escape), (#""\ud800\u0041""#, .escape),
      (#""\ud800\n""#, .escape), ("\"\n\"", .characters), ("\"\u{0}\"", .characters),
      (#"{"a":1,"a":2}"#, .duplicate), (#"{"a":1,"\u0061":2}"#, .duplicate),
    ] as [(String, JSONError.Reason)])
  func refusals(text: String, reason: JSONError.Reason) {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(error?.reason == reason)
    #expect((0...text.utf8.count).contains(error?.offset ?? -1))
  }

  @Test(
    "Bytes that are not UTF-8 are refused",
    arguments: [
      "22FF22", "22C022", "22C0AF22", "22C3 5C75303041 3922", "22ED A0 80 22", "22F4 90 80 80 22",
      "22E2 82 22", "22 80 22", "22F8 88 80 80 80 22",
    ])
  func invalidText(hex: String) {
    #expect(throws: JSONError(reason: .characters, offset: 1)) { try JSON([UInt8](hex: hex)) }
  }

  @Test("64 values inside one another are read, 65 are refused, a million too")
  func depth() throws {
    func nested(_ depth: Int, _ open: String, _ close: String) -> String {
      String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
    }
    for (open, close) in [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")] {
      let each = open.hasPrefix("[{") ? 2 : 1
      #expect(throws: Never.self) { try JSON(parsing: nested(64 / each, open, close)) }
      for depth in [64 / each + 1, 1_000_000] {
        let error = #expect(throws: JSONError.self) {
          try JSON(parsing: nested(depth, open, close))
        }
        #expect(error?.reason == .depth)
      }
    }
    // Values side by side are not inside one another.
    let wide = try JSON(parsing: "[" + String(repeating: "[],{},", count: 100) + "1]")
    #expect(wide.elements.count == 201)
  }

  @Test("Duplicates are found among many members too")
  func manyMembers() throws {
    let members = (0..<500).map { "\"k\($0)\":\($0)" }
    #expect(try JSON(parsing: "{\(members.joined(separator: ","))}")["k499"] == 499)
    for name in ["k0", "k15", "k16", "k499"] {
      let text = "{\(members.joined(separator: ",")),\"\(name)\":1}"
      let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
      #expect(error?.reason == .duplicate)
    }
  }

  @Test("A number may be as long as the text")
  func hugeNumber() throws {
    let digits = String(repeating: "9", count: 100_000)
    let json = try JSON(parsing: digits)
    #expect(json == .number(digits))
    #expect(json.integer == nil)
    #expect(json.decimal(Unit.self) == nil)
  }

  @Test("Printing is compact and escapes what it must")
  func printing() {
    let json: JSON = ["b": [1, "x\"\\/\n\r\t\u{1}\u{7F}é😀", nil], "a": true]
    #expect(
      json.description == #"{"b":[1,"x\"\\/\n\r\t\u0001"# + "\u{7F}é😀" + #"",null],"a":true}"#)
    #expect(JSON.array([]).description == "[]")
    #expect(JSON.object([]).description == "{}")
  }
}
