import FixedPoint
import Trading
import Wire

/// What is known of an instrument's prices and funding from the streams.
struct BybitBookState: Sendable {
  var bid: Price?
  var ask: Price?
  var mark: Price?
  var rate: Rate?
  var nextSettlement: Timestamp?
  var intervalHours: Int?
  var cap: Rate?
  /// The last mark that was heard not later than the next settlement, and when.
  var markBefore: (price: Price, at: Timestamp)?

  init(intervalHours: Int?) { self.intervalHours = intervalHours }

  /// Forgets what a new connection will say again; the funding schedule stays, so that a settlement
  /// that was missed is noticed.
  mutating func reset() {
    bid = nil
    ask = nil
    mark = nil
  }
}

/// One frame of public data, taken apart without allocation.
private struct BybitFrame {
  var topic: UnsafeRawBufferPointer?
  var isSnapshot = true
  var sentAt: Int64?
  var matchedAt: Int64?
  var data: JSONScanner?

  /// Nil when the frame is not JSON as a whole.
  init?(_ bytes: UnsafeRawBufferPointer) {
    var scanner = JSONScanner(bytes)
    guard scanner.beginObject() else { return nil }
    while let key = scanner.nextKey() {
      if key.spells("topic") {
        topic = scanner.rawText()
      } else if key.spells("type") {
        guard let type = scanner.rawText() else { return nil }
        isSnapshot = type.spells("snapshot")
        guard isSnapshot || type.spells("delta") else { return nil }
      } else if key.spells("ts") {
        sentAt = scanner.integer()
      } else if key.spells("cts") {
        matchedAt = scanner.integer()
      } else {
        if key.spells("data") { data = scanner }
        guard scanner.skip() else { return nil }
      }
    }
    guard scanner.isAtEnd else { return nil }
  }
}

extension UnsafeRawBufferPointer {
  /// What follows a prefix; nil when it does not begin so.
  fileprivate func after(_ prefix: StaticString) -> UnsafeRawBufferPointer? {
    let length = prefix.utf8CodeUnitCount
    guard count > length, UnsafeRawBufferPointer(rebasing: self[0..<length]).spells(prefix) else {
      return nil
    }
    return UnsafeRawBufferPointer(rebasing: self[length...])
  }
}

/// Order books of depth one, and tickers of perpetuals.
extension BybitDialect {
  /// Understands a frame of data; false when it is none.
  mutating func receiveMarket(
    _ bytes: UnsafeRawBufferPointer, _ category: BybitCategory,
    into messages: inout [VenueMessage]
  ) throws(DialectError) -> Bool {
    guard let frame = BybitFrame(bytes) else { throw DialectError("a frame is not understood") }
    guard let topic = frame.topic else { return false }
    guard let data = frame.data, let sent = BybitField.timestamp(frame.sentAt) else {
      throw DialectError("a frame has no data or no time")
    }
    if let name = topic.after("orderbook.1.") {
      guard let place = markets.place(category, name) else {
        throw DialectError("a book was not asked for")
      }
      let at = BybitField.timestamp(frame.matchedAt) ?? sent
      try receiveBook(data, frame.isSnapshot, name, place, at: at, into: &messages)
    } else if category == .linear, let name = topic.after("tickers.") {
      guard let place = markets.place(category, name) else {
        throw DialectError("a ticker was not asked for")
      }
      try receiveTicker(data, frame.isSnapshot, name, place, at: sent, into: &messages)
    } else {
      throw DialectError("a topic was not asked for")
    }
    hear(sent)
    return true
  }

