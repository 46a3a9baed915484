import Testing

@testable import Wire

@Suite("Hexadecimal, base64 and form text")
struct EncodingTests {
  @Test(
    "Base64 of RFC 4648",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func base64(plain: String, encoded: String) {
    #expect(Base64.encode([UInt8](plain)) == encoded)
    #expect(Base64.decode(encoded) == [UInt8](plain))
  }

  @Test(
    "Other forms of base64 are refused",
    arguments: [
      "Zg", "Zg=", "Z", "====", "=", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v\n", "Zm-_", "Z===", "Zg=a",
      "Zm9vé",
    ])
  func refusedBase64(text: String) { #expect(Base64.decode(text) == nil) }

  @Test("Bytes survive both encodings", arguments: 1...20)
  func roundTrip(seed: UInt64) {
    var chance = Chance(seed)
    for _ in 0..<50 {
      let bytes = chance.bytes(upTo: 70)
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
      #expect(Hex.decode(Hex.encode(bytes)) == bytes)
      #expect(Hex.decode(Hex.encode(bytes).uppercased()) == bytes)
    }
  }

  @Test("Hexadecimal digits come in pairs")
  func hexadecimal() {
    #expect(Hex.encode([0x00, 0x9F, 0xFF]) == "009fff")
    #expect(Hex.decode("0") == nil)
    #expect(Hex.decode("0g") == nil)
    #expect(Hex.decode("") == [])
  }

  @Test("What is not unreserved is percent-encoded in upper case")
  func encode() {
    #expect(FormText.encode("AZaz09-._~") == "AZaz09-._~")
    #expect(FormText.encode(" +/=&%?:\"") == "%20%2B%2F%3D%26%25%3F%3A%22")
    #expect(FormText.encode("１é") == "%EF%BC%91%C3%A9")
    #expect(
      FormText.join([("symbol", "１"), ("price", "0.10"), ("c", "")])
        == "symbol=%EF%BC%91&price=0.10&c=")
  }

  @Test("Pairs are decoded in their order, plus stays plus")
  func split() throws {
    let pairs = try #require(FormText.split("a=1+2&b=%C3%a9&c&d=x=y&a="))
    #expect(pairs.map(\.name) == ["a", "b", "c", "d", "a"])
    #expect(pairs.map(\.value) == ["1+2", "é", "", "x=y", ""])
    #expect(FormText.split("")?.isEmpty == true)
  }

  @Test(
    "Malformed pairs are refused",
    arguments: ["&", "a=1&", "&a=1", "a=1&&b=2", "=1", "a=%", "a=%4", "a=%4g", "a=%FF", "%=1"])
  func refused(text: String) { #expect(FormText.split(text) == nil) }

  @Test("Splitting undoes joining", arguments: 1...20)
  func pairs(seed: UInt64) throws {
    var chance = Chance(seed)
    for _ in 0..<50 {
      let pairs = (0..<chance.below(6)).map { ("n\($0)\(chance.text())", chance.text()) }
      let read = try #require(FormText.split(FormText.join(pairs)))
      #expect(read.map(\.name) == pairs.map(\.0))
      #expect(read.map(\.value) == pairs.map(\.1))
    }
  }
}
