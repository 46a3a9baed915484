/// A text that names one kind of thing and cannot be taken for another.
public protocol Identifier: RawRepresentable, Hashable, Comparable, Codable, Sendable,
  ExpressibleByStringLiteral, CustomStringConvertible
where RawValue == String {
  /// Wraps a text.
  init(rawValue: String)
}

extension Identifier {
  /// Wraps a text.
  public init(_ text: some StringProtocol) { self.init(rawValue: String(text)) }
  /// Wraps a constant.
  public init(stringLiteral value: String) { self.init(rawValue: value) }
  /// The text itself.
  public var description: String { rawValue }
  /// By text.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A trading venue, lower case: `binance`.
public struct VenueID: Identifier {
  /// The text itself.
  public let rawValue: String
  /// Wraps a text without checking it.
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// An asset as the venue spells it: `BTC`, `USDT`.
public struct AssetID: Identifier {
  /// The text itself.
  public let rawValue: String
  /// Wraps a text without checking it.
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// An instrument's name at its venue: `BTCUSDT`.
public struct Symbol: Identifier {
  /// The text itself.
  public let rawValue: String
  /// Wraps a text without checking it.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Whether the text has the shape of a symbol; anything else is refused at the edge.
  ///
  /// Letters and digits of ASCII in parts between `-`, `_`, `/` and `:`, so that nothing in it means
  /// anything to a file system, a query or a terminal. Small letters are letters: `kPEPE` is a thousand
  /// PEPE, and not the same as `KPEPE`.
  public var isWellFormed: Bool {
    let parts = rawValue.split(omittingEmptySubsequences: false) { "-_/:".contains($0) }
    return !parts.isEmpty
      && parts.enumerated().allSatisfy { index, part in
        (1...(index == 0 ? 20 : 12)).contains(part.utf8.count)
          && part.utf8.allSatisfy {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
              || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
              || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          }
      }
  }
}

/// The venue's own id of an order.
public struct VenueOrderID: Identifier {
  /// The text itself.
  public let rawValue: String
  /// Wraps a text without checking it.
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// The venue's id of one trade; unique per venue, market and symbol.
public struct TradeID: Identifier {
  /// The text itself.
  public let rawValue: String
  /// Wraps a text without checking it.
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// The venue's id of one payment.
public struct PaymentID: Identifier {
  /// The text itself.
  public let rawValue: String
  /// Wraps a text without checking it.
  public init(rawValue: String) { self.rawValue = rawValue }
}

/// One pair trade; counted up from 1 in each database.
public struct CarryID: Hashable, Comparable, Codable, Sendable, BitwiseCopyable,
  CustomStringConvertible
{
  /// The number.
  public let number: Int64
  /// Wraps a number.
  public init(_ number: Int64) { self.number = number }
  /// By number, hence in the order of planning.
  public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
  /// The number in decimal digits.
  public var description: String { String(number) }

  /// Reads the number.
  public init(from decoder: any Decoder) throws {
    number = try decoder.singleValueContainer().decode(Int64.self)
  }
  /// Writes the number.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(number)
  }
}

/// Our id of an order, fixed before it is sent: run, sequence, carry and market.
///
/// It is derived, never random, and unique across restarts because every start has a new run
/// number. Its text, such as `h3-17-41p`, fits the alphabet and length of the venues' client ids.
public struct ClientOrderID: Hashable, Comparable, Sendable, BitwiseCopyable {
  /// The run that created it.
  public let run: Int32
  /// Counts up within the database.
  public let sequence: Int64
  /// The carry it belongs to.
  public let carry: CarryID
  /// The market it goes to.
  public let market: Market

  /// Puts an id together.
  public init(run: Int32, sequence: Int64, carry: CarryID, market: Market) {
    self.run = run
    self.sequence = sequence
    self.carry = carry
    self.market = market
  }

  /// By sequence, hence in the order of creation.
  public static func < (left: Self, right: Self) -> Bool { left.sequence < right.sequence }
}

extension ClientOrderID: LosslessStringConvertible, Codable {
  /// Reads `h<run>-<sequence>-<carry><s|p>`; nil for an id that is not ours.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].first == "h", let run = Int32(parts[0].dropFirst()),
      let sequence = Int64(parts[1]), let carry = Int64(parts[2].dropLast())
    else { return nil }
    switch parts[2].last {
    case "s": market = .spot
    case "p": market = .perp
    default: return nil
    }
    self.run = run
    self.sequence = sequence
    self.carry = CarryID(carry)
  }

  /// The text sent to venues: `h<run>-<sequence>-<carry><s|p>`.
  public var description: String { "h\(run)-\(sequence)-\(carry)\(market == .spot ? "s" : "p")" }

  /// Reads the text; throws when the id is not ours.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let id = ClientOrderID(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "\"\(text)\" is not an order id of ours")
    }
    self = id
  }
  /// Writes the text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
