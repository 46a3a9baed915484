import FixedPoint
import Testing
import Trading
import Venues
import Wire

@Suite("Bybit: public streams")
struct BybitMarketTests {
  private func book(
    _ name: String, _ bid: String, _ ask: String, cts: Int64 = 1_735_689_600_100
  ) -> String {
    #"{"topic":"orderbook.1.\#(name)","type":"snapshot","ts":1735689600110,"data":{"s":"\#(name)","#
      + #""b":[["\#(bid)","2.5"]],"a":[["\#(ask)","1"]],"u":7,"seq":9},"cts":\#(cts)}"#
  }

  private func ticker(_ fields: String, type: String = "delta", ts: Int64 = 1_735_689_600_110)
    -> String
  {
    #"{"topic":"tickers.BTCUSDT","type":"\#(type)","data":{"symbol":"BTCUSDT",\#(fields)},"#
      + #""cs":1,"ts":\#(ts)}"#
  }

  private func index(_ id: InstrumentID) throws -> InstrumentIndex {
    try #require(BybitFixture.universe.index(of: id))
  }

  @Test("a spot book is a quote whose mark is the mid")
  func spot() throws {
    var dialect = BybitFixture.dialect()
    let messages = try dialect.hear(book("BTCUSDT", "50000.1", "50000.2"), on: "spot")
    let expected = Quote(
      instrument: try index(BybitFixture.spotBTC), bid: "50000.1", ask: "50000.2",
      mark: "50000.15", at: Timestamp(milliseconds: 1_735_689_600_100))
    #expect(messages == [.event(.quote(expected))])
    #expect(dialect.venueTime == Timestamp(milliseconds: 1_735_689_600_110))
  }

  @Test("a perpetual is quoted once bid, ask and mark are known")
  func perpetual() throws {
    var dialect = BybitFixture.dialect()
    #expect(try dialect.hear(book("BTCUSDT", "50000", "50001"), on: "linear").isEmpty)
    let first = try dialect.hear(ticker(#""markPrice":"50000.7""#, type: "snapshot"), on: "linear")
    guard case .event(.quote(let quote)) = try #require(first.first) else {
      Issue.record("no quote")
      return
    }
    #expect(quote.mark == "50000.7" && quote.bid == "50000" && quote.ask == "50001")
    // What a delta leaves out is unchanged.
    #expect(try dialect.hear(ticker(#""lastPrice":"1""#), on: "linear").isEmpty)
    let moved = try dialect.hear(book("BTCUSDT", "50002", "50003"), on: "linear")
    guard case .event(.quote(let next)) = try #require(moved.first) else {
      Issue.record("no quote")
      return
    }
    #expect(next.mark == "50000.7" && next.bid == "50002")
  }

  @Test("a multiplied contract is quoted per base unit")
  func multiplied() throws {
    var dialect = BybitFixture.dialect()
    let name = "1000PEPEUSDT"
    _ = try dialect.hear(book(name, "0.0201234", "0.0201235"), on: "linear")
    let messages = try dialect.hear(
      #"{"topic":"tickers.\#(name)","type":"snapshot","data":{"symbol":"\#(name)","#
        + #""markPrice":"0.0201234"},"cs":1,"ts":1735689600110}"#, on: "linear")
    guard case .event(.quote(let quote)) = try #require(messages.first) else {
      Issue.record("no quote")
      return
    }
    #expect(quote.bid == "0.0000201234" && quote.ask == "0.0000201235")
    #expect(quote.mark == "0.0000201234")
  }

