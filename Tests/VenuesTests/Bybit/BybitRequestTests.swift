import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: requests")
struct BybitRequestTests {
  private func submit(_ order: OrderRequest) throws -> Call<BybitPurpose> {
    var dialect = BybitFixture.dialect()
    return try #require(
      dialect.begin(.request(.submit(order)), at: BybitFixture.now).first)
  }

  private func body(_ order: OrderRequest) throws -> String {
    let request = BybitFixture.dialect().encode(try submit(order), at: BybitFixture.now)
    return String(decoding: request.body, as: UTF8.self)
  }

  @Test("orders of every kind")
  func orders() throws {
    #expect(
      try body(BybitFixture.order())
        == #"{"category":"linear","symbol":"BTCUSDT","side":"Sell","orderType":"Limit","#
        + #""qty":"0.01","price":"50000","orderLinkId":"h3-17-41p","positionIdx":0}"#)
    #expect(
      try body(
        BybitFixture.order(
          18, BybitFixture.spotBTC, .buy, "0.02", .immediateOrCancel("61234.5")))
        == #"{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Limit","qty":"0.02","#
        + #""price":"61234.5","timeInForce":"IOC","orderLinkId":"h3-18-41s"}"#)
    #expect(
      try body(BybitFixture.order(19, BybitFixture.spotBTC, .buy, "0.02", .market))
        == #"{"category":"spot","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.02","#
        + #""marketUnit":"baseCoin","orderLinkId":"h3-19-41s"}"#)
    #expect(
      try body(
        BybitFixture.order(20, BybitFixture.perpBTC, .buy, "0.01", .market, reduceOnly: true))
        == #"{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","#
        + #""qty":"0.01","orderLinkId":"h3-20-41p","positionIdx":0,"reduceOnly":true}"#)
    #expect(
      try body(
        BybitFixture.order(
          21, BybitFixture.perpPEPE, .sell, "2000000", .postOnly("0.0000201234")))
        == #"{"category":"linear","symbol":"1000PEPEUSDT","side":"Sell","orderType":"Limit","#
        + #""qty":"2000","price":"0.0201234","timeInForce":"PostOnly","#
        + #""orderLinkId":"h3-21-41p","positionIdx":0}"#)
    let call = try submit(BybitFixture.order())
    #expect(call.isMutating && call.isSigned && call.deadline == BybitFixture.order().deadline)
  }

  /// The requests of a client library of the field, and ours with the same purpose.
  @Test("our requests have the parameters a witness sends")
  func witness() throws {
    let rows = try BybitFixture.lines("requests")
    var ours: [(Call<BybitPurpose>, extra: Set<String>)] = []
    // One-way mode is stated instead of implied.
    let stated: Set = ["positionIdx"]
    for id in [BybitFixture.spotBTC, BybitFixture.perpBTC] {
      for kind in [
        OrderKind.limit("1"), .immediateOrCancel("1"), .postOnly("1"), .market,
      ] {
        let order = BybitFixture.order(1, id, .buy, "1", kind)
        ours.append((try submit(order), id.market == .perp ? stated : []))
      }
      var dialect = BybitFixture.dialect()
      let order = BybitFixture.order(1, id)
      ours += dialect.begin(.request(.cancel(order.id, id)), at: BybitFixture.now).map { ($0, []) }
    }
    for kind in [OrderKind.limit("1"), .market] {
      let order = BybitFixture.order(1, BybitFixture.perpBTC, .buy, "1", kind, reduceOnly: true)
      ours.append((try submit(order), stated))
    }
    ours += witnessedReads()
    for (call, extra) in ours {
      let names = Set(call.parameters.map(\.name)).subtracting(extra)
      let isSent = rows.contains { row in
        row["method"]?.text == call.method.rawValue && row["path"]?.text == call.path
          && Set(row["names"]?.elements.compactMap(\.text) ?? []) == names
          && (call["category"] == nil || row["category"]?.text == call["category"])
          && (call["orderType"] ?? "") == row["orderType"]?.text
          && (call["timeInForce"] ?? "") == row["timeInForce"]?.text
      }
      #expect(isSent, "\(call.method.rawValue) \(call.path) \(names.sorted())")
    }
    #expect(ours.count == 28)
  }

  /// Every other call of ours that the witness makes too, from the tasks that make it.
  private func witnessedReads() -> [(Call<BybitPurpose>, extra: Set<String>)] {
    var dialect = BybitFixture.dialect()
    var calls: [Call<BybitPurpose>] = []
    let tasks: [VenueTask] = [
      .readClock, .prepare(leverage: "3"), .snapshotWithoutHistory, .survey(["BTCUSDT"]),
      .request(.fundingHistory(BybitFixture.perpBTC, since: BybitFixture.now - .days(3))),
    ]
    for task in tasks {
      _ = dialect.perform(task) { call in
        calls.append(call)
        return BybitScript.reply(call)
      }
    }
    let transfer = Transfer(
      id: 7, venue: "bybit", from: .unified, to: .spot, asset: "USDT", amount: "100.25")
    calls += dialect.begin(.request(.transfer(transfer)), at: BybitFixture.now)
    let paths: Set = [
      "/v5/market/time", "/v5/account/set-margin-mode", "/v5/position/switch-mode",
      "/v5/position/set-leverage", "/v5/account/wallet-balance", "/v5/account/fee-rate",
      "/v5/market/funding/history", "/v5/asset/transfer/inter-transfer",
    ]
    let read = calls.filter {
      paths.contains($0.path) || ($0.path == "/v5/position/list" && $0["settleCoin"] != nil)
        || ($0.path == "/v5/position/list" && $0["symbol"] == "BTCUSDT")
        || ($0.path == "/v5/market/instruments-info" && $0["category"] == "spot")
        || $0.path == "/v5/market/tickers"
    }
    // The witness asks for the fees of perpetuals only.
    return read.filter { $0.path != "/v5/account/fee-rate" || $0["category"] == "linear" }
      .map { ($0, []) }
  }
}

