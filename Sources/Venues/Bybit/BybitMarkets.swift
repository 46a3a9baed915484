import FixedPoint
import Trading

/// One attached instrument as Bybit names it.
struct BybitMarket: Sendable {
  let category: BybitCategory
  /// The venue's name.
  let name: String
  let id: InstrumentID
  let index: InstrumentIndex
  let base: AssetID
  let quote: AssetID
  /// Base units per unit of the venue's quantity.
  let multiplier: Int
  /// The terms of the survey; of a perpetual only.
  let terms: FundingTerms?
  /// When trading began; of a perpetual only.
  let listedAt: Timestamp?

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
  /// By the perpetual.
  private var combos: [InstrumentID: BybitCombo] = [:]
  private var places: [InstrumentID: Int] = [:]
  /// Hash of product line and name, by place: found without touching the names of all others.
  private var hashes: [UInt64] = []
  /// Names as bytes, by place.
  private var names: [[UInt8]] = []

  init() {}

  init(_ universe: Universe, listings: [Listing]) {
    for listing in listings {
      add(listing.spot, .spot, listing.spotName, 1, nil, nil, universe)
      add(
        listing.perp, .linear, listing.perpName, listing.multiplier, listing.terms,
        listing.listedAt, universe)
      if let combo = listing.combo, let perp = market(listing.perp.id),
        let spot = market(listing.spot.id)
      {
        combos[perp.id] = BybitCombo(combo: combo, perp: perp, spot: spot)
      }
    }
  }

  /// The combination of a perpetual and its spot; nil when there is none.
  func combo(of perp: InstrumentID) -> BybitCombo? { combos[perp] }

  /// The combination of a name of the venue's; nil when it is not attached.
  func combo(named name: String) -> BybitCombo? {
    combos.values.first { $0.combo.name == name }
  }

  private mutating func add(
    _ instrument: Instrument, _ category: BybitCategory, _ name: String, _ multiplier: Int,
    _ terms: FundingTerms?, _ listedAt: Timestamp?, _ universe: Universe
  ) {
    guard let index = universe.index(of: instrument.id), places[instrument.id] == nil else {
      return
    }
    places[instrument.id] = all.count
    names.append(Array(name.utf8))
    hashes.append(Array(name.utf8).withUnsafeBytes { Self.hash(category, $0) })
    all.append(
      BybitMarket(
        category: category, name: name, id: instrument.id, index: index,
        base: instrument.base, quote: instrument.quote, multiplier: multiplier, terms: terms,
        listedAt: listedAt))
  }

  /// The place of a market by its name's bytes; nil when it is not attached.
  func place(_ category: BybitCategory, _ name: UnsafeRawBufferPointer) -> Int? {
    let wanted = Self.hash(category, name)
    for place in hashes.indices
    where hashes[place] == wanted && all[place].category == category
      && name.isSame(as: names[place])
    {
      return place
    }
    return nil
  }

  /// FNV-1a; spot and perpetual of one name differ.
  private static func hash(_ category: BybitCategory, _ name: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = category == .spot ? 0xCBF2_9CE4_8422_2325 : 0x8422_2325_CBF2_9CE4
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }

  func market(_ category: BybitCategory, _ name: String) -> BybitMarket? {
    all.first { $0.category == category && $0.name == name }
  }

  func market(_ id: InstrumentID) -> BybitMarket? { places[id].map { all[$0] } }

  func place(_ id: InstrumentID) -> Int? { places[id] }

  /// The perpetuals, in the order attached.
  var perpetuals: [BybitMarket] { all.filter { $0.category == .linear } }
}

extension UnsafeRawBufferPointer {
  /// Whether the bytes are the same.
  func isSame(as other: [UInt8]) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }

  /// Whether the bytes are the same.
  func isSame(as other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }
}
