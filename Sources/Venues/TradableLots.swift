public import FixedPoint
public import Trading

/// What it takes to trade pairs away: names, steps and sizes, without fees, terms and margin tiers.
///
/// Each market is read on its own, so that one that does not answer does not hide the other.
public struct TradableLots: Hashable, Sendable {
  /// The pairs of which a leg was found; fees are zero, and a leg that was not found is a stand-in.
  public var listings: [Listing] = []
  /// Legs that stand in for what was not found; they cannot be traded.
  public var standIns: Set<InstrumentID> = []
  /// The largest market order, base units, where the venue has a limit.
  public var largest: [InstrumentID: Quantity] = [:]
  /// Markets that could not be read in full, and why.
  public var unread: [Market: String] = [:]

  /// Knows nothing.
  public init() {}

  /// Adds a pair of one leg or two; a leg that is missing is made like the other.
  mutating func add(
    _ symbol: Symbol, spot: TradableLeg?, perp: TradableLeg?, multiplier: Int, venue: VenueID
  ) {
    guard let known = perp ?? spot else { return }
    func leg(_ found: TradableLeg?, _ market: Market) -> TradableLeg {
      var leg = found ?? known
      leg.instrument.id = InstrumentID(venue: venue, market: market, symbol: symbol)
      // Both legs of a pair are of the same asset, whatever the contract calls it.
      leg.instrument.base = (spot ?? known).instrument.base
      if let found {
        largest[leg.instrument.id] = found.largest
      } else {
        leg.name = symbol.rawValue
        standIns.insert(leg.instrument.id)
      }
      return leg
    }
    let (spotLeg, perpLeg) = (leg(spot, .spot), leg(perp, .perp))
    listings.append(
      Listing(
        spot: spotLeg.instrument, perp: perpLeg.instrument, spotName: spotLeg.name,
        perpName: perpLeg.name, multiplier: multiplier,
        terms: FundingTerms(intervalHours: 8, cap: nil, floor: nil, nextSettlement: nil),
        spotStatus: .trading, perpStatus: .trading, delistsAt: nil, combo: nil))
  }
}

/// One leg as far as it was read.
struct TradableLeg {
  var instrument: Instrument
  /// The venue's name.
  var name: String
  /// The largest market order, base units.
  var largest: Quantity?

  static let noFees = FeeSchedule(maker: .zero, taker: .zero, isTakenFromReceivedAsset: false)
}
