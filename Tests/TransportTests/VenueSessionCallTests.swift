import Foundation
import Synchronization
import Testing
import Trading
import Transport
import Venues
import Wire

/// What a session is tested with: short limits, one address for everything.
enum Sessions {
  static func make(
    _ server: LoopbackServer, clock: VenueClockMode = .venue, budgets: [BudgetRule] = [],
    _ change: (inout PlainDialect) -> Void = { _ in }
  ) -> VenueSession<PlainDialect> {
    var transport = TransportOptions()
    transport.connectTimeout = .seconds(2)
    transport.stallTimeout = .seconds(1)
    var dialect = PlainDialect()
    change(&dialect)
    return VenueSession(
      dialect: dialect, addresses: [.spotREST: server.http, .spotStream: server.ws],
      options: SessionOptions(transport: transport, clock: clock, budgets: budgets))
  }

  /// Runs the loop of a process until a condition holds.
  @discardableResult
  static func run(
    _ sessions: [any AnyVenueSession], atMost seconds: Int64 = 8, flushing: Bool = true,
    until condition: ([VenueMessage]) -> Bool
  ) -> [VenueMessage] {
    let end = LocalClock.now + .seconds(seconds)
    var messages: [VenueMessage] = []
    while !condition(messages), LocalClock.now < end {
      Poller.wait(for: sessions, atMost: end - LocalClock.now)
      for session in sessions {
        session.collect(into: &messages)
        if flushing { session.flushPongs() }
      }
    }
    return messages
  }
}

@Suite struct VenueSessionCallTests {
  @Test func readsAreRepeated() throws {
    let answers = Atomic<Int>(0)
    let server = try LoopbackServer { connection in
      while connection.request() != nil {
        switch answers.add(1, ordering: .relaxed).newValue {
        case 1: return
        case 2: connection.answer(503, [], "<html>busy</html>")
        default: connection.answer(200, [], "fine")
        }
      }
    }
    let session = Sessions.make(server)
    #expect(session.performAndWait(.readKey) == [.notice("/key 200 fine")])
    #expect(server.paths.count == 3)
    #expect(!session.isBusy)
  }

  @Test func readsAreRepeatedOnlySoOften() throws {
    let server = try LoopbackServer { connection in
      while connection.request() != nil { connection.answer(503, [], "no") }
    }
    let session = Sessions.make(server)
    #expect(session.performAndWait(.readKey) == [.notice("/key 503 no")])
    #expect(server.paths.count == 5)
  }

  @Test(arguments: [true, false])
  func changesAreSentOnce(closes: Bool) throws {
    let server = try LoopbackServer { connection in
      while let request = connection.request() {
        if request.path == "/order" {
          if closes { return }
          connection.answer(503, [], "busy")
        } else {
          connection.answer(200, [], "fine")
        }
      }
    }
    let session = Sessions.make(server)
    // The order goes over the connection that this leaves.
    #expect(session.performAndWait(.readKey) == [.notice("/key 200 fine")])
    let messages = session.performAndWait(PlainDialect.order)
    #expect(messages.count == 1)
    if closes {
      #expect("\(messages)".contains("/order unknown"))
    } else {
      #expect(messages == [.notice("/order 503 busy")])
    }
    Thread.sleep(forTimeInterval: 0.2)
    #expect(server.paths.filter { $0.hasPrefix("POST /order") }.count == 1)
  }

  @Test func aLateCallIsNotSent() throws {
    let server = try LoopbackServer { connection in
      while connection.request() != nil { connection.answer(200, [], "100000") }
    }
    let session = Sessions.make(server) { $0.deadline = Timestamp(milliseconds: 99_999) }
    #expect(session.performAndWait(.readClock) == [.clock(Timestamp(milliseconds: 100_000))])
    #expect(session.now == Timestamp(milliseconds: 100_000))
    #expect(
      session.performAndWait(PlainDialect.order) == [
        .notice("/order not sent: its deadline has passed")
      ])
    #expect(server.paths.count == 1)
  }

  @Test func aCallHeldBackPastItsDeadlineIsNotSent() throws {
    let server = try LoopbackServer { connection in
      while connection.request() != nil { connection.answer(200, [], "fine") }
    }
    let deadline = LocalClock.now + .seconds(2)
    let session = Sessions.make(server, clock: .system) { $0.deadline = deadline }
    let rule = [BudgetRule("o", [.spotREST], .orders, limit: 1, window: .seconds(60))]
    let held = Sessions.make(server, clock: .system, budgets: rule) { $0.deadline = deadline }
    #expect(session.performAndWait(PlainDialect.order) == [.notice("/order 200 fine")])
    #expect(held.performAndWait(PlainDialect.order) == [.notice("/order 200 fine")])
    #expect(
      held.performAndWait(PlainDialect.order) == [
        .notice("/order not sent: its deadline has passed")
      ])
    #expect(LocalClock.now >= deadline)
    #expect(LocalClock.now < deadline + .seconds(2))
  }

  @Test func retryAfterIsKept() throws {
    let server = try LoopbackServer { connection in
      while let request = connection.request() {
        let number = connection.count("GET /key")
        if request.path == "/key", number == 1 {
          connection.answer(429, [HTTPHeader("Retry-After", "1")], "slower")
        } else {
          connection.answer(200, [], "fine")
        }
      }
    }
    let session = Sessions.make(server)
    let began = LocalClock.now
    session.perform(.readKey)
    let first = Sessions.run([session]) { !$0.isEmpty }
    guard case .slowDown(_, isBan: false)? = first.first else {
      Issue.record("\(first)")
      return
    }
    // However urgent: nothing is sent before the time is over.
    session.perform(PlainDialect.order)
    let messages = Sessions.run([session]) { $0.count == 2 }
    #expect(Set(messages) == [.notice("/order 200 fine"), .notice("/key 200 fine")])
    #expect(LocalClock.now - began >= .seconds(1))
    #expect(server.paths.count == 3)
  }

  @Test func aMissingAddressIsSaid() throws {
    let server = try LoopbackServer { _ in }
    #expect(
      Sessions.make(server).performAndWait(.readModes) == [
        .notice("/nowhere not sent: no address of futures_rest is configured")
      ])
  }

  @Test func aTaskThatTakesTooLongFailsAndItsFateIsCollected() throws {
    let server = try LoopbackServer { connection in
      while connection.request() != nil {
        Thread.sleep(forTimeInterval: 0.6)
        connection.answer(200, [], "late")
      }
    }
    let session = Sessions.make(server)
    let messages = session.performAndWait(PlainDialect.order, atMost: .milliseconds(200))
    #expect(messages == [.failed(PlainDialect.order, .unavailable("not done in time"))])
    #expect(Sessions.run([session]) { !$0.isEmpty } == [.notice("/order 200 late")])
    #expect(server.paths.count == 1)
  }

  @Test func theClockIsEstimated() throws {
    let server = try LoopbackServer { connection in
      while connection.request() != nil {
        connection.answer(200, [], "\(LocalClock.now.nanoseconds / 1_000_000 + 7_000)")
      }
    }
    let session = Sessions.make(server, clock: .system)
    Sessions.run([session]) { !$0.isEmpty }
    let estimate = try #require(session.clockEstimate)
    let difference = estimate.offset.nanoseconds - 7_000_000_000
    #expect(abs(difference) <= estimate.error.nanoseconds)
    #expect(estimate.error < .milliseconds(200))
    #expect(session.now - LocalClock.now > .milliseconds(6_800))
  }
}
