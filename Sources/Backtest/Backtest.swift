public import Core
public import Trading

/// The engine against a simulated venue, with facts kept in memory.
///
/// It is the loop of the headless process without a database.
public struct Backtest: Sendable {
  private var engine: Engine
  private var venue: PaperVenue

  /// Joins an engine and a venue.
  public init(engine: Engine, venue: PaperVenue) {
    self.engine = engine
    self.venue = venue
  }

  /// Runs to the end of the market.
  ///
  /// - Parameter observe: sees the facts of each step after they are final.
  public mutating func run(observe: (borrowing Outcome, Timestamp) -> Void) {
    var batch: [VenueEvent] = []
    var outcome = Outcome()
    engine.handle(Event(at: venue.now, .start(run: 1)), into: &outcome)
    finish(&outcome, observe)
    while venue.nextBatch(into: &batch) {
      engine.handle(batch, at: venue.now, into: &outcome)
      finish(&outcome, observe)
    }
    engine.handle(Event(at: venue.end, .finish), into: &outcome)
    observe(outcome, venue.now)
  }

  /// Shows the facts of a step, and only then performs its actions.
  private mutating func finish(
    _ outcome: inout Outcome, _ observe: (borrowing Outcome, Timestamp) -> Void
  ) {
    if !outcome.facts.isEmpty { observe(outcome, venue.now) }
    for action in outcome.actions { venue.perform(action) }
    outcome.removeAll()
  }
}
