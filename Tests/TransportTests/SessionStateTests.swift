import Testing
import Trading
import Transport

@Suite struct SessionStateTests {
  private static let start = Timestamp(milliseconds: 1_000_000)

  private func state(_ change: (inout SessionLimits) -> Void = { _ in }) -> SessionState {
    var limits = SessionLimits(silence: .seconds(60), lifetime: .hours(23))
    change(&limits)
    var state = SessionState(limits: limits)
    state.begin()
    return state
  }

  private func at(_ seconds: Int64) -> Timestamp { Self.start + .seconds(seconds) }

  /// A state whose first connection is live at second 0.
  private func live(_ change: (inout SessionLimits) -> Void = { _ in }) -> SessionState {
    var state = state(change)
    #expect(state.advance(to: at(0), chance: 0) == [.connect(1)])
    state.connected(1, at: at(0))
    #expect(state.subscribed(1, at: at(0), chance: 0).isEmpty)
    return state
  }

  @Test func comesToLife() {
    var state = SessionState(limits: SessionLimits(silence: .seconds(60), lifetime: .hours(23)))
    #expect(state.phase == .idle)
    #expect(state.advance(to: at(0), chance: 0).isEmpty)
    #expect(state.nextDeadline == nil)
    state.begin()
    #expect(state.advance(to: at(0), chance: 0) == [.connect(1)])
    #expect(state.phase == .connecting)
    #expect(state.nextDeadline == at(10))
    state.connected(1, at: at(1))
    #expect(state.phase == .opening)
    #expect(state.nextDeadline == at(16))
    #expect(!state.isLive)
    #expect(state.subscribed(1, at: at(2), chance: 0) == [])
    #expect(state.phase == .live)
    #expect(state.nextDeadline == at(21))
  }

  @Test func sendsSignsOfLife() {
    var state = live()
    #expect(state.advance(to: at(19), chance: 0) == [])
    #expect(state.advance(to: at(20), chance: 0) == [.heartbeat(1)])
    #expect(state.advance(to: at(21), chance: 0) == [])
    #expect(state.advance(to: at(40), chance: 0) == [.heartbeat(1)])
  }

  /// A quiet account: whatever the venue does, our question every 20 s and its answer are enough,
  /// one of them may be lost, and two lost ones end it.
  @Test func aQuietAccountLivesOnAnswersToItsPings() {
    var state = live { $0 = SessionLimits(silence: .seconds(50), lifetime: .hours(23)) }
    for round in Int64(1)...180 {
      #expect(state.nextDeadline == at(round * 20))
      #expect(state.advance(to: at(round * 20), chance: 0) == [.heartbeat(1)])
      if !round.isMultiple(of: 2) { state.heard(.data, on: 1, at: at(round * 20)) }
    }
    #expect(state.isLive)
    #expect(state.advance(to: at(3620), chance: 0) == [.heartbeat(1)])
    #expect(state.advance(to: at(3630), chance: 0) == [.close(1, "silent for too long")])
  }

  @Test func pongsAreNoData() {
    var state = live()
    state.heard(.data, on: 1, at: at(30))
    state.heard(.pong, on: 1, at: at(80))
    #expect(state.advance(to: at(89), chance: 0) == [.heartbeat(1)])
    #expect(state.advance(to: at(90), chance: 0) == [.close(1, "silent for too long")])
    #expect(state.phase == .backingOff(until: at(90) + .milliseconds(500)))
    #expect(state.nextDeadline == at(90) + .milliseconds(500))
    #expect(state.advance(to: at(91), chance: 0) == [.connect(2)])
  }

  @Test func givesUpWhatTakesTooLong() {
    var state = state()
    _ = state.advance(to: at(0), chance: 0)
    #expect(state.advance(to: at(10), chance: 0) == [.close(1, "no connection in time")])
    #expect(state.advance(to: at(11), chance: 0) == [.connect(2)])
    state.connected(2, at: at(12))
    #expect(state.advance(to: at(27), chance: 0) == [.close(2, "no subscription in time")])
    #expect(!state.isLive)
  }

  @Test func backsOffLongerEachTime() {
    var state = state { $0.attempts = 100 }
    var now = at(0)
    var waits: [Int64] = []
    for id in 1...10 {
      #expect(state.advance(to: now, chance: 0) == [.connect(id)])
      state.lost(id, at: now, chance: 0)
      guard case .backingOff(let until) = state.phase else {
        Issue.record("\(state.phase)")
        return
      }
      #expect(state.advance(to: until - .milliseconds(1), chance: 0) == [])
      waits.append((until - now).nanoseconds / 1_000_000)
      now = until
    }
    #expect(waits == [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000])
  }

