import FixedPoint
public import Trading
import Wire

extension BinanceDialect {
  /// Understands one text frame of a stream.
  public mutating func receive(
    _ frame: UnsafeRawBufferPointer, on stream: StreamID, at time: Timestamp,
    into messages: inout [VenueMessage]
  ) throws(DialectError) -> [String] {
    guard let kind = BinanceStreamKind(stream) else {
      throw DialectError("a frame of a stream that is not ours")
    }
    switch kind {
    case .spotBook, .perpBook, .perpMark:
      let tick = try BinanceTick(frame)
      if tick.isControl {
        try control(frame, on: stream, into: &messages)
        return []
      }
      switch kind {
      case .spotBook: try spotTicker(tick, on: stream, at: time, into: &messages)
      case .perpBook: try perpTicker(tick, into: &messages)
      default: try markPrice(tick, into: &messages)
      }
      return []
    case .perpAccount:
      try perpAccountEvent(try Self.tree(frame), at: time, into: &messages)
      return []
    case .spotAccount:
      return try spotSocketFrame(try Self.tree(frame), at: time, into: &messages)
    }
  }

  private static func tree(_ frame: UnsafeRawBufferPointer) throws(DialectError) -> JSON {
    guard let json = try? JSON(frame) else { throw DialectError("a frame that is not JSON") }
    return json
  }

  /// The answer to a subscription.
  private func control(
    _ frame: UnsafeRawBufferPointer, on stream: StreamID, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    let json = try Self.tree(frame)
    if let result = json["result"], json["error"] == nil, result == .null {
      guard json["id"]?.integer == 1 else { throw DialectError("an answer to nothing asked") }
      messages.append(.subscribed(stream))
      return
    }
    let error = json["error"] ?? json
    let row = BinanceRow(error)
    let code = try row.integer("code")
    let text = try row.text("msg")
    let words = "\(code) \(BinanceWords.fixed(code) ?? masked(text))"
    messages.append(.notice("\(stream): the subscription was refused: \(words)"))
    messages.append(.streamEnded(stream, "subscription refused: \(words)"))
  }

  // MARK: - Prices

  private mutating func spotTicker(
    _ tick: BinanceTick, on stream: StreamID, at time: Timestamp,
    into messages: inout [VenueMessage]
  ) throws(DialectError) {
    if tick.event == .shutdown {
      if let sent = tick.sent { hear(try BinanceTime.reading(sent)) }
      messages.append(.notice("\(stream): the venue announces a restart"))
      messages.append(.streamEnded(stream, "the venue announces a restart"))
      return
    }
    // Spot tickers do not name their kind.
    guard tick.event == .none, let name = tick.symbol else { throw DialectError("not a ticker") }
    guard let bid = tick.bid, let ask = tick.ask, let update = tick.update else {
      throw DialectError("a ticker without prices")
    }
    guard let place = markets.place(name, in: .spot), update > books.spots[place].update,
      let index = markets.spots[place].index
    else { return }
    books.spots[place].update = update
    // An empty side of the book is written as zero: there is no price then.
    guard bid.isPositive, ask >= bid else { return }
    let mid = Price(raw: (bid.raw + ask.raw) / 2)
    messages.append(
      .event(.quote(Quote(instrument: index, bid: bid, ask: ask, mark: mid, at: time))))
  }

  private mutating func perpTicker(
    _ tick: BinanceTick, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    guard tick.isLinear else { return }
    guard let name = tick.symbol, tick.event == .bookTicker else {
      throw DialectError("not a ticker")
    }
    guard let bid = tick.bid, let ask = tick.ask, let update = tick.update,
      let sent = tick.sent, let stamp = tick.stamp
    else { throw DialectError("a ticker without prices or times") }
    let (heard, moment) = (try BinanceTime.reading(sent), try BinanceTime.reading(stamp))
    guard let place = markets.place(name, in: .perp), update > books.perps[place].update else {
      return
    }
    let perp = markets.perps[place]
    let (low, high) = (try perp.price(bid), try perp.price(ask))
    hear(heard)
    books.perps[place].update = update
    let isQuoted = low.isPositive && high >= low
    books.perps[place].bid = isQuoted ? low : nil
    books.perps[place].ask = isQuoted ? high : nil
    books.perps[place].at = max(books.perps[place].at, moment)
    quote(place, into: &messages)
  }

  private mutating func markPrice(
    _ tick: BinanceTick, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    guard tick.isLinear else { return }
    guard let name = tick.symbol, tick.event == .markPrice else {
      throw DialectError("not a mark price")
    }
    guard let price = tick.price, let sent = tick.sent, let stamp = tick.stamp else {
      throw DialectError("a mark price without price or times")
    }
    let (moment, next) = (try BinanceTime.reading(sent), try BinanceTime.reading(stamp))
    guard let place = markets.place(name, in: .perp) else { return }
    let mark = try markets.perps[place].price(price)
    hear(moment)
    guard mark.isPositive, moment >= books.perps[place].at - .seconds(10) else { return }
    books.perps[place].mark = mark
    books.perps[place].at = max(books.perps[place].at, moment)
    quote(place, into: &messages)
    if let rate = tick.rate, next.milliseconds > 0 {
      predict(place, rate, settlesAt: next, at: moment, into: &messages)
    }
  }

  private func quote(_ place: Int, into messages: inout [VenueMessage]) {
    let book = books.perps[place]
    guard let bid = book.bid, let ask = book.ask, let mark = book.mark,
      let index = markets.perps[place].index
    else { return }
    messages.append(
      .event(.quote(Quote(instrument: index, bid: bid, ask: ask, mark: mark, at: book.at))))
  }

  // MARK: - Funding

  private mutating func predict(
    _ place: Int, _ rate: Rate, settlesAt next: Timestamp, at now: Timestamp,
    into messages: inout [VenueMessage]
  ) {
    let before = books.perps[place].nextSettlement
    if before == next, books.perps[place].predicted == rate { return }
    books.perps[place].predicted = rate
    books.perps[place].nextSettlement = next
    let perp = markets.perps[place]
    if let before, before != next {
      if next > before, now >= before { settlementPassed(perp, before, at: now) }
      shorten(place, from: before, to: next, at: now, into: &messages)
    }
    guard let index = perp.index else { return }
    let hours = books.perps[place].terms.intervalHours
    messages.append(
      .event(
        .fundingPredicted(
          index, FundingRate(settlesAt: next, intervalHours: hours, rate: rate))))
  }

  /// Settlements that follow each other faster than the terms say show a shorter interval at once;
  /// a longer one, which a gap in listening would look like, is read from the venue's list.
  private mutating func shorten(
    _ place: Int, from before: Timestamp, to next: Timestamp, at now: Timestamp,
    into messages: inout [VenueMessage]
  ) {
    let step = (next - before).nanoseconds
    let usual = TimeSpan.hours(Int64(books.perps[place].terms.intervalHours)).nanoseconds
    guard step != usual else { return }
    agenda.add(termsCall, at: now)
    let hour = TimeSpan.hours(1).nanoseconds
    guard step > 0, step < usual, step % hour == 0, now >= before else { return }
    books.perps[place].terms.intervalHours = Int(step / hour)
    var terms = books.perps[place].terms
    terms.nextSettlement = next
    messages.append(.termsChanged(markets.perps[place].id, terms))
  }
}
