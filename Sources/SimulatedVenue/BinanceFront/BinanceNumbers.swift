import FixedPoint
import Trading
import Wire

extension JSON {
  /// A moment in whole milliseconds.
  static func millis(_ time: Timestamp) -> JSON { .number(String(time.wholeMilliseconds)) }
  /// A whole number.
  static func whole(_ number: some BinaryInteger) -> JSON { .number(String(number)) }
}

extension Timestamp {
  /// Whole milliseconds since 1970, rounded down.
  var wholeMilliseconds: Int64 { floored(to: .milliseconds(1)).nanoseconds / 1_000_000 }
}

extension Fixed {
  /// Eight decimal places, what is beyond them cut off: how this venue writes amounts.
  var eight: String { rounded(places: 8, .down).text(minimumPlaces: 8) }
  /// The same as a JSON text.
  var eightJSON: JSON { .string(eight) }
}

/// A listed instrument in this venue's words and units.
struct BinanceSymbol {
  let listed: ListedInstrument

  var name: String { listed.name }
  var index: InstrumentIndex { listed.index }
  var instrument: Instrument { listed.instrument }
  var isPerp: Bool { listed.isPerp }
  /// The name in streams.
  var streamName: String { name.lowercased() }
  var nameJSON: JSON { .string(name) }

  /// Decimal places that a number needs.
  static func places<U>(_ number: Fixed<U>) -> Int {
    var places = Decimals.places
    var rest = number.raw
    while places > 0, rest % 10 == 0 {
      rest /= 10
      places -= 1
    }
    return places
  }

  var tickPlaces: Int { Self.places(listed.wireTick) }
  var lotPlaces: Int { Self.places(listed.wireLot) }

  /// A neutral price as the venue writes it: with eight places on spot, with those of the tick on
  /// perpetuals, more where the price has more.
  func price(_ price: Price) -> JSON {
    let wire = listed.wire(price).rounded(places: isPerp ? 12 : 8, .halfEven)
    return .string(wire.text(minimumPlaces: isPerp ? tickPlaces : 8))
  }

  /// A neutral mark or index price: eight places.
  func mark(_ price: Price) -> JSON { .string(listed.wire(price).eight) }

  /// A neutral quantity as the venue writes it.
  func quantity(_ quantity: Quantity) -> JSON {
    .string(listed.wire(quantity).text(minimumPlaces: isPerp ? lotPlaces : 8))
  }

  /// An amount of quote with what it is worth and no more than eight places.
  func value(_ value: Notional) -> JSON {
    isPerp ? .string(value.rounded(places: 8, .down).text(minimumPlaces: 2)) : value.eightJSON
  }

  /// A level of a book.
  func level(_ price: Price, _ quantity: Quantity) -> JSON {
    [self.price(price), self.quantity(quantity)]
  }
}

// Sizes of what may be ordered, in units of the wire.
extension BinanceSymbol {
  /// The largest quantity of an order.
  var largest: Quantity { listed.wireLot.times(isPerp ? 10_000_000 : 900_000_000) }
  /// The largest quantity of a market order.
  var largestAtMarket: Quantity { listed.wireLot.times(isPerp ? 1_000_000 : 16_000_000) }
  /// The smallest price.
  var lowestPrice: Price { listed.wireTick }
  /// The largest price.
  var highestPrice: Price { listed.wireTick.times(100_000_000) }
  /// How far from the reference price an order may stand.
  var band: (down: Rate, up: Rate) { isPerp ? ("0.95", "1.05") : ("0.5", "2") }
  /// Decimal places of a price beyond which it is not even looked at; not those of the tick.
  var pricePrecision: Int { isPerp ? max(2, tickPlaces) : 8 }
  /// Decimal places of a quantity beyond which it is not even looked at.
  var quantityPrecision: Int { isPerp ? lotPlaces : 8 }
}
