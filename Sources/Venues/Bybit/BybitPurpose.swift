import Trading

/// What a Bybit call is for: the piece of work it belongs to and its part in it.
public struct BybitPurpose: Hashable, Sendable {
  /// Which running piece of work; 0 when the call stands alone.
  let job: Int
  /// The part.
  let step: BybitStep

  init(_ step: BybitStep, job: Int = 0) {
    self.step = step
    self.job = job
  }
}

/// The parts of all pieces of work.
enum BybitStep: Hashable, Sendable {
  // Alone.
  case clock
  /// Carries an answer that needs no venue: a task speaks only through the outcome of a call.
  case reply([VenueMessage])
  case key
  case submit(OrderRequest)
  case cancel(ClientOrderID, InstrumentID)
  case takeBack(OpenOrder)
  case transfer(Transfer)
  case transferRecord(Transfer)
  case addMargin(InstrumentID, Notional)
  case readMargin(InstrumentID)
  case bars
  case spotFigures(InstrumentID)

  // Key, then account type.
  case accountType(KeyPermissions)

  // Survey.
  case instruments(BybitCategory)
  case tickers
  case fees(BybitCategory)
  case riskLimits
  case combos

  // Modes.
  case account
  case setMarginMode
  case setPositionMode(InstrumentID)
  case setLeverage(InstrumentID)
  case symbolModes(InstrumentID)

  // One order.
  case openOrder
  case closedOrder
  case executionsOfOrder
  case openCombo
  case closedCombo
  case executionsOfCombo

  // The account.
  case wallet
  case positions
  case orders(BybitCategory)
  case comboOrders
  case executions(BybitCategory)
  case combinations
  case profits

  // Funding.
  case rates
  case payments
  case markAt(Timestamp)
}
