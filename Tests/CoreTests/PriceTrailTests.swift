import Accounting
import FixedPoint
import Testing
import Trading

@testable import Core

@Suite("The usual basis of a pair")
struct PriceTrailTests {
  private func mids(_ perp: Price) -> LegMids { LegMids(spot: "100", perp: perp) }

  private func filled(_ count: Int) -> PriceTrail {
    var trail = PriceTrail()
    for hour in 0..<count {
      trail.add(
        mids(hour % 2 == 0 ? "100.1" : "99.9"),
        at: Timestamp(milliseconds: 0) + .hours(Int64(hour)))
    }
    return trail
  }

  @Test func aDayMustBeKnown() {
    #expect(filled(23).score(of: mids("101")) == nil)
    #expect(filled(24).score(of: mids("101")) != nil)
  }

  @Test func scoreCountsDeviationsFromTheMean() throws {
    let trail = filled(400)
    let high = try #require(trail.score(of: mids("100.2")))
    // Half of a week at either side of zero: the deviation is 0.1 % × √(168/167).
    #expect((high - "1.994").magnitude <= "0.001")
    let low = try #require(trail.score(of: mids("99.8")))
    #expect((high + low).magnitude <= "0.000000000001")
  }

  @Test func oneSampleAnHour() {
    let trail = filled(1)
    #expect(!trail.isDue(at: Timestamp(milliseconds: 3_599_999)))
    #expect(trail.isDue(at: Timestamp(milliseconds: 3_600_000)))
  }

  @Test func anUnmovedBasisSaysNothing() {
    var trail = PriceTrail()
    for hour in 0..<48 {
      trail.add(mids("100"), at: Timestamp(milliseconds: 0) + .hours(Int64(hour)))
    }
    #expect(trail.score(of: mids("101")) == nil)
  }
}
