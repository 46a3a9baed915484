import FixedPoint
import Trading
import Wire

/// What no stream tells of a market: open interest, a day's turnover, and the queue of deleveraging.
///
/// Nothing waits for these: an answer that failed or cannot be read leaves what was told, and the
/// same question is asked again at its next time.
extension BinanceDialect {
  private static let interestPause = TimeSpan.minutes(5)
  private static let dayPause = TimeSpan.minutes(15)
  private static let queuePause = TimeSpan.minutes(5)

  /// Begins to ask, one pair a second, so that the questions of many do not come at once.
  mutating func watchFigures(at time: Timestamp) {
    guard !markets.perps.isEmpty else { return }
    for (place, perp) in markets.perps.enumerated() {
      let first = time + .seconds(Int64(place % 60))
      agenda.add(openInterestCall(perp), at: first)
      agenda.add(dayTickerCall(perp), at: first)
      agenda.add(dayTickerCall(markets.spots[place]), at: first)
    }
    // Which positions there are is only certain after a snapshot; the list of all costs no more.
    agenda.add(deleveragingCall, at: time)
  }

  private func openInterestCall(_ perp: BinanceInstrument) -> BinanceCall {
    BinanceCall(
      .futuresREST, .get, "/fapi/v1/openInterest", [Parameter("symbol", perp.name)],
      isSigned: false, urgency: .low, .openInterest(perp.id))
  }

  private func dayTickerCall(_ instrument: BinanceInstrument) -> BinanceCall {
    BinanceCall(
      Self.host(of: instrument.id), .get, Self.path("ticker/24hr", instrument.id),
      [Parameter("symbol", instrument.name)], isSigned: false,
      weight: instrument.id.market == .spot ? 2 : 1, urgency: .low, .dayTicker(instrument.id))
  }

  private var deleveragingCall: BinanceCall {
    BinanceCall(
      .futuresREST, .get, "/fapi/v1/adlQuantile", weight: 5, urgency: .low, .deleveraging)
  }

  // MARK: - Answers

  mutating func openInterestRead(
    _ id: InstrumentID, _ call: BinanceCall, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) {
    agenda.add(call, at: time + Self.interestPause)
    let instrument = markets[id]
    guard case .success(let json) = answer, json["symbol"]?.text == instrument.name,
      let contracts: Quantity = Self.figure(json["openInterest"]),
      let open = try? instrument.quantity(contracts)
    else { return }
    tell(MarketFigures(openInterest: open), of: id, into: &reaction.messages)
  }

  mutating func dayTickerRead(
    _ id: InstrumentID, _ call: BinanceCall, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) {
    agenda.add(call, at: time + Self.dayPause)
    guard case .success(let json) = answer, json["symbol"]?.text == markets[id].name,
      let turnover: Notional = Self.figure(json["quoteVolume"])
    else { return }
    tell(MarketFigures(turnover: turnover), of: id, into: &reaction.messages)
  }

  mutating func deleveragingRead(
    _ call: BinanceCall, _ answer: BinanceAnswer, at time: Timestamp,
    into reaction: inout BinanceReaction
  ) {
    agenda.add(call, at: time + Self.queuePause)
    guard case .success(.array(let rows)) = answer,
      rows.allSatisfy({ $0["symbol"]?.text != nil && $0["adlQuantile"] != nil })
    else { return }
    for perp in markets.perps {
      let row = rows.first { $0["symbol"]?.text == perp.name }
      // Flat positions may be left out: one that had a rank and is gone is in no queue.
      let gone: Int? = toldFigures[perp.id]?.deleveragingRank == nil ? nil : 0
      guard let rank = row == nil ? gone : Self.rank(row?["adlQuantile"]) else { continue }
      tell(MarketFigures(deleveragingRank: rank), of: perp.id, into: &reaction.messages)
    }
  }

  /// The place in the queue on the scale from 0, none or last, to 5, next.
  ///
  /// The venue counts from 0, flat or last, to 4, next, so that all but 0 stand one higher here. Its
  /// position of one-way mode is `BOTH`; in hedge mode with cross margin `HEDGE` stands instead, a
  /// sign without a meaning, and sides that are not traded here: nothing is told then.
  private static func rank(_ quantiles: JSON?) -> Int? {
    guard let quantile = quantiles?["BOTH"]?.integer, (0...4).contains(quantile) else { return nil }
    return quantile == 0 ? 0 : Int(quantile) + 1
  }

  private static func figure<U>(_ field: JSON?) -> Fixed<U>? {
    guard let value: Fixed<U> = field?.decimal(), !value.isNegative,
      value.raw <= BinanceRow.largest
    else { return nil }
    return value
  }

  // MARK: - Telling

  /// Tells what the survey found.
  mutating func tellListed(into messages: inout [VenueMessage]) {
    for (place, perp) in markets.perps.enumerated() {
      let book = books.perps[place]
      tell(
        MarketFigures(fundingCap: book.terms.cap, listedAt: book.listedAt), of: perp.id,
        into: &messages)
    }
  }

  /// Tells figures that differ from what was told.
  mutating func tell(
    _ figures: MarketFigures, of id: InstrumentID, into messages: inout [VenueMessage]
  ) {
    guard let index = markets[id].index else { return }
    let before = toldFigures[id] ?? MarketFigures()
    var now = before
    now.merge(figures)
    guard now != before else { return }
    toldFigures[id] = now
    messages.append(.event(.figures(index, figures)))
  }
}
