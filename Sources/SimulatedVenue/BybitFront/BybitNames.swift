import FixedPoint
import Trading
import Wire

extension ListedInstrument {
  var category: BybitCategory { BybitCategory(instrument.id.market) }
  var quoteName: String { instrument.quote.rawValue }

  /// A quantity as the venue writes it: perpetuals with the places of their lot.
  func text(_ quantity: Quantity) -> String {
    wire(quantity).text(minimumPlaces: isPerp ? wireLot.places : 0)
  }
  /// A price as the venue writes it: with the places of the tick.
  func text(_ price: Price) -> String { wire(price).text(minimumPlaces: wireTick.places) }
}

extension Fixed {
  /// Decimal places that the number needs.
  var places: Int {
    var places = Decimals.places
    var rest = raw
    while places > 0, rest % 10 == 0 {
      rest /= 10
      places -= 1
    }
    return places
  }
}

extension Side {
  /// `Buy` or `Sell`.
  var bybit: String { self == .buy ? "Buy" : "Sell" }

  init?(bybit text: String) {
    switch text {
    case "Buy": self = .buy
    case "Sell": self = .sell
    default: return nil
    }
  }
}

/// The venue's ids, made from the world's numbers so that they can be read back.
enum BybitID {
  /// What a number counts; the first digits of an id of that shape.
  enum Kind: UInt32 {
    case order = 0x0b1d_0001
    case execution = 0x0b1d_0002
    case funding = 0x0b1d_0003
    case spread = 0x0b1d_0004
    case spreadExecution = 0x0b1d_0005
  }

  private static let firstSpotOrder: Int64 = 1_900_000_000_000_000_000

  /// Spot orders have numbers, orders of perpetuals the shape of a UUID.
  static func order(_ number: Int64, _ category: BybitCategory) -> String {
    category == .spot ? String(firstSpotOrder + number) : id(.order, number)
  }

  /// The number of an order; nil when the text is not an id of that category.
  static func orderNumber(_ text: String, _ category: BybitCategory) -> Int64? {
    guard category == .spot else { return number(text, .order) }
    return Int64(text).flatMap { $0 > firstSpotOrder ? $0 - firstSpotOrder : nil }
  }

  static func id(_ kind: Kind, _ number: Int64) -> String {
    "\(hex(Int64(kind.rawValue), 8))-0000-4000-8000-\(hex(number, 12))"
  }

  static func number(_ text: String, _ kind: Kind) -> Int64? {
    let prefix = "\(hex(Int64(kind.rawValue), 8))-0000-4000-8000-"
    guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + 12 else { return nil }
    return Int64(text.dropFirst(prefix.count), radix: 16)
  }

  private static func hex(_ number: Int64, _ width: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: max(width - digits.utf8.count, 0)) + digits
  }
}
