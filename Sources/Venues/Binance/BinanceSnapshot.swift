import FixedPoint
import Trading
import Wire

/// The account of both markets, read in parts: balances, positions and open orders, and what
/// happened since a moment.
struct BinanceSnapshot: Sendable {
  private var balances: [Balance] = []
  private(set) var positions: [Position] = []
  private var openOrders: [OpenOrder] = []
  private var fills: [Fill] = []
  /// The client id that each order of the executions had.
  private var clientIDs: [InstrumentID: [VenueOrderID: String]] = [:]
  private var payments: [FundingPayment] = []
  private var transfers: [(id: String, transfer: Transfer)] = []

  /// Windows that the venue answers at once.
  private static let spotWindow = TimeSpan.days(1)
  static let futuresWindow = TimeSpan.days(7)
  private static let reach = TimeSpan.days(89)
  private static let page = 1000
  private static let transferPage = 100

  static func calls(
    _ number: Int, markets: BinanceMarkets, since: Timestamp?, at time: Timestamp
  ) -> [BinanceCall] {
    var calls = [
      BinanceCall(
        .spotREST, .get, "/api/v3/account", weight: 20, urgency: .high,
        .part(number, .spotAccount)),
      BinanceCall(
        .futuresREST, .get, "/fapi/v3/account", weight: 5, urgency: .high,
        .part(number, .futuresAccount)),
      BinanceCall(
        .futuresREST, .get, "/fapi/v3/positionRisk", weight: 5, urgency: .high,
        .part(number, .positions)),
      BinanceCall(
        .spotREST, .get, "/api/v3/openOrders", weight: 80, .part(number, .openOrders(.spot))),
      BinanceCall(
        .futuresREST, .get, "/fapi/v1/openOrders", weight: 40, .part(number, .openOrders(.perp))),
    ]
    guard let since else { return calls }
    let start = max(since, time - reach)
    for instrument in markets.spots + markets.perps {
      calls.append(fillCall(instrument, number, from: start, at: time))
    }
    calls.append(paymentCall(number, from: start, at: time))
    for kind in BinanceTransferKind.allCases {
      calls.append(transferCall(kind, number, from: start, page: 1, at: time))
    }
    return calls
  }

  mutating func take(
    _ json: JSON, _ part: BinancePart, _ call: BinanceCall, _ number: Int,
    _ dialect: BinanceDialect, at time: Timestamp
  ) throws(DialectError) -> [BinanceCall] {
    switch part {
    case .spotAccount: balances += try BinanceAccount.spotBalances(json)
    case .futuresAccount: balances += try BinanceAccount.futuresBalances(json)
    case .positions: positions = try BinanceAccount.positions(json, dialect)
    case .openOrders(let market):
      openOrders += try BinanceAccount.openOrders(json, in: market, dialect)
    case .fills(let id, let window):
      return try takeFills(json, of: dialect.markets[id], window, call, number, dialect, at: time)
    case .orders(let id): return try takeOrders(json, of: id, call, number)
    case .payments(let window):
      return try takePayments(json, window, call, number, dialect, at: time)
    case .transfers(let kind, let window, let page):
      return try takeTransfers(json, kind, window, page, call, number, dialect, at: time)
    default: throw DialectError("a part that was not asked for")
    }
    return []
  }

  func result(venue: VenueID) -> AccountSnapshot {
    let known = fills.map { fill in
      guard let text = clientIDs[fill.instrument]?[fill.venueOrder] else { return fill }
      return fill.of(ClientOrderID(text), BinanceDialect.cause(of: text))
    }
    return AccountSnapshot(
      venue: venue,
      balances: balances.sorted {
        ($0.wallet.rawValue, $0.asset) < ($1.wallet.rawValue, $1.asset)
      }, positions: positions,
      openOrders: openOrders.sorted {
        ($0.instrument, $0.venueOrder) < ($1.instrument, $1.venueOrder)
      },
      fills: known.sorted {
        ($0.at, $0.instrument, $0.trade.rawValue.utf8.count, $0.trade)
          < ($1.at, $1.instrument, $1.trade.rawValue.utf8.count, $1.trade)
      },
      payments: payments.sorted {
        ($0.settledAt, $0.instrument, $0.id) < ($1.settledAt, $1.instrument, $1.id)
      },
      transfers: transfers.map(\.transfer))
  }
}

// MARK: - History

extension BinanceSnapshot {
  /// Start and, unless the window reaches the present, end of a window.
  private static func limits(
    from start: Timestamp, _ length: TimeSpan, at time: Timestamp
  ) -> [Parameter] {
    let end = start + length
    let first = Parameter("startTime", String(start.milliseconds))
    return end < time ? [first, Parameter("endTime", String(end.milliseconds))] : [first]
  }

  /// Where the next window begins; nil when the window of this call reached the present.
  private static func next(after call: BinanceCall) -> Timestamp? {
    call.parameters.first { $0.name == "endTime" }.flatMap { Int64($0.value) }
      .map(Timestamp.init(milliseconds:))
  }

  private static func fillCall(
    _ instrument: BinanceInstrument, _ number: Int, from start: Timestamp, at time: Timestamp
  ) -> BinanceCall {
    let isSpot = instrument.id.market == .spot
    return BinanceCall(
      BinanceDialect.host(of: instrument.id), .get,
      BinanceDialect.path(isSpot ? "myTrades" : "userTrades", instrument.id),
      [Parameter("symbol", instrument.name)]
        + limits(from: start, isSpot ? spotWindow : futuresWindow, at: time)
        + [Parameter("limit", String(page))],
      weight: isSpot ? 20 : 5, urgency: .low, .part(number, .fills(instrument.id, window: start)))
  }

