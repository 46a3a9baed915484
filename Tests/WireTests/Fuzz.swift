import FixedPoint

@testable import Wire

/// Chance that is the same in every run (xorshift64*, Vigna 2016).
struct Chance: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed == 0 ? 0x9E37_79B9_7F4A_7C15 : seed }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  mutating func bytes(upTo limit: Int) -> [UInt8] {
    (0..<below(limit + 1)).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  /// Bytes changed the way broken senders and wires change them.
  mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...below(3) {
      let place = below(bytes.count + 1)
      switch below(5) {
      case 0: bytes.removeSubrange(place...)
      case 1 where place < bytes.count: bytes[place] ^= 1 << UInt8(below(8))
      case 2: bytes.insert(UInt8(truncatingIfNeeded: next()), at: place)
      case 3 where place < bytes.count: bytes.remove(at: place)
      default: bytes.insert(contentsOf: bytes.suffix(below(8)), at: place)
      }
    }
    return bytes
  }

  /// Cuts bytes into pieces of any size.
  mutating func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
    var rest = bytes[...]
    var pieces: [[UInt8]] = []
    while !rest.isEmpty {
      let length = 1 + below(min(rest.count, 40))
      pieces.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return pieces
  }

  /// A tree with every kind of value, names distinct.
  mutating func json(depth: Int) -> JSON {
    switch below(depth > 0 ? 7 : 5) {
    case 0: .null
    case 1: .bool(below(2) == 0)
    case 2: .number(number())
    case 3, 4: .string(text())
    case 5: .array((0..<below(5)).map { _ in json(depth: depth - 1) })
    default:
      .object(
        (0..<below(24)).map { JSONMember(name: "\($0)\(text())", value: json(depth: depth - 1)) })
    }
  }

  mutating func number() -> String {
    let sign = below(2) == 0 ? "-" : ""
    let whole = below(3) == 0 ? "0" : "\(1 + next() % 10_000_000)"
    let fraction = below(2) == 0 ? "" : ".\(next() % 1_000_000_000)"
    let exponent = below(4) == 0 ? ["e5", "E-3", "e+10"][below(3)] : ""
    return sign + whole + fraction + exponent
  }

  mutating func text() -> String {
    let alphabet: [Unicode.Scalar] = [
      "a", "Z", "0", " ", "\"", "\\", "/", "\n", "\t", "\u{0}", "\u{1F}", "\u{7F}", "é", "漢", "😀",
      "\u{FFFF}", "\u{10FFFF}", "{", "}", "[", "]", ",", ":",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<below(9) { text.append(alphabet[below(alphabet.count)]) }
    return String(text)
  }
}

extension Array where Element == UInt8 {
  init(_ text: String) { self = Array(text.utf8) }

  /// The bytes of hexadecimal digits in a test; blanks are passed over.
  init(hex: String) { self = Hex.decode(hex.filter { $0 != " " }) ?? [] }
}

/// Any unit.
enum Unit {}
