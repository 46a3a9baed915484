public import FixedPoint
public import Trading

/// What opening a carry would do, at the prices of now.
public struct Plan: Hashable, Codable, Sendable {
  /// One leg of a plan.
  public struct Leg: Hashable, Codable, Sendable {
    /// Spot or perpetual.
    public let market: Market
    /// Direction.
    public let side: Side
    /// Base units in all.
    public let quantity: Quantity
    /// Base units of one order at most.
    public let clip: Quantity
    /// Mid of now.
    public let mid: Price
    /// Fee of the leg, one way, quote units.
    public let fee: Notional
  }

  /// Its number.
  public let id: Int64
  /// When it was made; it may be opened for a day, while prices stay near.
  public let at: Timestamp
  /// The venue of both legs.
  public let venue: VenueID
  /// The perpetual's symbol.
  public let symbol: Symbol
  /// Base units of the short: a multiple of the joint lot.
  public let quantity: Quantity
  /// The smallest quantity both legs accept a multiple of.
  public let jointLot: Quantity
  /// Quantity at the spot mid, quote units.
  public let notional: Notional
  /// Leverage of the perpetual leg: notional over its collateral.
  public let leverage: Rate
  /// The perpetual first, because it leads.
  public let legs: [Leg]
  /// Cost of the way in and out by part, as fractions of the notional.
  public let cost: CarryCost
  /// How the legs would be traded; nil is by legs.
  public let execution: CarryExecution?
  /// What was weighed for that, in words; nil without prices.
  public let executionReason: String?
  /// The round trip in quote units.
  public let roundTripCost: Notional
  /// Expected funding, annualised; nil when it is unknown.
  public let expectedAnnualRate: Rate?
  /// Hours between settlements; nil when unknown.
  public let intervalHours: Int?
  /// Settlements until funding pays the round trip; nil when it does not.
  public let breakEvenSettlements: Int?
  /// Probability that it does within the planned holding time; nil when unknown.
  public let breakEvenProbability: Rate?
  /// Mark price at which the short would be liquidated.
  public let liquidationPrice: Price
  /// How far the mark may rise until then, a fraction of it.
  public let liquidationDistance: Rate
  /// Spot in full and the margin, quote units.
  public let capital: Notional
  /// Expected funding over the planned holding time less the round trip and the resizes expected in
  /// it, on spot, margin and reserve, annualised.
  public let expectedNetAnnualRateOnCapital: Rate?
  /// Every gate of an entry.
  public let gates: [Gate]
  /// How long a plan may be opened.
  static let lifetime = TimeSpan.days(1)
}

/// One pair in the ranking of a scan.
public struct Candidate: Hashable, Codable, Sendable {
  /// The venue of the perpetual, and of the spot leg unless that is elsewhere.
  public let venue: VenueID
  /// The venue of the spot leg; nil in scans that were stored before it was told.
  public let spotVenue: VenueID?
  /// The perpetual's symbol.
  public let symbol: Symbol
  /// Expected funding, annualised; nil when unknown.
  public let expectedAnnualRate: Rate?
  /// Newest settled rate, annualised; nil when unknown.
  public let latestAnnualRate: Rate?
  /// Round trip as a fraction of the notional; nil without prices.
  public let roundTrip: Rate?
  /// Settlements until funding pays the round trip; nil when it does not, or when unknown.
  public let breakEvenSettlements: Int?
  /// Probability that it does within the planned holding time; nil when unknown.
  public let breakEvenProbability: Rate?
  /// Expected funding over the planned holding time less the round trip and the resizes expected in
  /// it, on spot, margin and reserve, annualised.
  public let expectedNetAnnualRateOnCapital: Rate?
  /// What that is beyond the cash rate; nil when unknown, and in scans of before it was told.
  public let expectedExcess: Rate?
  /// How often prices are expected to carry it out of its band within that time; nil when unknown.
  public let expectedResizes: Rate?
  /// Whether a carry is open on it.
  public let carry: CarryID?
  /// Whether all gates of an entry hold.
  public let isEligible: Bool
  /// Every gate of an entry, also those that passed.
  public let gates: [Gate]
}
