import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: the account in cross margin")
struct BybitCrossTests {
  private let task = VenueTask.request(.snapshot("bybit", since: BybitFixture.now - .hours(1)))

  private func account(_ call: Call<BybitPurpose>, link: String = "h3-17-41p") -> CallOutcome {
    switch call.path {
    case "/v5/execution/list":
      BybitFixture.page([
        BybitComboScript.legInHistory(call["category"] == "spot" ? .spot : .perp)
      ])
    case "/v5/spread/execution/list": BybitFixture.page([BybitComboScript.listed(link: link)])
    case "/v5/account/transaction-log": BybitFixture.page([BybitComboScript.log()])
    case "/v5/account/wallet-balance": BybitFixture.page([#"{"coin":[]}"#])
    case "/v5/spread/order/realtime":
      BybitFixture.page([
        BybitComboScript.orderRow("New", link: "h3-18-41p"),
        BybitComboScript.orderRow("New", link: "by-hand").replacing("c-1", with: "c-2"),
      ])
    case "/v5/order/realtime":
      BybitFixture.page(
        call["category"] == "linear"
          ? [
            BybitOrderTests.orderRow("New").replacing(
              "}", with: #","createType":"CreateByFutureSpread"}"#)
          ] : [])
    default: BybitFixture.page([])
    }
  }

  private func snapshot(_ messages: [VenueMessage]) throws -> AccountSnapshot {
    for event in messages.events {
      if case .snapshot(let snapshot) = event { return snapshot }
    }
    throw DialectError("no snapshot in \(messages)")
  }

  @Test("fills of legs carry our id, and open orders of combinations are the perpetual's")
  func snapshot() throws {
    var dialect = BybitFixture.cross()
    var lists = 0
    let snapshot = try snapshot(
      dialect.perform(task) { call in
        if call.path == "/v5/spread/execution/list" { lists += 1 }
        return account(call)
      })
    // Read again at the end, the same records are asked about once.
    #expect(lists == 1)
    #expect(snapshot.fills == BybitComboScript.fills())
    let working = ClientOrderID(
      run: 3, sequence: 18, carry: CarryID(41), market: .perp)
    #expect(
      snapshot.openOrders == [
        OpenOrder(instrument: BybitFixture.perpBTC, id: working, venueOrder: "c-1"),
        OpenOrder(instrument: BybitFixture.perpBTC, id: nil, venueOrder: "c-2"),
      ])
    // A panic that knows nothing of the order takes it back where it is.
    let cancel = dialect.begin(
      .request(.cancel(working, BybitFixture.perpBTC)), at: BybitFixture.now)
    #expect(cancel.map(\.path) == ["/v5/spread/order/cancel"])
  }

  @Test("combinations made by hand are nobody's; those the list lacks are waited for")
  func foreign() throws {
    var dialect = BybitFixture.cross()
    let byHand = try snapshot(dialect.perform(task) { account($0, link: "") })
    #expect(byHand.fills == BybitComboScript.fills(order: nil))
    func lagging(at time: Timestamp) -> [VenueMessage] {
      var dialect = BybitFixture.cross()
      return dialect.perform(task, at: time) { call in
        call.path == "/v5/spread/execution/list" ? BybitFixture.page([]) : account(call)
      }
    }
    #expect(
      lagging(at: BybitFixture.now) == [
        .failed(
          task, .unavailable("the list of combinations does not have every execution yet"))
      ])
    let late = lagging(at: BybitFixture.now + .minutes(2))
    #expect(try snapshot(late).fills.map(\.order) == [nil, nil])
    #expect(late.notices.count == 2)
  }

  @Test("margin and liquidation price are the venue's, and nothing is added")
  func margin() throws {
    var dialect = BybitFixture.cross()
    let row =
      #"{"category":"linear","symbol":"BTCUSDT","positionIdx":0,"side":"Sell","size":"0.01","#
      + #""avgPrice":"50000","positionIM":"90.7","positionBalance":"0.2","liqPrice":"312000.5"}"#
    let messages = try dialect.hear(BybitOrderTests.topic("position", row), on: "private")
    #expect(
      messages.events == [
        .position(
          Position(
            instrument: BybitFixture.perpBTC, quantity: "-0.01", cost: "-500", margin: "90.7",
            liquidationPrice: "312000.5"))
      ])
    let refused = dialect.perform(.request(.adjustMargin(BybitFixture.perpBTC, "5"))) { call in
      #expect(!call.isMutating)
      return .notSent("down")
    }
    #expect(refused.events == [.marginRefused(BybitFixture.perpBTC, .other)])
  }

  @Test("the account subscribes to combinations, in a request of their own")
  func topics() throws {
    var dialect = BybitFixture.cross()
    let stream = StreamID("private")
    _ = dialect.opened(stream, at: BybitFixture.now)
    var messages: [VenueMessage] = []
    var auth = #"{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}"#
    let sent = try auth.withUTF8 { bytes in
      try dialect.receive(
        UnsafeRawBufferPointer(bytes), on: stream, at: BybitFixture.now, into: &messages)
    }
    #expect(
      sent == [
        #"{"req_id":"s0","op":"subscribe","args":["order","execution","position","wallet"]}"#,
        #"{"req_id":"s1","op":"subscribe","args":["spread.order","spread.execution"]}"#,
      ])
    let done = #"{"success":true,"ret_msg":"","conn_id":"c","req_id":"s0","op":"subscribe"}"#
    #expect(try dialect.hear(done, on: "private").isEmpty)
    #expect(try dialect.hear(done, on: "private") == [.subscribed(stream)])
  }
}
