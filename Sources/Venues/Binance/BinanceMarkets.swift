import FixedPoint
import Trading

/// An instrument under its venue name.
struct BinanceInstrument: Hashable, Sendable {
  let id: InstrumentID
  /// Nil when this process does not trade it.
  let index: InstrumentIndex?
  /// The venue's name.
  let name: String
  /// Base units per unit of the venue's quantity.
  let multiplier: Int

  /// A venue price, which is for `multiplier` base units, per base unit.
  func price(_ price: Price) throws(DialectError) -> Price {
    if multiplier == 1 { return price }
    guard price.raw % Int128(multiplier) == 0 else {
      throw DialectError("a price of \(name) that is not exact per base unit")
    }
    return Price(raw: price.raw / Int128(multiplier))
  }

  /// A venue quantity in base units.
  func quantity(_ quantity: Quantity) throws(DialectError) -> Quantity {
    let (raw, overflowed) = quantity.raw.multipliedReportingOverflow(by: Int128(multiplier))
    guard !overflowed, raw.magnitude <= BinanceRow.largest.magnitude else {
      throw DialectError("a quantity out of range")
    }
    return Quantity(raw: raw)
  }

  /// A price as the venue wants it; nil when it is out of range.
  func venuePrice(_ price: Price) -> Price? {
    let (raw, overflowed) = price.raw.multipliedReportingOverflow(by: Int128(multiplier))
    return overflowed ? nil : Price(raw: raw)
  }

  /// Base units as the venue counts them; nil when that is not exact.
  func venueQuantity(_ quantity: Quantity) -> Quantity? {
    guard quantity.raw % Int128(multiplier) == 0 else { return nil }
    return Quantity(raw: quantity.raw / Int128(multiplier))
  }
}

/// The instruments of this process by venue name, and their names by instrument.
struct BinanceMarkets: Sendable {
  /// By place of the pair.
  private(set) var spots: [BinanceInstrument] = []
  /// By place of the pair.
  private(set) var perps: [BinanceInstrument] = []
  private var spotPlaces = BinanceNameTable([])
  private var perpPlaces = BinanceNameTable([])
  private var byID: [InstrumentID: BinanceInstrument] = [:]

  init() {}

  init(_ universe: Universe, listings: [Listing], venue: VenueID) {
    for pair in universe.pairs where pair.venue == venue {
      let (spot, perp) = (universe[pair.spot].id, universe[pair.perp].id)
      guard let listing = listings.first(where: { $0.perp.id == perp }) else { continue }
      spots.append(
        BinanceInstrument(id: spot, index: pair.spot, name: listing.spotName, multiplier: 1))
      perps.append(
        BinanceInstrument(
          id: perp, index: pair.perp, name: listing.perpName, multiplier: listing.multiplier))
    }
    spotPlaces = BinanceNameTable(spots.map(\.name))
    perpPlaces = BinanceNameTable(perps.map(\.name))
    for instrument in spots + perps { byID[instrument.id] = instrument }
  }

  /// The place of the pair whose instrument has that name; nil when it is not traded here.
  func place(_ name: UnsafeRawBufferPointer, in market: Market) -> Int? {
    market == .spot ? spotPlaces.place(of: name) : perpPlaces.place(of: name)
  }

  /// The instrument of that venue name; one that is not traded here keeps the venue's name.
  func named(_ name: String, in market: Market, venue: VenueID) -> BinanceInstrument {
    var text = name
    if let place = text.withUTF8({ place(UnsafeRawBufferPointer($0), in: market) }) {
      return market == .spot ? spots[place] : perps[place]
    }
    return BinanceInstrument(
      id: InstrumentID(venue: venue, market: market, symbol: Symbol(name)), index: nil,
      name: name, multiplier: 1)
  }

  /// The instrument; one that is not traded here has its symbol for a name.
  subscript(id: InstrumentID) -> BinanceInstrument {
    byID[id]
      ?? BinanceInstrument(id: id, index: nil, name: id.symbol.rawValue, multiplier: 1)
  }

  /// Whether this process trades the instrument.
  func contains(_ id: InstrumentID) -> Bool { byID[id] != nil }
}
