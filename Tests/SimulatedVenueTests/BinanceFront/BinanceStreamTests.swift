import FixedPoint
import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("Market streams of the Binance front")
struct BinanceStreamTests {
  @Test("Changes of the spot book continue the REST book without a gap")
  func spotBook() throws {
    let desk = BinanceDesk()
    #expect(desk.open(desk.spot, "/ws/0"))
    let request: JSON = ["method": "SUBSCRIBE", "params": ["btcusdt@depth@100ms"], "id": 1]
    #expect(desk.say(request, to: desk.spot) == [["result": nil, "id": 1]])
    var book = desk.ask(.get, "/api/v3/depth", "symbol=BTCUSDT&limit=1000", isSigned: false).body
    var last = book["lastUpdateId"]?.integer ?? 0
    for price in ["60100", "61000", "59900"] as [Price] {
      desk.venue.setPrice(price, of: InstrumentIndex(0))
      let events = desk.told(by: desk.spot)
      try #require(events.count == 1)
      #expect(events[0]["U"]?.integer == last + 1)
      last = events[0]["u"]?.integer ?? 0
      book = apply(events[0], to: book)
      let now = desk.ask(.get, "/api/v3/depth", "symbol=BTCUSDT&limit=1000", isSigned: false).body
      #expect(now["lastUpdateId"]?.integer == last)
      #expect(now["bids"] == book["bids"])
      #expect(now["asks"] == book["asks"])
    }
  }

  @Test("Events of the futures book name the one before")
  func futuresBook() throws {
    let desk = BinanceDesk()
    #expect(desk.open(desk.futures, "/public/stream", query: "streams=btcusdt@depth"))
    let book = desk.ask(.get, "/fapi/v1/depth", "symbol=BTCUSDT&limit=50", isSigned: false).body
    desk.venue.setPrice("60100", of: InstrumentIndex(1))
    let first = desk.told(by: desk.futures)
    try #require(first.count == 1)
    #expect(first[0]["stream"] == "btcusdt@depth")
    #expect(first[0]["data"]?["pu"] == book["lastUpdateId"])
    desk.venue.setPrice("60200", of: InstrumentIndex(1))
    let second = desk.told(by: desk.futures)
    try #require(second.count == 1)
    #expect(second[0]["data"]?["pu"] == first[0]["data"]?["u"])
    #expect(second[0]["data"]?["st"] == 1)
  }

  @Test("A stream asked for on the wrong group stays silent, and the old addresses are gone")
  func groups() {
    let desk = BinanceDesk()
    #expect(!desk.open(desk.futures, "/ws/btcusdt@bookTicker"))
    #expect(!desk.open(desk.futures, "/stream"))
    #expect(!desk.open(desk.spot, "/market/ws"))
    #expect(desk.open(desk.futures, "/market/ws/btcusdt@bookTicker", socket: ConnectionID(1)))
    #expect(desk.open(desk.futures, "/public/ws/btcusdt@bookTicker", socket: ConnectionID(2)))
    desk.venue.setPrice("60100", of: InstrumentIndex(1))
    #expect(desk.told(by: desk.futures).map { $0["e"] } == ["bookTicker"])
  }

  @Test("The mark price is told every second with the coming rate")
  func markPrice() throws {
    let desk = BinanceDesk()
    #expect(desk.open(desk.futures, "/market/ws/btcusdt@markPrice@1s"))
    #expect(desk.ticked(by: desk.futures).count == 1)
    #expect(desk.ticked(by: desk.futures).isEmpty)
    desk.world.advance(to: BinanceDesk.start + .seconds(1))
    let frame = try #require(desk.ticked(by: desk.futures).first)
    let rest = desk.ask(.get, "/fapi/v1/premiumIndex", "symbol=BTCUSDT", isSigned: false).body
    #expect(frame["p"] == rest["markPrice"])
    #expect(frame["r"] == rest["lastFundingRate"])
    #expect(frame["T"] == rest["nextFundingTime"])
    #expect(frame["T"] == 1_735_718_400_000)
  }

  @Test("Subscriptions can be listed and ended; malformed names are refused, unknown ones silent")
  func control() {
    let desk = BinanceDesk()
    #expect(desk.open(desk.spot, "/ws"))
    func say(_ method: JSON, _ names: JSON) -> JSON? {
      desk.world.advance(to: desk.world.now + .seconds(1))
      return desk.say(["method": method, "params": names, "id": 7], to: desk.spot).first
    }
    #expect(say("SUBSCRIBE", ["btcusdt"])?["error"]?["code"] == 2)
    #expect(say("SUBSCRIBE", ["nopeusdt@trade", "btcusdt@bookTicker"])?["result"] == .null)
    #expect(say("LIST_SUBSCRIPTIONS", [])?["result"] == ["nopeusdt@trade", "btcusdt@bookTicker"])
    #expect(say("UNSUBSCRIBE", ["btcusdt@bookTicker"])?["result"] == .null)
    _ = desk.venue.takeEvents()
    desk.venue.setPrice("60100", of: InstrumentIndex(0))
    #expect(desk.told(by: desk.spot).isEmpty)
  }

  @Test("A client that sends too many frames is cut off")
  func flood() {
    let desk = BinanceDesk()
    #expect(desk.open(desk.spot, "/ws"))
    var sink = FrameSink()
    let frame: JSON = ["method": "LIST_SUBSCRIPTIONS", "id": 1]
    for _ in 1...6 { desk.spot.received(frame.bytes, on: BinanceDesk.socket, into: &sink) }
    guard case .close(let code, _)? = sink.items.last?.item else {
      Issue.record("not closed")
      return
    }
    #expect(code == 1008)
    #expect(sink.items.count == 6)
  }

  /// A book after an event, as a client keeps it.
  private func apply(_ event: JSON, to book: JSON) -> JSON {
    func side(_ name: String, _ short: String, isRising: Bool) -> JSON {
      var levels = book[name]?.elements ?? []
      for change in event[short]?.elements ?? [] {
        levels.removeAll { $0[0] == change[0] }
        if change[1] != "0.00000000" { levels.append(change) }
      }
      return .array(
        levels.sorted {
          let (left, right): (Price, Price) = ($0[0]?.decimal() ?? .zero, $1[0]?.decimal() ?? .zero)
          return isRising ? left < right : left > right
        })
    }
    return ["bids": side("bids", "b", isRising: false), "asks": side("asks", "a", isRising: true)]
  }
}
