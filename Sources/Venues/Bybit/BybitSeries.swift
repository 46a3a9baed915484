import FixedPoint
import Trading
import Wire

/// Rows that are read page by page from the newest backwards: settled rates, and bars.
struct BybitSeries: Sendable {
  enum Kind: Hashable, Sendable {
    case fundingHistory, settlements
    case bars(TimeSpan)
  }

  let kind: Kind
  let task: VenueTask
  let instrument: InstrumentID
  /// Inclusive.
  let from: Timestamp
  /// Newest first.
  var rates: [(at: Timestamp, rate: Rate)] = []
  /// Newest first.
  var bars: [VenueBar] = []
}

extension BybitDialect {
  private static let ratesPerPage = 200
  private static let barsPerPage = 1000

  mutating func beginSeries(
    _ kind: BybitSeries.Kind, _ task: VenueTask, _ id: InstrumentID, from: Timestamp,
    to: Timestamp
  ) -> [Call<BybitPurpose>] {
    guard let market = markets.market(id) else {
      return [Self.clockCall(.reply([.failed(task, .unavailable("\(id) is not attached"))]))]
    }
    let job = newJob()
    // No market of the venue is older.
    let from = max(from, Timestamp(milliseconds: 1_500_000_000_000))
    series[job] = BybitSeries(kind: kind, task: task, instrument: id, from: from)
    // The venue's limits are both inclusive; a settlement at this very moment is history.
    let last = kind == .fundingHistory ? to : to - .milliseconds(1)
    guard case .bars(let interval) = kind else {
      return [ratesCall(market, from: from, to: last, BybitPurpose(.rates, job: job))]
    }
    guard let code = Self.code(of: interval) else {
      series[job] = nil
      return [
        Self.clockCall(.reply([.failed(task, .unavailable("there are no bars of that length"))]))
      ]
    }
    return [
      get(
        "/v5/market/kline",
        [
          Parameter("symbol", market.name), Parameter("start", from.bybitMilliseconds),
          Parameter("end", last.bybitMilliseconds), Parameter("limit", "\(Self.barsPerPage)"),
          Parameter("interval", code), Parameter("category", market.category.rawValue),
        ], signed: false, urgency: .low, BybitPurpose(.bars, job: job))
    ]
  }

  /// Both ends are sent: the first alone is an error.
  func ratesCall(
    _ market: BybitMarket, from: Timestamp, to: Timestamp, _ purpose: BybitPurpose
  ) -> Call<BybitPurpose> {
    get(
      "/v5/market/funding/history",
      [
        Parameter("limit", "\(Self.ratesPerPage)"), Parameter("symbol", market.name),
        Parameter("category", "linear"), Parameter("startTime", from.bybitMilliseconds),
        Parameter("endTime", to.bybitMilliseconds),
      ], signed: false, urgency: .low, purpose)
  }

  private static func code(of interval: TimeSpan) -> String? {
    let minutes = interval.nanoseconds / TimeSpan.minutes(1).nanoseconds
    switch minutes {
    case 1, 3, 5, 15, 30, 60, 120, 240, 360, 720: return String(minutes)
    case 1440: return "D"
    case 10080: return "W"
    default: return nil
    }
  }

  mutating func finishSeries(
    _ call: Call<BybitPurpose>, _ answer: BybitAnswer, _ reaction: inout Reaction<BybitPurpose>
  ) {
    let id = call.purpose.job
    guard var job = series.removeValue(forKey: id), let market = markets.market(job.instrument)
    else { return }
    do throws(BybitFailure) {
      let result = try answer.result()
      do throws(DialectError) {
        guard let end = try job.absorb(result, market) else {
          return conclude(job, market, &reaction)
        }
        var next = call
        if let place = next.parameters.firstIndex(where: { ["end", "endTime"].contains($0.name) }) {
          next.parameters[place].value = end.bybitMilliseconds
        }
        reaction.calls.append(next)
        series[id] = job
      } catch {
        throw BybitFailure(error)
      }
    } catch {
      reaction.messages.append(.failed(job.task, error.failure))
    }
  }

  private func conclude(
    _ job: BybitSeries, _ market: BybitMarket, _ reaction: inout Reaction<BybitPurpose>
  ) {
    let rates = BybitSeries.rates(
      job.rates.reversed().filter { $0.at >= job.from },
      usual: market.terms?.intervalHours ?? 8)
    switch job.kind {
    case .fundingHistory:
      reaction.messages.append(.event(.fundingHistory(market.index, rates)))
    case .settlements:
      reaction.messages.append(
        .settlements(rates.map { VenueSettlement(rate: $0, mark: nil) }))
    case .bars:
      reaction.messages.append(.bars(job.bars.reversed().filter { $0.openedAt >= job.from }))
    }
  }
}

extension BybitSeries {
  /// Takes a page in; the end of the next one, or nil when this was the last.
  mutating func absorb(
    _ result: JSON, _ market: BybitMarket
  ) throws(DialectError) -> Timestamp? {
    let rows = try BybitField.list(result)
    var oldest: Timestamp?
    let isFull: Bool
    if case .bars = kind {
      for row in rows {
        let bar = try Self.bar(row, market)
        try Self.checkOrder(bar.openedAt, after: bars.last?.openedAt)
        bars.append(bar)
        oldest = bar.openedAt
      }
      isFull = rows.count >= 1000
    } else {
      for row in rows {
        let at = try BybitField.settlement(row)
        let rate: Rate = try BybitField.decimal(row, "fundingRate")
        try Self.checkOrder(at, after: rates.last?.at)
        rates.append((at, rate))
        oldest = at
      }
      isFull = rows.count >= 200
    }
    guard isFull, let oldest, oldest > from else { return nil }
    return oldest - .milliseconds(1)
  }

  /// Rows come newest first, over all pages: else one would be lost, or a page asked for for ever.
  private static func checkOrder(
    _ time: Timestamp, after previous: Timestamp?
  ) throws(DialectError) {
    if let previous, time >= previous { throw DialectError("rows are not newest first") }
  }

  private static func bar(_ row: JSON, _ market: BybitMarket) throws(DialectError) -> VenueBar {
    func price(_ place: Int) throws(DialectError) -> Price {
      guard let price: Price = row[place]?.decimal(), price.isPositive,
        price < Price(1_000_000_000_000)
      else { throw DialectError("a bar's price is not a price") }
      return try market.price(price)
    }
    guard let at = BybitField.timestamp(row[0]?.integer), let volume: Quantity = row[5]?.decimal()
    else { throw DialectError("a bar is not understood") }
    return VenueBar(
      openedAt: at, open: try price(1), high: try price(2), low: try price(3),
      close: try price(4), volume: try market.quantity(volume).description)
  }

  /// Settled rates with the hours they stand for, which the venue does not say: the distance from
  /// the settlement before, where that is an interval the venue has.
  static func rates(
    _ rows: [(at: Timestamp, rate: Rate)], usual: Int
  ) -> [FundingRate] {
    var hours = rows.count > 1 ? interval(rows[0].at, rows[1].at) ?? usual : usual
    return rows.enumerated().map { place, row in
      if place > 0 { hours = interval(rows[place - 1].at, row.at) ?? hours }
      return FundingRate(settlesAt: row.at, intervalHours: hours, rate: row.rate)
    }
  }

  private static func interval(_ first: Timestamp, _ second: Timestamp) -> Int? {
    let hours = Int((second - first).nanoseconds / TimeSpan.hours(1).nanoseconds)
    return [1, 2, 4, 8].contains(hours) ? hours : nil
  }
}
