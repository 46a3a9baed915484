import Foundation

/// JSON to be printed: keys in the order given, decimals as strings.
indirect enum JSONText {
  case null
  case string(String)
  case integer(String)
  case boolean(Bool)
  case raw(String)
  case array([JSONText])
  case object([(String, JSONText)])

  /// A cell of a table.
  init(_ value: String?, _ kind: ColumnKind) {
    switch (value, kind) {
    case (nil, _): self = .null
    case (let value?, .integer): self = .integer(value)
    case (let value?, .json): self = .raw(value)
    case (let value?, _): self = .string(value)
    }
  }

  /// Anything that encodes itself.
  init(encoding value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try? encoder.encode(value)
    self = data.map { .raw(String(decoding: $0, as: UTF8.self)) } ?? .null
  }

  static func pretty(_ value: JSONText, indent: String = "") -> String {
    let inner = indent + "  "
    switch value {
    case .array(let items) where items.isEmpty: return "[]"
    case .object(let members) where members.isEmpty: return "{}"
    case .array(let items):
      let lines = items.map { inner + pretty($0, indent: inner) }
      return "[\n\(lines.joined(separator: ",\n"))\n\(indent)]"
    case .object(let members):
      let lines = members.map { "\(inner)\(quoted($0)): \(pretty($1, indent: inner))" }
      return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
    default: return compact(value)
    }
  }

  static func compact(_ value: JSONText) -> String {
    switch value {
    case .null: "null"
    case .string(let text): quoted(text)
    case .integer(let text), .raw(let text): text
    case .boolean(let isTrue): isTrue ? "true" : "false"
    case .array(let items): "[\(items.map(compact).joined(separator: ","))]"
    case .object(let members):
      "{\(members.map { "\(quoted($0)):\(compact($1))" }.joined(separator: ","))}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 32:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
