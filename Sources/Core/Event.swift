public import Trading

/// Something that happened outside the engine.
public struct Event: Sendable {
  /// When, by the clock that drives the engine; never before an earlier event.
  public let at: Timestamp
  /// What.
  public let kind: Kind

  /// Everything that can happen.
  public enum Kind: Sendable {
    /// A venue said something.
    case venue(VenueEvent)
    /// An operator asked for something.
    case command(Command)
    /// Time to decide: the events of one moment are complete, or a timer ran out.
    case wake
    /// A process takes over with this run number.
    case start(run: Int32)
    /// The accounts are to be compared with the books; of one venue, or of all when nil.
    case checkAccounts(VenueID?)
    /// A venue's streams went down or came back; without them nothing grows there.
    case link(VenueID, isUp: Bool)
    /// A reason of the process to let nothing grow begins or ends.
    case hold(Hold, isOn: Bool)
    /// Nothing grows, for this reason, until an operator resumes.
    case pause(String)
    /// The process stood still for a while, as when the machine slept.
    case stalled
    /// The process wants to end: no new exposure, finish what is in motion.
    case drain
    /// The process ends: value what is held.
    case finish
  }

  /// States an event.
  @inlinable
  public init(at: Timestamp, _ kind: Kind) {
    self.at = at
    self.kind = kind
  }
}

/// What the engine wants done in the world.
///
/// Performed only after the facts of the same step are stored; nothing comes back but later events.
public enum Action: Hashable, Sendable {
  /// Send an order.
  case submit(Approved<OrderRequest>)
  /// Ask a venue for something else.
  case request(VenueRequest)
  /// Wake the engine at a moment.
  case wake(Timestamp)
}

/// The two lists that a step of the engine gives.
public struct Outcome: Sendable {
  /// To be stored.
  public var facts: [Fact] = []
  /// To be performed once the facts are stored.
  public var actions: [Action] = []

  /// Nothing.
  public init() {}

  /// Empties both lists and keeps their storage.
  public mutating func removeAll() {
    // Most steps leave nothing, and emptying what is empty takes time too.
    if !facts.isEmpty { facts.removeAll(keepingCapacity: true) }
    if !actions.isEmpty { actions.removeAll(keepingCapacity: true) }
  }
}
