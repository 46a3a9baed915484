import FixedPoint
import Trading
import Wire

/// Sending and taking back orders.
///
/// Both are asynchronous: the answer says that the gateway took the request, and what becomes of it
/// arrives on the topic `order`.
extension BybitDialect {
  mutating func submitCalls(_ order: OrderRequest) -> [Call<BybitPurpose>] {
    guard let market = markets.market(order.instrument) else {
      return refused(.orderRefused(order.id, .unknownInstrument, "not attached"))
    }
    if order.form == .combo { return comboOrderCalls(order) }
    watches.sent(order)
    var parameters = [
      Parameter("category", market.category.rawValue), Parameter("symbol", market.name),
      Parameter("side", order.side == .buy ? "Buy" : "Sell"),
      Parameter("orderType", order.kind == .market ? "Market" : "Limit"),
      Parameter("qty", market.text(order.quantity)),
    ]
    if let limit = order.kind.limit { parameters.append(Parameter("price", market.text(limit))) }
    switch order.kind {
    // A market buy on spot is in quote units unless told otherwise.
    case .market where market.category == .spot:
      parameters.append(Parameter("marketUnit", "baseCoin"))
    // Good till cancelled is what a limit order is when nothing is said.
    case .market, .limit: break
    case .immediateOrCancel: parameters.append(Parameter("timeInForce", "IOC"))
    case .postOnly: parameters.append(Parameter("timeInForce", "PostOnly"))
    }
    parameters.append(Parameter("orderLinkId", order.id.description))
    if market.category == .linear {
      parameters.append(Parameter("positionIdx", "0", isBare: true))
      if order.reduceOnly { parameters.append(Parameter("reduceOnly", "true", isBare: true)) }
    }
    return [
      post(
        "/v5/order/create", parameters, urgency: .high, deadline: order.deadline,
        BybitPurpose(.submit(order)))
    ]
  }

  /// A refusal that needs no venue.
  func refused(_ event: VenueEvent) -> [Call<BybitPurpose>] {
    [Self.clockCall(.reply([.event(event)]))]
  }

  mutating func finishSubmit(
    _ order: OrderRequest, _ answer: BybitAnswer, at time: Timestamp,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    switch answer {
    case .done(let result):
      guard let id = result["orderId"]?.text, !id.isEmpty else {
        return askWhatBecame(of: order, "an answer without an order id", &reaction)
      }
      reaction.messages.append(.event(.orderAccepted(order.id, VenueOrderID(rawValue: id))))
    case .notSent(let text):
      watches.forget(order.id)
      let reason: RefusalReason = order.deadline <= time ? .pastDeadline : .other
      reaction.messages.append(.event(.orderRefused(order.id, reason, "not sent: \(text)")))
    case .refused(let code, let text)
    where BybitCodes.isRefusal(code) || (400...499).contains(code):
      watches.forget(order.id)
      reaction.messages.append(
        .event(.orderRefused(order.id, BybitCodes.reason(code), "\(code) \(text)")))
    case .refused(let code, let text):
      askWhatBecame(of: order, "code \(code): \(text)", &reaction)
    case .unknown(let text):
      askWhatBecame(of: order, text, &reaction)
    }
  }

  /// Nobody knows whether the order is there, or it is there already: it is looked up.
  private mutating func askWhatBecame(
    of order: OrderRequest, _ text: String, _ reaction: inout Reaction<BybitPurpose>
  ) {
    reaction.messages.append(.notice("bybit: what became of order \(order.id) is unknown: \(text)"))
    reaction.calls += lookup(order.id, order.instrument, order.form, task: nil)
  }

  mutating func cancelCalls(
    _ id: ClientOrderID, _ instrument: InstrumentID
  ) -> [Call<BybitPurpose>] {
    guard let market = markets.market(instrument) else { return [] }
    if watches.open[id]?.form == .combo { return [comboCancelCall(id, instrument)] }
    var parameters = [
      Parameter("category", market.category.rawValue), Parameter("symbol", market.name),
      Parameter("orderLinkId", id.description),
    ]
    if market.category == .spot { parameters.append(Parameter("orderFilter", "Order")) }
    return [
      post(
        "/v5/order/cancel", parameters, urgency: .high, BybitPurpose(.cancel(id, instrument)))
    ]
  }

  /// A cancel that was taken speaks through a topic; of any other the order is looked up.
  mutating func finishCancel(
    _ id: ClientOrderID, _ instrument: InstrumentID, _ answer: BybitAnswer,
    _ reaction: inout Reaction<BybitPurpose>
  ) {
    switch answer {
    case .done: return
    case .refused(let code, _) where BybitCodes.ended.contains(code): break
    case .notSent(let text):
      reaction.messages.append(.notice("bybit: the cancel of \(id) was not sent: \(text)"))
      return
    case .refused, .unknown:
      reaction.messages.append(.notice("bybit: cancel of \(id): \(answer.failure)"))
    }
    // One of a combination, sent by a process before this one, is not among the single orders.
    let form = watches.open[id]?.form
    reaction.calls += lookup(id, instrument, form, task: nil, cancelsCombo: form == nil)
  }
}
