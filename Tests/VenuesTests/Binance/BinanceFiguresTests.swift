import FixedPoint
import Testing
import Trading
import Venues
import Wire

/// What is asked beside the streams: open interest, a day's turnover, the queue of deleveraging.
@Suite struct BinanceFiguresTests {
  private static let spot = InstrumentIndex(0)
  private static let perp = InstrumentIndex(1)
  private static let pepe = InstrumentIndex(3)

  /// A bench whose streams were opened, and the figures of BTC that are due at once.
  private func opened() -> (bench: BinanceBench, calls: [Call<BinancePurpose>]) {
    var bench = BinanceBench()
    _ = bench.play(.openStreams) { _ in BinanceBench.ok(["listenKey": "abcDEF123"]) }
    let calls = bench.housekeeping(after: .seconds(0))
    return (bench, calls)
  }

  private func told(_ index: InstrumentIndex, _ figures: MarketFigures) -> [VenueMessage] {
    [.event(.figures(index, figures))]
  }

  @Test func requests() throws {
    var (bench, calls) = opened()
    #expect(
      calls.map(BinanceBench.text) == [
        "GET /fapi/v1/openInterest?symbol=BTCUSDT", "GET /fapi/v1/ticker/24hr?symbol=BTCUSDT",
        "GET /api/v3/ticker/24hr?symbol=BTCUSDT", "GET /fapi/v1/adlQuantile",
      ])
    #expect(calls.map(\.endpoint) == [.futuresREST, .futuresREST, .spotREST, .futuresREST])
    #expect(calls.map(\.weight) == [1, 1, 2, 5])
    #expect(calls.map(\.isSigned) == [false, false, false, true])
    #expect(calls.allSatisfy { $0.urgency == .low && !$0.isMutating })
    for (product, call) in [("usdm", calls[1]), ("spot", calls[2])] {
      let theirs = try #require(
        try BinanceFixture.lines("client_requests.jsonl").first {
          $0["product"]?.text == product && $0["method"]?.text == "fetch_ticker"
        })
      #expect(theirs["path"]?.text == call.path && theirs["query"] == [["symbol", "BTCUSDT"]])
    }
    // The next pair is asked for a second later.
    #expect(
      bench.housekeeping(after: .seconds(1)).map(BinanceBench.text) == [
        "GET /fapi/v1/openInterest?symbol=1000PEPEUSDT",
        "GET /fapi/v1/ticker/24hr?symbol=1000PEPEUSDT", "GET /api/v3/ticker/24hr?symbol=PEPEUSDT",
      ])
  }

  @Test func listed() {
    let listedAt = Timestamp(milliseconds: 1_567_965_300_000)
    var listings = BinanceBench.listings
    listings[0].listedAt = listedAt
    listings[0].terms.cap = "0.003"
    var bench = BinanceBench(attached: false)
    bench.dialect.attach(BinanceBench.universe, listings: listings)
    let key: JSON = ["listenKey": "abcDEF123"]
    let first = bench.play(.openStreams) { _ in BinanceBench.ok(key) }
    let figures = MarketFigures(fundingCap: "0.003", listedAt: listedAt)
    #expect(first.messages.first == .streamsChanged)
    #expect(Array(first.messages.dropFirst()) == told(Self.perp, figures))
    // Told once.
    #expect(bench.play(.openStreams) { _ in BinanceBench.ok(key) }.messages.isEmpty)
  }

  @Test func changedCap() throws {
    var (bench, _) = opened()
    let polls = bench.housekeeping(after: .minutes(15))
    let poll = try #require(polls.first { $0.path == "/fapi/v1/fundingInfo" })
    let listed: JSON = [
      [
        "symbol": "BTCUSDT", "adjustedFundingRateCap": "0.02", "adjustedFundingRateFloor": "-0.02",
        "fundingIntervalHours": 8,
      ]
    ]
    #expect(
      bench.answer(poll, listed).messages.events == [
        .figures(Self.perp, MarketFigures(fundingCap: "0.02"))
      ])
    #expect(bench.answer(poll, listed).messages.isEmpty)
  }

  @Test func figures() throws {
    var (bench, calls) = opened()
    calls += bench.housekeeping(after: .seconds(1))
    let interest: JSON = [
      "openInterest": "10659.509", "symbol": "BTCUSDT", "time": 1_589_437_530_011,
    ]
    #expect(
      bench.answer(calls[0], interest).messages
        == told(Self.perp, MarketFigures(openInterest: "10659.509")))
    // Told once.
    #expect(bench.answer(calls[0], interest).messages.isEmpty)
    func day(_ symbol: String, _ volume: String) -> JSON {
      ["symbol": .string(symbol), "quoteVolume": .string(volume), "volume": "1"]
    }
    #expect(
      bench.answer(calls[1], day("BTCUSDT", "1570383121.943499")).messages
        == told(Self.perp, MarketFigures(turnover: "1570383121.943499")))
    #expect(
      bench.answer(calls[2], day("BTCUSDT", "15.30000000")).messages
        == told(Self.spot, MarketFigures(turnover: "15.3")))
    // Contracts of a thousand become base units; quote units are quote units.
    #expect(
      bench.answer(calls[4], ["openInterest": "1000.5", "symbol": "1000PEPEUSDT"]).messages
        == told(Self.pepe, MarketFigures(openInterest: "1000500")))
    #expect(
      bench.answer(calls[5], day("1000PEPEUSDT", "25")).messages
        == told(Self.pepe, MarketFigures(turnover: "25")))
  }

  /// Open interest and the queue every five minutes, turnover every fifteen.
  @Test func schedule() {
    var (bench, calls) = opened()
    for call in calls { _ = bench.answer(call, []) }
    func due(after span: TimeSpan) -> [String] {
      bench.housekeeping(after: span).filter {
        $0.parameters.isEmpty || $0.parameters[0].value == "BTCUSDT"
      }.map(\.path)
    }
    let early = due(after: .seconds(299))
    #expect(!early.contains("/fapi/v1/openInterest"))
    #expect(!early.contains("/fapi/v1/adlQuantile"))
    let fiveMinutes = due(after: .seconds(1))
    #expect(fiveMinutes.contains("/fapi/v1/openInterest"))
    #expect(fiveMinutes.contains("/fapi/v1/adlQuantile"))
    #expect(!due(after: .seconds(599)).contains("/api/v3/ticker/24hr"))
    #expect(due(after: .seconds(1)).contains("/api/v3/ticker/24hr"))
  }

  /// Whatever comes of such a call, nothing is told of it and it is made again at its next time.
  @Test func failures() throws {
    let outcomes: [CallOutcome] = [
      .unknown("timeout"), .notSent("no address"), BinanceBench.error(-1121, "Invalid symbol."),
      BinanceBench.error(-2015, "Invalid API-key", status: 401),
      BinanceBench.error(-1000, "UNKNOWN", status: 500),
      .answered(HTTPResponse(status: 200, body: Array("<html>".utf8))),
    ]
    for outcome in outcomes {
      var (bench, calls) = opened()
      for call in calls {
        let reaction = bench.dialect.finish(call, outcome, at: bench.now)
        #expect(reaction.messages.isEmpty && reaction.calls.isEmpty, "\(outcome)")
      }
      let again = bench.housekeeping(after: .minutes(15))
      #expect(calls.allSatisfy { again.contains($0) }, "\(outcome)")
    }
    // Too many requests are a matter of the whole address, not of the figure.
    var (bench, calls) = opened()
    let limited = bench.dialect.finish(
      calls[0], BinanceBench.error(-1003, "Too many requests.", status: 429), at: bench.now)
    #expect(limited.messages == [.slowDown(until: bench.now + .seconds(60), isBan: false)])
  }

  @Test func malformed() throws {
    var (bench, calls) = opened()
    let interest: JSON = ["openInterest": "5", "symbol": "BTCUSDT"]
    let day: JSON = ["quoteVolume": "7", "symbol": "BTCUSDT"]
    let queue: JSON = [["symbol": "BTCUSDT", "adlQuantile": ["BOTH": 2]]]
    let good = [interest, day, day, queue]
    for (call, body) in zip(calls, good) { #expect(bench.answer(call, body).messages.count == 1) }
    let bodies: [JSON] = [
      [:], [], 7, ["symbol": "BTCUSDT"], ["symbol": "ETHUSDT", "openInterest": "1"],
      ["symbol": "ETHUSDT", "quoteVolume": "1"],
      ["symbol": "BTCUSDT", "openInterest": "-1", "quoteVolume": "-1"],
      ["symbol": "BTCUSDT", "openInterest": "1e5", "quoteVolume": "abc"],
      ["symbol": "BTCUSDT", "openInterest": [], "quoteVolume": nil],
      [
        "symbol": "BTCUSDT", "openInterest": "99999999999999999",
        "quoteVolume": "999999999999999999999999999999999999999999",
      ],
      [["symbol": "BTCUSDT", "adlQuantile": ["BOTH": 5]]],
      [["symbol": "BTCUSDT", "adlQuantile": ["BOTH": "x"]]],
      [["symbol": "BTCUSDT", "adlQuantile": 3]], [["symbol": "BTCUSDT"]],
      [["symbol": 7, "adlQuantile": ["BOTH": 1]], ["adlQuantile": ["BOTH": 1]]], ["BTCUSDT"],
    ]
    for body in bodies {
      // An empty list of positions is one: see `queue`.
      let asked = body == [] ? Array(calls.prefix(3)) : calls
      for call in asked {
        #expect(bench.answer(call, body).messages.isEmpty, "\(call.path) \(body)")
      }
    }
    for (call, body) in zip(calls, good) { #expect(bench.answer(call, body).messages.isEmpty) }
  }

  @Test(arguments: [(0, 0), (1, 2), (2, 3), (3, 4), (4, 5)])
  func ranks(quantile: Int, rank: Int) {
    var (bench, calls) = opened()
    let body: JSON = [
      [
        "symbol": "1000PEPEUSDT", "adlQuantile": ["LONG": 3, "SHORT": 3, "HEDGE": 0],
      ],
      [
        "symbol": "BTCUSDT",
        "adlQuantile": ["LONG": 1, "SHORT": 2, "BOTH": .number("\(quantile)")],
      ],
    ]
    // `HEDGE` is a sign of cross margin in hedge mode and no rank.
    #expect(
      bench.answer(calls[3], body).messages
        == told(Self.perp, MarketFigures(deleveragingRank: rank)))
    #expect(bench.answer(calls[3], body).messages.isEmpty)
  }

  /// A position that is gone stands in no queue; one that never was is not spoken of.
  @Test func queue() {
    var (bench, calls) = opened()
    #expect(bench.answer(calls[3], []).messages.isEmpty)
    let body: JSON = [["symbol": "BTCUSDT", "adlQuantile": ["LONG": 0, "SHORT": 0, "BOTH": 3]]]
    #expect(bench.answer(calls[3], body).messages.count == 1)
    #expect(
      bench.answer(calls[3], []).messages == told(Self.perp, MarketFigures(deleveragingRank: 0)))
    #expect(bench.answer(calls[3], []).messages.isEmpty)
  }
}
