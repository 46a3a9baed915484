import Testing
import Trading
import Venues
import Wire

/// Broken frames and answers, by seed: nothing stops, and nothing broken becomes an event.
@Suite struct BinanceFuzzTests {
  private struct Mutator {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(1, bound)))
    }
    mutating func broken(_ bytes: [UInt8]) -> [UInt8] {
      var bytes = bytes
      for _ in 0...next(3) {
        guard !bytes.isEmpty else { return bytes }
        let place = next(bytes.count)
        switch next(6) {
        case 0: bytes[place] = UInt8(next(256))
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8(next(256)), at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + next(20)))
        case 4:
          bytes.insert(contentsOf: Array(repeating: UInt8(ascii: "9"), count: next(40)), at: place)
        default: bytes.insert(contentsOf: "\"-1e9[{:,".utf8.prefix(1 + next(9)), at: place)
        }
      }
      return bytes
    }
  }

  private static func frames() throws -> [(String, [UInt8])] {
    var frames: [(String, [UInt8])] = []
    for name in [
      "usdm_order_update_adl.json", "usdm_order_update_calculated.json",
      "usdm_order_update_new.json", "usdm_order_update_trade.json", "usdm_account_update.json",
      "py_ws_futures_order_update_liquidation.json",
    ] { frames.append(("perp account", try BinanceFixture.json(name).bytes)) }
    for name in [
      "spot_execution_report_new.json", "spot_execution_report_trade.json",
      "spot_account_position.json",
    ] {
      let frame: JSON = ["subscriptionId": 0, "event": try BinanceFixture.json(name)]
      frames.append(("spot account", frame.bytes))
    }
    frames.append(("perp mark 0", try BinanceFixture.json("usdm_mark_price_stream.json").bytes))
    let book = try BinanceFixture.json("usdm_book_ticker_stream.json").description
      .replacing("BNBUSDT", with: "BTCUSDT")
    frames.append(("perp book 0", Array(book.utf8)))
    frames.append(("perp book 0", Array("{\"stream\":\"x\",\"data\":\(book)}".utf8)))
    let spot = #"{"u":400900217,"s":"BTCUSDT","b":"25.35","B":"31.21","a":"25.36","A":"40.66"}"#
    frames.append(("spot book 0", Array("{\"stream\":\"x\",\"data\":\(spot)}".utf8)))
    frames.append(("spot book 0", Array(#"{"result":null,"id":1}"#.utf8)))
    return frames
  }

  @Test func frames() throws {
    var mutator = Mutator(state: 20_250_101)
    var (broken, thrown, heard) = (0, 0, 0)
    var bench = BinanceBench()
    _ = bench.play(.openStreams) { _ in BinanceBench.ok(["listenKey": "abc"]) }
    for (stream, frame) in try Self.frames() {
      for _ in 0..<3000 {
        let bytes = mutator.broken(frame)
        // Prices are read without a look at repeated names that are of no interest.
        var isBroken = false
        do { _ = try JSON(bytes) } catch { isBroken = !"\(error)".contains("duplicate") }
        broken += isBroken ? 1 : 0
        var fresh = bench
        do {
          let answer = try fresh.receive(bytes, on: stream)
          heard += answer.messages.events.count
          if isBroken, stream.contains("account") {
            Issue.record("\(stream): a broken frame was taken")
          }
          if isBroken, !answer.messages.events.isEmpty {
            Issue.record("\(stream): \(String(decoding: bytes, as: UTF8.self))")
          }
        } catch { thrown += 1 }
      }
    }
    #expect(broken > 10_000 && thrown > 10_000 && heard > 1000, "\(broken) \(thrown) \(heard)")
  }

  /// Every recorded answer, broken, in reply to every kind of call.
  @Test func answers() throws {
    var mutator = Mutator(state: 7)
    var bodies = try BinanceFixture.lines("responses.jsonl").compactMap { $0["response"]?.bytes }
    for name in ["funding_info.json", "premium_index.json", "spot_new_order_full_response.json"] {
      bodies.append(try BinanceFixture.bytes(name))
    }
    var bench = BinanceBench()
    let transfer = Transfer(
      id: 1, venue: "binance", from: .spot, to: .futures, asset: "USDT", amount: "1")
    let tasks: [VenueTask] = [
      .readClock, .readKey, .survey(["BTCUSDT"]), .prepare(leverage: "3"), .openStreams,
      .request(.submit(BinanceBench.order(.market))),
      .request(.submit(BinanceBench.order(.market, .sell, BinanceBench.perpID))),
      .request(.cancel(BinanceBench.spotID, BinanceBench.btc)),
      .request(.query(BinanceBench.perpID, BinanceBench.btcPerp)),
      .request(.transfer(transfer)), .request(.adjustMargin(BinanceBench.btcPerp, "5")),
      .request(.snapshot("binance", since: bench.now - .hours(1))),
      .request(.fundingHistory(BinanceBench.btcPerp, since: bench.now - .days(3))),
      .bars(BinanceBench.btc, from: bench.now - .days(1), to: bench.now, interval: .hours(1)),
    ]
    var (answers, brokenEvents) = (0, 0)
    for task in tasks {
      for call in bench.begin(task) {
        for body in bodies {
          for _ in 0..<4 {
            let bytes = mutator.broken(body)
            var fresh = bench
            let status = [200, 200, 200, 400, 503][mutator.next(5)]
            let reaction = fresh.dialect.finish(
              call, .answered(HTTPResponse(status: status, body: bytes)), at: bench.now)
            answers += 1
            if (try? JSON(bytes)) != nil || status != 200 { continue }
            brokenEvents += reaction.messages.events.count
          }
        }
      }
    }
    #expect(answers > 3000 && brokenEvents == 0, "\(answers) \(brokenEvents)")
  }
}