  private mutating func receiveBook(
    _ data: JSONScanner, _ isSnapshot: Bool, _ name: UnsafeRawBufferPointer, _ place: Int,
    at time: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    var data = data
    var bid = isSnapshot ? nil : books[place].bid
    var ask = isSnapshot ? nil : books[place].ask
    var isOurs = false
    guard data.beginObject() else { throw DialectError("a book is not understood") }
    while let key = data.nextKey() {
      if key.spells("s") {
        isOurs = data.rawText().map { $0.isSame(as: name) } ?? false
      } else if key.spells("b") {
        try Self.level(&data, &bid)
      } else if key.spells("a") {
        try Self.level(&data, &ask)
      } else {
        guard data.skip() else { throw DialectError("a book is not understood") }
      }
    }
    guard !data.isBroken, isOurs else { throw DialectError("a book is not understood") }
    let multiplier = markets.all[place].multiplier
    if multiplier > 1, isSnapshot {
      if let price = bid { bid = try BybitArithmetic.price(price, of: multiplier) }
      if let price = ask { ask = try BybitArithmetic.price(price, of: multiplier) }
    } else if multiplier > 1 {
      throw DialectError("a book of depth one comes as a whole")
    }
    if let bid, let ask, ask < bid { throw DialectError("a book is crossed") }
    books[place].bid = bid
    books[place].ask = ask
    quote(place, at: time, into: &messages)
  }

  /// Reads one side; the last level that is not deleted counts.
  private static func level(
    _ data: inout JSONScanner, _ best: inout Price?
  ) throws(DialectError) {
    guard data.beginArray() else { throw DialectError("a side of a book is not a list") }
    while data.nextElement() {
      guard data.beginArray(), data.nextElement(), let price: Price = data.decimal(),
        data.nextElement(), let size: Quantity = data.decimal(), !data.nextElement(),
        price.isPositive, price < Price(1_000_000_000_000), !size.isNegative
      else { throw DialectError("a level of a book is not understood") }
      if !size.isZero {
        best = price
      } else if best == price {
        best = nil
      }
    }
  }

  /// Tells prices once all of them are known.
  private func quote(_ place: Int, at time: Timestamp, into messages: inout [VenueMessage]) {
    guard let bid = books[place].bid, let ask = books[place].ask else { return }
    let mark: Price
    if markets.all[place].category == .spot {
      mark = Price(raw: (bid.raw + ask.raw) / 2)
    } else {
      guard let known = books[place].mark else { return }
      mark = known
    }
    messages.append(
      .event(
        .quote(
          Quote(
            instrument: markets.all[place].index, bid: bid, ask: ask, mark: mark, at: time))))
  }

  private mutating func receiveTicker(
    _ data: JSONScanner, _ isSnapshot: Bool, _ name: UnsafeRawBufferPointer, _ place: Int,
    at time: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    var data = data
    var isOurs = false
    var mark: Price?
    var rate: Rate?
    var next: Timestamp?
    var hours: Int?
    var cap: Rate?
    var contracts: Quantity?
    var turnover: Notional?
    guard data.beginObject() else { throw DialectError("a ticker is not understood") }
    while let key = data.nextKey() {
      if key.spells("symbol") {
        isOurs = data.rawText().map { $0.isSame(as: name) } ?? false
      } else if key.spells("markPrice") {
        mark = try Self.value(&data, below: 1_000_000_000_000)
        guard mark?.isPositive ?? true else { throw DialectError("a mark is not above zero") }
      } else if key.spells("fundingRate") {
        rate = try Self.value(&data, below: 10)
      } else if key.spells("nextFundingTime") {
        next = BybitField.timestamp(data.integer())
      } else if key.spells("fundingIntervalHour") {
        let count: Rate? = try Self.value(&data, below: 25)
        hours = try count.map(Self.wholeHours)
      } else if key.spells("fundingCap") {
        cap = try Self.value(&data, below: 10)
      } else if key.spells("openInterest") {
        contracts = BybitField.figure(&data)
      } else if key.spells("turnover24h") {
        turnover = BybitField.figure(&data)
      } else {
        guard data.skip() else { throw DialectError("a ticker is not understood") }
      }
    }
    guard !data.isBroken, isOurs else { throw DialectError("a ticker is not understood") }
    let multiplier = markets.all[place].multiplier
    if let price = mark { mark = try BybitArithmetic.price(price, of: multiplier) }
    if isSnapshot, mark == nil { books[place].mark = nil }
    applyFunding(
      place, rate: rate, next: next, hours: hours, cap: cap, at: time,
      into: &messages)
    if let mark { hear(mark, place, at: time, into: &messages) }
    figures[place].hear(
      openInterest: BybitArithmetic.openInterest(contracts, of: multiplier), turnover: turnover,
      fundingCap: cap)
    tellFigures(place, at: time, into: &messages)
  }

