/// What can go wrong in a world, by the name it has in plans and reports.
///
/// The first kind strikes a message or a step with a probability; the second begins now and then and
/// lasts a while. Sources of the ranges: the fault schedule of the failure catalogue.
public enum Fault: String, CaseIterable, Hashable, Comparable, Sendable {
  // Strikes one message or one step; intensity in basis points.
  /// A request is lost before the venue sees it.
  case requestLost = "request_lost"
  /// A request acts, and its answer is lost.
  case replyLost = "reply_lost"
  /// A request reaches the venue late, perhaps after its deadline.
  case requestDelayed = "request_delayed"
  /// An order reaches the venue twice.
  case requestRepeated = "request_repeated"
  /// A stream says something twice.
  case eventDuplicated = "event_duplicated"
  /// A stream says something up to two seconds late, so that order is lost.
  case eventReordered = "event_reordered"
  /// A stream leaves something out.
  case eventDropped = "event_dropped"
  /// A lookup does not know yet what the venue has accepted.
  case lookupLag = "lookup_lag"
  /// An answer to an order repeats what the stream says too.
  case replyRepeats = "reply_repeats"
  /// The process dies somewhere between deciding, storing and acting.
  case crash
  /// The connection to the database is lost while a commit is under way.
  case commitCut = "commit_cut"
  /// A commit takes seconds.
  case commitSlow = "commit_slow"

  // Begins now and then and lasts; intensity is the mean count in a day of storm, times one hundred.
  /// The streams of a venue are cut.
  case disconnect
  /// The streams of a venue say nothing while they look alive.
  case silence
  /// The venue wants no requests for some seconds.
  case slowDown = "slow_down"
  /// The venue refuses all requests for minutes.
  case ban
  /// One market stops.
  case halt
  /// One market lets orders only be taken back.
  case cancelOnly = "cancel_only"
  /// The venue closes a part of a short against a bankrupt counterparty.
  case deleveraging
  /// The price jumps and stays there.
  case jump
  /// The price jumps and comes back within minutes.
  case wick
  /// Funding is paid more often, at the cap.
  case shortInterval = "short_interval"
  /// Moves between wallets are refused.
  case transfersDown = "transfers_down"
  /// An instrument is announced to leave the venue.
  case delisting
  /// The process stands still: a suspended machine.
  case pause
  /// The clock of the process is off.
  case clockOff = "clock_off"
  /// The database is away.
  case databaseDown = "database_down"
  /// The database takes no writes.
  case databaseReadOnly = "database_read_only"
  /// The session that holds the lock is ended by the server.
  case sessionKilled = "session_killed"
  /// A second process starts and waits for the lock.
  case secondProcess = "second_process"
  /// An operator asks for something.
  case command
  /// Somebody takes cash out of the account.
  case withdrawal

  /// Whether it strikes single messages or steps rather than lasting a while.
  public var isStrike: Bool {
    switch self {
    case .requestLost, .replyLost, .requestDelayed, .requestRepeated, .eventDuplicated,
      .eventReordered,
      .eventDropped, .lookupLag, .replyRepeats, .crash, .commitCut, .commitSlow:
      true
    default: false
    }
  }

  /// The largest intensity that a drawn plan has.
  var most: Int {
    switch self {
    case .requestLost, .replyLost, .eventReordered: 3000
    case .eventDuplicated, .replyRepeats: 5000
    case .requestDelayed, .requestRepeated, .eventDropped, .lookupLag: 1000
    case .crash, .commitCut: 300
    case .commitSlow: 500
    case .disconnect, .silence, .slowDown, .command: 2400
    case .halt, .cancelOnly, .ban, .jump, .wick, .deleveraging: 600
    case .shortInterval, .transfersDown, .pause, .clockOff, .withdrawal: 400
    case .databaseDown, .databaseReadOnly, .sessionKilled, .secondProcess: 600
    case .delisting: 60
    }
  }

  /// By name.
  public static func < (left: Fault, right: Fault) -> Bool { left.rawValue < right.rawValue }
}
