public import FixedPoint

/// All one can ask of a venue.
public enum VenueRequest: Hashable, Codable, Sendable {
  /// Send an order.
  case submit(OrderRequest)
  /// Take back what still works of an order.
  case cancel(ClientOrderID, InstrumentID)
  /// Say what became of an order.
  case query(ClientOrderID, InstrumentID)
  /// Move an asset between wallets.
  case transfer(Transfer)
  /// Set collateral aside for a position from the free part of its wallet, or give it back when
  /// negative; quote units.
  case adjustMargin(InstrumentID, Notional)
  /// State the account, with what happened since.
  case snapshot(VenueID, since: Timestamp)
  /// State settled funding rates since.
  case fundingHistory(InstrumentID, since: Timestamp)

  /// Whether it can change something at the venue; such a request is never sent twice.
  public var isMutating: Bool {
    switch self {
    case .submit, .cancel, .transfer, .adjustMargin: true
    case .query, .snapshot, .fundingHistory: false
    }
  }

  /// The venue it goes to.
  public var venue: VenueID {
    switch self {
    case .submit(let order): order.instrument.venue
    case .cancel(_, let instrument), .query(_, let instrument), .adjustMargin(let instrument, _),
      .fundingHistory(let instrument, _):
      instrument.venue
    case .transfer(let transfer): transfer.venue
    case .snapshot(let venue, _): venue
    }
  }
}

/// All a venue can say.
///
/// Rare messages are boxed so that a stream of quotes stays small.
public enum VenueEvent: Hashable, Sendable {
  /// Prices changed.
  case quote(Quote)
  /// The rate that the next settlement will probably have, and when that is.
  case fundingPredicted(InstrumentIndex, FundingRate)
  /// What else is told of a market.
  indirect case figures(InstrumentIndex, MarketFigures)
  /// Whether the instrument trades changed.
  case statusChanged(InstrumentIndex, TradingStatus)
  /// A settlement happened, at this mark price; heard again after an outage.
  case fundingSettled(InstrumentIndex, FundingRate, mark: Price)
  /// Settled rates, oldest first, in answer to a request.
  case fundingHistory(InstrumentIndex, [FundingRate])
  /// An order works.
  case orderAccepted(ClientOrderID, VenueOrderID)
  /// An order was refused; nothing traded.
  indirect case orderRefused(ClientOrderID, RefusalReason, String)
  /// An order ended; all of its fills were told before.
  case orderFinished(ClientOrderID, OrderOutcome)
  /// In answer to a query: the venue has never seen this id.
  case orderNotFound(ClientOrderID)
  /// An execution.
  indirect case fill(Fill)
  /// Funding was paid or taken.
  indirect case fundingPaid(FundingPayment)
  /// A position changed.
  indirect case position(Position)
  /// A transfer arrived.
  indirect case transferred(Transfer)
  /// A transfer was refused.
  indirect case transferRefused(Transfer, RefusalReason)
  /// A change of collateral was refused.
  indirect case marginRefused(InstrumentID, RefusalReason)
  /// The account, in answer to a request.
  indirect case snapshot(AccountSnapshot)
}
