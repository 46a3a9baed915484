import FixedPoint
import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("Bybit front: streams")
struct BybitStreamTests {
  @Test("A book begins with a snapshot and goes on in deltas that add up to it")
  func book() throws {
    let bench = BybitBench()
    let socket = bench.open("/v5/public/linear")
    bench.say(["op": "subscribe", "req_id": 5, "args": ["orderbook.50.BTCUSDT"]], on: socket)
    let first = try bench.frames()
    #expect(first.count == 2 && first[0]["success"] == true && first[0]["req_id"] == 5)
    #expect(first[1]["type"] == "snapshot" && first[1]["data"]?["b"]?.elements.count == 50)
    var bids: [String: String] = [:]
    func take(_ frame: JSON) {
      for level in frame["data"]?["b"]?.elements ?? [] {
        guard let price = level[0]?.text, let size = level[1]?.text else { continue }
        bids[price] = size == "0" ? nil : size
      }
    }
    take(first[1])
    bench.venue.setPrice("30003", of: Bench.perp)
    bench.advance(.milliseconds(100))
    let next = try bench.frames()
    #expect(next.map { $0["type"] } == ["delta"])
    let numbers = [first[1], next[0]].compactMap { $0["data"]?["u"]?.integer }
    #expect(numbers[1] == numbers[0] + 1)
    take(next[0])
    let book = try #require(bench.venue.book(Bench.perp, depth: 50))
    let listing = bench.venue.listing(Bench.perp)
    let wanted = book.bids.map { (listing.text($0.price), listing.text($0.quantity)) }
    #expect(bids == Dictionary(uniqueKeysWithValues: wanted))

    bench.venue.restart()
    bench.advance(.milliseconds(100))
    let anew = try bench.frames()
    #expect(anew.first?["type"] == "snapshot" && anew.first?["data"]?["u"] == 1)
  }

  @Test("Ticker deltas of a perpetual lack what did not change; spot has no best prices")
  func tickers() throws {
    let bench = BybitBench()
    let linear = bench.open("/v5/public/linear")
    let spot = bench.open("/v5/public/spot", as: 8)
    bench.say(["op": "subscribe", "args": ["tickers.BTCUSDT"]], on: linear)
    bench.say(["op": "subscribe", "args": ["tickers.BTCUSDT"]], on: spot)
    let first = try bench.frames()
    #expect(first[1]["data"]?["fundingIntervalHour"] != nil)
    #expect(first[3]["data"]?["bid1Price"] == nil && first[3]["data"]?["lastPrice"] == "30000.0")
    bench.venue.setPrice("30003", mark: "30000", of: Bench.perp)
    bench.advance(.milliseconds(100))
    let next = try bench.frames()
    #expect(next.map { $0["type"] } == ["delta"])
    #expect(next[0]["data"]?["lastPrice"] == "30003.0")
    #expect(next[0]["data"]?["markPrice"] == nil && next[0]["data"]?["fundingRate"] == nil)
  }

  @Test("Logins, pings and refusals in the words of each kind of stream")
  func words() throws {
    let bench = BybitBench()
    let account = bench.open("/v5/private")
    bench.say(["op": "subscribe", "args": ["order"]], on: account)
    #expect(try bench.frames()[0]["ret_msg"] == "Request not authorized")
    bench.say(["op": "ping", "req_id": "p"], on: account)
    let pong = try bench.frames()[0]
    #expect(pong["op"] == "pong" && pong["req_id"] == "p")
    bench.login(on: account, secret: Secret("wrong"))
    let refused = try bench.frames()[0]
    #expect(refused["op"] == "auth" && refused["success"] == false)

    let market = bench.open("/v5/public/spot", as: 8)
    bench.say(["op": "ping"], on: market)
    #expect(try bench.frames()[0]["ret_msg"] == "pong")
    bench.say(["op": "subscribe", "args": ["orderbook.7.BTCUSDT"]], on: market)
    #expect(try bench.frames()[0]["ret_msg"] == "Invalid topic: orderbook.7.BTCUSDT")
  }

  @Test("Orders over the trade socket have the same life; a reqId is good once")
  func trade() throws {
    let bench = BybitBench()
    let socket = bench.open("/v5/trade")
    func order(_ id: String) -> JSON {
      [
        "reqId": .string(id), "op": "order.create",
        "header": ["X-BAPI-TIMESTAMP": .stamp(bench.venue.clock)],
        "args": [BybitBody.limit("linear", "Sell", "0.01", at: "31000")],
      ]
    }
    bench.say(order("1"), on: socket)
    #expect(try bench.frames()[0]["retCode"] == 10005)
    bench.login(on: socket)
    #expect(try bench.frames()[0]["retCode"] == 0)
    bench.say(order("2"), on: socket)
    let answer = try bench.frames()[0]
    #expect(answer["reqId"] == "2" && answer["retCode"] == 0)
    #expect(answer["header"]?["X-Bapi-Limit-Status"] == "9")
    bench.say(order("2"), on: socket)
    #expect(try bench.frames()[0]["retCode"] == 20006)
    bench.advance(.milliseconds(10))
    #expect(bench.venue.openOrders().count == 1)
  }
}