  private mutating func hear(
    _ mark: Price, _ place: Int, at time: Timestamp, into messages: inout [VenueMessage]
  ) {
    books[place].mark = mark
    if let next = books[place].nextSettlement, time <= next {
      books[place].markBefore = (mark, time)
    }
    quote(place, at: time, into: &messages)
  }

  /// A number; nil when the text is empty.
  private static func value<U>(
    _ data: inout JSONScanner, below limit: Int
  ) throws(DialectError) -> Fixed<U>? {
    guard let text = data.rawText() else { throw DialectError("a number of a ticker is missing") }
    if text.isEmpty { return nil }
    guard let value = Fixed<U>(utf8: text.bindMemory(to: UInt8.self)),
      value.raw.magnitude < Fixed<U>(limit).raw.magnitude
    else { throw DialectError("a number of a ticker is not a decimal in range") }
    return value
  }

  private static func wholeHours(_ count: Rate) throws(DialectError) -> Int {
    guard count.isPositive, count.isMultiple(of: .one) else {
      throw DialectError("a funding interval is not hours")
    }
    return Int(count.raw / Decimals.one)
  }

  /// Merges what a ticker says of funding; what it leaves out is unchanged.
  private mutating func applyFunding(
    _ place: Int, rate: Rate?, next: Timestamp?, hours: Int?, cap: Rate?, at time: Timestamp,
    into messages: inout [VenueMessage]
  ) {
    guard rate != nil || next != nil || hours != nil || cap != nil else { return }
    let before = books[place]
    if let next, let passed = before.nextSettlement, next > passed, passed <= time {
      let mark = before.markBefore.flatMap { passed - $0.at <= .seconds(10) ? $0.price : nil }
      settlements.add(
        BybitSettlements.Waiting(
          instrument: markets.all[place].id, from: passed,
          intervalHours: before.intervalHours ?? 8, marks: mark.map { [passed: $0] } ?? [:],
          askAt: time))
    }
    books[place].rate = rate ?? before.rate
    books[place].nextSettlement = next ?? before.nextSettlement
    books[place].intervalHours = hours ?? before.intervalHours
    books[place].cap = cap ?? before.cap
    let now = books[place]
    tellTerms(place, before, now, into: &messages)
    guard let rate = now.rate, let settlesAt = now.nextSettlement, let hours = now.intervalHours,
      rate != before.rate || settlesAt != before.nextSettlement || hours != before.intervalHours
    else { return }
    messages.append(
      .event(
        .fundingPredicted(
          markets.all[place].index,
          FundingRate(settlesAt: settlesAt, intervalHours: hours, rate: rate))))
  }

  /// Says so when interval or cap differ from what was known, first of all from the survey.
  private func tellTerms(
    _ place: Int, _ before: BybitBookState, _ now: BybitBookState,
    into messages: inout [VenueMessage]
  ) {
    guard let terms = markets.all[place].terms, let hours = now.intervalHours else { return }
    let knownCap = before.cap ?? terms.cap
    let cap = now.cap ?? terms.cap
    guard hours != before.intervalHours ?? terms.intervalHours || cap != knownCap else { return }
    messages.append(
      .termsChanged(
        markets.all[place].id,
        FundingTerms(
          intervalHours: hours, cap: cap, floor: now.cap.map { -$0 } ?? terms.floor,
          nextSettlement: now.nextSettlement)))
  }
}
