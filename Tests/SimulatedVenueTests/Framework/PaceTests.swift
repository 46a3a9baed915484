import FixedPoint
import Glibc
import Simulation
import Testing
import Trading
import Wire

@testable import SimulatedVenue

@Suite("The clock of the server", .serialized)
struct PaceTests {
  typealias Rig = ServerTests.Rig

  @Test("A speed is a number above zero, or max")
  func speeds() {
    #expect(Speed("max") == .lockstep && Speed("3600") == .times("3600"))
    for text in ["", "0", "-1", "fast", "1e3"] { #expect(Speed(text) == nil) }
  }

  @Test("The market runs so many times as fast as the machine, and stands while held")
  func speed() throws {
    let rig = try Rig(speed: .times("3600"))
    for _ in 0..<5 { rig.server.turn(milliseconds: 5) }
    #expect(rig.bench.world.now == Bench.start)
    _ = try rig.control(.post, "/time", #"{"run":true}"#)
    let (steady, market) = (SocketServer.steadyTime(), rig.bench.world.now)
    while SocketServer.steadyTime() - steady < .milliseconds(300) {
      rig.server.turn(milliseconds: 10)
    }
    let passed = (rig.bench.world.now - market).nanoseconds / 1_000_000_000
    #expect((900...2500).contains(passed))
    _ = try rig.control(.post, "/time", #"{"run":false}"#)
    let stopped = rig.bench.world.now
    for _ in 0..<5 { rig.server.turn(milliseconds: 10) }
    #expect(rig.bench.world.now == stopped)
  }

  @Test("In lockstep the clock waits for every client to answer, and for what it asked")
  func lockstep() throws {
    let rig = try Rig(speed: .lockstep, isHeld: false, beat: .hours(1))
    for _ in 0..<30 { rig.server.turn(milliseconds: 1) }
    #expect(rig.bench.world.now == Bench.start)
    let client = try rig.client()
    client.answersPings = false
    #expect(try client.upgrade("/ws") == 101)
    #expect(try client.hear() == "hello")
    for _ in 0..<30 { rig.server.turn(milliseconds: 1) }
    #expect(rig.bench.world.now == Bench.start)
    // The first answer alone is not enough: a request may be under way on another connection.
    var answered = 0
    while rig.bench.world.now == Bench.start, answered < 10 {
      _ = try client.hear(turns: 5)
      guard let ping = client.pings.popLast() else { continue }
      client.pings = []
      client.pong(ping)
      answered += 1
      for _ in 0..<5 { rig.server.turn(milliseconds: 1) }
    }
    #expect(answered == 2)
    #expect(rig.bench.world.now == Bench.start + .hours(1))
    // A second client that does not answer holds the clock for all.
    let mute = try rig.client()
    mute.answersPings = false
    #expect(try mute.upgrade("/ws") == 101)
    client.answersPings = true
    for ping in client.pings { client.pong(ping) }
    let stopped = rig.bench.world.now
    for _ in 0..<30 { _ = try client.hear(turns: 2) }
    #expect(rig.bench.world.now == stopped)
    mute.close()
    while rig.bench.world.now < stopped + .hours(20) { _ = try client.hear(turns: 4) }
  }

  @Test("In lockstep a client that acts on every frame sees no later moment before it acted")
  func neverOvertaken() throws {
    let rig = try Rig(speed: .lockstep, isHeld: false, beat: .hours(1))
    let (listener, trader) = (try rig.client(), try rig.client())
    #expect(try listener.upgrade("/ws") == 101)
    #expect(try listener.hear() == "hello")
    var acted = 0
    while acted < 40 {
      guard let text = try listener.hear(), text.hasPrefix("{") else { continue }
      let before = rig.bench.world.now
      #expect(try trader.ask(ServerTests.post("/time"))?.body == Array("\(before)".utf8))
      #expect(rig.bench.world.now == before)
      acted += 1
    }
    #expect(rig.bench.world.now >= Bench.start + .hours(9))
  }

  @Test("An answer that is due later comes in lockstep without a WebSocket too")
  func lateAnswer() throws {
    let rig = try Rig(speed: .lockstep, isHeld: false, beat: .hours(1))
    #expect(try rig.client().ask(ServerTests.post("/later"))?.status == 200)
    #expect(rig.bench.world.now == Bench.start + .seconds(5))
  }
}
