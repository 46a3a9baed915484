import Core
import Store
import Trading
import Transport
import Venues

/// The loop of the live process over one session, for measuring: receive, decide, remember, act.
///
/// It answers the engine's questions about the account itself, with an account of two full wallets.
struct LiveLoop {
  private(set) var engine: Engine
  private let session: any AnyVenueSession
  /// Where facts are committed; nil when they are dropped.
  private let journal: Journal?
  private let connection: PostgresConnection?
  private var batch: [VenueEvent] = []
  private var messages: [VenueMessage] = []
  private var outcome = Outcome()
  private var now = Timestamp.distantPast
  /// How long the commits took on which an order waited, nanoseconds.
  private(set) var commits: [Int64] = []
  /// Prices heard.
  private(set) var quotes = 0
  /// Times that the account would have been read again.
  private(set) var resynchronisations = 0

  init(
    _ session: any AnyVenueSession, _ pairs: SamplePairs, policy: any Policy,
    database: Database? = nil
  ) {
    self.session = session
    journal = database?.journal
    connection = database?.connection
    engine = Engine(universe: pairs.universe, parameters: Self.parameters, policy: policy)
    session.attach(pairs.universe, listings: pairs.listings)
  }

  /// Orders follow prices as fast as they come.
  private static var parameters: Parameters {
    var parameters = Parameters.withoutBreakers
    parameters.execution.ordersPerMinute = 1_000_000
    return parameters
  }

  /// Opens streams and takes over the account.
  mutating func start(run: Int32 = 1) throws(WorkloadError) {
    _ = session.performAndWait(.readClock)
    session.openStreams()
    advanceClock()
    engine.handle(Event(at: now, .start(run: run)), into: &outcome)
    try finish()
    try turn(atMost: .seconds(20), until: { $0.session.isLive })
  }

  /// Goes on until something is so.
  mutating func turn(
    atMost timeout: TimeSpan, until isDone: (Self) -> Bool
  ) throws(WorkloadError) {
    let end = LocalClock.now + timeout
    while !isDone(self) {
      guard LocalClock.now < end else { throw WorkloadError("a benchmark has come to a stop") }
      try step()
    }
  }

  /// Waits for something and acts on it.
  mutating func step() throws(WorkloadError) {
    if let connection {
      do throws(PostgresError) {
        _ = try connection.drainNotifications()
      } catch {
        throw WorkloadError("\(error)")
      }
    }
    Poller.wait(
      for: [session], also: connection.map { [$0.fileDescriptor] } ?? [],
      atMost: .milliseconds(200))
    messages.removeAll(keepingCapacity: true)
    session.collect(into: &messages)
    advanceClock()
    for message in messages {
      switch message {
      case .event(let event):
        if case .quote = event { quotes += 1 }
        batch.append(event)
      case .resynchronise: resynchronisations += 1
      case .notice(let text): note("\(session.venue): \(text)")
      default: break
      }
    }
    if !batch.isEmpty {
      engine.handle(batch, at: now, into: &outcome)
      batch.removeAll(keepingCapacity: true)
    }
    try finish()
    session.flushPongs()
  }

  private mutating func finish() throws(WorkloadError) {
    try commit()
    for action in outcome.actions {
      switch action {
      case .submit(let order): session.perform(.request(.submit(order.request)))
      case .request(.snapshot): batch.append(.snapshot(account))
      case .request, .wake: break
      }
    }
    outcome.removeAll()
  }

  private mutating func commit() throws(WorkloadError) {
    guard let journal, !outcome.facts.isEmpty else { return }
    let begin = steadyNow()
    do throws(PostgresError) {
      try journal.commit(outcome.facts)
    } catch {
      throw WorkloadError("\(error)")
    }
    let isAwaited = outcome.actions.contains { if case .submit = $0 { true } else { false } }
    if isAwaited { commits.append(steadyNow() - begin) }
  }

  private mutating func advanceClock() {
    now = max(now, session.now)
    session.follow(now)
  }

  private var account: AccountSnapshot {
    AccountSnapshot(
      venue: session.venue,
      balances: [Wallet.spot, .futures].map {
        Balance(wallet: $0, asset: "USDT", total: "1000000")
      }, positions: [], openOrders: [], fills: [], payments: [], transfers: [])
  }
}

extension BenchmarkPeer {
  /// A session with this peer for a venue.
  func session() -> any AnyVenueSession {
    VenueSession(
      dialect: BinanceDialect(
        credentials: BinanceCredentials(
          apiKey: String(repeating: "k", count: 64), secret: benchmarkSecret)),
      addresses: [
        .spotREST: http, .futuresREST: http, .spotStream: ws, .futuresStream: ws, .socketAPI: ws,
      ])
  }
}
