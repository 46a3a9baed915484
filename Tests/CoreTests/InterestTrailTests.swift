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

  @Test("What is older than ninety days is forgotten")
  func window() {
    // Days 10 … 99 are left.
    #expect(Self.trail(days: 100).rank(of: "1055") == "0.5")
    #expect(Self.trail(days: 100).rank(of: "1010") == .zero)
    #expect(Self.trail(days: 200).rank(of: "1110") == .zero)
  }
}
