public import Trading
public import FixedPoint
public import Transport

/// Flattens both legs of everything from what the venues say, without books and without a process.
///
/// No venue waits for the word of another: one that does not answer is a problem in words.
public struct Emergency {
  /// One thing that is done, or would be.
  public struct Step: Hashable, Sendable {
    /// What is traded.
    public let instrument: InstrumentID
    /// Direction.
    public let side: Side
    /// Base units.
    public var quantity: Quantity
    /// What came of it, in words.
    public var result: String
  }

  /// What stands open.
  public struct Sight: Hashable, Sendable {
    /// What would have to be traded.
    public var steps: [Step] = []
    /// Orders that work.
    public var orders: [OpenOrder] = []
    /// What cannot be seen or traded, in words.
    public var problems: [String] = []

    /// Whether nothing is open, as far as can be seen.
    public var isFlat: Bool { steps.isEmpty && orders.isEmpty }
  }

  /// More rounds than any market needs.
  private static let rounds = 100
  private var desks: [EmergencyDesk]

  /// Takes conversations that nothing was asked yet.
  public init(_ sessions: [any AnyVenueSession], _ configuration: Configuration) {
    desks = sessions.map { session in
      EmergencyDesk(session, symbols: configuration.live[session.venue]?.symbols ?? [])
    }
  }

  /// What stands open at all venues.
  public mutating func look() -> Sight {
    var sight = Sight()
    for index in desks.indices { desks[index].look(into: &sight) }
    return sight
  }

  /// Takes back orders and trades everything away, until nothing is left or two rounds in a row
  /// changed nothing.
  ///
  /// Each venue closes its perpetuals first and then sells the spot that no short needs any more.
  ///
  /// - Parameter report: hears each order as it is done.
  /// - Returns: what is open at the end.
  public mutating func flatten(report: (Step) -> Void) -> Sight {
    var last: Sight?
    var idle = 0
    for _ in 0..<Self.rounds {
      // Who answers is not kept waiting by who does not.
      for index in desks.indices.filter({ desks[$0].isAnswering })
        + desks.indices.filter({ !desks[$0].isAnswering })
      {
        desks[index].flatten(report: report)
      }
      let now = look()
      if now.isFlat, now.problems.isEmpty { return now }
      idle = now == last ? idle + 1 : 0
      last = now
      if idle == 2 { return now }
    }
    return last ?? Sight()
  }

  /// The account as the venue states it; nil when it cannot be read.
  public static func snapshot(of session: any AnyVenueSession) -> AccountSnapshot? {
    try? read(session).get()
  }

  /// The account as the venue states it, or why it cannot be read.
  static func read(_ session: any AnyVenueSession) -> Result<AccountSnapshot, EmergencyBlindness> {
    var why = "no answer"
    for message in session.performAndWait(.snapshotWithoutHistory) {
      if case .event(.snapshot(let snapshot)) = message { return .success(snapshot) }
      if case .failed(_, let failure) = message { why = failure.description }
    }
    return .failure(EmergencyBlindness(reason: why))
  }
}

/// An account that cannot be read, and why.
struct EmergencyBlindness: Error {
  let reason: String
}
