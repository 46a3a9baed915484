import FixedPoint
public import Trading
import Wire

/// Binance: spot and USDⓈ-M perpetuals, with a wallet each.
public struct BinanceDialect: Dialect {
  /// What a call is for.
  public typealias Purpose = BinancePurpose

  /// `binance`.
  public let venue: VenueID = "binance"

  /// What the venue guarantees.
  public let capabilities = VenueCapabilities(
    submission: .expiry,
    submissionSource: """
      Binance rest-api.md, "Timing security", and the same text for /fapi: a request is refused \
      (-1021, futures also -5028) when it arrives later than timestamp + recvWindow, checked on \
      arrival and again before the matching engine; recvWindow is at most 60 s. Client ids are \
      unique among open orders only.
      """,
    layout: .separate, fillHistory: .days(90), paymentHistory: .days(90),
    lookupDelay: .seconds(10), fillsInAnswer: true)

  /// The newest time of the venue that was read.
  public internal(set) var venueTime: Timestamp?

  let credentials: BinanceCredentials
  var markets = BinanceMarkets()
  var books = BinanceBooks()
  var orders = BinanceOrderLog()
  var gathers = BinanceGathers()
  var agenda = BinanceAgenda()
  /// Opens the private stream of the perpetuals; it identifies the account and is not to be logged.
  var listenKey: String?
  /// How often in a row the listen key could not be prolonged.
  var keyFailures = 0
  /// Numbers of transfers that the venue confirmed, so that none is taken for another.
  var confirmedTransfers: Set<String> = []
  /// What was told of each instrument beside its prices.
  var toldFigures: [InstrumentID: MarketFigures] = [:]

  /// A dialect that speaks for one account.
  public init(credentials: BinanceCredentials) { self.credentials = credentials }

  /// Which instruments later messages are about.
  public mutating func attach(_ universe: Universe, listings: [Listing]) {
    markets = BinanceMarkets(universe, listings: listings, venue: venue)
    books = BinanceBooks(markets, listings: listings)
    toldFigures = [:]
  }

  /// The first calls of a task.
  public mutating func begin(_ task: VenueTask, at time: Timestamp) -> [Call<BinancePurpose>] {
    switch task {
    case .readClock: [Self.clockCall]
    case .readKey: [keyCall]
    case .survey(let symbols): beginSurvey(symbols, task)
    case .lots(let symbols): beginLots(symbols, task)
    case .takeBack(let order): [takingBack(order)]
    case .prepare(let leverage): beginModes(leverage: leverage, task)
    case .readModes: beginModes(leverage: nil, task)
    case .openStreams: beginStreams(at: time)
    case .request(let request): begin(request, task, at: time)
    case .snapshotWithoutHistory: beginSnapshot(since: nil, task, at: time)
    case .bars(let id, let from, let to, let interval):
      beginBars(id, from: from, to: to, interval: interval, task)
    case .settlements(let id, let from, let to):
      beginSettlements(id, from: from, to: to, task)
    }
  }

  private mutating func begin(
    _ request: VenueRequest, _ task: VenueTask, at time: Timestamp
  ) -> [BinanceCall] {
    switch request {
    case .submit(let order): [submission(of: order)]
    case .cancel(let id, let instrument): [cancellation(of: id, instrument)]
    case .query(let id, let instrument): [lookup(of: id, instrument)]
    case .transfer(let transfer): [self.transfer(transfer, at: time)]
    case .adjustMargin(let id, let amount): [marginChange(id, amount)]
    case .snapshot(_, let since): beginSnapshot(since: since, task, at: time)
    case .fundingHistory(let id, let since): beginSettlements(id, from: since, to: nil, task)
    }
  }

  /// Understands what became of a call.
  public mutating func finish(
    _ call: Call<BinancePurpose>, _ outcome: CallOutcome, at time: Timestamp
  ) -> Reaction<BinancePurpose> {
    let answer = BinanceAnswer(outcome, masked: masked)
    var reaction = BinanceReaction()
    if case .answered(let response) = outcome {
      reaction.messages += Self.budgets(response, of: call.endpoint)
    }
    if case .refused(let refusal) = answer { heed(refusal, at: time, into: &reaction) }
    let before = reaction
    do {
      try understand(call, answer, at: time, into: &reaction)
    } catch {
      // An answer that cannot be read tells as little as none.
      reaction = before
      reaction.messages.append(.notice("\(call.path): \(error)"))
      try? understand(call, .unknown(error.description), at: time, into: &reaction)
    }
    return reaction
  }

  /// Calls that are due: listen key, settlements, figures, and whatever was put off.
  public mutating func housekeeping(at time: Timestamp) -> [Call<BinancePurpose>] {
    agenda.due(at: time).filter { call in
      // The stream may have told in the meantime what was to be asked.
      switch call.purpose.step {
      case .order(let id, _): !orders.isFinished(id)
      case .trades(let order, _): !orders.isFinished(order.id)
      default: true
      }
    }
  }

