import Trading
import Wire

/// What a call to Binance is for.
public struct BinancePurpose: Hashable, Sendable {
  let step: BinanceStep
}

/// One step of a task.
enum BinanceStep: Hashable, Sendable {
  case clock
  case key
  /// A part of an answer that is put together from several.
  case part(Int, BinancePart)
  /// Obtains a listen key.
  case openKey
  /// Prolongs the listen key; says that the stream is subscribed when it was just opened.
  case keepKey(confirms: Bool)
  case submit(OrderRequest)
  case cancel(ClientOrderID, InstrumentID)
  /// Takes an order back by the venue's own id.
  case takeBack(OpenOrder)
  case order(ClientOrderID, InstrumentID)
  /// The executions of an order whose state is known.
  case trades(BinanceOrderState, attempt: Int)
  case transfer(Transfer, begunAt: Timestamp)
  /// Looks whether a transfer arrived whose answer was lost.
  case transferLook(Transfer, begunAt: Timestamp, attempt: Int)
  case margin(InstrumentID)
  case position(InstrumentID)
  /// The row of a settlement that has just passed.
  case settlement(InstrumentID, Timestamp, attempt: Int)
  /// Payments of a settlement that has just passed.
  case payments(since: Timestamp, attempt: Int)
  /// Whether funding terms changed.
  case terms
  /// Whether instruments of a market still trade.
  case statuses(Market)
  /// How much of a perpetual is open.
  case openInterest(InstrumentID)
  /// What an instrument traded within a day.
  case dayTicker(InstrumentID)
  /// Places of our positions in the queue of deleveraging.
  case deleveraging
  /// A harmless call that stands for one that cannot be written, and why.
  case impossible(VenueTask, String)

  /// Whether the call carries the API key without being signed.
  var needsKey: Bool {
    switch self {
    case .openKey, .keepKey: true
    default: false
    }
  }
}

/// What one part of an answer is.
enum BinancePart: Hashable, Sendable {
  // Survey
  case spotInstruments, perpInstruments, fundingInfo, premiumIndex, brackets
  case spotFee(Symbol), perpFee(Symbol), spotPrice(Symbol)
  // Modes
  case positionMode, symbolConfig
  /// A setting that is being changed, in words.
  case change(String)
  // Snapshot
  case spotAccount, futuresAccount, positions
  case openOrders(Market)
  case fills(InstrumentID, window: Timestamp)
  /// Whose orders the executions were.
  case orders(InstrumentID)
  case payments(window: Timestamp)
  case transfers(BinanceTransferKind, window: Timestamp, page: Int)
  // History
  case rates(InstrumentID)
  case bars(InstrumentID)
}

/// The two directions of a transfer.
enum BinanceTransferKind: String, Hashable, Sendable, CaseIterable {
  case toFutures = "MAIN_UMFUTURE"
  case toSpot = "UMFUTURE_MAIN"

  /// Nil when the venue has no such move.
  init?(_ transfer: Transfer) {
    switch (transfer.from, transfer.to) {
    case (.spot, .futures): self = .toFutures
    case (.futures, .spot): self = .toSpot
    default: return nil
    }
  }

  var wallets: (from: Wallet, to: Wallet) {
    self == .toFutures ? (.spot, .futures) : (.futures, .spot)
  }
}

typealias BinanceCall = Call<BinancePurpose>
typealias BinanceReaction = Reaction<BinancePurpose>

extension Call where Purpose == BinancePurpose {
  /// States a call for a step.
  init(
    _ endpoint: Endpoint, _ method: HTTPMethod, _ path: String, _ parameters: [Parameter] = [],
    isSigned: Bool = true, weight: Int = 1, urgency: Urgency = .normal, isMutating: Bool = false,
    deadline: Timestamp? = nil, _ step: BinanceStep
  ) {
    self.init(
      endpoint, method, path, parameters, isSigned: isSigned, weight: weight, urgency: urgency,
      isMutating: isMutating, deadline: deadline, purpose: BinancePurpose(step: step))
  }

  /// The same call with a parameter replaced or added, for another step.
  func with(_ name: String, _ value: String, without others: [String] = [], step: BinanceStep)
    -> Self
  {
    var copy = self
    copy.parameters.removeAll { $0.name == name || others.contains($0.name) }
    copy.parameters.append(Parameter(name, value))
    copy.purpose = BinancePurpose(step: step)
    return copy
  }
}
