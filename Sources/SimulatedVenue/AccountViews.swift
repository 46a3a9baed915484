public import FixedPoint
public import Trading

/// Where a venue keeps an asset of ours, with the wallets that no instrument settles in.
public enum AccountWallet: String, Hashable, Sendable, CaseIterable {
  /// For spot trading, on venues with separate wallets.
  case spot
  /// Collateral of perpetuals, on venues with separate wallets.
  case futures
  /// One pool for both, on venues with a unified account.
  case unified
  /// For deposits: nothing is traded out of it.
  case funding
}

/// What a wallet holds of an asset.
public struct WalletBalance: Hashable, Sendable {
  /// The wallet.
  public let wallet: AccountWallet
  /// The asset.
  public let asset: AssetID
  /// All of it, without unrealised profit; below zero where a unified account borrowed it.
  public let total: Amount
  /// Reserved for resting orders.
  public let locked: Amount
  /// Set aside as collateral of isolated positions.
  public let isolated: Amount
  /// What is left of it; of a futures wallet without regard to cross positions.
  public var free: Amount { total - locked - isolated }
}

/// A position with everything a venue says about it.
public struct WorldPosition: Hashable, Sendable {
  /// The perpetual.
  public let instrument: InstrumentIndex
  /// Base units, signed: short is negative; zero when flat.
  public let quantity: Quantity
  /// Sum of price × signed quantity of what is open, quote units.
  public let cost: Notional
  /// Collateral set aside for it, quote units; zero in cross margin.
  public let margin: Notional
  /// Whether the whole wallet stands for it.
  public let isCross: Bool
  /// Notional over initial margin.
  public let leverage: Rate
  /// The mark price now.
  public let mark: Price
  /// quantity × mark − cost, quote units.
  public let unrealized: Notional
  /// |quantity| × mark over leverage, quote units.
  public let initialMargin: Notional
  /// By the tier of the notional at mark, quote units.
  public let maintenanceMargin: Notional
  /// Mark at which the venue would liquidate, all else equal; nil when flat or out of reach.
  public let liquidationPrice: Price?
  /// When it last changed.
  public let updatedAt: Timestamp

  /// What it was opened at on average, half-even at 18 places; zero when flat.
  public var entryPrice: Price {
    quantity.isZero ? .zero : cost.magnitude.price(per: quantity.magnitude)
  }
  /// |quantity| × mark with the sign of the position, quote units.
  public var notional: Notional { mark.notional(of: quantity) }
}

/// The margin of all perpetuals that settle in one asset.
public struct MarginSummary: Hashable, Sendable {
  /// The collateral asset.
  public let asset: AssetID
  /// All of it in the wallet, without unrealised profit.
  public let wallet: Amount
  /// Without collateral of isolated positions.
  public let crossWallet: Amount
  /// Unrealised profit of all positions.
  public let unrealized: Amount
  /// Unrealised profit of cross positions.
  public let crossUnrealized: Amount
  /// Other assets of a unified account after their haircut, in this asset.
  public let collateral: Amount
  /// Initial margin of all positions.
  public let positionInitial: Amount
  /// Reserved for resting orders.
  public let orderInitial: Amount
  /// Maintenance margin of all positions.
  public let maintenance: Amount
  /// Maintenance margin of cross positions.
  public let crossMaintenance: Amount
  /// What new orders may use; never below zero.
  public let available: Amount
}

/// What changed a wallet, for income and transaction logs.
public enum LedgerKind: String, Hashable, Sendable {
  /// Profit of the part of a position that was closed.
  case realized
  /// A trading fee.
  case commission
  /// A funding payment.
  case funding
  /// A transfer between wallets; one entry for each of them.
  case transfer
  /// What a liquidation cost beyond the loss.
  case liquidationFee
  /// Spot: an asset bought or sold.
  case trade
  /// A deposit or withdrawal by the operator of the simulator.
  case deposit
}

/// One change of a wallet.
///
/// All entries of a wallet and asset add up to its total.
public struct LedgerEntry: Hashable, Sendable {
  /// Unique in a venue; counts up from 1.
  public let number: Int64
  /// When; of funding the settlement's stamp.
  public let at: Timestamp
  /// What it was.
  public let kind: LedgerKind
  /// The wallet.
  public let wallet: AccountWallet
  /// The asset.
  public let asset: AssetID
  /// Received is positive.
  public let amount: Amount
  /// The wallet's total after it.
  public let balance: Amount
  /// The instrument, where one is concerned.
  public let instrument: InstrumentIndex?
  /// The execution: a place in `Venue.fills`; nil for others.
  public let fill: Int?
  /// Of funding: rate, mark and the position it was paid on.
  public let funding: FundingDetail?
  /// Of a transfer: its number.
  public let transfer: Int64?
}

/// What a funding payment was computed from.
public struct FundingDetail: Hashable, Sendable {
  /// The rate and its stamp.
  public let rate: FundingRate
  /// The mark price.
  public let mark: Price
  /// Base units, signed.
  public let quantity: Quantity
  /// Whether the position was in cross margin.
  public let isCross: Bool
}

/// An execution with the venue's numbers.
public struct WorldFill: Hashable, Sendable {
  /// Unique in a venue; counts up from 1.
  public let number: Int64
  /// The order's number.
  public let order: Int64
  /// The execution.
  public let fill: Fill
  /// The instrument.
  public let instrument: InstrumentIndex
  /// The part of the quantity that closed a position, base units, zero or more.
  public let closed: Quantity
  /// The position right after it; nil on spot.
  public let position: Quantity?
}

/// A transfer between wallets that was performed.
public struct TransferRecord: Hashable, Sendable {
  /// Unique in a venue; counts up from 1.
  public let number: Int64
  /// The client's key that makes it unique; nil where the venue has none.
  public let key: String?
  /// When.
  public let at: Timestamp
  /// From.
  public let from: AccountWallet
  /// To.
  public let to: AccountWallet
  /// The asset.
  public let asset: AssetID
  /// Above zero.
  public let amount: Amount
}
