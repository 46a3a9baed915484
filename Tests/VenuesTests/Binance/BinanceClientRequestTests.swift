import Testing
import Trading
import Venues
import Wire

/// The same method, path and set of parameters as another client sends for the same wish.
@Suite struct BinanceClientRequestTests {
  private static let added: Set<String> = ["timestamp", "recvWindow", "signature"]

  /// What the other client sent, by product, method and place among those.
  private func recorded(
    _ product: String, _ method: String, where isMeant: (JSON) -> Bool = { _ in true }
  ) throws -> JSON {
    try #require(
      try BinanceFixture.lines("client_requests.jsonl").first {
        $0["product"]?.text == product && $0["method"]?.text == method && isMeant($0)
      })
  }

  private func names(_ request: JSON) -> Set<String> {
    let pairs = (request["query"]?.elements ?? []) + (request["body"]?.elements ?? [])
    return Set(pairs.compactMap { $0[0]?.text })
  }

  private func check(
    _ call: Call<BinancePurpose>, _ theirs: JSON, without: Set<String> = [],
    with: Set<String> = []
  ) {
    #expect(call.method.rawValue == theirs["http_method"]?.text)
    #expect(call.path == theirs["path"]?.text)
    let ours = Set(call.parameters.map(\.name))
    #expect(ours.subtracting(without).union(with) == names(theirs).subtracting(Self.added))
    #expect(call.isSigned == names(theirs).contains("signature"))
  }

  @Test func orders() throws {
    var bench = BinanceBench()
    func input(_ request: JSON, _ words: [String]) -> Bool {
      let text = request["input"]?.description ?? ""
      return words.allSatisfy(text.contains)
    }
    let cases: [(OrderKind, Bool, [String])] = [
      (
        .limit("50000"), false,
        ["\"limit\",\"buy\",0.01,50000,{\"newClientOrderId\":\"harv-0001\"}"]
      ),
      (.market, false, ["\"market\",\"buy\",0.01,null,{\"newClientOrderId\":\"harv-0001\"}"]),
      (.immediateOrCancel("50000"), false, ["\"IOC\""]), (.postOnly("50000"), false, ["postOnly"]),
      (.market, true, ["\"market\"", "reduceOnly"]),
      (.limit("50000"), true, ["\"limit\"", "reduceOnly"]),
    ]
    for (kind, reduceOnly, words) in cases {
      for (product, id) in [("spot", BinanceBench.spotID), ("usdm", BinanceBench.perpID)] {
        if reduceOnly && product == "spot" { continue }
        let theirs = try recorded(product, "create_order") { input($0, words) }
        let order = BinanceBench.order(kind, .buy, id, reduceOnly: reduceOnly)
        let call = bench.begin(.request(.submit(order)))[0]
        check(call, theirs)
        for pair in theirs["body"]?.elements ?? [] {
          let name = pair[0]?.text ?? ""
          if Self.added.contains(name) || name == "newClientOrderId" { continue }
          let ours = call.parameters.first { $0.name == name }?.value
          #expect(ours == pair[1]?.text, "\(product) \(kind) \(name)")
        }
      }
    }
  }

  @Test func everythingElse() throws {
    var bench = BinanceBench()
    for (product, id, instrument) in [
      ("spot", BinanceBench.spotID, BinanceBench.btc),
      ("usdm", BinanceBench.perpID, BinanceBench.btcPerp),
    ] {
      let byID = { (request: JSON) in request.description.contains("origClientOrderId") }
      check(
        bench.begin(.request(.cancel(id, instrument)))[0],
        try recorded(product, "cancel_order", where: byID))
      check(
        bench.begin(.request(.query(id, instrument)))[0],
        try recorded(product, "fetch_order", where: byID))
      check(
        bench.begin(
          .bars(instrument, from: bench.now - .days(1), to: bench.now, interval: .hours(1)))[0],
        try recorded(product, "fetch_ohlcv") { $0.description.contains("startTime") },
        without: ["endTime"])
    }
    let transfer = Transfer(
      id: 1, venue: "binance", from: .spot, to: .futures, asset: "USDT", amount: "100.25")
    check(bench.begin(.request(.transfer(transfer)))[0], try recorded("wallet", "transfer"))
    check(bench.begin(.readClock)[0], try recorded("spot", "fetch_time"))
    let snapshot = bench.begin(.request(.snapshot("binance", since: bench.now - .hours(1))))
    func call(_ path: String) throws -> Call<BinancePurpose> {
      try #require(snapshot.first { $0.path == path })
    }
    check(try call("/api/v3/account"), try recorded("spot", "fetch_balance"))
    check(try call("/fapi/v3/account"), try recorded("usdm", "fetch_balance"))
    check(try call("/fapi/v3/positionRisk"), try recorded("usdm", "fetch_positions"))
    let withTime = { (request: JSON) in request.description.contains("startTime") }
    check(try call("/api/v3/myTrades"), try recorded("spot", "fetch_my_trades", where: withTime))
    check(
      try call("/fapi/v1/userTrades"), try recorded("usdm", "fetch_my_trades", where: withTime))
    // All symbols at once: the other client asks by symbol.
    check(
      try call("/fapi/v1/income"), try recorded("usdm", "fetch_funding_history"), with: ["symbol"])
    check(
      try call("/api/v3/openOrders"), try recorded("spot", "fetch_open_orders"), with: ["symbol"])
    let survey = bench.begin(.survey(["BTCUSDT"]))
    #expect(survey.map(\.path).contains("/fapi/v1/premiumIndex"))
    check(survey[0], try recorded("spot", "fetch_markets"))
    check(survey[2], try recorded("usdm", "fetch_funding_intervals"))
    check(survey[3], try recorded("usdm", "fetch_funding_rates"))
    let modes = bench.begin(.readModes)
    check(modes[0], try recorded("usdm", "fetch_position_mode"))
    check(modes[1], try recorded("usdm", "fetch_leverages"))
    check(
      bench.begin(.request(.fundingHistory(BinanceBench.btcPerp, since: bench.now)))[0],
      try recorded("usdm", "fetch_funding_rate_history", where: withTime))
  }
}
