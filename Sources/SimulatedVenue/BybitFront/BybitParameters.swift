import FixedPoint
import Trading
import Wire

/// What a request asks for: the pairs of a query or the members of a JSON body.
///
/// An empty text and `null` count as absent, as at the venue.
struct BybitParameters {
  private let values: [String: JSON]

  init(query: String) throws(BybitRefusal) {
    guard let pairs = FormText.split(query) else { throw .parameter("params error: query") }
    var values: [String: JSON] = [:]
    for pair in pairs { values[pair.name] = .string(pair.value) }
    self.values = values
  }

  init(_ object: JSON) {
    var values: [String: JSON] = [:]
    for member in object.members { values[member.name] = member.value }
    self.values = values
  }

  init(body: [UInt8]) throws(BybitRefusal) {
    var object = JSON.object([])
    do {
      if !body.isEmpty { object = try JSON(body) }
    } catch {
      throw .parameter("params error: json")
    }
    guard case .object = object else { throw .parameter("params error: json") }
    self.init(object)
  }

  func value(_ name: String) -> JSON? { values[name] }

  /// A text or number; nil when absent or empty.
  func text(_ name: String) -> String? {
    guard let text = values[name]?.text, !text.isEmpty else { return nil }
    return text
  }

  func required(_ name: String) throws(BybitRefusal) -> String {
    guard let text = text(name) else { throw .missing(name) }
    return text
  }

  func decimal<U>(_ name: String, _ unit: U.Type) throws(BybitRefusal) -> Fixed<U>? {
    guard let text = text(name) else { return nil }
    guard let value = Fixed<U>(text) else { throw .parameter("params error: \(name) invalid") }
    return value
  }

  func integer(_ name: String) throws(BybitRefusal) -> Int64? {
    guard let text = text(name) else { return nil }
    guard let value = Int64(text) else { throw .parameter("params error: \(name) invalid") }
    return value
  }

  func moment(_ name: String) throws(BybitRefusal) -> Timestamp? {
    guard let milliseconds = try integer(name) else { return nil }
    guard (0...9_000_000_000_000).contains(milliseconds) else {
      throw .parameter("params error: \(name) invalid")
    }
    return Timestamp(milliseconds: milliseconds)
  }

  func flag(_ name: String) -> Bool { values[name]?.bool ?? (text(name) == "1") }

  /// How many rows a page has; what is above the maximum is cut, what is below 1 is refused.
  func limit(default standard: Int, maximum: Int) throws(BybitRefusal) -> Int {
    guard let limit = try integer("limit") else { return standard }
    if limit < 1 { throw .parameter("params error: limit invalid") }
    return min(Int(min(limit, 1_000_000)), maximum)
  }

  func category() throws(BybitRefusal) -> BybitCategory {
    guard let category = BybitCategory(rawValue: try required("category")) else {
      throw .parameter("Illegal category")
    }
    return category
  }
}

/// A part of a list, with a cursor to the next: the venue's way of paging.
struct BybitPage<Row> {
  let rows: [Row]
  /// Empty on the last page.
  let cursor: String

  /// Takes a page of a list that stands still; the cursor is the place of the next row.
  init(_ rows: [Row], _ parameters: BybitParameters, default standard: Int, maximum: Int)
    throws(BybitRefusal)
  {
    let limit = try parameters.limit(default: standard, maximum: maximum)
    let start = min(Int(try Self.cursor(parameters) ?? 0), rows.count)
    let end = min(start + limit, rows.count)
    self.rows = Array(rows[start..<end])
    cursor = end < rows.count ? String(end) : ""
  }

  /// Takes a page of a list that grows at its head, with falling numbers; the cursor is the number
  /// of the last row.
  init(
    _ rows: [Row], _ parameters: BybitParameters, default standard: Int, maximum: Int,
    number: (Row) -> Int64
  ) throws(BybitRefusal) {
    let limit = try parameters.limit(default: standard, maximum: maximum)
    var start = 0
    if let last = try Self.cursor(parameters) {
      start = rows.firstIndex { number($0) < last } ?? rows.count
    }
    let end = min(start + limit, rows.count)
    self.rows = Array(rows[start..<end])
    cursor = end < rows.count && end > start ? String(number(rows[end - 1])) : ""
  }

  private static func cursor(_ parameters: BybitParameters) throws(BybitRefusal) -> Int64? {
    guard let text = parameters.text("cursor") else { return nil }
    guard let place = Int64(text), (0...1_000_000_000_000).contains(place) else {
      throw .parameter("params error: cursor invalid")
    }
    return place
  }
}
