import FixedPoint
import Simulation
import Testing
import Trading

@testable import Backtest

@Suite("Deflated Sharpe ratio")
struct DeflatedSharpeTests {
  /// Daily equity with a drift in millionths a day.
  private func equity(drift: Int, days: Int = 250) -> [Notional] {
    var random = SeededRandom(seed: 11)
    var value: Notional = "100000"
    return (0..<days).map { _ in
      let noise = Int(random.next() % 2001) - 1000
      value += value.times(Rate(drift + noise).divided(by: 1_000_000, rounding: .halfEven))
      return value
    }
  }

  @Test func moreTrialsMeanLessBelief() throws {
    let curve = equity(drift: 60)
    var before = Rate.one
    for trials in [1, 5, 50, 1000] {
      let now = try #require(DeflatedSharpe.probability(equity: curve, trials: trials))
      #expect(now < before)
      before = now
    }
  }

  @Test func anEdgeIsBelievedAndNoneIsNot() throws {
    #expect(
      try #require(DeflatedSharpe.probability(equity: equity(drift: 400), trials: 10)) > "0.99")
    #expect(
      try #require(DeflatedSharpe.probability(equity: equity(drift: -60), trials: 10)) < "0.05")
  }

  @Test func expectedMaximaAreThoseOfTables() {
    // Averages of the largest of N normal values; the formula is good to a few percent.
    for (count, expected): (Int, Rate) in [(10, "1.5388"), (100, "2.5076"), (1000, "3.2414")] {
      #expect((DeflatedSharpe.expectedMaximum(of: count) - expected).magnitude <= "0.05")
    }
    #expect(DeflatedSharpe.expectedMaximum(of: 1) == .zero)
  }

  @Test func nothingIsSaidOfAFlatLine() {
    #expect(
      DeflatedSharpe.probability(equity: [Notional](repeating: "1", count: 50), trials: 1) == nil)
    #expect(DeflatedSharpe.probability(equity: ["1", "2", "3"], trials: 1) == nil)
  }
}
