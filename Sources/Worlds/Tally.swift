public import FixedPoint
public import Trading

/// What is counted in worlds.
public struct Tally: Sendable {
  /// A rare path that a campaign has to reach, or it proves nothing about it.
  public enum Sometimes: String, CaseIterable, Hashable, Comparable, Sendable {
    /// An order that nobody knew about turned out to have been accepted.
    case unknownBecameAccepted = "unknown order was accepted"
    /// An order that nobody knew about had never arrived.
    case unknownBecameVoid = "unknown order was void"
    /// A commit whose answer was lost had been stored.
    case commitWasStored = "lost commit was stored"
    /// A commit whose answer was lost had not been stored, and was repeated.
    case commitWasRepeated = "lost commit was repeated"
    /// A process found that another one writes, and ended.
    case processWasFenced = "fenced process ended"
    /// A second process took over from one that lost its session.
    case standbyTookOver = "standby took over"
    /// A process died between a commit and its actions.
    case diedBeforeActing = "died between commit and action"
    /// A short was closed by the venue.
    case forcedClose = "venue closed a short"
    /// A short was closed by the venue while its streams were down.
    case forcedCloseUnheard = "venue closed a short unheard"
    /// A leg was unwound because the other could not follow.
    case legUnwound = "leading leg was unwound"
    /// A trade before a settlement was heard of after it.
    case settlementCorrected = "settlement was corrected"
    /// An order that rested traded.
    case makerFilled = "resting order traded"
    /// An order that rested was taken back without a trade.
    case makerTakenBack = "resting order was taken back"
    /// A settlement came while a carry was being closed.
    case closedAcrossSettlement = "settlement while closing"
    /// A venue was halted for a difference, and released.
    case haltReleased = "halt was released"
    /// A difference was adopted by an operator.
    case adopted = "difference was adopted"
    /// Collateral was added.
    case collateralAdded = "collateral was added"
    /// A carry was made smaller, for its margin or because prices had made it too large.
    case shrunk = "carry was made smaller"
    /// A carry was made larger again, because prices had made it too small.
    case grown = "carry was made larger"
    /// A carry made way for a better one.
    case rotated = "carry made way for a better one"
    /// The venue was about to close a short.
    case rankWarned = "deleveraging was warned of"
    /// A short was liquidated.
    case liquidated = "short was liquidated"
    /// Dust was left behind.
    case dustLeft = "dust was left"
    /// A carry was closed because its contract ends.
    case leftDelisting = "left a delisting pair"
    /// The process went on while the database was away.
    case wentOnWithoutBooks = "went on without the database"
    /// Facts written down in an emergency were stored later.
    case emergencyReplayed = "emergency journal was replayed"

    /// By name.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// Steps.
  public internal(set) var steps = 0
  /// Facts stored.
  public internal(set) var facts = 0
  /// Times that a process started.
  public internal(set) var starts = 0
  /// Requests that reached a venue.
  public internal(set) var requests = 0
  /// Storms that were lived through.
  public internal(set) var storms = 0
  /// Moments of rest at which everything was compared.
  public internal(set) var comparisons = 0
  /// Virtual time.
  public internal(set) var simulated = TimeSpan(nanoseconds: 0)
  /// Strikes and episodes by fault.
  public internal(set) var faults: [Fault: Int] = [:]
  /// Rare paths by how often they were taken.
  public internal(set) var sometimes: [Sometimes: Int] = [:]
  /// Σ |delta| × price × seconds beyond what lots leave, quote units.
  public internal(set) var nakedNotionalSeconds = Notional.zero

  /// Nothing counted.
  public init() {}

  mutating func note(_ path: Sometimes) { sometimes[path, default: 0] += 1 }

  /// Adds what another world counted.
  public mutating func add(_ other: Tally) {
    steps += other.steps
    facts += other.facts
    starts += other.starts
    requests += other.requests
    storms += other.storms
    comparisons += other.comparisons
    simulated = TimeSpan(nanoseconds: simulated.nanoseconds + other.simulated.nanoseconds)
    nakedNotionalSeconds += other.nakedNotionalSeconds
    faults.merge(other.faults, uniquingKeysWith: +)
    sometimes.merge(other.sometimes, uniquingKeysWith: +)
  }
}
