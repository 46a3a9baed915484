public import FixedPoint

/// Where a venue keeps an asset of ours.
public enum Wallet: String, Hashable, Codable, Sendable, CaseIterable {
  /// For spot trading.
  case spot
  /// Collateral of perpetuals.
  case futures
  /// One pool for both, on venues with a unified account.
  case unified
}

/// How a venue divides an account.
public enum AccountLayout: String, Hashable, Codable, Sendable {
  /// A spot wallet and a futures wallet, with transfers between them.
  case separate
  /// One pool.
  case unified

  /// The wallet a market settles in.
  public func wallet(of market: Market) -> Wallet {
    switch (self, market) {
    case (.unified, _): .unified
    case (.separate, .spot): .spot
    case (.separate, .perp): .futures
    }
  }
}

/// What stands behind a perpetual position.
public enum MarginMode: String, Hashable, Codable, Sendable, CaseIterable {
  /// Collateral of its own, which can be added to.
  case isolated
  /// All that the account holds.
  case cross
}

/// What is particular about one venue and matters to decisions.
public struct VenueTraits: Hashable, Sendable {
  /// How the account is divided.
  public var layout: AccountLayout
  /// How long after an order's deadline a lookup may still not know it.
  public var lookupDelay: TimeSpan
  /// What stands behind a position.
  public var margin: MarginMode
  /// Whether a snapshot shows one moment; one that is read in parts can differ from the books
  /// because of what happened in between.
  public var isSnapshotAtomic: Bool
  /// Whether it tells turnover, open interest and the day of listing.
  public var tellsFigures: Bool

  /// States the traits.
  public init(
    layout: AccountLayout = .separate, lookupDelay: TimeSpan = .milliseconds(0),
    margin: MarginMode = .isolated, isSnapshotAtomic: Bool = true,
    tellsFigures: Bool = false
  ) {
    self.layout = layout
    self.lookupDelay = lookupDelay
    self.margin = margin
    self.isSnapshotAtomic = isSnapshotAtomic
    self.tellsFigures = tellsFigures
  }
}

/// What a wallet holds of an asset.
public struct Balance: Hashable, Codable, Sendable {
  /// The wallet.
  public let wallet: Wallet
  /// The asset.
  public let asset: AssetID
  /// All of it, without unrealised profit.
  public let total: Amount

  /// States a balance.
  public init(wallet: Wallet, asset: AssetID, total: Amount) {
    self.wallet = wallet
    self.asset = asset
    self.total = total
  }
}

/// An isolated position in a perpetual, as the venue states it.
public struct Position: Hashable, Codable, Sendable {
  /// The perpetual.
  public let instrument: InstrumentID
  /// Base units, signed: short is negative.
  public let quantity: Quantity
  /// Sum of price × signed quantity of what is open, quote units: negative for a short.
  public let cost: Notional
  /// Collateral set aside for the position, quote units, without unrealised profit.
  public let margin: Notional
  /// Mark price at which the venue would liquidate; nil when flat or out of reach.
  public let liquidationPrice: Price?

  /// States a position.
  public init(
    instrument: InstrumentID, quantity: Quantity, cost: Notional, margin: Notional,
    liquidationPrice: Price?
  ) {
    self.instrument = instrument
    self.quantity = quantity
    self.cost = cost
    self.margin = margin
    self.liquidationPrice = liquidationPrice
  }
}

/// A move of an asset between wallets of one venue.
public struct Transfer: Hashable, Codable, Sendable {
  /// Our id; unique.
  public let id: Int64
  /// The venue.
  public let venue: VenueID
  /// From.
  public let from: Wallet
  /// To.
  public let to: Wallet
  /// The asset.
  public let asset: AssetID
  /// Above zero.
  public let amount: Amount

  /// States a transfer.
  public init(
    id: Int64, venue: VenueID, from: Wallet, to: Wallet, asset: AssetID, amount: Amount
  ) {
    self.id = id
    self.venue = venue
    self.from = from
    self.to = to
    self.asset = asset
    self.amount = amount
  }
}

/// An order that works at a venue.
public struct OpenOrder: Hashable, Codable, Sendable {
  /// What it trades.
  public let instrument: InstrumentID
  /// Our id; nil when somebody else sent it.
  public let id: ClientOrderID?
  /// The venue's id.
  public let venueOrder: VenueOrderID

  /// States an order.
  public init(instrument: InstrumentID, id: ClientOrderID?, venueOrder: VenueOrderID) {
    self.instrument = instrument
    self.id = id
    self.venueOrder = venueOrder
  }
}

/// Everything a venue knows about our account at one moment.
public struct AccountSnapshot: Hashable, Codable, Sendable {
  /// The venue.
  public let venue: VenueID
  /// All balances that are not zero.
  public let balances: [Balance]
  /// All positions that are not flat.
  public let positions: [Position]
  /// Orders that still work, those of others on the same account among them.
  public let openOrders: [OpenOrder]
  /// Executions since the moment asked for, oldest first.
  public let fills: [Fill]
  /// Funding payments since the moment asked for, oldest first.
  public let payments: [FundingPayment]
  /// Transfers since the moment asked for.
  public let transfers: [Transfer]

  /// States a snapshot.
  public init(
    venue: VenueID, balances: [Balance], positions: [Position], openOrders: [OpenOrder],
    fills: [Fill], payments: [FundingPayment], transfers: [Transfer]
  ) {
    self.venue = venue
    self.balances = balances
    self.positions = positions
    self.openOrders = openOrders
    self.fills = fills
    self.payments = payments
    self.transfers = transfers
  }
}
