import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: orders")
struct BybitOrderTests {
  private let order = BybitFixture.order()
  private var id: ClientOrderID { order.id }

  static func orderRow(
    _ status: String, executed: String = "0", reason: String = "EC_NoError",
    cancel: String = "UNKNOWN", link: String = "h3-17-41p", category: String = "linear"
  ) -> String {
    #"{"category":"\#(category)","symbol":"BTCUSDT","orderId":"v-1","orderLinkId":"\#(link)","#
      + #""orderStatus":"\#(status)","cumExecQty":"\#(executed)","rejectReason":"\#(reason)","#
      + #""cancelType":"\#(cancel)","updatedTime":"1735689600150"}"#
  }

  static func execution(
    _ id: String, _ quantity: String, pnl: String? = "0", link: String = "h3-17-41p",
    closed: String = "0", time: Int64 = 1_735_689_600_140, type: String = "Trade",
    extra: String = ""
  ) -> String {
    #"{"category":"linear","symbol":"BTCUSDT","execId":"\#(id)","execQty":"\#(quantity)","#
      + #""execPrice":"50000","execFee":"0.1","execType":"\#(type)","execTime":"\#(time)","#
      + #""side":"Sell","orderId":"v-1","orderLinkId":"\#(link)","isMaker":false,"#
      + #""closedSize":"\#(closed)","feeCurrency":"USDT""#
      + (pnl.map { #","execPnl":"\#($0)""# } ?? "") + extra + "}"
  }

  static func topic(_ name: String, _ rows: String...) -> String {
    #"{"topic":"\#(name)","id":"1","creationTime":1735689600160,"data":["#
      + rows.joined(separator: ",") + "]}"
  }

  @Test("an answer of the gateway accepts and nothing more; a refusal is one")
  func answers() {
    var dialect = BybitFixture.dialect()
    let done = dialect.perform(.request(.submit(order))) { _ in
      BybitFixture.answer(#"{"orderId":"1321003749386327552","orderLinkId":"x"}"#)
    }
    #expect(done == [.event(.orderAccepted(id, "1321003749386327552"))])
    for (code, reason) in [
      (110_007, RefusalReason.insufficientMargin), (110_094, .belowMinimumNotional),
      (170_131, .insufficientBalance), (110_017, .reduceOnlyViolated), (30228, .marketHalted),
      (110_003, .invalidPrice), (10001, .other),
    ] {
      var dialect = BybitFixture.dialect()
      let messages = dialect.perform(.request(.submit(order))) { _ in
        BybitFixture.answer("{}", code: code, text: "no")
      }
      #expect(messages == [.event(.orderRefused(id, reason, "\(code) no"))])
    }
    var other = BybitFixture.dialect()
    #expect(
      other.perform(.request(.submit(order))) { _ in .notSent("budget") }.events
        == [.orderRefused(id, .other, "not sent: budget")])
  }

  @Test(
    "an unknown outcome says nothing to the engine and looks the order up",
    arguments: [10000, 10016, 170_007, 110_072, 10014, 99999, -1, -2])
  func unknown(code: Int) {
    var dialect = BybitFixture.dialect()
    var paths: [String] = []
    let messages = dialect.perform(.request(.submit(order))) { call in
      paths.append(call.path)
      guard call.isMutating else {
        return BybitFixture.page(
          call.path == "/v5/order/realtime" ? [Self.orderRow("New")] : [])
      }
      switch code {
      case -1: return .unknown("timeout")
      case -2: return .answered(HTTPResponse(status: 502, body: Array("bad".utf8)))
      default: return BybitFixture.answer("{}", code: code, text: "?")
      }
    }
    #expect(paths == ["/v5/order/create", "/v5/order/realtime"])
    #expect(messages.notices.count == 1)
    #expect(messages.events == [.orderAccepted(id, "v-1")])
  }

  @Test("an order that is not found is so only when it can no longer arrive")
  func notFound() {
    var dialect = BybitFixture.dialect()
    let lost = dialect.perform(.request(.submit(order))) { call in
      call.isMutating ? .unknown("timeout") : BybitFixture.page([])
    }
    #expect(lost.events.isEmpty && lost.notices.count == 1)
    #expect(dialect.housekeeping(at: order.deadline + .milliseconds(9999)).isEmpty)
    let calls = dialect.housekeeping(at: order.deadline + .seconds(10))
    #expect(calls.map(\.path) == ["/v5/order/realtime"])
    var paths: [String] = []
    let messages = dialect.run(calls, at: order.deadline + .seconds(10)) { call in
      paths.append(call.path)
      return BybitFixture.page([])
    }
    #expect(paths == ["/v5/order/realtime", "/v5/order/history", "/v5/execution/list"])
    #expect(messages.events == [.orderNotFound(id)])
    #expect(dialect.housekeeping(at: order.deadline + .hours(1)).isEmpty)
  }

  @Test("one lookup is no proof, however late; the engine hears of the second")
  func notFoundTwice() {
    #expect(BybitFixture.dialect().capabilities.lookupDelay >= .seconds(10))
    var dialect = BybitFixture.dialect()
    _ = dialect.begin(.request(.submit(order)), at: BybitFixture.now)
    let query = VenueTask.request(.query(id, order.instrument))
    let late = order.deadline + .minutes(1)
    for second in Int64(0)..<10 {
      let early = dialect.perform(query, at: late + .seconds(second)) { _ in BybitFixture.page([]) }
      #expect(early.isEmpty, "\(second)")
    }
    let proven = dialect.perform(query, at: late + .seconds(10)) { _ in BybitFixture.page([]) }
    #expect(proven.events == [.orderNotFound(id)])
    // A single one that finds nothing is followed by another without being asked.
    var other = BybitFixture.dialect()
    _ = other.begin(.request(.submit(order)), at: BybitFixture.now)
    #expect(other.perform(query, at: late) { _ in BybitFixture.page([]) }.isEmpty)
    #expect(other.housekeeping(at: late + .milliseconds(9999)).isEmpty)
    #expect(other.housekeeping(at: late + .seconds(10)).count == 1)
  }

  @Test("the venue's own words may repeat the key or what was signed")
  func words() throws {
    let key = "fakeBybitKey0001"
    for code in [10003, 10004, 10005, 10001, 10016] {
      var dialect = BybitFixture.dialect()
      let messages = dialect.perform(.request(.submit(order))) { call in
        call.isMutating
          ? BybitFixture.answer("{}", code: code, text: "origin 1735689600123\(key)5000")
          : BybitFixture.page([Self.orderRow("New")])
      }
      let said = "\(messages)"
      #expect(said.contains("\(code)") && !said.contains(key))
      #expect(said.contains("origin") == [10001, 10016].contains(code))
    }
    var dialect = BybitFixture.dialect()
    let login = try dialect.hear(
      #"{"op":"auth","success":false,"ret_msg":"Params \#(key) error"}"#, on: "private")
    #expect(login.count == 2 && !"\(login)".contains(key))
  }

  @Test("every order is served from the reserve; what is read of the past never is")
  func urgencies() {
    var dialect = BybitFixture.cross()
    for instrument in [BybitFixture.spotBTC, BybitFixture.perpBTC] {
      for side in [Side.buy, .sell] {
        for form in [OrderForm.leg, .combo] {
          let order = BybitFixture.order(30, instrument, side, form: form)
          for call in dialect.begin(.request(.submit(order)), at: BybitFixture.now)
            + dialect.begin(.request(.cancel(order.id, instrument)), at: BybitFixture.now)
            + dialect.begin(.request(.query(order.id, instrument)), at: BybitFixture.now)
          { #expect(call.urgency == .high, "\(call.path)") }
        }
      }
    }
    let since = BybitFixture.now - .days(2)
    let past: Set = [
      "/v5/execution/list", "/v5/account/transaction-log", "/v5/market/funding/history",
      "/v5/market/kline",
    ]
    var read: Set<String> = []
    let tasks: [VenueTask] = [
      .request(.snapshot("bybit", since: since)),
      .request(.fundingHistory(BybitFixture.perpBTC, since: since)),
      .bars(BybitFixture.perpBTC, from: since, to: BybitFixture.now, interval: .days(1)),
    ]
    for task in tasks {
      _ = dialect.perform(task) { call in
        #expect((call.urgency == .low) == past.contains(call.path), "\(call.path)")
        read.insert(call.path)
        guard call.path == "/v5/execution/list", call["category"] == "linear" else {
          return BybitScript.reply(call)
        }
        return BybitFixture.page([Self.execution("e1", "0.01", pnl: nil, closed: "0.01")])
      }
    }
    #expect(read.isSuperset(of: past), "\(read.sorted())")
  }

  @Test("private streams are dead when two of our pings have no answer")
  func silence() {
    let account = BybitFixture.dialect().streams.filter(\.isPrivate)
    #expect(account.map(\.silenceLimit) == [.seconds(50)])
    #expect(BybitFixture.dialect().isComplete)
  }

  @Test("an order that a process before this one sent is heard of after it was not found")
  func foundLater() throws {
    var dialect = BybitFixture.dialect()
    let query = VenueTask.request(.query(id, order.instrument))
    #expect(dialect.perform(query) { _ in BybitFixture.page([]) }.events == [.orderNotFound(id)])
    let end = try dialect.hear(Self.topic("order", Self.orderRow("Cancelled")), on: "private")
    #expect(end.events == [.orderFinished(id, .expired)])
    let again = dialect.perform(query) { _ in BybitFixture.page([Self.orderRow("Cancelled")]) }
    #expect(again.events == [.orderAccepted(id, "v-1"), .orderFinished(id, .expired)])
  }

  @Test("an end waits for the executions before it")
  func endBeforeFill() throws {
    var dialect = BybitFixture.dialect()
    let end = try dialect.hear(
      Self.topic("order", Self.orderRow("Filled", executed: "0.01")), on: "private")
    #expect(end.isEmpty)
    let first = try dialect.hear(
      Self.topic("execution", Self.execution("e1", "0.004")), on: "private")
    #expect(first.events.count == 1)
    // The same execution again does not count again.
    _ = try dialect.hear(Self.topic("execution", Self.execution("e1", "0.004")), on: "private")
    let second = try dialect.hear(
      Self.topic("execution", Self.execution("e2", "0.006")), on: "private")
    #expect(second.events.last == .orderFinished(id, .filled))
    #expect(second.events.count == 2)
    // The second message of a race of cancel and fill says nothing new.
    let again = try dialect.hear(
      Self.topic(
        "order",
        Self.orderRow(
          "Filled", executed: "0.01", reason: "EC_OrigClOrdIDDoesNotExist",
          cancel: "CancelByUser")), on: "private")
    #expect(again.isEmpty)
    #expect(dialect.housekeeping(at: BybitFixture.now + .hours(1)).isEmpty)
  }

  @Test("executions that stay away are asked for after two seconds")
  func missingFill() throws {
    var dialect = BybitFixture.dialect()
    _ = try dialect.hear(
      Self.topic(
        "order", Self.orderRow("Cancelled", executed: "0.004", cancel: "CancelByUser")),
      on: "private")
    #expect(dialect.housekeeping(at: BybitFixture.now + .milliseconds(1999)).isEmpty)
    let calls = dialect.housekeeping(at: BybitFixture.now + .seconds(2))
    let messages = dialect.run(calls, at: BybitFixture.now + .seconds(2)) { call in
      call.path == "/v5/order/realtime"
        ? BybitFixture.page([
          Self.orderRow("Cancelled", executed: "0.004", cancel: "CancelByUser")
        ])
        : BybitFixture.page([Self.execution("e1", "0.004", pnl: nil)])
    }
    #expect(messages.events.count == 3)
    #expect(messages.events.last == .orderFinished(id, .cancelled))
  }

  @Test(
    "how orders end",
    arguments: [
      ("Filled", "0", "EC_NoError", "UNKNOWN", OrderOutcome.filled, RefusalReason?.none),
      ("Cancelled", "0", "EC_PerCancelRequest", "CancelByUser", .cancelled, nil),
      ("Cancelled", "0", "EC_NoImmediateQtyToFill", "UNKNOWN", .expired, nil),
      ("PartiallyFilledCanceled", "0", "EC_NoError", "UNKNOWN", .expired, nil),
      ("Cancelled", "0", "EC_PostOnlyWillTakeLiquidity", "UNKNOWN", .refused, .wouldTakeLiquidity),
      ("Rejected", "0", "EC_PostOnlyWillTakeLiquidity", "UNKNOWN", .refused, .wouldTakeLiquidity),
      ("Rejected", "0", "EC_NoError", "UNKNOWN", .refused, .other),
      ("Cancelled", "0", "EC_ReachRiskPriceLimit", "UNKNOWN", .refused, .invalidPrice),
      ("Cancelled", "0", "EC_NoError", "CancelByReduceOnly", .refused, .reduceOnlyViolated),
      ("Rejected", "0", "EC_ReduceOnlyViolated", "UNKNOWN", .refused, .reduceOnlyViolated),
      ("Rejected", "0", "INSUFFICIENT_MARGIN", "UNKNOWN", .refused, .insufficientMargin),
    ])
  func endings(
    status: String, executed: String, reason: String, cancel: String, outcome: OrderOutcome,
    refusal: RefusalReason?
  ) throws {
    var dialect = BybitFixture.dialect()
    let messages = try dialect.hear(
      Self.topic(
        "order", Self.orderRow(status, executed: executed, reason: reason, cancel: cancel)),
      on: "private")
    if let refusal {
      guard case .orderRefused(id, refusal, _)? = messages.events.first else {
        Issue.record("\(messages)")
        return
      }
    } else {
      #expect(messages.events == [.orderFinished(id, outcome)])
    }
  }

  @Test("a cancel that comes too late looks the order up")
  func cancelTooLate() {
    var dialect = BybitFixture.dialect()
    let messages = dialect.perform(.request(.cancel(id, order.instrument))) { call in
      switch call.path {
      case "/v5/order/cancel": BybitFixture.answer("{}", code: 110_001, text: "not exists")
      case "/v5/order/realtime": BybitFixture.page([])
      case "/v5/order/history":
        BybitFixture.page([Self.orderRow("Filled", executed: "0.01")])
      default: BybitFixture.page([Self.execution("e1", "0.01", pnl: nil)])
      }
    }
    #expect(messages.events.first == .orderAccepted(id, "v-1"))
    #expect(messages.events.last == .orderFinished(id, .filled))
    #expect(messages.events.count == 3)
    let taken = dialect.perform(.request(.cancel(id, order.instrument))) { _ in
      BybitFixture.answer(#"{"orderId":"v-1"}"#)
    }
    #expect(taken.isEmpty)
  }

  @Test("limits slow down, and lateness reads the clock")
  func limits() {
    var dialect = BybitFixture.dialect()
    let over = dialect.perform(.request(.submit(order))) { _ in
      .answered(
        HTTPResponse(
          status: 200,
          headers: [
            HTTPHeader("X-Bapi-Limit", "10"), HTTPHeader("X-Bapi-Limit-Status", "0"),
            HTTPHeader("X-Bapi-Limit-Reset-Timestamp", "1735689601000"),
          ], body: Array(#"{"retCode":10006,"retMsg":"Too many visits!","result":{}}"#.utf8)))
    }
    #expect(over.contains(.budgetUsed("/v5/order/create", 10)))
    #expect(
      over.contains(
        .slowDown(until: Timestamp(milliseconds: 1_735_689_601_000), isBan: false)))
    #expect(over.events == [.orderRefused(id, .other, "10006 Too many visits!")])
    let banned = dialect.perform(.readClock) { _ in .answered(HTTPResponse(status: 403)) }
    #expect(banned.first == .slowDown(until: BybitFixture.now + .minutes(10), isBan: true))
    var late = BybitFixture.dialect()
    let messages = late.perform(.request(.submit(order))) { _ in
      BybitFixture.answer("{}", code: 10002, text: "late")
    }
    #expect(messages.contains(.clock(Timestamp(milliseconds: 1_735_689_600_200))))
    #expect(messages.notices.count == 1)
    #expect(messages.events == [.orderRefused(id, .pastDeadline, "10002 late")])
  }
}
