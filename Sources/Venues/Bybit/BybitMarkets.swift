import FixedPoint
import Trading

/// One attached instrument as Bybit names it.
struct BybitMarket: Sendable {
  let category: BybitCategory
  /// The venue's name.
  let name: String
  /// The same as bytes, compared without allocation.
  let bytes: [UInt8]
  let id: InstrumentID
  let index: InstrumentIndex
  let base: AssetID
  let quote: AssetID
  /// Base units per unit of the venue's quantity.
  let multiplier: Int
  /// The terms of the survey; of a perpetual only.
  let terms: FundingTerms?

  func price(_ price: Price) throws(DialectError) -> Price {
    try BybitArithmetic.price(price, of: multiplier)
  }

  func quantity(_ quantity: Quantity) throws(DialectError) -> Quantity {
    try BybitArithmetic.quantity(quantity, of: multiplier)
  }

  /// A price as the venue writes it.
  func text(_ price: Price) -> String { price.times(multiplier).description }

  /// A quantity as the venue writes it; a multiple of the lot divides exactly.
  func text(_ quantity: Quantity) -> String {
    quantity.divided(by: multiplier, rounding: .down).description
  }
}

/// The attached instruments by venue name.
struct BybitMarkets: Sendable {
  private(set) var all: [BybitMarket] = []
  private var places: [InstrumentID: Int] = [:]

  init() {}

  init(_ universe: Universe, listings: [Listing]) {
    for listing in listings {
      add(listing.spot, .spot, listing.spotName, 1, nil, universe)
      add(listing.perp, .linear, listing.perpName, listing.multiplier, listing.terms, universe)
    }
  }

  private mutating func add(
    _ instrument: Instrument, _ category: BybitCategory, _ name: String, _ multiplier: Int,
    _ terms: FundingTerms?, _ universe: Universe
  ) {
    guard let index = universe.index(of: instrument.id), places[instrument.id] == nil else {
      return
    }
    places[instrument.id] = all.count
    all.append(
      BybitMarket(
        category: category, name: name, bytes: Array(name.utf8), id: instrument.id, index: index,
        base: instrument.base, quote: instrument.quote, multiplier: multiplier, terms: terms))
  }

  /// The place of a market by its name's bytes; nil when it is not attached.
  ///
  /// A few dozen names differ in their first bytes: comparing them is faster than hashing.
  func place(_ category: BybitCategory, _ name: UnsafeRawBufferPointer) -> Int? {
    all.firstIndex { $0.category == category && name.elementsEqual($0.bytes) }
  }

  func market(_ category: BybitCategory, _ name: String) -> BybitMarket? {
    all.first { $0.category == category && $0.name == name }
  }

  func market(_ id: InstrumentID) -> BybitMarket? { places[id].map { all[$0] } }

  func place(_ id: InstrumentID) -> Int? { places[id] }

  /// The perpetuals, in the order attached.
  var perpetuals: [BybitMarket] { all.filter { $0.category == .linear } }
}
