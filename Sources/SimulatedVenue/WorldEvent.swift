public import FixedPoint
public import Trading

/// Something that happened at a venue, at the venue's time.
public struct WorldEvent: Hashable, Sendable {
  /// When, by the market's clock: the venue's clock may be skewed against it (`Venue.clock`).
  public let at: Timestamp
  /// What.
  public let change: WorldChange
}

/// What can happen at a venue.
///
/// The order within one moment is that of the matching engine: order accepted, its execution, the
/// balances and the position after it, the order's end.
public enum WorldChange: Hashable, Sendable {
  /// The book changed or was confirmed: read it with `Venue.book`.
  case quote(InstrumentIndex)
  /// The rate of the coming settlement is told, or the moment of it changed: read `Venue.funding`.
  case funding(InstrumentIndex)
  /// Funding settled for everybody.
  case settled(InstrumentIndex, FundingRate, mark: Price)
  /// Interval, cap, delivery time or status of an instrument changed: read `Venue.listing`.
  case terms(InstrumentIndex)
  /// An order changed; the order is as it stood right after that change.
  case order(WorldOrder, OrderChange)
  /// Balances changed, for this reason; `Venue.balances` has all of them.
  case balances([WalletBalance], BalanceReason)
  /// A position changed, for this reason; it may be flat.
  case position(WorldPosition, BalanceReason)
  /// Funding was paid or taken: an entry of the ledger.
  case fundingPaid(LedgerEntry)
  /// Assets moved between wallets.
  case transferred(TransferRecord)
  /// The leverage of a perpetual is another.
  case leverageChanged(InstrumentIndex, Rate)
  /// A listen key is not valid any longer.
  case listenKeyExpired(String)
  /// The venue lost its memory of closed orders (and numbers its books anew).
  case restarted
}

/// Why balances or a position changed.
public enum BalanceReason: String, Hashable, Sendable {
  /// An order traded.
  case trade
  /// An order reserved or released something.
  case order
  /// Funding.
  case funding
  /// A transfer between wallets.
  case transfer
  /// A deposit or withdrawal by the operator of the simulator.
  case deposit
  /// Collateral of a position was changed.
  case margin
  /// Liquidation, auto-deleveraging or the end of a contract.
  case forced
}
