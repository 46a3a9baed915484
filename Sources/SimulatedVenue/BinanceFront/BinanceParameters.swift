import FixedPoint
import Trading
import Wire

/// What a request says, by name; the query wins over the body.
struct BinanceParameters {
  /// In the order sent, without the signature.
  private(set) var pairs: [(name: String, value: String)] = []

  /// Takes parameters that were already read, as of a frame.
  ///
  /// - Throws: a name that is there twice.
  init(_ pairs: [(name: String, value: String)]) throws(BinanceError) {
    for pair in pairs { try add(pair) }
  }

  /// Reads query and form body.
  ///
  /// - Throws: what is not form text, or a name that is there twice in the same place.
  init(_ request: HTTPRequest) throws(BinanceError) {
    for pair in try Self.split(request.query) { try add(pair) }
    let named = Set(pairs.map(\.name))
    for pair in try Self.split(String(decoding: request.body, as: UTF8.self))
    where !named.contains(pair.name) {
      try add(pair)
    }
  }

  /// The value as sent; nil when absent.
  ///
  /// - Throws: an empty one.
  func text(_ name: String) throws(BinanceError) -> String? {
    guard let value = pairs.first(where: { $0.name == name })?.value else { return nil }
    if value.isEmpty { throw .empty(name) }
    return value
  }

  /// The value as sent, which must be there.
  func mandatory(_ name: String) throws(BinanceError) -> String {
    guard let value = pairs.first(where: { $0.name == name })?.value, !value.isEmpty else {
      throw .missing(name)
    }
    return value
  }

  /// A whole number; nil when absent.
  func integer(_ name: String) throws(BinanceError) -> Int64? {
    guard let value = try text(name) else { return nil }
    guard let number = Int64(value) else {
      throw .illegal(name, range: #"^[0-9]{1,20}$"#)
    }
    return number
  }

  /// A moment in milliseconds; nil when absent.
  func moment(_ name: String) throws(BinanceError) -> Timestamp? {
    try integer(name).map(Timestamp.init(milliseconds:))
  }

  /// A count between one and a largest one.
  func limit(default: Int, maximum: Int) throws(BinanceError) -> Int {
    guard let number = try integer("limit") else { return `default` }
    if number < 1 { throw .invalid("limit") }
    return Int(min(number, Int64(maximum)))
  }

  /// A decimal without exponent; nil when absent.
  func decimal<U>(_ name: String, as unit: U.Type = U.self) throws(BinanceError) -> Fixed<U>? {
    guard let value = try text(name) else { return nil }
    do throws(DecimalError) {
      return try Fixed<U>(value[...])
    } catch {
      switch error {
      case .notDecimal: throw .illegal(name, range: #"^([0-9]{1,20})(\.[0-9]{1,20})?$"#)
      case .tooPrecise: throw .tooPrecise(name)
      case .outOfRange: throw .invalid(name)
      }
    }
  }

  /// "true" or "false"; nil when absent.
  func flag(_ name: String) throws(BinanceError) -> Bool? {
    switch try text(name)?.lowercased() {
    case nil: nil
    case "true": true
    case "false": false
    default: throw .invalid(name)
    }
  }

  /// Refuses names that nothing reads.
  func check(against names: [String]) throws(BinanceError) {
    let read = pairs.count { names.contains($0.name) }
    if read != pairs.count { throw .unread(read: read, sent: pairs.count) }
  }

  private mutating func add(_ pair: (name: String, value: String)) throws(BinanceError) {
    if pair.name == "signature" { return }
    if pairs.contains(where: { $0.name == pair.name }) { throw .duplicate(pair.name) }
    pairs.append(pair)
  }

  private static func split(
    _ text: String
  ) throws(BinanceError) -> [(name: String, value: String)] {
    if text.isEmpty { return [] }
    // The venue reads a plus sign as a blank, as browsers write it.
    let spaced = text.split(separator: "+", omittingEmptySubsequences: false).joined(
      separator: "%20")
    guard let pairs = FormText.split(spaced) else {
      throw BinanceError(-1130, "Data sent for parameter '' is not valid.")
    }
    return pairs
  }
}