  @Test(arguments: [0, 1, 12345, UInt64.max / 2, .max])
  func jitterTakesUpToHalfOff(chance: UInt64) {
    var state = state()
    _ = state.advance(to: at(0), chance: 0)
    state.lost(1, at: at(0), chance: chance)
    guard case .backingOff(let until) = state.phase else {
      Issue.record("\(state.phase)")
      return
    }
    #expect(until > at(0) + .milliseconds(250) - .milliseconds(1))
    #expect(until <= at(0) + .milliseconds(500))
  }

  /// A venue that accepts and closes at once is not knocked at twice a second for ever.
  @Test func onlyALongLifeIsForgiven() {
    var state = live()
    state.lost(1, at: at(29), chance: 0)
    #expect(state.phase == .backingOff(until: at(29) + .milliseconds(500)))
    #expect(state.advance(to: at(30), chance: 0) == [.connect(2)])
    state.connected(2, at: at(30))
    _ = state.subscribed(2, at: at(30), chance: 0)
    state.lost(2, at: at(31), chance: 0)
    #expect(state.phase == .backingOff(until: at(32)))
    #expect(state.advance(to: at(32), chance: 0) == [.connect(3)])
    state.connected(3, at: at(32))
    _ = state.subscribed(3, at: at(32), chance: 0)
    state.lost(3, at: at(62), chance: 0)
    #expect(state.phase == .backingOff(until: at(62) + .milliseconds(500)))
  }

  @Test func knocksOnlySoOften() {
    var state = state { $0.attempts = 3 }
    for id in 1...3 {
      #expect(state.advance(to: at(Int64(id)), chance: 0) == [.connect(id)])
      state.lost(id, at: at(Int64(id)), chance: .max)
    }
    #expect(state.advance(to: at(100), chance: 0) == [])
    #expect(state.nextDeadline == at(301))
    #expect(state.advance(to: at(301), chance: 0) == [.connect(4)])
  }

  @Test func replacesBeforeItBreaks() {
    var state = live { $0.lifetime = .seconds(30) }
    state.heard(.data, on: 1, at: at(29))
    #expect(state.advance(to: at(30), chance: 0) == [.heartbeat(1), .connect(2)])
    #expect(state.phase == .replacing)
    state.connected(2, at: at(31))
    #expect(state.isLive)
    #expect(state.advance(to: at(31), chance: 0) == [])
    #expect(state.subscribed(2, at: at(32), chance: 0) == [.close(1, "replaced")])
    #expect(state.phase == .live)
    #expect(state.isSubscribed(2) && !state.isSubscribed(1))
    state.heard(.data, on: 2, at: at(59))
    #expect(state.advance(to: at(60), chance: 0).contains(.connect(3)))
  }

  @Test func aFailedReplacementLeavesTheOldOne() {
    var state = live { $0.lifetime = .seconds(30) }
    #expect(state.advance(to: at(30), chance: 0) == [.heartbeat(1), .connect(2)])
    state.lost(2, at: at(31), chance: 0)
    #expect(state.phase == .live)
    #expect(state.advance(to: at(31), chance: 0) == [])
    #expect(state.advance(to: at(32), chance: 0) == [.connect(3)])
    // The old one ends first: the younger one is the stream now.
    state.lost(1, at: at(33), chance: 0)
    #expect(state.phase == .connecting)
    state.connected(3, at: at(34))
    #expect(state.subscribed(3, at: at(34), chance: 0) == [])
    #expect(state.phase == .live)
  }

  @Test func replacesWhenAsked() {
    var state = live()
    state.replace(at: at(5))
    #expect(state.nextDeadline == at(5))
    #expect(state.advance(to: at(5), chance: 0) == [.connect(2)])
  }

  @Test func endsForGood() {
    var state = live { $0.lifetime = .seconds(30) }
    _ = state.advance(to: at(30), chance: 0)
    #expect(
      state.end() == [.close(1, "not needed any more"), .close(2, "not needed any more")])
    #expect(state.phase == .ended)
    #expect(state.advance(to: at(999), chance: 0) == [])
    #expect(state.nextDeadline == nil)
  }

  @Test func strangersChangeNothing() {
    var state = live()
    let before = state
    state.connected(9, at: at(1))
    state.heard(.data, on: 9, at: at(1))
    state.lost(9, at: at(1), chance: 0)
    #expect(state.subscribed(9, at: at(1), chance: 0) == [])
    #expect(state.subscribed(1, at: at(1), chance: 7) == [])
    #expect(state == before)
  }
}
