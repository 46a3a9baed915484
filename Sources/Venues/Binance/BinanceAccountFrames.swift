import FixedPoint
import Trading
import Wire

/// Private events of the perpetuals.
extension BinanceDialect {
  mutating func perpAccountEvent(
    _ json: JSON, at time: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    // Some gateways wrap the event as market streams do.
    let row = BinanceRow(json["data"] ?? json)
    if let product = row.json["st"]?.integer, product != 1 { return }
    let event = try row.text("e")
    let moment = try row.time("E")
    var said: [VenueMessage] = []
    switch event {
    case "ORDER_TRADE_UPDATE": try perpOrder(row, at: moment, into: &said)
    case "ACCOUNT_UPDATE": try accountUpdate(row, at: moment, into: &said)
    case "listenKeyExpired":
      loseKey(into: &said)
      agenda.add(Self.openKeyCall, at: time)
    case "MARGIN_CALL": said.append(.notice("the venue calls for margin"))
    case "ACCOUNT_CONFIG_UPDATE":
      said.append(.notice("leverage or margin mode of the account was changed"))
    default: break
    }
    hear(moment)
    messages += said
  }

  private mutating func perpOrder(
    _ row: BinanceRow, at moment: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    guard let order = row.json["o"] else { throw DialectError("an order event without order") }
    let o = BinanceRow(order)
    let instrument = markets.named(try o.text("s"), in: .perp, venue: venue)
    let client = try o.text("c")
    let id = ClientOrderID(client)
    let venueOrder = VenueOrderID(try o.text("i"))
    var fill: Fill?
    let last: Quantity = try o.decimal("l")
    if last.isPositive, ["TRADE", "CALCULATED"].contains(try o.text("x")) {
      // The fee is left out where there is none.
      let hasFee = order["n"] != nil
      fill = Fill(
        instrument: instrument.id, trade: TradeID(try o.text("t")), order: id,
        venueOrder: venueOrder, at: try o.time("T"), side: try Self.side(try o.text("S")),
        quantity: try instrument.quantity(last),
        price: try instrument.price(try o.positive("L")),
        fee: hasFee ? try o.decimal("n") : .zero,
        feeAsset: AssetID(hasFee ? try o.text("N") : Self.quote(of: instrument)),
        realized: try o.decimal("rp"), liquidity: try o.bool("m") ? .maker : .taker,
        cause: Self.cause(of: client))
    }
    try tell(
      OrderNews(
        id: id, instrument: instrument.id, venueOrder: venueOrder, status: try o.text("X"),
        executed: try instrument.quantity(try o.decimal("z")), fill: fill, words: ""),
      at: moment, into: &messages)
  }

  /// The quote asset of a symbol by its ending; only asked for where the venue took no fee.
  private static func quote(of instrument: BinanceInstrument) -> String {
    ["USDT", "USDC", "FDUSD"].first { instrument.name.hasSuffix($0) } ?? "USDT"
  }

  private mutating func accountUpdate(
    _ row: BinanceRow, at moment: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    guard let account = row.json["a"] else {
      throw DialectError("an account event without account")
    }
    let a = BinanceRow(account)
    for p in account["P"]?.elements.map(BinanceRow.init) ?? [] {
      // In one-way mode there is one side only.
      guard try p.text("ps") == "BOTH" else { continue }
      let instrument = markets.named(try p.text("s"), in: .perp, venue: venue)
      // The event does not say where the position would be liquidated: what was read last stands
      // until it is read again.
      let position = try BinanceAccount.position(
        instrument, quantity: try p.decimal("pa"), entry: try p.decimal("ep"),
        margin: try p.decimal("iw"), liquidation: books.liquidation(of: instrument.id))
      messages.append(.event(.position(position)))
      if !position.quantity.isZero, markets.contains(instrument.id) {
        agenda.add(positionCall(instrument.id), at: moment)
      }
    }
    // Payments of several symbols can be one number here; the income list tells them apart.
    if try a.text("m") == "FUNDING_FEE" {
      lookForPayments(of: BinanceTime.settlement(moment), at: moment + .seconds(1))
    }
  }
}

