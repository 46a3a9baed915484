import FixedPoint
import Foundation
import Store
import Trading

/// How a column is shown and written.
enum ColumnKind {
  /// Words.
  case text
  /// A whole number.
  case integer
  /// Quote units, two places in tables.
  case money
  /// Base units or a price, as many places as it has, at most eight in tables.
  case number
  /// A fraction, shown as percent in tables.
  case percent
  /// A moment.
  case time
  /// JSON inside JSON.
  case json
}

/// A column of a table.
struct Column {
  let name: String
  let kind: ColumnKind
  /// The name in a table, where it differs.
  let title: String
  /// Whether tables show it; JSON and CSV always do.
  let isShown: Bool

  init(_ name: String, _ kind: ColumnKind, _ title: String? = nil, isShown: Bool = true) {
    self.name = name
    self.kind = kind
    self.title = title ?? name
    self.isShown = isShown
  }
}

/// Rows of exact text, printable in every format.
struct Table {
  let columns: [Column]
  /// nil is unknown: a dash in tables, null in JSON, empty in CSV.
  var rows: [[String?]]
  /// A last line for tables only.
  var total: [String?]?

  init(_ columns: [Column], _ rows: [[String?]] = [], total: [String?]? = nil) {
    self.columns = columns
    self.rows = rows
    self.total = total
  }

  /// Takes the rows of a query whose columns stand in the same order.
  init(_ columns: [Column], _ result: Rows) {
    self.columns = columns
    rows = result.map { row in
      columns.indices.map { index in row[index].map { Self.canonical($0, columns[index].kind) } }
    }
  }

  func print(as format: Format) {
    switch format {
    case .table: Swift.print(text, terminator: "")
    case .json: Swift.print(JSONText.pretty(.array(objects)))
    case .csv: Swift.print(csv, terminator: "")
    }
  }

  var objects: [JSONText] {
    rows.map { row in
      .object(
        zip(columns, row).map { column, value in
          (column.name, JSONText(value, column.kind))
        })
    }
  }

  var csv: String { columns.map(\.name).joined(separator: ",") + "\r\n" + csvWithoutHeader }

  var csvWithoutHeader: String {
    rows.map { row in row.map { Self.quoted($0 ?? "") }.joined(separator: ",") + "\r\n" }.joined()
  }

  /// RFC 4180 quoting; a leading formula character would be run by a spreadsheet.
  private static func quoted(_ text: String) -> String {
    let isFormula = text.first.map { "=@\t\r".contains($0) } ?? false
    let safe = isFormula ? "'\(text)" : text
    guard safe.contains(where: { ",\"\r\n".contains($0) }) else { return safe }
    return "\"" + safe.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }

  var text: String {
    if rows.isEmpty { return "(none)\n" }
    let cells = (rows + (total.map { [$0] } ?? [])).map { row in
      zip(self.columns, row).filter(\.0.isShown).map { Self.shown($1, $0.kind) }
    }
    let columns = self.columns.filter(\.isShown)
    let titles = columns.map(\.title)
    let widths = columns.indices.map { index in
      max(titles[index].count, cells.map { $0[index].count }.max() ?? 0)
    }
    func line(_ cells: [String]) -> String {
      zip(columns, zip(cells, widths)).map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return column.kind == .text || column.kind == .time ? cell.0 + padding : padding + cell.0
      }
      .joined(separator: "  ").trimmedRight + "\n"
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "──") + "\n"
    var result = line(titles) + rule
    let body = total == nil ? cells : Array(cells.dropLast())
    for row in body { result += line(row) }
    if total != nil, let last = cells.last { result += rule + line(last) }
    return result
  }

  /// The exact text: decimals without trailing zeros, times in RFC 3339.
  static func canonical(_ text: String, _ kind: ColumnKind) -> String {
    switch kind {
    case .money, .number, .percent: decimal(text)
    case .time: time(text)
    case .text, .integer, .json: text
    }
  }

  private static func decimal(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var trimmed = text[...]
    while trimmed.last == "0" { trimmed.removeLast() }
    if trimmed.last == "." { trimmed.removeLast() }
    return trimmed == "-0" ? "0" : String(trimmed)
  }

  /// PostgreSQL writes `2024-01-01 00:00:00.047+00`.
  private static func time(_ text: String) -> String {
    guard text.count > 10 else { return text }
    var result = text.replacingOccurrences(of: " ", with: "T")
    if result.hasSuffix("+00") { result = String(result.dropLast(3)) + "Z" }
    return result
  }

  static func shown(_ value: String?, _ kind: ColumnKind) -> String {
    guard let value else { return "–" }
    switch kind {
    case .money: return rounded(value, places: 2, scale: 0)
    case .percent: return rounded(value, places: 2, scale: 2) + " %"
    case .number:
      let places = value.split(separator: ".").dropFirst().first?.count ?? 0
      return places > 8 ? decimal(rounded(value, places: 8, scale: 0)) : value
    case .time:
      return value.replacingOccurrences(of: "T", with: " ").replacingOccurrences(of: "Z", with: "")
    case .text, .integer, .json: return escaped(value)
    }
  }

  /// Rounds half-even, for people only; a text too long for the exact type is cut first.
  private static func rounded(_ text: String, places: Int, scale: Int) -> String {
    let parts = text.split(separator: ".", maxSplits: 1)
    let cut = parts.count == 2 ? "\(parts[0]).\(parts[1].prefix(18))" : text
    guard let value = Rate(cut) else { return text }
    let factor = scale == 2 ? 100 : 1
    return value.times(factor).rounded(places: places, .halfEven).text(minimumPlaces: places)
  }

  /// Control characters would move the cursor of a terminal.
  private static func escaped(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 ? "?" : $0 }))
  }
}

extension String {
  fileprivate var trimmedRight: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
