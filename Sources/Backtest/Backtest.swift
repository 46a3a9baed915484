public import Core
public import Trading

/// The engine against simulated venues, with facts kept in memory.
///
/// It is the loop of the headless process without a database.
public struct Backtest: Sendable {
  private var engine: Engine
  private var venues: PaperVenues

  /// Joins an engine and its venues.
  public init(engine: Engine, venues: PaperVenues) {
    self.engine = engine
    self.venues = venues
  }

  /// Runs to the end of the market.
  ///
  /// - Parameter observe: sees the facts of each step after they are final.
  public mutating func run(observe: (borrowing Outcome, Timestamp) -> Void) {
    var batch: [VenueEvent] = []
    var outcome = Outcome()
    engine.handle(Event(at: venues.now, .start(run: 1)), into: &outcome)
    finish(&outcome, observe)
    while venues.nextBatch(into: &batch) {
      engine.handle(batch, at: venues.now, into: &outcome)
      finish(&outcome, observe)
    }
    engine.handle(Event(at: venues.end, .finish), into: &outcome)
    observe(outcome, venues.now)
  }

  /// Shows the facts of a step, and only then performs its actions.
  private mutating func finish(
    _ outcome: inout Outcome, _ observe: (borrowing Outcome, Timestamp) -> Void
  ) {
    if !outcome.facts.isEmpty { observe(outcome, venues.now) }
    for action in outcome.actions { venues.perform(action) }
    outcome.removeAll()
  }
}
