import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: combinations")
struct BybitComboTests {
  private let order = BybitComboScript.order
  private var id: ClientOrderID { order.id }
  private var query: VenueTask { .request(.query(id, order.instrument)) }

  private func topic(_ name: String, _ rows: String...) -> String {
    #"{"topic":"\#(name)","id":"1","creationTime":1735689600160,"data":["#
      + rows.joined(separator: ",") + "]}"
  }

  private func request(_ kind: OrderKind, _ side: Side = .sell) -> (HTTPRequest, Urgency) {
    var dialect = BybitFixture.cross()
    let order = BybitFixture.order(
      17, BybitFixture.perpBTC, side, "0.01", kind, lifetime: .seconds(3), form: .combo)
    let calls = dialect.begin(.request(.submit(order)), at: BybitFixture.now)
    return (dialect.encode(calls[0], at: BybitFixture.now), calls[0].urgency)
  }

  @Test("orders as documented, with their deadline and our id")
  func orders() {
    let (sell, urgency) = request(.immediateOrCancel("-4.5"))
    #expect(sell.path == "/v5/spread/order/create" && urgency == .high)
    #expect(sell.header("X-BAPI-RECV-WINDOW") == "3000")
    #expect(
      String(decoding: sell.body, as: UTF8.self)
        == #"{"symbol":"BTCUSDT_BTC/USDT","side":"Sell","orderType":"Limit","qty":"0.01","#
        + #""price":"-4.5","orderLinkId":"h3-17-41p","timeInForce":"IOC"}"#)
    let (buy, hurry) = request(.market, .buy)
    #expect(hurry == .high)
    #expect(
      String(decoding: buy.body, as: UTF8.self)
        == #"{"symbol":"BTCUSDT_BTC/USDT","side":"Buy","orderType":"Market","qty":"0.01","#
        + #""orderLinkId":"h3-17-41p"}"#)
  }

