/// The first line and the headers of a message (RFC 9112, sections 2 to 5).
struct HTTPHead {
  let startLine: String
  let headers: [HTTPHeader]

  /// Understands lines without their ends.
  init(lines: [ArraySlice<UInt8>]) throws(HTTPError) {
    guard let first = lines.first, let startLine = Self.text(first) else { throw .badStartLine }
    self.startLine = startLine
    var headers: [HTTPHeader] = []
    for line in lines.dropFirst() { headers.append(try Self.header(line)) }
    self.headers = headers
  }

  private static func header(_ line: ArraySlice<UInt8>) throws(HTTPError) -> HTTPHeader {
    // A blank in front would continue the line above, which RFC 9112 forbids; no name has one.
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy(isNameByte), let name = text(line[..<colon]),
      let value = text(trimmed(line[(colon + 1)...]))
    else { throw .badHeader }
    return HTTPHeader(name, value)
  }

  private static func trimmed(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    var value = value.drop(while: isBlank)
    while let last = value.last, isBlank(last) { value.removeLast() }
    return value
  }

  /// UTF-8 without control characters other than the tabulator.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}

/// How the end of a body is found (RFC 9112, section 6).
enum HTTPFraming: Equatable {
  case length(Int)
  case chunked

  /// Refuses what two readers could understand differently.
  init(_ headers: [HTTPHeader]) throws(HTTPError) {
    let lengths = headers.filter { $0.name.lowercased() == "content-length" }
    let codings = headers.filter { $0.name.lowercased() == "transfer-encoding" }
    guard lengths.count + codings.count <= 1 else { throw .badFraming }
    if let coding = codings.first {
      guard coding.value.lowercased() == "chunked" else { throw .badFraming }
      self = .chunked
    } else if let length = lengths.first {
      guard length.value.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }) else {
        throw .badFraming
      }
      // More digits than fit are a length beyond every limit.
      guard !length.value.isEmpty else { throw .badFraming }
      self = .length(Int(length.value) ?? .max)
    } else {
      self = .length(0)
    }
  }
}