  /// Without the API key and the listen key.
  public func masked(_ text: String) -> String {
    let text = text.masking(credentials.apiKey)
    return listenKey.map { text.masking($0) } ?? text
  }

  /// The venue wants WebSocket pings only.
  public func heartbeat(of stream: StreamID, at time: Timestamp) -> String? { nil }

  mutating func hear(_ time: Timestamp) { venueTime = max(venueTime ?? time, time) }
}

// MARK: - Answers

extension BinanceDialect {
  private mutating func understand(
    _ call: BinanceCall, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) throws(DialectError) {
    switch call.purpose.step {
    case .clock: try readClock(answer, into: &reaction)
    case .key: try readKey(answer, into: &reaction)
    case .part(let gather, let part):
      try collect(part, of: gather, call, answer, at: time, into: &reaction)
    case .openKey, .keepKey: try keyAnswered(call, answer, at: time, into: &reaction)
    case .submit(let order): try submitted(order, answer, at: time, into: &reaction)
    case .cancel(let id, let instrument):
      try cancelled(id, instrument, answer, at: time, into: &reaction)
    case .takeBack(let order): takenBack(order, answer, into: &reaction)
    case .order(let id, let instrument):
      try lookedUp(id, instrument, answer, at: time, into: &reaction)
    case .trades(let order, let attempt):
      try traded(order, attempt: attempt, call, answer, at: time, into: &reaction)
    case .transfer(let transfer, let begun):
      try transferAnswered(transfer, begunAt: begun, answer, at: time, into: &reaction)
    case .transferLook(let transfer, _, _):
      try transferLooked(transfer, call, answer, at: time, into: &reaction)
    case .margin(let id): marginAnswered(id, answer, into: &reaction)
    case .position(let id): try positionRead(id, answer, into: &reaction)
    case .settlement(let id, let moment, let attempt):
      try settlementRead(id, moment, attempt, call, answer, at: time, into: &reaction)
    case .payments(let since, let attempt):
      try paymentsRead(since, attempt, call, answer, at: time, into: &reaction)
    case .terms: try termsRead(call, answer, at: time, into: &reaction)
    case .statuses(let market): try statusesRead(market, call, answer, at: time, into: &reaction)
    case .openInterest(let id): openInterestRead(id, call, answer, at: time, into: &reaction)
    case .dayTicker(let id): dayTickerRead(id, call, answer, at: time, into: &reaction)
    case .deleveraging: deleveragingRead(call, answer, at: time, into: &reaction)
    case .impossible(let task, let why): reaction.messages += Self.refusal(of: task, why)
    }
  }

  private func heed(
    _ refusal: BinanceRefusal, at time: Timestamp, into reaction: inout BinanceReaction
  ) {
    if let wait = refusal.wait {
      reaction.messages.append(.slowDown(until: time + wait, isBan: refusal.isBan))
    }
    guard refusal.isAboutTime else { return }
    reaction.messages.append(
      .notice("the venue refused a request for its time (\(refusal.words)); reading its clock"))
    reaction.calls.append(Self.clockCall)
  }

  /// What the headers say is used, named by host: `spot_rest used-weight-1m`.
  private static func budgets(_ response: HTTPResponse, of endpoint: Endpoint) -> [VenueMessage] {
    let prefix = "x-mbx-"
    return response.headers.compactMap { header in
      let name = header.name.lowercased()
      guard name.hasPrefix("\(prefix)used-weight-") || name.hasPrefix("\(prefix)order-count-"),
        let used = Int(header.value)
      else { return nil }
      return .budgetUsed("\(endpoint.rawValue) \(name.dropFirst(prefix.utf8.count))", used)
    }
  }

  /// A call that stands for one that cannot be written: its outcome, whatever it is, refuses.
  func impossible(_ task: VenueTask, _ why: String) -> BinanceCall {
    BinanceCall(.spotREST, .get, "/api/v3/time", isSigned: false, .impossible(task, why))
  }

  private static func refusal(of task: VenueTask, _ why: String) -> [VenueMessage] {
    switch task {
    case .request(.submit(let order)):
      [.event(.orderRefused(order.id, .unknownInstrument, why))]
    case .request(.transfer(let transfer)): [.event(.transferRefused(transfer, .other))]
    case .request(.adjustMargin(let id, _)):
      [.event(.marginRefused(id, .unknownInstrument)), .notice(why)]
    default: [.failed(task, .refused(code: "local", text: why))]
    }
  }

  /// Says that a task ended without a result.
  static func failed(_ task: VenueTask, _ answer: BinanceAnswer) -> VenueMessage? {
    switch answer {
    case .success: nil
    case .refused(let refusal): .failed(task, refusal.failure)
    case .unknown(let why): .failed(task, .unavailable(why))
    }
  }
}
