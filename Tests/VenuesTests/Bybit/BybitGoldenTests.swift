import FixedPoint
import Testing
import Trading
import Venues
import Wire

/// Documented answers, against what a client library of the field reads in them.
@Suite("Bybit: documented answers")
struct BybitGoldenTests {
  private func answers(_ call: String) throws -> [JSON] {
    try BybitFixture.lines("responses").filter { $0["call"]?.text == call }
  }

  private func outcome(_ row: JSON) -> CallOutcome {
    .answered(HTTPResponse(status: 200, body: (row["response"] ?? .null).bytes))
  }

  @Test("the gateway's answers to orders and cancels")
  func orders() throws {
    let order = BybitFixture.order()
    for row in try answers("create_order") {
      var dialect = BybitFixture.dialect()
      let expected = try #require(row["parsed"]?["id"]?.text)
      let messages = dialect.perform(.request(.submit(order))) { _ in outcome(row) }
      #expect(messages == [.event(.orderAccepted(order.id, VenueOrderID(rawValue: expected)))])
      #expect(dialect.venueTime == Timestamp(milliseconds: 1_672_211_918_471))
    }
    for row in try answers("cancel_order") {
      var dialect = BybitFixture.dialect()
      let task = VenueTask.request(.cancel(order.id, order.instrument))
      #expect(dialect.perform(task) { _ in outcome(row) }.isEmpty)
    }
  }

  @Test("positions: quantity, entry and margin as the witness reads them")
  func positions() throws {
    var compared = 0
    for row in try answers("fetch_positions") {
      var dialect = BybitFixture.dialect()
      let messages = dialect.perform(.snapshotWithoutHistory) { call in
        switch call.path {
        case "/v5/position/list": outcome(row)
        case "/v5/account/wallet-balance": BybitFixture.page([#"{"coin":[]}"#])
        default: BybitFixture.page([])
        }
      }
      for expected in row["parsed"]?.elements ?? [] {
        guard let symbol = expected["symbol"]?.text?.prefix(3),
          let contracts: Quantity = expected["contracts"]?.decimal(), !contracts.isZero,
          let entry: Price = expected["entryPrice"]?.decimal(),
          let margin: Notional = expected["initialMargin"]?.decimal(),
          case .snapshot(let snapshot)? = messages.events.first
        else { continue }
        let position = try #require(
          snapshot.positions.first { $0.instrument.symbol.rawValue.hasPrefix(symbol) })
        #expect(position.quantity.magnitude == contracts)
        #expect(position.quantity.isNegative == (expected["side"]?.text == "short"))
        #expect(position.cost == entry.notional(of: position.quantity))
        #expect(position.margin == margin)
        compared += 1
      }
    }
    #expect(compared == 2)
  }

  @Test("executions: fee, price, quantity and liquidity as the witness reads them")
  func executions() throws {
    let rows = try answers("fetch_my_trades").filter {
      $0["product"] == "linear" && $0["response"]?["result"]?["list"]?[0]?["symbol"] == "BTCUSDT"
    }
    let row = try #require(rows.first)
    let expected = try #require(row["parsed"]?[0])
    var dialect = BybitFixture.dialect()
    let since = Timestamp(milliseconds: 1_672_282_000_000)
    let task = VenueTask.request(.snapshot("bybit", since: since))
    let messages = dialect.perform(task, at: since + .hours(1)) { call in
      switch call.path {
      case "/v5/execution/list":
        call["category"] == "linear" && call["cursor"] == nil
          ? outcome(row) : BybitFixture.page([])
      case "/v5/account/wallet-balance": BybitFixture.page([#"{"coin":[]}"#])
      default: BybitFixture.page([])
      }
    }
    guard case .snapshot(let snapshot)? = messages.events.first else {
      Issue.record("\(messages)")
      return
    }
    let fill = try #require(snapshot.fills.first)
    #expect(snapshot.fills.count == 2)
    #expect(fill.trade.rawValue == expected["id"]?.text)
    #expect(fill.venueOrder.rawValue == expected["order"]?.text)
    #expect(fill.price == expected["price"]?.decimal())
    #expect(fill.quantity == expected["amount"]?.decimal())
    #expect(fill.fee == expected["fee"]?["cost"]?.decimal())
    #expect(fill.feeAsset.rawValue == expected["fee"]?["currency"]?.text)
    #expect(fill.liquidity == .maker && fill.order == nil && fill.realized.isZero)
  }

  @Test("a wallet with debts, and one row each of what is not zero")
  func wallets() throws {
    let wallet = try BybitFixture.payload("http_get_wallet_balance_with_spot_borrow")
    var dialect = BybitFixture.dialect()
    let messages = dialect.perform(.snapshotWithoutHistory) { call in
      call.path == "/v5/account/wallet-balance"
        ? .answered(HTTPResponse(status: 200, body: wallet.bytes)) : BybitFixture.page([])
    }
    guard case .snapshot(let snapshot)? = messages.events.first else {
      Issue.record("\(messages)")
      return
    }
    #expect(snapshot.balances == [Balance(wallet: .unified, asset: "USDT", total: "1200")])
  }

  @Test("a rejected order that had traded tells its executions and ends, it was not refused")
  func partiallyRejected() throws {
    let order = BybitFixture.order()
    let text = try BybitFixture.payload("http_get_order_partially_filled_rejected").description
      .replacing("O-20251001-164609-APEX-000-49", with: order.id.description)
    var dialect = BybitFixture.dialect()
    let messages = dialect.perform(.request(.query(order.id, order.instrument))) { call in
      call.path == "/v5/order/realtime"
        ? .answered(HTTPResponse(status: 200, body: Array(text.utf8)))
        : BybitFixture.page([BybitOrderTests.execution("e1", "0.005", pnl: nil)])
    }
    #expect(messages.events.count == 3)
    #expect(messages.events.last == .orderFinished(order.id, .expired))
  }

  @Test("settled rates of the documentation")
  func rates() throws {
    let payload = try BybitFixture.payload("http_get_funding_history")
    var dialect = BybitFixture.dialect()
    let from = Timestamp(milliseconds: 1_709_800_000_000)
    let messages = dialect.perform(
      .settlements(BybitFixture.perpBTC, from: from, to: from + .days(2))
    ) { _ in .answered(HTTPResponse(status: 200, body: payload.bytes)) }
    guard case .settlements(let rows)? = messages.first else {
      Issue.record("\(messages)")
      return
    }
    #expect(rows.map(\.rate.rate) == ["0.00015", "0.0001"])
    #expect(rows.map(\.rate.intervalHours) == [8, 8])
  }
}
