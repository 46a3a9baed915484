import FixedPoint
import Simulation
import Trading

/// A venue with the network before it: the exchange tells the truth, the way to it does not.
struct WorldVenue: Sendable {
  let id: VenueID
  var exchange: SimulatedExchange
  /// Whether its streams are connected.
  var isConnected = true
  /// Whether its streams say nothing although they look alive.
  var isSilent = false
  /// Orders that were refused for too many requests.
  var turnedAway: Set<ClientOrderID> = []
  /// The streams stay cut until then, whoever opens them anew.
  var cutUntil = Timestamp.distantPast
  /// No request is taken before this moment.
  var closedUntil = Timestamp.distantPast
  /// Whether moves between wallets are refused.
  var refusesTransfers = false
  /// When each order was taken, for lookups that lag behind.
  var takenAt: [ClientOrderID: Timestamp] = [:]
  /// Lookups know nothing of what was taken less than this ago.
  var lag = TimeSpan(nanoseconds: 0)

  init(id: VenueID, exchange: SimulatedExchange) {
    self.id = id
    self.exchange = exchange
  }

  /// Whether an event comes over a stream rather than in answer to a request.
  static func isStreamed(_ event: VenueEvent) -> Bool {
    switch event {
    case .quote, .fundingPredicted, .figures, .statusChanged, .fundingSettled, .orderFinished,
      .fill,
      .fundingPaid, .position:
      true
    case .fundingHistory, .orderAccepted, .orderRefused, .orderNotFound, .transferred,
      .transferRefused, .marginRefused, .snapshot:
      false
    }
  }
}

/// A request on its way to a venue.
struct Letter: Sendable {
  /// The process that sent it.
  let sender: Int
  let venue: Int
  let request: VenueRequest
  /// Whether its answer will be lost.
  var losesReply = false
  /// Whether it left: what may have changed something is never sent again.
  var isSent = false
}

/// An account that is being read in parts.
struct Reading: Sendable {
  let sender: Int
  let venue: Int
  let since: Timestamp
  /// Positions and open orders, read first; nil before.
  var positions: AccountSnapshot?
  /// Balances; nil before.
  var balances: AccountSnapshot?
}
