import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: the account")
struct BybitAccountTests {
  private let since = BybitFixture.now - .days(10)

  private func snapshot(_ messages: [VenueMessage]) throws -> AccountSnapshot {
    for event in messages.events {
      if case .snapshot(let snapshot) = event { return snapshot }
    }
    throw DialectError("no snapshot in \(messages)")
  }

  @Test("the documented wallet and positions, with those of others")
  func documented() throws {
    var dialect = BybitFixture.dialect()
    let wallet = try BybitFixture.payload("http_get_wallet_balance")
    let positions = try BybitFixture.payload("http_get_positions")
    let orders = try BybitFixture.lines("responses").filter { $0["call"] == "fetch_open_orders" }
    let messages = dialect.perform(.snapshotWithoutHistory) { call in
      switch call.path {
      case "/v5/account/wallet-balance": Self.raw(wallet)
      case "/v5/position/list": Self.raw(positions)
      default:
        call["category"] == "linear"
          ? Self.raw(orders.last?["response"] ?? .null) : BybitFixture.page([])
      }
    }
    let snapshot = try snapshot(messages)
    #expect(
      snapshot.balances == [Balance(wallet: .unified, asset: "USDT", total: "1000.5")])
    #expect(
      snapshot.positions == [
        Position(
          instrument: BybitFixture.perpBTC, quantity: "0.5", cost: "25000", margin: "2500",
          liquidationPrice: "45000"),
        Position(
          instrument: BybitFixture.perpETH, quantity: "-5", cost: "-15000", margin: "3000",
          liquidationPrice: "3500"),
      ])
    #expect(snapshot.openOrders.map(\.venueOrder).contains("open-order-1"))
    #expect(snapshot.openOrders.allSatisfy { $0.id == nil })
  }

  private static func raw(_ json: JSON) -> CallOutcome {
    .answered(HTTPResponse(status: 200, body: json.bytes))
  }

  @Test("history comes in weeks and pages, each record once, and is read again at the end")
  func history() throws {
    var dialect = BybitFixture.dialect()
    var windows: [String] = []
    var states = 0
    let close = BybitOrderTests.execution("e2", "0.01", pnl: nil, closed: "0.01")
    let late = BybitOrderTests.execution("e9", "0.02", pnl: "0")
    let funding = BybitOrderTests.execution(
      "f1", "0.01", pnl: nil, link: "", time: 1_735_632_000_007, type: "Funding")
    let messages = dialect.perform(.request(.snapshot("bybit", since: since))) { call in
      switch call.path {
      case "/v5/execution/list":
        let start = Int64(call["startTime"] ?? "") ?? 0
        let end = Int64(call["endTime"] ?? "") ?? 0
        #expect(end - start <= 7 * 86_400_000)
        guard call["category"] == "linear" else { return BybitFixture.page([]) }
        windows.append("\(start)-\(end)-\(call["cursor"] ?? "")")
        if states > 0 { return BybitFixture.page([close, late]) }
        if call["cursor"] == nil, windows.count == 1 {
          return BybitFixture.page(
            [BybitOrderTests.execution("e1", "0.01")], cursor: "132766%3A2%2C132766%3A2")
        }
        return BybitFixture.page([close, funding])
      case "/v5/account/transaction-log":
        return BybitFixture.page([
          #"{"symbol":"BTCUSDT","type":"TRADE","tradeId":"e2","orderId":"v-1","qty":"0.01","#
            + #""tradePrice":"50000","cashFlow":"-3.25","funding":"","fee":"0.1"}"#
        ])
      case "/v5/account/wallet-balance":
        states += 1
        return BybitFixture.page([#"{"coin":[{"coin":"USDT","walletBalance":"\#(states)"}]}"#])
      default: return BybitFixture.page([])
      }
    }
    let snapshot = try snapshot(messages)
    // Two weeks, a second page of the first, and two checks, of which the second found nothing new.
    #expect(windows.count == 5)
    #expect(windows.filter { $0.hasSuffix("-132766:2,132766:2") }.count == 1)
    #expect(states == 2)
    #expect(snapshot.balances.map(\.total) == ["2"])
    #expect(snapshot.fills.map(\.trade) == ["e1", "e2", "e9"])
    #expect(snapshot.fills.map(\.realized) == ["0", "-3.25", "0"])
    #expect(
      snapshot.payments == [
        FundingPayment(
          instrument: BybitFixture.perpBTC, id: "f1",
          settledAt: Timestamp(milliseconds: 1_735_632_000_000), amount: "-0.1", asset: "USDT")
      ])
  }

  @Test("a snapshot with a profit that nobody knows is not told")
  func unknownProfit() {
    var dialect = BybitFixture.dialect()
    let task = VenueTask.request(.snapshot("bybit", since: BybitFixture.now - .hours(1)))
    let messages = dialect.perform(task) { call in
      switch call.path {
      case "/v5/execution/list":
        BybitFixture.page(
          call["category"] == "linear"
            ? [BybitOrderTests.execution("e2", "0.01", pnl: nil, closed: "0.01")] : [])
      default: BybitFixture.page([])
      }
    }
    #expect(
      messages == [
        .failed(task, .unavailable("the transaction log does not have every execution yet"))
      ])
  }

  @Test("the documented execution waits for its profit from the transaction log")
  func unpriced() throws {
    var dialect = BybitFixture.dialect()
    let frame = try BybitFixture.payload("ws_account_execution_adl").description
    #expect(try dialect.hear(frame, on: "private").isEmpty)
    let calls = dialect.housekeeping(at: BybitFixture.now + .seconds(1))
    #expect(calls.map(\.path) == ["/v5/account/transaction-log"])
    let early = dialect.run(calls) { _ in BybitFixture.page([]) }
    #expect(early.isEmpty)
    let again = dialect.housekeeping(at: BybitFixture.now + .seconds(10))
    let messages = dialect.run(again) { _ in
      BybitFixture.page([
        #"{"symbol":"BTCUSDT","type":"ADL","tradeId":"other","#
          + #""orderId":"9aac161b-8ed6-450d-9cab-c5cc67c21785","qty":"0.5","#
          + #""tradePrice":"95850","cashFlow":"12.5","fee":"0"}"#
      ])
    }
    guard case .fill(let fill)? = messages.events.first else {
      Issue.record("no fill")
      return
    }
    #expect(fill.cause == .autoDeleveraging && fill.order == nil)
    #expect(fill.realized == "12.5" && fill.fee == "0" && fill.feeAsset == "USDT")
    #expect(fill.side == .sell && fill.quantity == "0.5" && fill.price == "95850")
    #expect(dialect.housekeeping(at: BybitFixture.now + .hours(1)).isEmpty)
  }

  @Test("fills of the stream: spot fees in base, rebates in quote, multiplied contracts, causes")
  func fills() throws {
    var dialect = BybitFixture.dialect()
    func fill(_ row: String) throws -> Fill {
      let messages = try dialect.hear(BybitOrderTests.topic("execution", row), on: "private")
      guard case .fill(let fill)? = messages.events.first else {
        throw DialectError("no fill")
      }
      return fill
    }
    let spot =
      #"{"category":"spot","symbol":"BTCUSDT","execId":"s1","execQty":"1","execPrice":"50000","#
      + #""execType":"Trade","execTime":"1735689600140","side":"Buy","orderId":"v-2","#
      + #""orderLinkId":"h3-18-41s","isMaker":true"#
    let bought = try fill(spot + #","execFee":"0.001","feeCurrency":""}"#)
    #expect(bought.fee == "0.001" && bought.feeAsset == "BTC" && bought.liquidity == .maker)
    #expect(bought.realized.isZero && bought.order?.market == .spot)
    #expect(try fill(spot + #","execFee":"-0.5"}"#).feeAsset == "USDT")
    #expect(try fill(spot + #","execFee":"0.0024","feeCurrency":"MNT"}"#).feeAsset == "MNT")
    let pepe = try fill(
      #"{"category":"linear","symbol":"1000PEPEUSDT","execId":"p1","execQty":"100","#
        + #""execPrice":"0.0201234","execFee":"0.001","execType":"BustTrade","#
        + #""execTime":"1735689600140","side":"Buy","orderId":"v-3","orderLinkId":"h3-9-1p","#
        + #""execPnl":"-1.25"}"#)
    #expect(pepe.quantity == "100000" && pepe.price == "0.0000201234")
    #expect(pepe.cause == .liquidation && pepe.order == nil && pepe.realized == "-1.25")
    let settled = try fill(
      BybitOrderTests.execution("d1", "0.01", extra: #","createType":"CreateBySettle""#))
    #expect(settled.cause == .settlement && settled.order == nil)
  }

  @Test("the documented position, flat ones, and those of hedge mode")
  func positions() throws {
    var dialect = BybitFixture.dialect()
    let frame = try BybitFixture.payload("ws_account_position").description
    let perp = try #require(BybitFixture.universe.index(of: BybitFixture.perpETH))
    #expect(
      try dialect.hear(frame, on: "private") == [
        .event(
          .position(
            Position(
              instrument: BybitFixture.perpETH, quantity: "-0.01", cost: "-36.41075",
              margin: "1.23480936", liquidationPrice: "51764.83003276"))),
        .event(.figures(perp, MarketFigures(deleveragingRank: 2))),
      ])
    let flat =
      #"{"category":"linear","symbol":"BTCUSDT","positionIdx":0,"side":"","size":"0","#
      + #""entryPrice":"0","positionIM":"0","liqPrice":"0"}"#
    let messages = try dialect.hear(BybitOrderTests.topic("position", flat), on: "private")
    #expect(
      messages.events == [
        .position(
          Position(
            instrument: BybitFixture.perpBTC, quantity: "0", cost: "0", margin: "0",
            liquidationPrice: nil))
      ])
    let wallet = try BybitFixture.payload("ws_account_wallet").description
    #expect(try dialect.hear(wallet, on: "private").isEmpty)
  }

  @Test("margin is added in four decimals and the position read back")
  func margin() {
    var dialect = BybitFixture.dialect()
    var sent: [String?] = []
    let task = VenueTask.request(.adjustMargin(BybitFixture.perpBTC, "-10.123456"))
    let row =
      #"{"symbol":"BTCUSDT","positionIdx":0,"side":"Sell","size":"0.01","avgPrice":"50000","#
      + #""positionIM":"90.7","positionBalance":"90","liqPrice":""}"#
    let messages = dialect.perform(task) { call in
      sent.append(call["margin"])
      return call.isMutating ? .unknown("timeout") : BybitFixture.page([row])
    }
    #expect(sent == ["-10.1234", nil])
    #expect(messages.notices.count == 1)
    #expect(
      messages.events == [
        .position(
          Position(
            instrument: BybitFixture.perpBTC, quantity: "-0.01", cost: "-500", margin: "90",
            liquidationPrice: nil))
      ])
    let refused = dialect.perform(task) { _ in
      BybitFixture.answer("{}", code: 110_014, text: "no")
    }
    #expect(refused.events == [.marginRefused(BybitFixture.perpBTC, .insufficientMargin)])
  }

  @Test("transfers have a key of their own, and only those of this venue are tried")
  func transfers() throws {
    var dialect = BybitFixture.dialect()
    func transfer(_ from: Wallet, _ to: Wallet, id: Int64 = 7) -> Transfer {
      Transfer(id: id, venue: "bybit", from: from, to: to, asset: "USDT", amount: "100.25")
    }
    let first = transfer(.spot, .unified)
    var keys: [String] = []
    let messages = dialect.perform(.request(.transfer(first))) { call in
      keys.append(call["transferId"] ?? "")
      return BybitFixture.answer(#"{"transferId":"x","status":"PENDING"}"#)
    }
    #expect(messages.isEmpty)
    #expect(keys[0].split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
    let calls = dialect.housekeeping(at: BybitFixture.now + .seconds(5))
    #expect(calls.first?["transferId"] == keys[0])
    let done = dialect.run(calls) { _ in
      BybitFixture.page([#"{"transferId":"\#(keys[0])","status":"SUCCESS"}"#])
    }
    #expect(done.events == [.transferred(first)])
    let second = dialect.begin(
      .request(.transfer(transfer(.spot, .unified, id: 8))), at: BybitFixture.now)
    #expect(second.first?["transferId"] != keys[0])
    let other = transfer(.spot, .futures)
    let refused = dialect.perform(.request(.transfer(other))) { call in
      #expect(!call.isMutating)
      return .notSent("down")
    }
    #expect(refused.events == [.transferRefused(other, .other)])
  }
}
