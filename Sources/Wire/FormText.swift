/// Query strings and form bodies, percent-encoded as RFC 3986 says.
public enum FormText {
  /// Keeps letters, digits and `-._~`; the rest becomes `%XX` in upper case.
  public static func encode(_ value: String) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(value.utf8.count)
    append(value, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private static func append(_ value: String, to text: inout [UInt8]) {
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        text.append(byte)
      default:
        text.append(UInt8(ascii: "%"))
        text.append(contentsOf: Hex.encode([byte]).uppercased().utf8)
      }
    }
  }

  /// Writes `name=value` pairs in their order, encoded.
  public static func join(_ pairs: [(String, String)]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(pairs.count * 32)
    for (place, pair) in pairs.enumerated() {
      if place > 0 { text.append(UInt8(ascii: "&")) }
      append(pair.0, to: &text)
      text.append(UInt8(ascii: "="))
      append(pair.1, to: &text)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Reads pairs in their order, decoded; `+` stays `+`.
  ///
  /// - Returns: nil for an empty pair, a pair without name, a malformed `%XX`, or no UTF-8.
  public static func split(_ text: String) -> [(name: String, value: String)]? {
    var pairs: [(name: String, value: String)] = []
    if text.isEmpty { return pairs }
    for pair in text.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
      let parts = pair.split(
        separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decode(parts[0]), !name.isEmpty,
        let value = parts.count > 1 ? decode(parts[1]) : ""
      else { return nil }
      pairs.append((name, value))
    }
    return pairs
  }

  private static func decode(_ text: Substring.UTF8View) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text.makeIterator()
    while let byte = rest.next() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.next().flatMap(Hex.value), let low = rest.next().flatMap(Hex.value)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
