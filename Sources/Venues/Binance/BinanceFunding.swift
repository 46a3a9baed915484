import FixedPoint
import Trading
import Wire

/// Settlements that pass while the program runs: the rate, then what was paid.
extension BinanceDialect {
  /// Pauses after a settlement before its payments are looked for, and looked for again.
  private static let paymentPauses = [3, 12, 45, 120].map { TimeSpan.seconds($0) }
  private static let pollPause = TimeSpan.minutes(15)

  /// A settlement has passed: its row and its payments follow within seconds.
  mutating func settlementPassed(_ perp: BinanceInstrument, _ moment: Timestamp, at now: Timestamp)
  {
    agenda.add(settlementCall(perp, moment, attempt: 0), at: now + .seconds(2))
    lookForPayments(of: moment, at: now + Self.paymentPauses[0])
  }

  /// Looks for the payments of a settlement; which symbol paid only the income list says.
  mutating func lookForPayments(of settlement: Timestamp, at time: Timestamp) {
    agenda.add(paymentsCall(since: settlement - .minutes(1), attempt: 0), at: time)
  }

  private func settlementCall(
    _ perp: BinanceInstrument, _ moment: Timestamp, attempt: Int
  ) -> BinanceCall {
    BinanceCall(
      .futuresREST, .get, "/fapi/v1/fundingRate",
      [
        Parameter("symbol", perp.name), Parameter("startTime", String(moment.milliseconds)),
        Parameter("limit", "10"),
      ], isSigned: false, urgency: .low, .settlement(perp.id, moment, attempt: attempt))
  }

  mutating func settlementRead(
    _ id: InstrumentID, _ moment: Timestamp, _ attempt: Int, _ call: BinanceCall,
    _ answer: BinanceAnswer, at time: Timestamp, into reaction: inout BinanceReaction
  ) throws(DialectError) {
    guard let place = books.place(of: id), let index = books.index(of: id) else { return }
    if case .success(let json) = answer {
      let rows = try BinanceSettlementRow.list(json, markets[id])
      if let row = rows.first(where: { $0.at == moment }), let mark = row.mark {
        let rate = FundingRate(
          settlesAt: row.at, intervalHours: books.perps[place].terms.intervalHours, rate: row.rate)
        reaction.messages.append(.event(.fundingSettled(index, rate, mark: mark)))
        return
      }
    }
    if attempt == 20 {
      reaction.messages.append(
        .notice("the settlement of \(id) at \(moment) is not listed yet: asking on"))
    }
    let pause = TimeSpan.seconds(min(60, Int64(2) << Int64(min(attempt, 5))))
    agenda.add(settlementCall(markets[id], moment, attempt: attempt + 1), at: time + pause)
  }

  private func paymentsCall(since: Timestamp, attempt: Int) -> BinanceCall {
    BinanceCall(
      .futuresREST, .get, "/fapi/v1/income",
      [
        Parameter("incomeType", "FUNDING_FEE"),
        Parameter("startTime", String(since.milliseconds)), Parameter("limit", "1000"),
      ], weight: 30, urgency: .low, .payments(since: since, attempt: attempt))
  }

  mutating func paymentsRead(
    _ since: Timestamp, _ attempt: Int, _ call: BinanceCall, _ answer: BinanceAnswer,
    at time: Timestamp, into reaction: inout BinanceReaction
  ) throws(DialectError) {
    guard case .success(let json) = answer else {
      agenda.add(call, at: time + .seconds(5))
      return
    }
    let income = try BinanceIncome(json, self)
    // The engine knows a payment by its number, so one that is told twice is booked once.
    for payment in income.payments {
      reaction.messages.append(.event(.fundingPaid(payment)))
    }
    if income.rows >= 1000, let last = income.last, last > since {
      reaction.calls.append(
        call.with(
          "startTime", String(last.milliseconds), step: .payments(since: last, attempt: attempt)))
    } else if attempt + 1 < Self.paymentPauses.count {
      agenda.add(
        paymentsCall(since: since, attempt: attempt + 1),
        at: time + Self.paymentPauses[attempt + 1])
    }
  }

  // MARK: - Terms and statuses

  /// Begins to watch what the streams do not tell: intervals, caps, and whether instruments trade.
  mutating func watchTerms(at time: Timestamp) {
    agenda.add(termsCall, at: time + Self.pollPause)
    guard !markets.perps.isEmpty else { return }
    for market in Market.allCases { agenda.add(statusCall(market), at: time + Self.pollPause) }
  }

  var termsCall: BinanceCall {
    BinanceCall(
      .futuresREST, .get, "/fapi/v1/fundingInfo", isSigned: false, urgency: .low, .terms)
  }

  private func statusCall(_ market: Market) -> BinanceCall {
    guard market == .spot else {
      return BinanceCall(
        .futuresREST, .get, "/fapi/v1/exchangeInfo", isSigned: false, urgency: .low,
        .statuses(.perp))
    }
    let names = JSON.array(markets.spots.map { .string($0.name) })
    return BinanceCall(
      .spotREST, .get, "/api/v3/exchangeInfo", [Parameter("symbols", names.description)],
      isSigned: false, weight: 20, urgency: .low, .statuses(.spot))
  }

  mutating func termsRead(
    _ call: BinanceCall, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) throws(DialectError) {
    agenda.add(call, at: time + Self.pollPause)
    guard case .success(let json) = answer else { return }
    let listed = try BinanceFundingInfo.terms(json)
    for (place, perp) in markets.perps.enumerated() {
      var terms = listed[perp.name] ?? BinanceFundingInfo.usual
      terms.nextSettlement = books.perps[place].terms.nextSettlement
      if terms == books.perps[place].terms { continue }
      terms.nextSettlement = books.perps[place].nextSettlement
      books.perps[place].terms = terms
      reaction.messages.append(.termsChanged(perp.id, terms))
      tell(MarketFigures(fundingCap: terms.cap), of: perp.id, into: &reaction.messages)
    }
  }

  mutating func statusesRead(
    _ market: Market, _ call: BinanceCall, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) throws(DialectError) {
    agenda.add(call, at: time + Self.pollPause)
    guard case .success(let json) = answer else { return }
    var statuses: [String: TradingStatus] = [:]
    for row in try BinanceRow(json).rows("symbols") {
      let text = try row.text("status")
      statuses[try row.text("symbol")] =
        market == .spot
        ? BinanceSpotTerms.status(text, isAllowed: try row.bool("isSpotTradingAllowed"))
        : BinancePerpTerms.status(text, delistsAt: try BinancePerpTerms.delisting(row))
    }
    let instruments = market == .spot ? markets.spots : markets.perps
    for (place, instrument) in instruments.enumerated() {
      // What is not listed any more is gone.
      let status = statuses[instrument.name] ?? .delisting
      let before = market == .spot ? books.spots[place].status : books.perps[place].status
      guard status != before, let index = instrument.index else { continue }
      if market == .spot {
        books.spots[place].status = status
      } else {
        books.perps[place].status = status
      }
      reaction.messages.append(.event(.statusChanged(index, status)))
    }
  }
}
