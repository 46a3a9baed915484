import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: figures beside the prices")
struct BybitFiguresTests {
  private static let listedAt = Timestamp(milliseconds: 1_585_526_400_000)

  /// BTC with the day of its listing.
  private func dialect() -> BybitDialect {
    var listings = BybitFixture.listings
    listings[0].listedAt = Self.listedAt
    var dialect = BybitDialect(credentials: BybitFixture.credentials)
    dialect.attach(BybitFixture.universe, listings: listings)
    return dialect
  }

  private func ticker(
    _ fields: String, after milliseconds: Int64 = 0, _ name: String = "BTCUSDT"
  ) -> String {
    #"{"topic":"tickers.\#(name)","type":"delta","data":{"symbol":"\#(name)",\#(fields)},"#
      + #""cs":1,"ts":\#(1_735_689_600_110 + milliseconds)}"#
  }

  private func told(_ id: InstrumentID, _ figures: MarketFigures) throws -> VenueEvent {
    .figures(try #require(BybitFixture.universe.index(of: id)), figures)
  }

  private func figures(_ messages: [VenueMessage]) -> [MarketFigures] {
    messages.events.compactMap { if case .figures(_, let figures) = $0 { figures } else { nil } }
  }

  @Test("one side of what is open, turnover, cap and the day of listing, exactly")
  func stream() throws {
    var dialect = dialect()
    let messages = try dialect.hear(
      ticker(
        #""openInterest":"68744.761","turnover24h":"1570383121.943499","fundingCap":"0.005""#),
      on: "linear")
    #expect(
      messages.events == [
        try told(
          BybitFixture.perpBTC,
          MarketFigures(
            turnover: "1570383121.943499", openInterest: "34372.3805", fundingCap: "0.005",
            listedAt: Self.listedAt))
      ])
  }

  @Test("a multiplied contract's open interest is in base units, its turnover as it is")
  func multiplied() throws {
    var dialect = dialect()
    let messages = try dialect.hear(
      ticker(#""openInterest":"12000000.5","turnover24h":"25000000""#, "1000PEPEUSDT"),
      on: "linear")
    #expect(
      messages.events == [
        try told(
          BybitFixture.perpPEPE,
          MarketFigures(
            turnover: "25000000", openInterest: "6000000250", fundingCap: "0.00375"))
      ])
  }

  @Test("what changed is told once in ten seconds, with its last value, and never again as it was")
  func pause() throws {
    var dialect = dialect()
    let first = ticker(#""openInterest":"70000","turnover24h":"5000""#)
    #expect(figures(try dialect.hear(first, on: "linear")).count == 1)
    for (milliseconds, contracts) in [(5000, "60000"), (9999, "68800")] as [(Int64, String)] {
      let frame = ticker(#""openInterest":"\#(contracts)""#, after: milliseconds)
      #expect(try dialect.hear(frame, on: "linear").isEmpty)
    }
    // The value that was heard in between is told by whatever frame comes next.
    let later = try dialect.hear(ticker(#""lastPrice":"1""#, after: 10_000), on: "linear")
    #expect(
      later.events == [try told(BybitFixture.perpBTC, MarketFigures(openInterest: "34400"))])
    let same = ticker(#""openInterest":"68800.0","turnover24h":"5000""#, after: 30_000)
    #expect(try dialect.hear(same, on: "linear").isEmpty)
  }

  @Test("whoever opens the streams hears everything, whatever was told before")
  func beginning() throws {
    var dialect = dialect()
    let first = try dialect.hear(ticker(#""openInterest":"70000""#), on: "linear")
    _ = dialect.perform(.openStreams) { BybitScript.reply($0) }
    let again = try dialect.hear(ticker(#""lastPrice":"1""#, after: 100), on: "linear")
    #expect(figures(first).count == 1 && figures(again) == figures(first))
  }

  @Test(
    "a figure that cannot be read is passed over, and the price beside it counts",
    arguments: [
      #""openInterest":"abc""#, #""openInterest":"""#, #""openInterest":null"#,
      #""openInterest":{"a":1}"#, #""openInterest":["1"]"#, #""openInterest":-5"#,
      #""openInterest":"1e5""#, #""openInterest":"99999999999999999999""#,
      #""openInterest":"999999999999999999999999999999999999999999999""#,
      #""turnover24h":"-0.5""#, #""turnover24h":true"#, #""turnover24h":"1000000000000000""#,
    ])
  func malformed(field: String) throws {
    var dialect = dialect()
    let known = #""openInterest":"70000","turnover24h":"5000""#
    _ = try dialect.hear(ticker(known), on: "linear")
    let book =
      #"{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1735689600110,"data":{"s":"BTCUSDT","#
      + #""b":[["50000","2.5"]],"a":[["50001","1"]],"u":7,"seq":9},"cts":1735689600110}"#
    _ = try dialect.hear(book, on: "linear")
    let messages = try dialect.hear(
      ticker(#"\#(field),"markPrice":"50000.5""#, after: 20_000), on: "linear")
    guard case .event(.quote(let quote))? = messages.first else {
      Issue.record("\(messages)")
      return
    }
    #expect(quote.mark == "50000.5" && messages.count == 1)
    #expect(try dialect.hear(ticker(known, after: 40_000), on: "linear").isEmpty)
  }

  // MARK: - Spot

  @Test("turnover of spot is read at the start and every quarter of an hour")
  func spot() throws {
    var dialect = BybitFixture.dialect()
    #expect(dialect.housekeeping(at: BybitFixture.now).isEmpty)
    _ = dialect.perform(.openStreams) { BybitScript.reply($0) }
    let calls = dialect.housekeeping(at: BybitFixture.now)
    #expect(calls.compactMap { $0["symbol"] } == ["BTCUSDT", "PEPEUSDT", "ETHUSDT"])
    let witnessed = try BybitFixture.lines("requests").first {
      $0["path"]?.text == "/v5/market/tickers" && $0["category"]?.text == "spot"
    }
    #expect(witnessed?["names"] == ["category", "symbol"])
    for call in calls {
      #expect(call.method == .get && call.path == "/v5/market/tickers")
      #expect(call.parameters.map(\.name) == ["category", "symbol"] && call["category"] == "spot")
      #expect(!call.isSigned && call.urgency == .low)
    }
    func answer(_ call: Call<BybitPurpose>) -> CallOutcome {
      switch call["symbol"] ?? "" {
      case "BTCUSDT":
        BybitFixture.page([#"{"symbol":"BTCUSDT","turnover24h":"49337318.5031"}"#])
      case "PEPEUSDT": .unknown("timeout")
      default: BybitFixture.answer("{}", code: 10001, text: "no")
      }
    }
    let messages = dialect.run(calls, answer)
    let expected = try told(BybitFixture.spotBTC, MarketFigures(turnover: "49337318.5031"))
    #expect(messages == [.event(expected)])
    #expect(dialect.housekeeping(at: BybitFixture.now + .seconds(899)).isEmpty)
    let later = BybitFixture.now + .minutes(15)
    let again = dialect.housekeeping(at: later)
    #expect(again.count == 3)
    // What did not change is not told, and what cannot be read changes nothing.
    #expect(dialect.run(again, at: later, answer).isEmpty)
    for row in [
      "{}", "7", #"{"symbol":"ETHUSDT","turnover24h":"1"}"#,
      #"{"symbol":"BTCUSDT","turnover24h":"x"}"#, #"{"symbol":"BTCUSDT","turnover24h":"-1"}"#,
    ] {
      #expect(dialect.run([again[0]], at: later) { _ in BybitFixture.page([row]) }.isEmpty)
    }
  }

  // MARK: - Deleveraging

  private func position(_ rank: String) -> String {
    BybitOrderTests.topic(
      "position",
      #"{"category":"linear","symbol":"BTCUSDT","positionIdx":0,"side":"Sell","size":"0.01","#
        + #""entryPrice":"50000","positionIM":"90","liqPrice":"","adlRankIndicator":\#(rank)}"#)
  }

  @Test("the place in the queue comes with positions and is told when it is another one")
  func ranks() throws {
    var dialect = BybitFixture.dialect()
    for (rank, expected) in [
      ("4", [4]), ("4", []), ("6", []), ("-1", []), ("null", []), (#""x""#, []), (#""5""#, [5]),
      ("0", [0]),
    ] as [(String, [Int])] {
      let messages = try dialect.hear(position(rank), on: "private")
      #expect(figures(messages) == expected.map { MarketFigures(deleveragingRank: $0) }, "\(rank)")
      #expect(messages.count == 1 + expected.count)
    }
  }

  @Test("a snapshot tells the ranks of its positions; one that is gone has none")
  func snapshotRanks() throws {
    var dialect = BybitFixture.dialect()
    let documented = CallOutcome.answered(
      HTTPResponse(status: 200, body: try BybitFixture.payload("http_get_positions").bytes))
    func read(_ positions: CallOutcome) -> [VenueEvent] {
      dialect.perform(.snapshotWithoutHistory) { call in
        switch call.path {
        case "/v5/account/wallet-balance": BybitFixture.page([#"{"coin":[]}"#])
        case "/v5/position/list": positions
        default: BybitFixture.page([])
        }
      }.events
    }
    func told(_ btc: Int, _ eth: Int) throws -> [VenueEvent] {
      [
        try self.told(BybitFixture.perpBTC, MarketFigures(deleveragingRank: btc)),
        try self.told(BybitFixture.perpETH, MarketFigures(deleveragingRank: eth)),
      ]
    }
    #expect(Array(read(documented).dropFirst()) == (try told(2, 3)))
    #expect(read(documented).count == 1)
    #expect(Array(read(BybitFixture.page([])).dropFirst()) == (try told(0, 0)))
    #expect(read(BybitFixture.page([])).count == 1)
  }
}
