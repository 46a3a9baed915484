/// Why a text is not a moment.
public struct TimestampError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The text as given.
  public let text: String

  /// The text with examples of what is read.
  public var description: String {
    "\"\(text)\" is not a UTC time such as 2024-01-01 or 2024-01-01T08:00:00Z"
  }
}

extension Timestamp {
  /// Reads `YYYY-MM-DD` or RFC 3339 in UTC with at most nine decimals of a second.
  public init(_ text: some StringProtocol) throws(TimestampError) {
    var copy = String(text)
    guard let value = copy.withUTF8({ Timestamp(utf8: $0) }) else {
      throw TimestampError(text: String(copy.prefix(40)))
    }
    self = value
  }

  /// Reads the same from bytes; nil when they are not a moment.
  public init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    var reader = DigitReader(bytes: bytes)
    guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2),
      reader.skip("-"), let day = reader.number(2), (1...12).contains(month),
      (1...Calendar.days(inMonth: month, ofYear: year)).contains(day)
    else { return nil }
    let days = Calendar.daysSince1970(year: year, month: month, day: day)
    var nanoseconds: Int64 = 0
    if !reader.isAtEnd {
      guard reader.skip("T") || reader.skip(" "), let hour = reader.number(2), hour < 24,
        reader.skip(":"), let minute = reader.number(2), minute < 60
      else { return nil }
      var second = 0
      if reader.skip(":") {
        // A leap second is the second before it: the calendar of venues has none.
        guard let value = reader.number(2), value <= 60 else { return nil }
        second = min(value, 59)
        if reader.skip(".") {
          guard let fraction = reader.fraction() else { return nil }
          nanoseconds = fraction
        }
      }
      guard reader.skip("Z"), reader.isAtEnd else { return nil }
      nanoseconds += Int64(hour * 3600 + minute * 60 + second) * 1_000_000_000
    }
    let (dayNanoseconds, overflow) =
      Int64(days).multipliedReportingOverflow(by: 86_400_000_000_000)
    let (sum, carried) = dayNanoseconds.addingReportingOverflow(nanoseconds)
    if overflow || carried { return nil }
    self.nanoseconds = sum
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with as many decimals as needed: none, milli-, micro- or nanoseconds.
  public var description: String {
    let day = floored(to: .days(1))
    let (year, month, dayOfMonth) = Calendar.date(
      daysSince1970: Int(day.nanoseconds / TimeSpan.days(1).nanoseconds))
    let rest = (self - day).nanoseconds
    let seconds = Int(rest / 1_000_000_000)
    var fraction = Int(rest % 1_000_000_000)
    var text =
      "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
      + "T\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    if fraction != 0 {
      var places = 9
      while fraction % 1000 == 0 {
        fraction /= 1000
        places -= 3
      }
      text += ".\(padded(fraction, places))"
    }
    return text + "Z"
  }

  /// The UTC day as `YYYY-MM-DD`.
  public var dayText: String { String(description.prefix(10)) }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}

extension Timestamp: Codable {
  /// Reads the RFC 3339 text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do {
      self = try Timestamp(text[...])
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  /// Writes the RFC 3339 text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// Fixed-width digits out of a byte buffer.
private struct DigitReader {
  let bytes: UnsafeBufferPointer<UInt8>
  var index = 0

  var isAtEnd: Bool { index == bytes.count }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.count, bytes[index] == UInt8(character.value) else { return false }
    index += 1
    return true
  }

  mutating func number(_ width: Int) -> Int? {
    guard index + width <= bytes.count else { return nil }
    var value = 0
    for _ in 0..<width {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      value = value * 10 + Int(digit)
      index += 1
    }
    return value
  }

  /// One to nine digits after the point of a second, as nanoseconds.
  mutating func fraction() -> Int64? {
    var value: Int64 = 0
    var places = 0
    while index < bytes.count, case let digit = bytes[index] &- UInt8(ascii: "0"), digit <= 9 {
      guard places < 9 else { return nil }
      value = value * 10 + Int64(digit)
      places += 1
      index += 1
    }
    guard places > 0 else { return nil }
    for _ in places..<9 { value *= 10 }
    return value
  }
}

/// The proleptic Gregorian calendar, by eras of 400 years that begin on 1 March.
private enum Calendar {
  static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  static func days(inMonth month: Int, ofYear year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let shifted = month > 2 ? year : year - 1
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
