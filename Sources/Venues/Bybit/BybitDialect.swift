import FixedPoint
public import Trading
import Wire

/// Bybit v5: spot and USDT perpetuals of one unified account.
///
/// Work of several calls is kept as a job until its last call is answered; orders are watched until
/// they have ended and all of their executions were told.
public struct BybitDialect: Dialect {
  /// What a call is for.
  public typealias Purpose = BybitPurpose

  /// The venue.
  public let venue: VenueID = "bybit"
  /// The newest time that the venue wrote anywhere.
  public private(set) var venueTime: Timestamp?

  let credentials: BybitCredentials
  /// What is to stand behind positions.
  let margin: MarginMode
  var markets = BybitMarkets()
  /// Prices by place in `markets`.
  var books: [BybitBookState] = []
  /// What is told beside prices, by place in `markets`.
  var figures: [BybitFigures] = []
  /// When turnover of spot is read next; nil before the streams are opened.
  var spotFiguresAt: Timestamp?
  var watches = BybitWatches()
  var comboTrades = BybitComboTrades()
  var settlements = BybitSettlements()
  /// Executions of the stream that wait for their profit.
  var unpriced: [BybitUnpriced] = []
  /// Transfers that the venue has taken but not finished, with the time to ask again.
  var openTransfers: [(transfer: Transfer, at: Timestamp)] = []
  /// Subscriptions that were not answered yet, by stream.
  var waiting: [StreamID: Int] = [:]

  var nextJob = 1
  var surveys: [Int: BybitSurvey] = [:]
  var lots: [Int: BybitLots] = [:]
  /// Orders of combinations that the newest snapshot showed.
  var openCombos: Set<VenueOrderID> = []
  var modeJobs: [Int: BybitModesJob] = [:]
  var lookups: [Int: BybitLookup] = [:]
  var snapshots: [Int: BybitSnapshot] = [:]
  var series: [Int: BybitSeries] = [:]
  var settlementJobs: [Int: BybitSettlementJob] = [:]
  var pricings: [Int: BybitPricing] = [:]

  /// Starts without instruments.
  public init(credentials: BybitCredentials, margin: MarginMode = .isolated) {
    self.credentials = credentials
    self.margin = margin
  }

  /// What the documentation of July 2026 promises.
  public var capabilities: VenueCapabilities {
    VenueCapabilities(
      submission: .expiry,
      submissionSource:
        "Bybit v5 guide, \"Authentication\": a request is refused with 10002 when it"
        + " arrives later than its timestamp plus X-BAPI-RECV-WINDOW, which is at most 60 s here;"
        + " besides, a repeated orderLinkId is refused (110072, 170141) for a time not published",
      layout: .unified, fillHistory: .days(730), paymentHistory: .days(730),
      lookupDelay: BybitWatches.lookupDelay, fillsInAnswer: false)
  }

  /// Takes over names and multipliers of a survey.
  public mutating func attach(_ universe: Universe, listings: [Listing]) {
    markets = BybitMarkets(universe, listings: listings)
    books = markets.all.map { BybitBookState(intervalHours: $0.terms?.intervalHours) }
    figures = markets.all.map { BybitFigures($0) }
  }

  /// Moves the venue's clock forward.
  mutating func hear(_ time: Timestamp) {
    if let newest = venueTime, newest >= time { return }
    venueTime = time
  }

  mutating func newJob() -> Int {
    defer { nextJob += 1 }
    return nextJob
  }

  /// The first calls of a task.
  public mutating func begin(_ task: VenueTask, at time: Timestamp) -> [Call<BybitPurpose>] {
    switch task {
    case .readClock: [Self.clockCall(.clock)]
    case .readKey: [get("/v5/user/query-api", signed: true, BybitPurpose(.key))]
    case .survey(let symbols): beginSurvey(symbols)
    case .lots(let symbols): beginLots(symbols)
    case .takeBack(let order): takeBackCalls(order)
    case .prepare(let leverage): beginModes(task, leverage: leverage)
    case .readModes: beginModes(task, leverage: nil)
    case .openStreams: beginStreams(at: time)
    case .request(let request): begin(request, task, at: time)
    case .snapshotWithoutHistory: beginSnapshot(task, since: nil, at: time)
    case .bars(let id, let from, let to, let interval):
      beginSeries(.bars(interval), task, id, from: from, to: to)
    case .settlements(let id, let from, let to):
      beginSeries(.settlements, task, id, from: from, to: to)
    }
  }

