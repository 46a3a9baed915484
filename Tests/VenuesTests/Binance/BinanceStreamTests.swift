import FixedPoint
import Testing
import Trading
import Venues
import Wire

/// Streams: what is held open, prices, funding, and the events of the account.
@Suite struct BinanceStreamTests {
  private static let btcIndex = InstrumentIndex(1)

  private func opened() -> BinanceBench {
    var bench = BinanceBench()
    _ = bench.play(.openStreams) { _ in BinanceBench.ok(["listenKey": "abcDEF123"]) }
    return bench
  }

  @Test func specs() {
    var bench = BinanceBench()
    #expect(
      bench.dialect.streams.map(\.id.name) == [
        "spot book 0", "perp book 0", "perp mark 0", "spot account",
      ])
    // The account of the perpetuals is missing: nothing is traded without its events.
    #expect(!bench.dialect.isComplete)
    let call = bench.begin(.openStreams)[0]
    #expect(BinanceBench.text(call) == "POST /fapi/v1/listenKey" && !call.isSigned)
    #expect(bench.answer(call, ["listenKey": "abcDEF123"]).messages == [.streamsChanged])
    #expect(
      bench.dialect.streams.map(\.target) == [
        "/stream?streams=btcusdt@bookTicker/pepeusdt@bookTicker",
        "/public/stream?streams=btcusdt@bookTicker/1000pepeusdt@bookTicker",
        "/market/stream?streams=btcusdt@markPrice@1s/1000pepeusdt@markPrice@1s",
        "/ws-api/v3", "/private/ws/abcDEF123",
      ])
    #expect(bench.dialect.isComplete)
    let quiet = bench.dialect.streams.filter(\.isPrivate)
    #expect(quiet.map(\.silenceLimit) == [.seconds(50), .seconds(50)])
    #expect(bench.dialect.streams.map(\.isPrivate) == [false, false, false, true, true])
    #expect(bench.dialect.streams.allSatisfy { $0.lifetime == .hours(23) })
  }

  @Test func subscriptions() throws {
    var bench = opened()
    let frames = bench.dialect.opened(StreamID("perp mark 0"), at: bench.now)
    #expect(
      frames == [
        #"{"method":"SUBSCRIBE","params":["btcusdt@markPrice@1s","#
          + #""1000pepeusdt@markPrice@1s"],"id":1}"#
      ])
    let yes = try bench.receive(#"{"result":null,"id":1}"#, on: "perp mark 0")
    #expect(yes.messages == [.subscribed(StreamID("perp mark 0"))])
    let no = try bench.receive(
      #"{"error":{"code":2,"msg":"Invalid request"},"id":1}"#, on: "spot book 0")
    #expect(no.messages.count == 2 && no.messages.notices.count == 1)
    guard case .streamEnded(StreamID("spot book 0"), _)? = no.messages.last else {
      Issue.record("\(no)")
      return
    }
    let account = try bench.receive(
      #"{"id":"1","status":200,"result":{"subscriptionId":0},"rateLimits":[]}"#, on: "spot account")
    #expect(account.messages == [.subscribed(StreamID("spot account"))])
    let refused = try bench.receive(
      #"{"id":"1","status":400,"error":{"code":-1022,"msg":"Signature is not valid."}}"#,
      on: "spot account")
    #expect(refused.messages.count == 2 && refused.messages.notices[0].contains("-1022"))
  }

  /// Nothing is sent on the private stream: a key that is alive tells that it is subscribed.
  @Test func listenKey() throws {
    var bench = opened()
    #expect(bench.dialect.opened(StreamID("perp account"), at: bench.now).isEmpty)
    let confirm = bench.housekeeping(after: .seconds(1)).filter { $0.method == .put }
    #expect(confirm.map(BinanceBench.text) == ["PUT /fapi/v1/listenKey"])
    #expect(bench.answer(confirm[0], [:]).messages == [.subscribed(StreamID("perp account"))])
    #expect(!bench.housekeeping(after: .minutes(29)).contains { $0.method == .put })
    let keep = bench.housekeeping(after: .minutes(1)).filter { $0.method == .put }
    #expect(keep.count == 1 && bench.answer(keep[0], [:]).messages.isEmpty)
    let expired = try bench.receive(
      #"{"e":"listenKeyExpired","E":1735693200000,"listenKey":"abcDEF123"}"#, on: "perp account")
    #expect(expired.messages.contains(.streamsChanged) && expired.messages.count == 3)
    #expect(bench.dialect.streams.count == 4 && !bench.dialect.isComplete)
    let again = bench.housekeeping(after: .seconds(1)).filter { $0.method == .post }
    #expect(again.count == 1)
    #expect(bench.answer(again[0], ["listenKey": "next"]).messages == [.streamsChanged])
    #expect(bench.dialect.streams.last?.target == "/private/ws/next")
    let unknown = bench.housekeeping(after: .minutes(31)).filter { $0.method == .put }
    let lost = bench.dialect.finish(
      unknown[0], BinanceBench.error(-1125, "This listenKey does not exist."), at: bench.now)
    #expect(lost.calls.map(BinanceBench.text) == ["POST /fapi/v1/listenKey"])
  }

  /// A key that cannot be had is a failure of the task, one that cannot be kept is tried later each
  /// time.
  @Test func listenKeyRefused() {
    var bench = BinanceBench()
    let call = bench.begin(.openStreams)[0]
    let refused = bench.dialect.finish(call, BinanceBench.error(-1001, "busy"), at: bench.now)
    guard case .failed(.openStreams, _)? = refused.messages.first else {
      Issue.record("\(refused)")
      return
    }
    #expect(!bench.dialect.isComplete)
    bench = opened()
    _ = bench.dialect.opened(StreamID("perp account"), at: bench.now)
    for pause in [0, 2, 4, 8, 16, 32, 60, 60] {
      if pause > 0 {
        let early = bench.housekeeping(after: .seconds(Int64(pause) - 1))
        #expect(!early.contains { $0.method == .put })
      }
      let keep = bench.housekeeping(after: .seconds(1)).filter { $0.method == .put }
      #expect(keep.map(BinanceBench.text) == ["PUT /fapi/v1/listenKey"], "\(pause)")
      guard let call = keep.first else { return }
      let outcome = pause == 4 ? .unknown("timeout") : BinanceBench.error(-1001, "busy")
      #expect(bench.dialect.finish(call, outcome, at: bench.now).messages.isEmpty)
    }
    let keep = bench.housekeeping(after: .minutes(1)).filter { $0.method == .put }
    #expect(bench.answer(keep[0], [:]).messages == [.subscribed(StreamID("perp account"))])
  }

  // MARK: - Prices

  private static func book(
    _ update: Int, bid: String, ask: String, symbol: String = "BTCUSDT", product: Int = 1
  ) -> String {
    """
    {"stream":"x","data":{"e":"bookTicker","u":\(update),"E":1735689600200,"T":1735689600190,\
    "s":"\(symbol)","ps":"\(symbol)","b":"\(bid)","B":"31.21","a":"\(ask)","A":"40.66",\
    "st":\(product)}}
    """
  }
  private static func mark(
    _ price: String, rate: String = "0.00038167", next: Int64 = 1_735_718_400_000,
    at time: Int64 = 1_735_689_601_000, symbol: String = "BTCUSDT"
  ) -> String {
    """
    {"stream":"x","data":{"e":"markPriceUpdate","E":\(time),"s":"\(symbol)","p":"\(price)",\
    "i":"11784.62659091","P":"11784.25641265","ap":"1","r":"\(rate)","T":\(next),"st":1}}
    """
  }

  @Test func perpQuotes() throws {
    var bench = opened()
    #expect(
      try bench.receive(Self.book(5, bid: "60000.1", ask: "60000.2"), on: "perp book 0").messages
        .isEmpty)
    let first = try bench.receive(Self.mark("60000.15"), on: "perp mark 0").messages.events
    let rate = FundingRate(
      settlesAt: Timestamp(milliseconds: 1_735_718_400_000), intervalHours: 8, rate: "0.00038167")
    #expect(
      first == [
        .quote(
          Quote(
            instrument: Self.btcIndex, bid: "60000.1", ask: "60000.2", mark: "60000.15",
            at: Timestamp(milliseconds: 1_735_689_601_000))),
        .fundingPredicted(Self.btcIndex, rate),
      ])
    #expect(bench.dialect.venueTime == Timestamp(milliseconds: 1_735_689_601_000))
    // The same prediction is not told again; an older book and another product are passed over.
    #expect(try bench.receive(Self.mark("60000.16"), on: "perp mark 0").messages.count == 1)
    #expect(try bench.receive(Self.book(5, bid: "1", ask: "2"), on: "perp book 0").messages.isEmpty)
    #expect(
      try bench.receive(Self.book(9, bid: "1", ask: "2", product: 2), on: "perp book 0")
        .messages.isEmpty)
    #expect(
      try bench.receive(Self.book(6, bid: "60000.3", ask: "60000.4"), on: "perp book 0").messages
        .count == 1)
    // A book without a side has no price.
    #expect(
      try bench.receive(Self.book(7, bid: "0.00", ask: "60000.4"), on: "perp book 0").messages
        .isEmpty)
  }

  @Test func multiplierIsUndone() throws {
    var bench = opened()
    _ = try bench.receive(
      Self.book(1, bid: "0.0025001", ask: "0.0025002", symbol: "1000PEPEUSDT"), on: "perp book 0")
    let events = try bench.receive(
      Self.mark("0.00250015", symbol: "1000PEPEUSDT"), on: "perp mark 0"
    ).messages.events
    guard case .quote(let quote)? = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(quote.bid == "0.0000025001" && quote.ask == "0.0000025002")
    #expect(quote.mark == "0.00000250015" && quote.instrument == InstrumentIndex(3))
  }

  @Test func spotQuotes() throws {
    var bench = opened()
    let frame =
      #"{"stream":"btcusdt@bookTicker","data":{"u":400900217,"s":"BTCUSDT","b":"60000.10000000","#
      + #""B":"31.21","a":"60000.20000000","A":"40.66"}}"#
    #expect(
      try bench.receive(frame, on: "spot book 0").messages == [
        .event(
          .quote(
            Quote(
              instrument: InstrumentIndex(0), bid: "60000.1", ask: "60000.2", mark: "60000.15",
              at: bench.now)))
      ])
    let stop = try bench.receive(#"{"e":"serverShutdown","E":1735689600300}"#, on: "spot book 0")
    guard case .streamEnded? = stop.messages.last else {
      Issue.record("\(stop)")
      return
    }
  }

  /// Frames recorded in 2021, before events named their product, and published ones.
  @Test func recordedFrames() throws {
    var bench = opened()
    for line in try BinanceFixture.lines("perp_book_frames.jsonl") {
      #expect(try bench.receive(line.description, on: "perp book 0").messages.isEmpty)
    }
    // Symbols that are not traded here are passed over altogether.
    #expect(bench.dialect.venueTime == nil)
    let mark = try BinanceFixture.bytes("usdm_mark_price_stream.json")
    #expect(try bench.receive(mark, on: "perp mark 0").messages.events.count == 1)
    let book = try BinanceFixture.bytes("usdm_book_ticker_stream.json")
    #expect(try bench.receive(book, on: "perp book 0").messages.isEmpty)
  }

  // MARK: - Funding

  /// The next settlement moves on: the one before has passed; its row and payments are fetched.
  @Test func settlement() throws {
    var bench = opened()
    let before: Int64 = 1_735_718_400_000
    _ = try bench.receive(Self.mark("60000"), on: "perp mark 0")
    bench.now = Timestamp(milliseconds: before + 1000)
    _ = try bench.receive(
      Self.mark("60000", rate: "0.0001", next: before + 28_800_000, at: before + 1000),
      on: "perp mark 0")
    #expect(
      !bench.housekeeping(after: .milliseconds(500)).contains { $0.path.contains("fundingRate") })
    let due = bench.housekeeping(after: .seconds(3))
      .filter { $0.path.contains("fundingRate") || $0.path.contains("income") }
    #expect(
      due.map(BinanceBench.text) == [
        "GET /fapi/v1/fundingRate?symbol=BTCUSDT&startTime=\(before)&limit=10",
        "GET /fapi/v1/income?incomeType=FUNDING_FEE&startTime=\(before - 60_000)&limit=1000",
      ])
    // Not listed yet: asked again.
    #expect(bench.answer(due[0], []).messages.isEmpty)
    let later = bench.housekeeping(after: .seconds(2)).filter { $0.path.contains("fundingRate") }
    #expect(later.count == 1)
    let row: JSON = [
      "symbol": "BTCUSDT", "fundingTime": .number("\(before + 13)"), "fundingRate": "0.00037",
      "markPrice": "60001.5",
    ]
    let rate = FundingRate(
      settlesAt: Timestamp(milliseconds: before), intervalHours: 8, rate: "0.00037")
    #expect(
      bench.answer(later[0], [row]).messages == [
        .event(.fundingSettled(Self.btcIndex, rate, mark: "60001.5"))
      ])
    let paid = try BinanceFixture.response("fetch_funding_history", "/fapi/v1/income")
    #expect(
      bench.answer(due[1], paid).messages == [
        .event(
          .fundingPaid(
            FundingPayment(
              instrument: BinanceBench.btcPerp, id: "9689322392",
              settledAt: Timestamp(milliseconds: 1_570_636_800_000), amount: "-0.01",
              asset: "USDT")))
      ])
    #expect(bench.housekeeping(after: .seconds(15)).contains { $0.path.contains("income") })
  }

  @Test func shorterInterval() throws {
    var bench = opened()
    let before: Int64 = 1_735_718_400_000
    _ = try bench.receive(Self.mark("60000"), on: "perp mark 0")
    bench.now = Timestamp(milliseconds: before + 1000)
    let messages = try bench.receive(
      Self.mark("60000", next: before + 3_600_000, at: before + 1000), on: "perp mark 0"
    ).messages
    let terms = FundingTerms(
      intervalHours: 1, cap: nil, floor: nil,
      nextSettlement: Timestamp(milliseconds: before + 3_600_000))
    #expect(messages.contains(.termsChanged(BinanceBench.btcPerp, terms)))
    let poll = bench.housekeeping(after: .seconds(1)).filter { $0.path.contains("fundingInfo") }
    #expect(poll.count == 1)
    let listed: JSON = [
      [
        "symbol": "BTCUSDT", "adjustedFundingRateCap": "0.02", "adjustedFundingRateFloor": "-0.02",
        "fundingIntervalHours": 1,
      ]
    ]
    guard case .termsChanged(_, let read)? = bench.answer(poll[0], listed).messages.first else {
      Issue.record("no terms")
      return
    }
    #expect(read.cap == "0.02" && read.intervalHours == 1)
    #expect(bench.answer(poll[0], listed).messages.isEmpty)
  }

  @Test func statuses() throws {
    var bench = opened()
    let polls = bench.housekeeping(after: .minutes(15)).filter { $0.path.contains("exchangeInfo") }
    #expect(polls.count == 2)
    let perp = try #require(polls.first { $0.endpoint == .futuresREST })
    var listed = try BinanceFixture.json("perp_exchange_info.json").description
    #expect(bench.answer(perp, try BinanceBench.parsed(listed)).messages.isEmpty)
    let end =
      "\"symbol\":\"BTCUSDT\",\"pair\":\"BTCUSDT\",\"contractType\":\"PERPETUAL\",\"deliveryDate\":"
    listed = listed.replacing("\(end)4133404800000", with: "\(end)1735999200000")
    #expect(
      bench.answer(perp, try BinanceBench.parsed(listed)).messages == [
        .event(.statusChanged(Self.btcIndex, .delisting))
      ])
  }

  /// History: paged by a thousand, oldest first, with the hours that each rate stands for.
  @Test func history() throws {
    var bench = BinanceBench()
    let first: Int64 = 1_600_128_000_000
    let rows = (0..<1200).map { place -> (Int64, JSON) in
      let time = first + Int64(place) * 14_400_000 + 7
      return (
        time,
        [
          "symbol": "BTCUSDT", "fundingTime": .number("\(time)"), "fundingRate": "0.0001",
          "markPrice": .string(place < 2 ? "" : "100.5"),
        ]
      )
    }
    let task = VenueTask.request(
      .fundingHistory(BinanceBench.btcPerp, since: Timestamp(milliseconds: first)))
    let answer = bench.play(task) { call in
      let from = call.parameters.first { $0.name == "startTime" }.flatMap { Int64($0.value) } ?? 0
      return BinanceBench.ok(.array(rows.filter { $0.0 >= from }.prefix(1000).map(\.1)))
    }
    #expect(answer.calls.count == 2)
    guard case .fundingHistory(Self.btcIndex, let rates)? = answer.messages.events.first else {
      Issue.record("no history")
      return
    }
    #expect(rates.count == 1200 && rates.allSatisfy { $0.intervalHours == 4 })
    #expect(rates[0].settlesAt == Timestamp(milliseconds: first))
    #expect(rates.map(\.settlesAt) == rates.map(\.settlesAt).sorted())
    #expect(answer.messages.count == 1 + 1198)
  }

  @Test func bars() throws {
    var bench = BinanceBench()
    let body = try BinanceFixture.response("fetch_ohlcv", "/fapi/v1/klines")
    let from = Timestamp(milliseconds: 1_567_900_800_000)
    let answer = bench.play(
      .bars(BinanceBench.btcPerp, from: from, to: from + .days(3), interval: .days(1))
    ) { _ in BinanceBench.ok(body) }
    guard case .bars(let bars)? = answer.messages.first else {
      Issue.record("\(answer)")
      return
    }
    #expect(bars.count == 3 && bars[0].high == "10412.65" && bars[0].volume == "3096.291")
    #expect(answer.calls[0].hasSuffix("endTime=1568159999999&limit=1000"))
  }
}
