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
    var events: [Event] = []
    var outcome = Outcome()
    engine.handle(Event(at: venue.now, .start(run: 1)), into: &outcome)
    repeat {
      for event in events { engine.handle(event, into: &outcome) }
      if !outcome.facts.isEmpty { observe(outcome, venue.now) }
      for action in outcome.actions { venue.perform(action) }
      outcome.removeAll()
    } while venue.nextBatch(into: &events)
    engine.handle(Event(at: venue.end, .finish), into: &outcome)
    observe(outcome, venue.now)
  }
}