  private mutating func begin(
    _ request: VenueRequest, _ task: VenueTask, at time: Timestamp
  ) -> [Call<BybitPurpose>] {
    switch request {
    case .submit(let order): submitCalls(order)
    case .cancel(let id, let instrument): cancelCalls(id, instrument)
    case .query(let id, let instrument):
      lookup(id, instrument, watches.open[id]?.form, task: task)
    case .transfer(let transfer): transferCalls(transfer)
    case .adjustMargin(let instrument, let amount): marginCalls(instrument, amount)
    case .snapshot(_, let since): beginSnapshot(task, since: since, at: time)
    case .fundingHistory(let id, let since):
      beginHistory(task, id, since: since, at: time)
    }
  }

  /// Understands what became of a call.
  public mutating func finish(
    _ call: Call<BybitPurpose>, _ outcome: CallOutcome, at time: Timestamp
  ) -> Reaction<BybitPurpose> {
    var reaction = Reaction<BybitPurpose>()
    let answer = open(call, outcome, at: time, into: &reaction.messages)
    switch call.purpose.step {
    case .clock: finishClock(answer, at: time, &reaction)
    case .reply(let messages): reaction.messages += messages
    case .key: finishKey(answer, &reaction)
    case .accountType(let key): finishAccountType(answer, key, &reaction)
    case .submit(let order): finishSubmit(order, answer, at: time, &reaction)
    case .cancel(let id, let instrument): finishCancel(id, instrument, answer, &reaction)
    case .transfer(let transfer): finishTransfer(transfer, answer, at: time, &reaction)
    case .transferRecord(let transfer):
      finishTransferRecord(transfer, answer, at: time, &reaction)
    case .addMargin(let id, let amount): finishMargin(id, amount, answer, &reaction)
    case .readMargin(let id): finishReadMargin(id, answer, &reaction)
    case .takeBack(let order): finishTakeBack(order, answer, &reaction)
    case .instruments where lots[call.purpose.job] != nil: finishLots(call, answer, &reaction)
    case .instruments, .tickers, .fees, .riskLimits, .combos:
      finishSurvey(call, answer, &reaction)
    case .account, .setMarginMode, .setPositionMode, .setLeverage, .symbolModes:
      finishModes(call, answer, &reaction)
    case .openOrder, .closedOrder, .executionsOfOrder, .openCombo, .closedCombo,
      .executionsOfCombo:
      finishLookup(call, answer, at: time, &reaction)
    case .wallet, .positions, .orders, .comboOrders, .executions, .combinations:
      finishSnapshot(call, answer, at: time, &reaction)
    case .bars: finishSeries(call, answer, &reaction)
    case .spotFigures(let id): finishSpotFigures(id, answer, at: time, &reaction)
    case .rates:
      if series[call.purpose.job] != nil {
        finishSeries(call, answer, &reaction)
      } else {
        finishSettlement(call, answer, at: time, &reaction)
      }
    case .payments, .markAt: finishSettlement(call, answer, at: time, &reaction)
    case .profits: finishProfits(call, answer, at: time, &reaction)
    }
    return reaction
  }

  /// Calls that look after what is still open: endings without executions, lost answers, profits
  /// the stream did not say, settlements and transfers under way; and what no stream tells.
  public mutating func housekeeping(at time: Timestamp) -> [Call<BybitPurpose>] {
    dueLookups(at: time) + dueSettlements(at: time) + duePricings(at: time)
      + dueTransfers(at: time) + staleCombos(at: time) + dueSpotFigures(at: time)
  }

  // MARK: - Calls

  /// A reading call.
  func get(
    _ path: String, _ parameters: [Parameter] = [], signed: Bool, urgency: Urgency = .normal,
    _ purpose: BybitPurpose
  ) -> Call<BybitPurpose> {
    Call(.spotREST, .get, path, parameters, isSigned: signed, urgency: urgency, purpose: purpose)
  }

  /// A call that changes something.
  func post(
    _ path: String, _ parameters: [Parameter], urgency: Urgency = .normal,
    deadline: Timestamp? = nil, _ purpose: BybitPurpose
  ) -> Call<BybitPurpose> {
    Call(
      .spotREST, .post, path, parameters, isSigned: true, urgency: urgency, isMutating: true,
      deadline: deadline, purpose: purpose)
  }

  /// The same call for another page.
  func page(_ call: Call<BybitPurpose>, _ cursor: String) -> Call<BybitPurpose> {
    var next = call
    next.parameters.removeAll { $0.name == "cursor" }
    next.parameters.append(Parameter("cursor", cursor))
    return next
  }

  static func clockCall(_ step: BybitStep) -> Call<BybitPurpose> {
    Call(.spotREST, .get, "/v5/market/time", urgency: .high, purpose: BybitPurpose(step))
  }
}
