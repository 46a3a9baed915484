import Testing
import Trading
import Transport

@Suite struct ClockOffsetTests {
  private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }
  private func span(_ microseconds: Int64) -> TimeSpan {
    TimeSpan(nanoseconds: microseconds * 1000)
  }

  @Test func theTrueOffsetIsWithinTheError() throws {
    // The venue is 5 s ahead; its answer left 10 ms after our request did, and took 90 ms.
    var offset = ClockOffset()
    #expect(offset.estimate(at: at(0)) == nil)
    offset.add(sent: at(1000), received: at(1100), venue: at(6010))
    let estimate = try #require(offset.estimate(at: at(1100)))
    #expect(estimate.offset == span(4_960_500))
    #expect(estimate.error == span(50_500))
    let difference = (TimeSpan.seconds(5) - estimate.offset).nanoseconds
    #expect(abs(difference) <= estimate.error.nanoseconds)
  }

  @Test func theShortestRoundTripCounts() throws {
    var offset = ClockOffset()
    offset.add(sent: at(0), received: at(200), venue: at(150))
    offset.add(sent: at(1000), received: at(1004), venue: at(1002))
    offset.add(sent: at(2000), received: at(2300), venue: at(2290))
    let estimate = try #require(offset.estimate(at: at(2300)))
    #expect(estimate.offset == span(500))
    #expect(estimate.error == span(2500) + TimeSpan(nanoseconds: 1296 * 100))
  }

  @Test func ageMakesASampleWorse() throws {
    var offset = ClockOffset()
    offset.add(sent: at(0), received: at(2), venue: at(1))
    let early = try #require(offset.estimate(at: at(2)))
    let late = try #require(offset.estimate(at: at(600_002)))
    #expect(late.error.nanoseconds - early.error.nanoseconds == 60_000_000)
    offset.add(sent: at(600_000), received: at(600_100), venue: at(600_080))
    #expect(try #require(offset.estimate(at: at(600_100))).error == span(50_500))
    #expect(offset.estimate(at: at(9_000_000)) == nil)
  }

  /// Both cannot be true, so a clock was set: what was measured before it is worth nothing.
  @Test func aContradictionForgetsWhatWasBefore() throws {
    var offset = ClockOffset()
    offset.add(sent: at(0), received: at(2), venue: at(1))
    offset.add(sent: at(1000), received: at(1100), venue: at(1050))
    #expect(try #require(offset.estimate(at: at(1100))).offset == span(500))
    // 400 ms later than it should be, and known to 150.5 ms only.
    offset.add(sent: at(2000), received: at(2300), venue: at(2550))
    let set = try #require(offset.estimate(at: at(2300)))
    #expect(set.offset == span(400_500) && set.error == span(150_500))
    // One that may be true beside the best is one more sample.
    offset.add(sent: at(3000), received: at(3900), venue: at(3600))
    #expect(try #require(offset.estimate(at: at(3900))).offset == span(400_500))
  }

  @Test func anAnswerBeforeItsQuestionSaysNothing() {
    var offset = ClockOffset()
    offset.add(sent: at(10), received: at(9), venue: at(9))
    #expect(offset.estimate(at: at(10)) == nil)
  }

  @Test func theClockOfARealVenueRunsWithOurs() {
    var clock = VenueClock(mode: .system)
    #expect(clock.now(at: at(77)) == at(77))
    clock.hear(at(900_000))
    #expect(clock.now(at: at(77)) == at(77))
    clock.add(sent: at(1000), received: at(1000), venue: at(3000))
    #expect(clock.now(at: at(1500)) == at(3500) + span(500))
  }

  @Test func theClockOfASimulatedVenueNeverGoesBack() {
    var clock = VenueClock(mode: .venue)
    #expect(clock.now(at: at(77)) == at(77))
    clock.hear(at(5000))
    clock.hear(nil)
    clock.hear(at(4000))
    #expect(clock.now(at: at(99_999)) == at(5000))
    clock.add(sent: at(1), received: at(2), venue: at(6000))
    #expect(clock.now(at: at(0)) == at(6000))
  }
}

extension TimeSpan {
  static func + (left: Self, right: Self) -> Self {
    TimeSpan(nanoseconds: left.nanoseconds + right.nanoseconds)
  }
  static func - (left: Self, right: Self) -> Self {
    TimeSpan(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
}