  /// Windows until one has executions, then by their numbers, which have no gaps and no windows.
  private mutating func takeFills(
    _ json: JSON, of instrument: BinanceInstrument, _ window: Timestamp, _ call: BinanceCall,
    _ number: Int, _ dialect: BinanceDialect, at time: Timestamp
  ) throws(DialectError) -> [BinanceCall] {
    let rows = try BinanceRow.list(json)
    let new = try dialect.fills(rows, of: instrument)
    fills += new
    let next = Self.next(after: call)
    if let last = rows.last, rows.count == Self.page || next != nil {
      let from = try last.integer("id") &+ 1
      return [
        call.with(
          "fromId", String(from), without: ["startTime", "endTime"],
          step: .part(number, .fills(instrument.id, window: window)))
      ]
    }
    if let next { return [Self.fillCall(instrument, number, from: next, at: time)] }
    guard let first = fills.first(where: { $0.instrument == instrument.id }) else { return [] }
    return [orderCall(of: instrument, from: first.venueOrder.rawValue, number)]
  }

  private func orderCall(
    of instrument: BinanceInstrument, from: String, _ number: Int
  ) -> BinanceCall {
    // The smallest order id of the executions: the list is of this id and later ones.
    var smallest = Int64(from) ?? 0
    for fill in fills where fill.instrument == instrument.id {
      smallest = min(smallest, Int64(fill.venueOrder.rawValue) ?? smallest)
    }
    let isSpot = instrument.id.market == .spot
    return BinanceCall(
      BinanceDialect.host(of: instrument.id), .get,
      BinanceDialect.path("allOrders", instrument.id),
      [
        Parameter("symbol", instrument.name), Parameter("orderId", String(smallest)),
        Parameter("limit", String(Self.page)),
      ], weight: isSpot ? 20 : 5, urgency: .low, .part(number, .orders(instrument.id)))
  }

  private mutating func takeOrders(
    _ json: JSON, of id: InstrumentID, _ call: BinanceCall, _ number: Int
  ) throws(DialectError) -> [BinanceCall] {
    let rows = try BinanceRow.list(json)
    for row in rows {
      clientIDs[id, default: [:]][VenueOrderID(try row.text("orderId"))] =
        try row.text("clientOrderId")
    }
    let known = clientIDs[id] ?? [:]
    let isComplete = fills.allSatisfy { $0.instrument != id || known[$0.venueOrder] != nil }
    guard !isComplete, rows.count == Self.page, let last = rows.last else { return [] }
    let from = try last.integer("orderId") &+ 1
    return [call.with("orderId", String(from), step: .part(number, .orders(id)))]
  }

  private static func paymentCall(
    _ number: Int, from start: Timestamp, at time: Timestamp
  ) -> BinanceCall {
    BinanceCall(
      .futuresREST, .get, "/fapi/v1/income",
      [Parameter("incomeType", "FUNDING_FEE")] + limits(from: start, futuresWindow, at: time)
        + [Parameter("limit", String(page))],
      weight: 30, urgency: .low, .part(number, .payments(window: start)))
  }

  private mutating func takePayments(
    _ json: JSON, _ window: Timestamp, _ call: BinanceCall, _ number: Int,
    _ dialect: BinanceDialect, at time: Timestamp
  ) throws(DialectError) -> [BinanceCall] {
    let income = try BinanceIncome(json, dialect)
    let known = Set(payments.map { BinanceIncome.key($0) })
    payments += income.payments.filter { !known.contains(BinanceIncome.key($0)) }
    if income.rows >= Self.page, let last = income.last {
      // Rows of one moment can be on two pages, so the next page begins at it, not after it.
      let start = max(last, window + (income.first == last ? .milliseconds(1) : .milliseconds(0)))
      return [
        call.with(
          "startTime", String(start.milliseconds), step: .part(number, .payments(window: start)))
      ]
    }
    return Self.next(after: call).map { [Self.paymentCall(number, from: $0, at: time)] } ?? []
  }

  private static func transferCall(
    _ kind: BinanceTransferKind, _ number: Int, from start: Timestamp, page: Int,
    at time: Timestamp
  ) -> BinanceCall {
    BinanceCall(
      .spotREST, .get, "/sapi/v1/asset/transfer",
      [Parameter("type", kind.rawValue)] + limits(from: start, futuresWindow, at: time)
        + [Parameter("current", String(page)), Parameter("size", String(transferPage))],
      urgency: .low, .part(number, .transfers(kind, window: start, page: page)))
  }

  private mutating func takeTransfers(
    _ json: JSON, _ kind: BinanceTransferKind, _ window: Timestamp, _ page: Int,
    _ call: BinanceCall, _ number: Int, _ dialect: BinanceDialect, at time: Timestamp
  ) throws(DialectError) -> [BinanceCall] {
    let rows = try BinanceTransferRow.list(json)
    for row in rows where row.isConfirmed && !transfers.contains(where: { $0.id == row.id }) {
      transfers.append((row.id, row.transfer(kind, venue: dialect.venue)))
    }
    if rows.count >= Self.transferPage {
      let step = BinancePart.transfers(kind, window: window, page: page + 1)
      return [call.with("current", String(page + 1), step: .part(number, step))]
    }
    return Self.next(after: call).map {
      [Self.transferCall(kind, number, from: $0, page: 1, at: time)]
    } ?? []
  }
}

extension BinanceDialect {
  mutating func beginSnapshot(
    since: Timestamp?, _ task: VenueTask, at time: Timestamp
  ) -> [BinanceCall] {
    let markets = markets
    return gathers.open(task, .snapshot(BinanceSnapshot())) { number in
      BinanceSnapshot.calls(number, markets: markets, since: since, at: time)
    }
  }
}
