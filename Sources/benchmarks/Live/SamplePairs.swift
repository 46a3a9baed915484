import FixedPoint
import Trading
import Venues

/// Pairs as a venue would list them, so many that a real account could trade no more.
struct SamplePairs {
  let venue: VenueID
  let listings: [Listing]
  let universe: Universe

  /// Names of both legs.
  var names: [String] { listings.map(\.perpName) }

  init(count: Int, venue: VenueID) {
    self.venue = venue
    listings = (0..<count).map { Self.listing("C\(padded($0, width: 3))", venue) }
    let layout: AccountLayout = venue == "bybit" ? .unified : .separate
    universe = Universe(
      pairs: listings.map { ($0.spot, $0.perp) }, venues: [venue: VenueTraits(layout: layout)])
  }

  private static func listing(_ base: String, _ venue: VenueID) -> Listing {
    func instrument(_ market: Market) -> Instrument {
      Instrument(
        id: InstrumentID(venue: venue, market: market, symbol: Symbol("\(base)USDT")),
        base: AssetID(base), quote: "USDT", tick: "0.01", lot: "0.001", minimumQuantity: "0.001",
        minimumNotional: "5",
        fees: FeeSchedule(maker: .zero, taker: .zero, isTakenFromReceivedAsset: false),
        marginTiers: market == .spot
          ? []
          : [
            MarginTier(
              floor: .zero, maintenanceRate: "0.005", deduction: .zero, maximumLeverage: "20")
          ])
    }
    return Listing(
      spot: instrument(.spot), perp: instrument(.perp), spotName: "\(base)USDT",
      perpName: "\(base)USDT", multiplier: 1,
      terms: FundingTerms(intervalHours: 8, cap: nil, floor: nil, nextSettlement: nil),
      spotStatus: .trading, perpStatus: .trading, delistsAt: nil, combo: nil)
  }
}
