public import Trading

/// Something that goes wrong at a venue on purpose.
public enum FaultKind: String, Hashable, Sendable, CaseIterable {
  /// The request is executed and its connection closed without an answer.
  case lostReply = "lost-reply"
  /// The connection is closed without executing the request.
  case lostRequest = "lost-request"
  /// The answer comes late, the request is executed at once; `seconds`.
  case lateReply = "late-reply"
  /// The order is acknowledged and trades later; `seconds`.
  case lateFill = "late-fill"
  /// Status 429 with Retry-After of `seconds`, not executed.
  case tooManyRequests = "429"
  /// Status 418 with Retry-After of `seconds`, not executed.
  case banned = "418"
  /// Status 5xx (`status`) with an HTML body, not executed.
  case serverError = "5xx"
  /// The venue's word that the outcome is unknown; `executes` says which it was.
  case unknownOutcome = "unknown-outcome"
  /// The venue's word that it was not executed for it is overloaded.
  case unavailable = "unavailable"
  /// Account events are sent twice.
  case duplicateEvents = "duplicate-events"
  /// Account events of one batch are sent in reverse order.
  case reorderEvents = "reorder-events"
  /// Account events are not sent.
  case loseEvents = "lose-events"
  /// WebSockets are cut, at once and without a closing handshake.
  case disconnect = "disconnect"
  /// WebSockets stay open and say nothing more, for `seconds`; pings are not answered either.
  case silence = "silence"
  /// A lookup does not know an order for `seconds` after it was made.
  case lookupLag = "lookup-lag"
  /// The status of `symbol` becomes `status`: trading, halted, cancelOnly, reduceOnly.
  case status = "status"
  /// `fraction` of the position in `symbol` is closed at mark.
  case autoDeleverage = "adl"
  /// The mark of `symbol` moves by `fraction`, as far as it takes where none is given, so that the
  /// position is liquidated.
  case liquidation = "liquidation"
  /// Funding of `symbol` settles every `hours` from now on.
  case interval = "interval"
  /// The contract of `symbol` ends in `seconds`.
  case delisting = "delisting"
  /// The venue's clock is `seconds` ahead; negative: behind.
  case clockSkew = "clock-skew"
  /// The memory of closed orders is gone.
  case restart = "restart"
  /// Listen keys and logins expire.
  case expireKeys = "expire-keys"

  /// Whether it is carried out when it is stated, instead of on a request or a frame.
  public var isImmediate: Bool {
    switch self {
    case .status, .autoDeleverage, .liquidation, .interval, .delisting, .clockSkew, .restart,
      .expireKeys, .disconnect, .silence:
      true
    default: false
    }
  }
}

/// One fault with its scope and how often it strikes.
public struct Fault: Hashable, Sendable {
  /// What goes wrong.
  public var kind: FaultKind
  /// At which venue; nil for all.
  public var venue: VenueID?
  /// On which port, by the front's name; nil for all.
  public var front: String?
  /// Only requests (or upgrades) whose path begins so; empty for all.
  public var path: String
  /// Only requests of this method; empty for all.
  public var method: String
  /// Only this pair or wire name, where the kind concerns one; empty for all.
  public var symbol: String
  /// So many times more; nil without end.
  public var count: Int?
  /// Strikes in so many of a hundred cases, 1 … 100.
  public var percent: Int
  /// Not before; nil from the beginning.
  public var from: Timestamp?
  /// What the kind needs of a time.
  public var seconds: Int
  /// What the kind needs of a milli-time; added to `seconds`.
  public var milliseconds: Int
  /// What the kind needs of a status or a code.
  public var status: String
  /// Whether an unknown outcome was an execution.
  public var executes: Bool
  /// Of a position or a price, as decimal text; empty where not given.
  public var fraction: String
  /// New settlement interval.
  public var hours: Int

  /// States a fault that strikes once.
  public init(_ kind: FaultKind) {
    self.kind = kind
    venue = nil
    front = nil
    path = ""
    method = ""
    symbol = ""
    count = 1
    percent = 100
    from = nil
    seconds = 0
    milliseconds = 0
    status = ""
    executes = false
    fraction = ""
    hours = 0
  }

  /// The time it takes.
  public var span: TimeSpan { .milliseconds(Int64(seconds) * 1000 + Int64(milliseconds)) }
}
