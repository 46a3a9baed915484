import FixedPoint
import Trading

/// What is known of each perpetual's prices and funding.
struct BinancePerpBook: Sendable {
  var bid: Price?
  var ask: Price?
  var mark: Price?
  /// Of the newest frame that changed it.
  var at = Timestamp.distantPast
  /// The venue's count of book changes, so that a late frame of an old connection is passed over.
  var update: Int64 = 0
  var predicted: Rate?
  var nextSettlement: Timestamp?
  var terms: FundingTerms
  var status: TradingStatus
  /// When trading began; nil when unknown.
  var listedAt: Timestamp?
  /// Where our position would be liquidated, when that was last read; events do not say it.
  var liquidation: Price?
}

/// What is known of each spot pair.
struct BinanceSpotBook: Sendable {
  var update: Int64 = 0
  var status: TradingStatus
}

/// Market state by place of the pair.
struct BinanceBooks: Sendable {
  var spots: [BinanceSpotBook] = []
  var perps: [BinancePerpBook] = []
  private var places: [InstrumentID: (place: Int, index: InstrumentIndex)] = [:]

  init() {}

  init(_ markets: BinanceMarkets, listings: [Listing]) {
    for (place, perp) in markets.perps.enumerated() {
      let listing = listings.first { $0.perp.id == perp.id }
      spots.append(BinanceSpotBook(status: listing?.spotStatus ?? .trading))
      perps.append(
        BinancePerpBook(
          terms: listing?.terms ?? BinanceFundingInfo.usual,
          status: listing?.perpStatus ?? .trading))
      perps[place].nextSettlement = listing?.terms.nextSettlement
      perps[place].listedAt = listing?.listedAt
      if let index = perp.index { places[perp.id] = (place, index) }
    }
  }

  /// The place of a perpetual; nil when it is not traded here.
  func place(of id: InstrumentID) -> Int? { places[id]?.place }

  /// The index of a perpetual; nil when it is not traded here.
  func index(of id: InstrumentID) -> InstrumentIndex? { places[id]?.index }

  /// Funding terms of a perpetual; the usual ones when it is not traded here.
  func terms(of id: InstrumentID) -> FundingTerms {
    place(of: id).map { perps[$0].terms } ?? BinanceFundingInfo.usual
  }

  /// Remembers where positions would be liquidated.
  mutating func hear(_ positions: [Position]) {
    for position in positions {
      if let place = place(of: position.instrument) {
        perps[place].liquidation = position.liquidationPrice
      }
    }
  }

  /// Where a position was last said to be liquidated.
  func liquidation(of id: InstrumentID) -> Price? {
    place(of: id).flatMap { perps[$0].liquidation }
  }

  /// Forgets the venue's counts: a new connection may begin anywhere.
  mutating func restart(_ market: Market) {
    switch market {
    case .spot: for place in spots.indices { spots[place].update = 0 }
    case .perp: for place in perps.indices { perps[place].update = 0 }
    }
  }
}
