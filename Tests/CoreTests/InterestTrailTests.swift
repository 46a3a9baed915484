import FixedPoint
import Testing
import Trading

@testable import Core

/// How much was open, remembered day by day.
@Suite("Memory of open interest")
struct InterestTrailTests {
  private static let start = Timestamp(milliseconds: 1_704_067_200_000)

  private static func trail(days: Int) -> InterestTrail {
    var trail = InterestTrail()
    for day in 0..<days {
      trail.add(Quantity(1000 + day), at: start + .days(Int64(day)))
    }
    return trail
  }

  @Test("A month must be known before anything is said")
  func fewest() {
    #expect(Self.trail(days: 29).rank(of: "5000") == nil)
    #expect(Self.trail(days: 30).rank(of: "5000") == .one)
    #expect(Self.trail(days: 30).rank(of: "1000") == .zero)
    #expect(Self.trail(days: 30).rank(of: "1015") == "0.5")
  }

  @Test("A day counts once, however often it is told")
  func oncePerDay() {
    var trail = Self.trail(days: 29)
    for hour in 1...5 { trail.add("9000", at: Self.start + .days(28) + .hours(Int64(hour))) }
    #expect(trail.rank(of: "5000") == nil)
    trail.add("9000", at: Self.start + .days(29))
    // Days 0 … 27 are below, the last two are not.
    #expect(trail.rank(of: "5000") == Rate(28).divided(by: 30, rounding: .down))
  }

  @Test("What is older than ninety days is forgotten")
  func window() {
    // Days 10 … 99 are left.
    #expect(Self.trail(days: 100).rank(of: "1055") == "0.5")
    #expect(Self.trail(days: 100).rank(of: "1010") == .zero)
    #expect(Self.trail(days: 200).rank(of: "1110") == .zero)
  }
}