  @Test("what the venue refuses is refused; without a combination it is not asked")
  func refusals() {
    var dialect = BybitFixture.cross()
    let text = "Spread trading is not available in isolated margin trading mode"
    let messages = dialect.perform(.request(.submit(order))) { _ in
      BybitFixture.answer("{}", code: 110_110, text: text)
    }
    #expect(messages == [.event(.orderRefused(id, .other, "110110 \(text)"))])
    var isolated = BybitFixture.dialect()
    let unasked = isolated.perform(.request(.submit(order))) { call in
      #expect(!call.isMutating)
      return .notSent("down")
    }
    #expect(
      unasked.events == [
        .orderRefused(id, .unknownInstrument, "the pair has no combination")
      ])
  }

  @Test(
    "the fills of both legs, the perpetual's first, then the end, in whatever order they arrive",
    arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1], [1, 3, 2, 0], [2, 1, 0, 3]])
  func stream(order places: [Int]) throws {
    var dialect = BybitFixture.cross()
    let accepted = dialect.perform(.request(.submit(order))) { _ in
      BybitFixture.answer(#"{"orderId":"c-1","orderLinkId":"h3-17-41p"}"#)
    }
    #expect(accepted == [.event(.orderAccepted(id, "c-1"))])
    let frames = [
      topic("spread.execution", BybitComboScript.execution()),
      topic("spread.execution", BybitComboScript.leg(.perp)),
      topic("spread.execution", BybitComboScript.leg(.spot)),
      topic(
        "spread.order", BybitComboScript.orderRow("Filled", executed: "0.01"),
        BybitComboScript.orderRow("Filled", executed: "0.01", category: "future_leg")),
    ]
    var events: [VenueEvent] = []
    for place in places { events += try dialect.hear(frames[place], on: "private").events }
    #expect(events == BybitComboScript.told + [.orderFinished(id, .filled)])
    // Again, and as single executions: nothing new.
    for frame in frames {
      #expect(try dialect.hear(frame, on: "private").isEmpty)
    }
    let leg = BybitComboScript.leg(.perp).replacing("future_leg", with: "linear")
    #expect(try dialect.hear(topic("execution", leg), on: "private").isEmpty)
    #expect(try dialect.hear(topic("order", leg), on: "private").isEmpty)
    #expect(dialect.housekeeping(at: BybitFixture.now + .hours(1)).isEmpty)
  }

  @Test("an order that finds nobody expires; one the engine refuses is refused")
  func endings() throws {
    var dialect = BybitFixture.cross()
    let expired = try dialect.hear(
      topic(
        "spread.order", BybitComboScript.orderRow("Cancelled", reason: "EC_NoImmediateQtyToFill")),
      on: "private")
    #expect(expired.events == [.orderFinished(id, .expired)])
    var other = BybitFixture.cross()
    let refused = try other.hear(
      topic(
        "spread.order", BybitComboScript.orderRow("New"),
        BybitComboScript.orderRow("Rejected", reason: "EC_ReachRiskPriceLimit")), on: "private")
    #expect(
      refused.events == [
        .orderAccepted(id, "c-1"), .orderRefused(id, .invalidPrice, "EC_ReachRiskPriceLimit"),
      ])
  }

  @Test("a profit the stream does not say is read from the transaction log before both are told")
  func unpriced() throws {
    var dialect = BybitFixture.cross()
    let early = try dialect.hear(
      topic(
        "spread.execution", BybitComboScript.execution(),
        BybitComboScript.leg(.perp, pnl: nil), BybitComboScript.leg(.spot)), on: "private")
    #expect(early.isEmpty)
    let calls = dialect.housekeeping(at: BybitFixture.now + .seconds(1))
    #expect(calls.map(\.path) == ["/v5/account/transaction-log"])
    let messages = dialect.run(calls) { _ in BybitFixture.page([BybitComboScript.log()]) }
    #expect(messages.events == BybitComboScript.told)
  }

  @Test("a leg that never comes has the order looked up, and the account read")
  func missingLeg() throws {
    var dialect = BybitFixture.cross()
    _ = try dialect.hear(
      topic("spread.execution", BybitComboScript.execution(), BybitComboScript.leg(.perp)),
      on: "private")
    _ = try dialect.hear(
      topic("spread.order", BybitComboScript.orderRow("Filled", executed: "0.01")), on: "private")
    let calls = dialect.housekeeping(at: BybitFixture.now + .seconds(2))
    #expect(calls.map(\.path) == ["/v5/spread/order/realtime"])
    let messages = dialect.run(calls, at: BybitFixture.now + .seconds(2), found)
    #expect(
      messages.events
        == [.orderAccepted(id, "c-1")] + BybitComboScript.told + [.orderFinished(id, .filled)])
    #expect(dialect.housekeeping(at: BybitFixture.now + .hours(1)).isEmpty)
    // One of nobody here: the account is read.
    _ = try dialect.hear(
      topic("spread.execution", BybitComboScript.leg(.spot, parent: "y9")), on: "private")
    let stale = dialect.run(dialect.housekeeping(at: BybitFixture.now + .seconds(10))) { _ in
      .notSent("down")
    }
    #expect(stale == [.resynchronise("an execution of a combination was told in part")])
  }

  @Test("combinations of others: of the same pair, of a pair with one leg attached, of none")
  func foreign() throws {
    var dialect = BybitFixture.cross()
    let pair = try dialect.hear(
      topic(
        "spread.execution", BybitComboScript.execution(link: "by-hand"),
        BybitComboScript.leg(.perp), BybitComboScript.leg(.spot)), on: "private")
    #expect(pair.events == BybitComboScript.fills(order: nil).map(VenueEvent.fill))
    let half = try dialect.hear(
      topic(
        "spread.execution", BybitComboScript.leg(.spot, parent: "x2"),
        BybitComboScript.execution("x2", symbol: "BTCUSDT-25DEC26_BTC/USDT"),
        BybitComboScript.leg(.perp, parent: "x2").replacing(
          #""BTCUSDT""#, with: #""BTCUSDT-25DEC26""#)), on: "private")
    #expect(half.events == [.fill(BybitComboScript.fills("x2", order: nil)[1])])
    #expect(dialect.housekeeping(at: BybitFixture.now + .hours(1)).isEmpty)
  }

  /// A venue on which the order was filled as one of a combination.
  private func found(_ call: Call<BybitPurpose>) -> CallOutcome {
    switch call.path {
    case "/v5/spread/order/history":
      BybitFixture.page([BybitComboScript.endedRow("Filled", executed: "0.01")])
    case "/v5/spread/execution/list": BybitFixture.page([BybitComboScript.listed()])
    case "/v5/account/transaction-log": BybitFixture.page([BybitComboScript.log()])
    default: BybitFixture.page([])
    }
  }

  @Test("an unknown outcome looks the order up in the same task")
  func unknown() {
    var dialect = BybitFixture.cross()
    var paths: [String] = []
    let messages = dialect.perform(.request(.submit(order))) { call in
      paths.append(call.path)
      return call.isMutating ? .unknown("timeout") : found(call)
    }
    #expect(
      paths == [
        "/v5/spread/order/create", "/v5/spread/order/realtime", "/v5/spread/order/history",
        "/v5/spread/execution/list", "/v5/account/transaction-log",
      ])
    #expect(
      messages.events
        == [.orderAccepted(id, "c-1")] + BybitComboScript.told + [.orderFinished(id, .filled)])
    var lost = BybitFixture.cross()
    let silent = lost.perform(.request(.submit(order))) { call in
      call.isMutating ? .unknown("timeout") : BybitFixture.page([])
    }
    #expect(silent.events.isEmpty)
    let later = order.deadline + .seconds(10)
    let gone = lost.run(lost.housekeeping(at: later), at: later) { _ in BybitFixture.page([]) }
    #expect(gone.events == [.orderNotFound(id)])
  }

  @Test("after a restart an order is looked for among single orders, then combinations")
  func restart() {
    var dialect = BybitFixture.cross()
    var paths: [String] = []
    let messages = dialect.perform(query) { call in
      paths.append(call.path)
      // Legs are found among single orders and are none.
      if call.path == "/v5/execution/list" {
        return BybitFixture.page([BybitComboScript.legInHistory(.perp)])
      }
      return found(call)
    }
    #expect(
      paths == [
        "/v5/order/realtime", "/v5/order/history", "/v5/execution/list",
        "/v5/spread/order/realtime", "/v5/spread/order/history", "/v5/spread/execution/list",
        "/v5/account/transaction-log",
      ])
    #expect(
      messages.events
        == [.orderAccepted(id, "c-1")] + BybitComboScript.told + [.orderFinished(id, .filled)])
    var single = BybitFixture.cross()
    paths = []
    let plain = single.perform(query) { call in
      paths.append(call.path)
      return BybitFixture.page([BybitOrderTests.orderRow("Cancelled")])
    }
    #expect(paths == ["/v5/order/realtime"])
    #expect(plain.events == [.orderAccepted(id, "v-1"), .orderFinished(id, .expired)])
    var nowhere = BybitFixture.cross()
    #expect(nowhere.perform(query) { _ in BybitFixture.page([]) }.events == [.orderNotFound(id)])
  }

  @Test("an order that was not found yet, or ended already, is heard of and told again")
  func heardAgain() throws {
    var dialect = BybitFixture.cross()
    #expect(dialect.perform(query) { _ in BybitFixture.page([]) }.events == [.orderNotFound(id)])
    let events = try dialect.hear(
      topic(
        "spread.execution", BybitComboScript.execution(), BybitComboScript.leg(.perp),
        BybitComboScript.leg(.spot)), on: "private"
    ).events
    #expect(events == BybitComboScript.told)
    let end = try dialect.hear(
      topic("spread.order", BybitComboScript.orderRow("Filled", executed: "0.01")), on: "private")
    #expect(end.events == [.orderFinished(id, .filled)])
    let again = dialect.perform(query, found)
    #expect(
      again.events
        == [.orderAccepted(id, "c-1")] + BybitComboScript.told + [.orderFinished(id, .filled)])
  }

  @Test("a cancel goes where the order is, also when that is not known any more")
  func cancel() {
    let task = VenueTask.request(.cancel(id, order.instrument))
    var dialect = BybitFixture.cross()
    _ = dialect.perform(.request(.submit(order))) { _ in
      BybitFixture.answer(#"{"orderId":"c-1"}"#)
    }
    let known = dialect.begin(task, at: BybitFixture.now)
    #expect(known.map(\.path) == ["/v5/spread/order/cancel"])
    #expect(known.first?["orderLinkId"] == "h3-17-41p" && known.first?.urgency == .high)
    var restarted = BybitFixture.cross()
    var paths: [String] = []
    let messages = restarted.perform(task) { call in
      paths.append(call.path)
      switch call.path {
      case "/v5/order/cancel": return BybitFixture.answer("{}", code: 110_001, text: "none")
      case "/v5/spread/order/realtime":
        return BybitFixture.page([BybitComboScript.orderRow("New")])
      case "/v5/spread/order/cancel": return BybitFixture.answer(#"{"orderId":"c-1"}"#)
      default: return BybitFixture.page([])
      }
    }
    #expect(paths.first == "/v5/order/cancel" && paths.last == "/v5/spread/order/cancel")
    #expect(messages.events == [.orderAccepted(id, "c-1")])
  }

  @Test("against an order of the same account only the legs of our side count")
  func selfTrade() {
    var dialect = BybitFixture.cross()
    let others =
      BybitComboScript.listedLeg(.perp, "o", side: "Buy") + ","
      + BybitComboScript.listedLeg(.spot, "o", side: "Sell") + ","
    let messages = dialect.perform(query) { call in
      call.path == "/v5/spread/execution/list"
        ? BybitFixture.page([BybitComboScript.listed(others: others)]) : found(call)
    }
    #expect(messages.events.contains(BybitComboScript.told[0]))
    #expect(messages.events.count == 4)
  }
}
