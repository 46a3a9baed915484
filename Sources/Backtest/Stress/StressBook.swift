public import Accounting
public import FixedPoint
public import Trading

/// What is held at one venue, as far as a bad day is played on it.
///
/// Carries are opened again at their entry prices, and prices then move to those of now, so that the
/// collateral is what the margin guard would have made of it.
public struct StressBook: Sendable {
  /// One carry.
  public struct Holding: Hashable, Sendable {
    /// Its perpetual's symbol.
    public let symbol: Symbol
    /// Base units of each leg.
    public let quantity: Quantity
    /// What the short was sold for on average; nil for one that is only planned.
    public let entry: Price?
    /// The mids of now.
    public let mids: LegMids
    /// The newest settled rate per interval.
    public let rate: Rate
    /// Hours of an interval.
    public let intervalHours: Int

    /// States a holding.
    public init(
      symbol: Symbol, quantity: Quantity, entry: Price?, mids: LegMids, rate: Rate,
      intervalHours: Int
    ) {
      self.symbol = symbol
      self.quantity = quantity
      self.entry = entry
      self.mids = mids
      self.rate = rate
      self.intervalHours = intervalHours
    }
  }

  /// The instruments of these holdings, pair by pair in their order.
  public let universe: Universe
  /// The venue.
  public let venue: VenueID
  /// What is held or planned.
  public let holdings: [Holding]
  /// Quote asset by wallet, collateral included.
  public let cash: [Balance]

  /// States what is held.
  public init(universe: Universe, venue: VenueID, holdings: [Holding], cash: [Balance]) {
    precondition(
      universe.pairs.map(\.symbol) == holdings.map(\.symbol),
      "Invariant: each holding has its pair")
    self.universe = universe
    self.venue = venue
    self.holdings = holdings
    self.cash = cash
  }

  /// What the account starts with: its cash, and what the spot that is held already had cost.
  func deposits(costs: Rate) -> [Balance] {
    let traits = universe.traits(of: venue)
    var deposits = cash
    var spent = Notional.zero
    for holding in holdings {
      guard let entry = holding.entry else { continue }
      spent += entry.notional(of: holding.quantity).times(.one + costs, .up)
    }
    if !spent.isZero {
      let asset = universe.instruments[0].quote
      deposits.append(
        Balance(
          wallet: traits.layout.wallet(of: .spot), asset: asset,
          total: spent.rounded(places: 2, .up).amount))
    }
    return deposits
  }
}