/// Private events of the spot account, which come over the request socket.
extension BinanceDialect {
  mutating func spotSocketFrame(
    _ json: JSON, at time: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) -> [String] {
    guard let event = json["event"] else {
      try subscriptionAnswered(json, into: &messages)
      return []
    }
    let row = BinanceRow(event)
    let name = try row.text("e")
    let moment = try row.time("E")
    var said: [VenueMessage] = []
    var replies: [String] = []
    switch name {
    case "executionReport": try spotOrder(row, at: moment, into: &said)
    case "eventStreamTerminated":
      said.append(.resynchronise("the events of the spot account were cut off"))
      replies.append(userStreamSubscription(at: time))
    case "serverShutdown":
      said.append(.streamEnded(Self.spotAccount, "the venue announces a restart"))
    default: break
    }
    hear(moment)
    messages += said
    return replies
  }

  private func subscriptionAnswered(
    _ json: JSON, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    let row = BinanceRow(json)
    if try row.integer("status") == 200 {
      guard try row.text("id") == Self.subscriptionID, json["result"]?["subscriptionId"] != nil
      else { throw DialectError("an answer to nothing asked") }
      messages.append(.subscribed(Self.spotAccount))
      return
    }
    let error = BinanceRow(json["error"] ?? .null)
    let code = try error.integer("code")
    let text = try error.text("msg")
    let words = "\(code) \(BinanceWords.fixed(code) ?? masked(text))"
    // Subscribed twice is subscribed.
    if code == -2035 {
      messages.append(.subscribed(Self.spotAccount))
      return
    }
    messages.append(.notice("the events of the spot account were refused: \(words)"))
    messages.append(.streamEnded(Self.spotAccount, "subscription refused: \(words)"))
  }

  private mutating func spotOrder(
    _ row: BinanceRow, at moment: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    let instrument = markets.named(try row.text("s"), in: .spot, venue: venue)
    // A cancel has an id of its own in `c`; the order's is in `C` then.
    let original = row.json["C"]?.text ?? ""
    let client = original.isEmpty ? try row.text("c") : original
    let id = ClientOrderID(client)
    let venueOrder = VenueOrderID(try row.text("i"))
    var fill: Fill?
    let kind = try row.text("x")
    if kind == "TRADE" {
      let fee: Amount = try row.decimal("n")
      fill = Fill(
        instrument: instrument.id, trade: TradeID(try row.text("t")), order: id,
        venueOrder: venueOrder, at: try row.time("T"), side: try Self.side(try row.text("S")),
        quantity: try instrument.quantity(try row.positive("l")),
        price: try instrument.price(try row.positive("L")), fee: fee,
        // Without a fee there is no asset of it.
        feeAsset: AssetID(fee.isZero ? row.json["N"]?.text ?? "USDT" : try row.text("N")),
        realized: .zero, liquidity: try row.bool("m") ? .maker : .taker, cause: .order)
    }
    try tell(
      OrderNews(
        id: id, instrument: instrument.id, venueOrder: venueOrder, status: try row.text("X"),
        executed: try instrument.quantity(try row.decimal("z")), fill: fill,
        words: row.json["r"]?.text ?? ""),
      at: moment, into: &messages)
  }
}

/// What a private event says of an order.
private struct OrderNews {
  let id: ClientOrderID?
  let instrument: InstrumentID
  let venueOrder: VenueOrderID
  let status: String
  /// Base units, all executions together.
  let executed: Quantity
  let fill: Fill?
  /// The venue's reason for a refusal.
  let words: String
}

extension BinanceDialect {
  /// Tells an order's news; an end only after all executions, which are asked for when some were
  /// missed.
  private mutating func tell(
    _ news: OrderNews, at moment: Timestamp, into messages: inout [VenueMessage]
  ) throws(DialectError) {
    let outcome = try BinanceOrderState.outcome(of: news.status)
    guard let id = news.id else {
      if let fill = news.fill { messages.append(.event(.fill(fill))) }
      return
    }
    if news.status == "NEW" || (news.fill != nil && orders.filled(id).isZero) {
      messages.append(.event(.orderAccepted(id, news.venueOrder)))
    }
    if let fill = news.fill, orders.note(fill) { messages.append(.event(.fill(fill))) }
    guard let outcome else { return }
    guard orders.filled(id) >= news.executed else {
      if !orders.isFinished(id) { agenda.add(lookup(of: id, news.instrument), at: moment) }
      return
    }
    guard orders.finish(id) else { return }
    messages.append(
      .event(
        outcome == .refused
          ? .orderRefused(id, .other, "REJECTED \(masked(news.words))")
          : .orderFinished(id, outcome)))
  }
}
