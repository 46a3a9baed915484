import FixedPoint
import Simulation
import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("Faults")
struct FaultTests {
  @Test("A fault strikes within its scope, as often as it says")
  func scope() {
    var plan = FaultPlan(seed: 1)
    var fault = Fault(.tooManyRequests)
    fault.venue = "binance"
    fault.path = "/fapi"
    fault.method = "POST"
    fault.count = 2
    plan.add(fault)
    let now = Bench.start
    func strike(_ venue: VenueID, _ method: String, _ path: String) -> Bool {
      plan.strike(.tooManyRequests, venue: venue, at: now, method: method, path: path) != nil
    }
    #expect(!strike("bybit", "POST", "/fapi/v1/order"))
    #expect(!strike("binance", "GET", "/fapi/v1/order"))
    #expect(!strike("binance", "POST", "/api/v3/order"))
    #expect(strike("binance", "POST", "/fapi/v1/order"))
    #expect(strike("binance", "POST", "/fapi/v1/order"))
    #expect(!strike("binance", "POST", "/fapi/v1/order"))
  }

  @Test("Chance comes from the seed: about so many of a hundred, always the same ones")
  func chance() {
    func draw(_ seed: UInt64) -> [Bool] {
      var plan = FaultPlan(seed: seed)
      var fault = Fault(.lostReply)
      fault.percent = 30
      fault.count = nil
      plan.add(fault)
      return (0..<1000).map { _ in
        plan.strike(.lostReply, venue: "x", at: Bench.start) != nil
      }
    }
    let first = draw(7)
    #expect(first == draw(7) && first != draw(8))
    #expect((250...350).contains(first.count { $0 }))
  }

  @Test("Faults are read from JSON, and what makes no sense is refused")
  func reading() throws {
    func read(_ text: String) throws -> Fault { try Fault(JSON(Array(text.utf8))) }
    let fault = try read(
      #"{"kind":"late-reply","venue":"bybit","path":"/v5","seconds":2,"milliseconds":500,"count":null,"percent":40,"from":"2024-01-01T01:00:00Z"}"#
    )
    #expect(fault.kind == .lateReply && fault.venue == "bybit" && fault.count == nil)
    #expect(fault.span == .milliseconds(2500) && fault.percent == 40)
    #expect(fault.from == Bench.start + .hours(1))
    for text in [
      #"{"kind":"earthquake"}"#, #"{"kind":"429","percent":0}"#, #"{"kind":"429","colour":"red"}"#,
      #"{"kind":"status","status":"asleep"}"#, #"{"kind":"interval","hours":5}"#, "[]",
      #"{"kind":"adl","fraction":"a half"}"#, #"{"kind":"429","count":0}"#,
    ] {
      #expect(throws: ServerError.self) { try read(text) }
    }
  }

  @Test("An order can be acknowledged and trade later, and be unknown to lookups for a while")
  func orders() throws {
    var bench = Bench()
    var late = Fault(.lateFill)
    late.seconds = 3
    bench.world.faults.add(late)
    var hidden = Fault(.lookupLag)
    hidden.seconds = 1
    bench.world.faults.add(hidden)
    let order = try bench.send(Bench.perp, .buy, "0.01")
    #expect(order.state == .new && bench.venue.isHidden(order))
    bench.world.advance(to: Bench.start + .seconds(2))
    #expect(bench.venue.order(order.number)?.state == .new && !bench.venue.isHidden(order))
    bench.world.advance(to: Bench.start + .seconds(3))
    #expect(bench.venue.order(order.number)?.state == .filled)
    #expect(try bench.send(Bench.perp, .buy, "0.01").state == .filled)

    bench.world.faults.add(late)
    let taken = try bench.send(Bench.perp, .buy, "0.01")
    #expect(try bench.venue.cancel(taken.number).state == .cancelled)
    bench.world.advance(to: Bench.start + .seconds(60))
    #expect(bench.venue.order(taken.number)?.executed == .zero)
  }

  @Test("Rate meters count by window and start anew")
  func meters() {
    var meter = RateMeter(window: .minutes(1))
    #expect(meter.add(20, by: "a", at: Bench.start) == 20)
    #expect(meter.add(5, by: "a", at: Bench.start + .seconds(59)) == 25)
    #expect(meter.used(by: "b", at: Bench.start) == 0)
    #expect(meter.secondsLeft(at: Bench.start + .seconds(59)) == 1)
    #expect(meter.add(1, by: "a", at: Bench.start + .seconds(60)) == 1)
  }

  @Test("Listen keys live an hour unless prolonged, and expire in sight")
  func listenKeys() {
    let bench = Bench(beat: .minutes(1))
    let key = bench.venue.openListenKey(for: "me")
    #expect(key.count == 64 && bench.venue.openListenKey(for: "me") == key)
    #expect(bench.venue.openListenKey(for: "you") != key)
    bench.world.advance(to: Bench.start + .minutes(50))
    #expect(bench.venue.prolongListenKey(for: "me") == key)
    _ = bench.venue.takeEvents()
    bench.world.advance(to: Bench.start + .minutes(70))
    #expect(bench.venue.owner(ofListenKey: key) == "me")
    bench.world.advance(to: Bench.start + .minutes(111))
    #expect(bench.venue.owner(ofListenKey: key) == nil)
    let expired = bench.venue.takeEvents().filter {
      if case .listenKeyExpired = $0.change { true } else { false }
    }
    #expect(expired.count == 2)
  }
}
