import Core
import Trading

/// One process as a world sees it: an engine, its inbox and its session with the database.
struct VirtualProcess: Sendable {
  let number: Int
  let startedAt: Timestamp
  var engine: Engine
  var session: VirtualDatabase.Session
  /// Whether its facts reach the database; else they go to the emergency file.
  var hasBooks = true
  let run: Int32
  /// Facts of all processes that were stored before its next commit.
  var stored: Int
  var inbox: [VenueEvent] = []
  /// What no venue says, heard before the inbox.
  var pending: [Event.Kind] = []
  /// Whether a turn is in the queue already.
  var hasTurn = false
  /// It does nothing before this moment: it is suspended, or waits for a slow commit.
  var busyUntil = Timestamp.distantPast
  /// Whether it stood still and has not noticed yet.
  var hasStalled = false
  /// What it takes the venues' time for.
  var now = Timestamp.distantPast
  /// Executions that it was told of, by source.
  var told: Set<String> = []
  /// By venue, when it last heard a price, and whether it believes the streams to be up.
  var quotedAt: [VenueID: Timestamp] = [:]
  var link: [VenueID: Bool] = [:]

  init(
    number: Int, startedAt: Timestamp, engine: Engine, session: VirtualDatabase.Session, run: Int32,
    stored: Int
  ) {
    self.number = number
    self.startedAt = startedAt
    self.engine = engine
    self.session = session
    self.run = run
    self.stored = stored
  }
}
