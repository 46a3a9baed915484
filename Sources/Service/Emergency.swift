public import FixedPoint
public import Trading
public import Transport
import Venues

/// Flattens both legs of everything from what the venues say, without books and without a process.
public struct Emergency {
  /// One thing that is done, or would be.
  public struct Step: Hashable, Sendable {
    /// What is traded.
    public let instrument: InstrumentID
    /// Direction.
    public let side: Side
    /// Base units.
    public let quantity: Quantity
    /// What came of it, in words.
    public var result: String
  }

  private let venues: LiveVenues
  private var lastSequence: Int64 = 0

  /// Takes venues that were surveyed.
  public init(_ venues: LiveVenues) { self.venues = venues }

  /// What stands open at all venues; a venue that cannot be read is a problem in words.
  public func look() -> (steps: [Step], problems: [String]) {
    var steps: [Step] = []
    var problems: [String] = []
    for session in venues.sessions {
      guard let snapshot = Self.snapshot(of: session) else {
        problems.append("\(session.venue): the account cannot be read")
        continue
      }
      let found = closing(snapshot)
      steps += found.steps
      problems += found.problems
    }
    return (steps, problems)
  }

  /// Takes back every order and trades everything away, perpetuals first, each order once a round.
  ///
  /// - Parameter report: hears each step as it is done.
  /// - Returns: what is still open, and problems in words; both empty when all is flat.
  public mutating func flatten(
    rounds: Int, report: (Step) -> Void
  ) -> (left: [Step], problems: [String]) {
    for _ in 0..<rounds {
      for session in venues.sessions {
        guard let snapshot = Self.snapshot(of: session) else { continue }
        for order in snapshot.openOrders {
          guard let id = order.id else { continue }
          _ = session.performAndWait(.request(.cancel(id, order.instrument)))
        }
        for var step in closing(snapshot).steps {
          step.result = perform(step, at: session)
          report(step)
        }
      }
      let now = look()
      if now.steps.isEmpty { return ([], now.problems) }
    }
    let end = look()
    return (end.steps, end.problems)
  }

  /// The orders that flatten an account.
  ///
  /// What is smaller than a lot stays and is no step. A position of a pair that was not surveyed is a
  /// problem, because nothing is known of its lots.
  func closing(_ snapshot: AccountSnapshot) -> (steps: [Step], problems: [String]) {
    var steps: [Step] = []
    var problems: [String] = []
    let listings = venues.listings[snapshot.venue] ?? []
    for position in snapshot.positions {
      guard let listing = listings.first(where: { $0.perp.id == position.instrument }) else {
        problems.append(
          "\(snapshot.venue): \(position.quantity) \(position.instrument.symbol) is open, but the "
            + "pair is not in the configuration")
        continue
      }
      let lots = position.quantity.magnitude.rounded(toMultipleOf: listing.perp.lot, .down)
      guard lots >= listing.perp.minimumQuantity else { continue }
      steps.append(
        Step(
          instrument: position.instrument, side: position.quantity.isNegative ? .buy : .sell,
          quantity: lots, result: ""))
    }
    for listing in listings {
      let wallet = venues.universe?.wallet(of: snapshot.venue, .spot)
      let held = snapshot.balances.first { $0.wallet == wallet && $0.asset == listing.spot.base }
      let quantity = (held?.total ?? .zero).reinterpreted(as: Unit.Base.self)
        .rounded(toMultipleOf: listing.spot.lot, .down)
      guard quantity >= listing.spot.minimumQuantity else { continue }
      steps.append(
        Step(instrument: listing.spot.id, side: .sell, quantity: quantity, result: ""))
    }
    return (steps, problems)
  }

  private mutating func perform(_ step: Step, at session: any AnyVenueSession) -> String {
    // Carry 0 says: nobody's, whoever holds the pair. The time makes the number new in every panic.
    lastSequence = max(lastSequence + 1, session.now.nanoseconds / 1_000_000)
    let order = OrderRequest(
      id: ClientOrderID(
        run: 0, sequence: lastSequence, carry: CarryID(0), market: step.instrument.market),
      instrument: step.instrument, side: step.side, quantity: step.quantity, kind: .market,
      reduceOnly: step.instrument.market == .perp, deadline: session.now + .seconds(10))
    let messages = session.performAndWait(.request(.submit(order)))
    for event in messages.compactMap(\.event) {
      if case .orderRefused(_, _, let text) = event { return "refused (\(text))" }
    }
    return messages.compactMap(\.event).isEmpty ? "unknown" : "sent"
  }

  /// The account as the venue states it; nil when it cannot be read.
  public static func snapshot(of session: any AnyVenueSession) -> AccountSnapshot? {
    session.performAndWait(.snapshotWithoutHistory).compactMap(\.event).compactMap { event in
      if case .snapshot(let snapshot) = event { snapshot } else { nil }
    }
    .last
  }
}
