import FixedPoint
import Simulation
import Trading
public import Wire

extension Fault {
  /// Reads `{"kind": "429", "path": "/fapi", "count": 3, "seconds": 2}`; unknown keys are refused.
  public init(_ json: JSON) throws(ServerError) {
    let names = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
    guard let text = json["kind"]?.text, let kind = FaultKind(rawValue: text) else {
      throw ServerError("a fault needs a kind; there are \(names)")
    }
    self.init(kind)
    for member in json.members {
      guard try read(member.name, member.value) else {
        throw ServerError("fault \(text): \(member.name) is unknown or has no such value")
      }
    }
    try check()
  }

  /// What the kind needs must be there and make sense.
  private func check() throws(ServerError) {
    if kind == .status, ListingStatus(rawValue: status) == nil {
      let names = ListingStatus.allCases.map(\.rawValue).joined(separator: ", ")
      throw ServerError("fault status: status must be one of \(names)")
    }
    if kind == .interval, hours <= 0 || 24 % max(hours, 1) != 0 {
      throw ServerError("fault interval: hours must divide 24")
    }
    if !(1...100).contains(percent) { throw ServerError("fault: percent must be 1 … 100") }
    if let count, count < 1 { throw ServerError("fault: count must be 1 or more, or null") }
    if !fraction.isEmpty, Rate(fraction) == nil {
      throw ServerError("fault: fraction (\(fraction)) is not a decimal")
    }
    if seconds.magnitude > 315_360_000 || milliseconds.magnitude > 1_000_000_000 {
      throw ServerError("fault: that is too long")
    }
  }

  /// - Returns: whether there is such a key with such a value.
  private mutating func read(_ name: String, _ value: JSON) throws(ServerError) -> Bool {
    if let number = value.integer, let small = Int(exactly: number) {
      switch name {
      case "count": count = small
      case "percent": percent = small
      case "seconds": seconds = small
      case "milliseconds": milliseconds = small
      case "hours": hours = small
      default: return readText(name, value)
      }
      return true
    }
    if name == "count", value == .null {
      count = nil
      return true
    }
    if name == "executes", let flag = value.bool {
      executes = flag
      return true
    }
    return readText(name, value)
  }

  private mutating func readText(_ name: String, _ value: JSON) -> Bool {
    guard let text = value.text else { return false }
    switch name {
    case "kind": return true
    case "venue": venue = VenueID(text)
    case "front": front = text
    case "path": path = text
    case "method": method = text
    case "symbol": symbol = text
    case "status": status = text
    case "fraction": fraction = text
    case "from":
      guard let time = try? Timestamp(text[...]) else { return false }
      from = time
    default: return false
    }
    return true
  }
}