/// Plausible answers to every reading call.
enum BybitScript {
  static func reply(_ call: Call<BybitPurpose>) -> CallOutcome {
    switch call.path {
    case "/v5/market/time":
      BybitFixture.answer(#"{"timeSecond":"1688639403","timeNano":"1688639403423213947"}"#)
    case "/v5/account/info":
      BybitFixture.answer(#"{"unifiedMarginStatus":5,"marginMode":"REGULAR_MARGIN"}"#)
    case "/v5/market/instruments-info":
      BybitFixture.page([call["category"] == "spot" ? spot() : perp()])
    case "/v5/market/tickers":
      BybitFixture.page([#"{"symbol":"BTCUSDT","nextFundingTime":"1735718400000"}"#])
    case "/v5/account/fee-rate":
      BybitFixture.page([
        #"{"symbol":"\#(call["symbol"] ?? "")","takerFeeRate":"0.0006","makerFeeRate":"0.0001"}"#
      ])
    case "/v5/market/risk-limit": BybitFixture.page([])
    case "/v5/account/wallet-balance": BybitFixture.page([#"{"coin":[]}"#])
    default: BybitFixture.page([])
    }
  }

  static func spot(
    _ symbol: String = "BTCUSDT", base: String = "BTC", extra: String = ""
  ) -> String {
    #"{"symbol":"\#(symbol)","baseCoin":"\#(base)","quoteCoin":"USDT","status":"Trading","#
      + #""marginTrading":"utaOnly","stTag":"0","lotSizeFilter":{"basePrecision":"0.000001","#
      + #""quotePrecision":"0.0000001","minOrderQty":"0.000011","minOrderAmt":"5"},"#
      + #""priceFilter":{"tickSize":"0.1"},"symbolType":""\#(extra)}"#
  }

  static func perp(
    _ symbol: String = "BTCUSDT", base: String = "BTC", delivery: String = "0",
    minutes: Int = 480, preListing: Bool = false, type: String = ""
  ) -> String {
    #"{"symbol":"\#(symbol)","contractType":"LinearPerpetual","status":"Trading","#
      + #""baseCoin":"\#(base)","quoteCoin":"USDT","settleCoin":"USDT","#
      + #""launchTime":"1585526400000","deliveryTime":"\#(delivery)","#
      + #""priceFilter":{"tickSize":"0.0000001"},"#
      + #""lotSizeFilter":{"minOrderQty":"100","qtyStep":"100","minNotionalValue":"5"},"#
      + #""fundingInterval":\#(minutes),"upperFundingRate":"0.00375","#
      + #""lowerFundingRate":"-0.00375","isPreListing":\#(preListing),"symbolType":"\#(type)"}"#
  }
}