  @Test("the documented ticker says the next settlement's rate, figures, and what changed of both")
  func documentedTicker() throws {
    var dialect = BybitFixture.dialect()
    let frame = try BybitFixture.payload("ws_ticker_linear").description
    let messages = try dialect.hear(frame, on: "linear")
    let rate = FundingRate(
      settlesAt: Timestamp(milliseconds: 1_673_280_000_000), intervalHours: 8, rate: "-0.000212")
    let perp = try index(BybitFixture.perpBTC)
    let figures = MarketFigures(
      turnover: "1570383121.943499", openInterest: "34372.3805", fundingCap: "0.00375")
    #expect(messages.events == [.fundingPredicted(perp, rate), .figures(perp, figures)])
    let changed = try dialect.hear(
      ticker(#""fundingIntervalHour":"1","fundingCap":"0.005""#, ts: 1_673_272_900_000),
      on: "linear")
    let terms = FundingTerms(
      intervalHours: 1, cap: "0.005", floor: "-0.005",
      nextSettlement: Timestamp(milliseconds: 1_673_280_000_000))
    #expect(changed.first == .termsChanged(BybitFixture.perpBTC, terms))
    #expect(changed.events.count == 2)
    #expect(changed.events.last == .figures(perp, MarketFigures(fundingCap: "0.005")))
    // Said once.
    #expect(try dialect.hear(ticker(#""fundingCap":"0.005""#), on: "linear").isEmpty)
  }

  @Test("subscriptions come in tens, and the stream is ready when all are answered")
  func subscriptions() throws {
    var dialect = BybitFixture.dialect()
    #expect(
      dialect.streams.map(\.target) == ["/v5/public/spot", "/v5/public/linear", "/v5/private"])
    let frames = dialect.opened(StreamID("linear"), at: BybitFixture.now)
    #expect(frames.count == 1)
    #expect(try JSON(parsing: frames[0])["args"]?.elements.count == 6)
    let answer = #"{"success":true,"ret_msg":"","conn_id":"c","req_id":"s0","op":"subscribe"}"#
    #expect(try dialect.hear(answer, on: "linear") == [.subscribed(StreamID("linear"))])
    #expect(try dialect.hear(answer, on: "linear").isEmpty)
    let pong = #"{"success":true,"ret_msg":"pong","conn_id":"c","op":"ping"}"#
    #expect(try dialect.hear(pong, on: "linear").isEmpty)
    #expect(dialect.heartbeat(of: StreamID("spot"), at: BybitFixture.now) == #"{"op":"ping"}"#)
    let failure = try BybitFixture.payload("ws_subscription_failure").description
    let messages = try dialect.hear(failure, on: "spot")
    #expect(messages.notices.count == 1)
    #expect(messages.last == .streamEnded(StreamID("spot"), "subscription refused"))
  }

  @Test("a login is followed by the topics; a refused one ends the stream")
  func login() throws {
    var dialect = BybitFixture.dialect()
    _ = dialect.opened(StreamID("private"), at: BybitFixture.now)
    var messages: [VenueMessage] = []
    let answer = Array(#"{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}"#.utf8)
    let frames = try answer.withUnsafeBytes { bytes in
      try dialect.receive(
        bytes, on: StreamID("private"), at: BybitFixture.now, into: &messages)
    }
    #expect(messages.isEmpty && frames.count == 1)
    #expect(
      try JSON(parsing: frames[0])["args"] == ["order", "execution", "position", "wallet"])
    let failure = try BybitFixture.payload("ws_auth_failure").description
    #expect(
      try dialect.hear(failure, on: "private").last
        == .streamEnded(StreamID("private"), "login refused"))
  }

  @Test(
    "a frame that is not whole, not ours or impossible changes nothing",
    arguments: [
      #"{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1735689600110,"data":{"s":"BTCUSDT""#,
      #"{"topic":"orderbook.1.XXXUSDT","type":"snapshot","ts":1735689600110,"data":{}}"#,
      #"{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1735689600110,"data":{"s":"BTCUSDT","#
        + #""b":[["2","1"]],"a":[["1","1"]]}}"#,
      #"{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1735689600110,"data":{"s":"ETHUSDT","#
        + #""b":[["1","1"]],"a":[["2","1"]]}}"#,
      #"{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1735689600110,"data":{"s":"BTCUSDT","#
        + #""b":[["1e5","1"]],"a":[["200000","1"]]}}"#,
      #"{"topic":"order","creationTime":1735689600110,"data":[{"category":"spot"}]}"#,
      "[]", "", "null", #"{"op":"hello"}"#,
    ])
  func broken(frame: String) throws {
    for stream in ["spot", "linear", "private"] {
      var dialect = BybitFixture.dialect()
      #expect(throws: DialectError.self) { _ = try dialect.hear(frame, on: stream) }
      #expect(dialect.venueTime == nil)
    }
  }
}
