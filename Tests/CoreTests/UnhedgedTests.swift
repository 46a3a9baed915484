import Testing

@testable import Core

/// How long one leg waits for the other, told event by event.
@Suite("Unhedged legs")
struct UnhedgedTests {
  /// An opening carry whose short has traded and whose spot order works.
  private static let naked =
    CarryLifeTests.begin + """
      open 5000        | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
      fill 0.1 @ 50000 | filled
      ended filled     | ended filled · intended buy spot 0.1 · submit

      """

  /// A closing carry whose short is bought back and whose spot order works.
  private static let leftover =
    CarryLifeTests.opened + """
      unwind 1         | moved closing · intended buy perp 0.1 reduce-only · done · submit
      fill 0.1 @ 50000 | filled
      ended filled     | ended filled · intended sell spot 0.1 · submit

      """

  @Test("Spot that does not come within the budget: the short is bought back")
  func budget() {
    Scenario.play(
      Self.naked + """
        +20s refused      | ended refused · wake +1000ms
        +1s wake          | intended buy spot 0.1 · submit
        +10s ended expired | ended expired · wake +1000ms
        +1s wake          | intended buy spot 0.1 · submit
        +28s ended expired | ended expired · decided unwind · moved reducing
                          | · intended buy perp 0.1 reduce-only · submit
        fill 0.1 @ 50000  | filled · exposed
        ended filled      | ended filled · rebalanced perp 0.1 · moved closed
        look              | nothing
        """)
  }

  @Test("A pause ends when the budget does, and what spot holds stays hedged")
  func pauseEndsWithBudget() {
    Scenario.play(
      Self.naked + """
        fill 0.04 @ 50000 | filled · booked
        ended expired     | ended expired · intended buy spot 0.06 · submit
        refused           | ended refused · wake +50000ms
        +50s wake         | decided unwind · moved reducing -0.04
                          | · intended buy perp 0.06 reduce-only · submit
        fill 0.06 @ 50000 | filled · exposed
        ended filled      | ended filled · rebalanced perp 0.06 · moved open -0.04
        look              | open · spot 0.04 · perp -0.04
        """,
      set: {
        $0.execution.retryMilliseconds = 100_000
        $0.execution.unhedgedBudget = "150000"
      })
  }

  @Test("Beyond the budget each attempt accepts a worse price, up to the limit")
  func ladder() {
    Scenario.play(
      Self.leftover + """
        limit          | 49750
        +61s refused   | ended refused · wake +1000ms
        +1s wake       | intended sell spot 0.1 · submit
        limit          | 49250
        refused        | ended refused · wake +1000ms
        +1s wake       | intended sell spot 0.1 · submit
        limit          | 49000
        refused        | ended refused · wake +1000ms
        +1s wake       | intended sell spot 0.1 · submit
        limit          | 49000
        """,
      set: { $0.execution.unwindSlippage = "0.02" })
  }

  @Test("While legs do not match no pause is longer than a minute; while they do, longer")
  func pauses() {
    let set = { (parameters: inout Parameters) in
      parameters.execution.attempts = 1
      parameters.execution.retryMilliseconds = 50_000
      parameters.execution.unhedgedBudget = "1000000000"
    }
    Scenario.play(
      Self.leftover + """
        refused    | ended refused · wake +50000ms
        +50s wake  | intended sell spot 0.1 · submit
        refused    | ended refused · wake +50000ms
        +50s wake  | intended sell spot 0.1 · submit
        refused    | ended refused · wake +60000ms
        """, set: set)
    Scenario.play(
      CarryLifeTests.opened + """
        unwind 1    | moved closing · intended buy perp 0.1 reduce-only · done · submit
        refused     | ended refused · wake +50000ms
        +50s wake   | intended buy perp 0.1 reduce-only · submit
        refused     | ended refused · wake +50000ms
        +50s wake   | intended buy perp 0.1 reduce-only · submit
        refused     | ended refused · wake +100000ms
        """, set: set)
  }

  @Test("A leg that trades again is not waited for any longer")
  func tradesAgain() {
    Scenario.play(
      Self.leftover + """
        status spot halted  |
        refused             | ended refused · wake +30000ms
        +10s wake           |
        status spot trading |
        wake                | intended sell spot 0.1 · submit
        refused             | ended refused · wake +30000ms
        wake                |
        """, set: { $0.execution.retryMilliseconds = 30_000 })
  }

  @Test("Three equal refusals stop growth on the pair for a while, and nothing else")
  func refusals() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 10000                  | decided enter · planned 0.2 · intended sell perp 0.1 · done · submit
        refused insufficientMargin  | ended refused · wake +1000ms
        +1s wake                    | intended sell perp 0.1 · submit
        refused other               | ended refused · wake +1000ms
        +1s wake                    | intended sell perp 0.1 · submit
        refused insufficientMargin  | ended refused · wake +1000ms
        +1s wake                    | intended sell perp 0.1 · submit
        refused insufficientMargin  | ended refused · wake +1000ms
        spot 50000                  |
        perp 50000                  |
        +1s wake                    | intended sell perp 0.1 · submit
        refused insufficientMargin  | ended refused · wake +1000ms
        +1s wake                    | moved refused
        open 10000                  | refused refused by a limit
        ETH spot 2500               |
        ETH perp 2500               |
        ETH open 5000               | decided enter · planned 2 · intended sell perp 2 · done · submit
        +30m spot 50000             |
        perp 50000                  |
        open 5000                   | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        """, set: { $0.execution.attempts = 100 })
  }

  @Test("No more than so many orders a minute grow, and twice as many hedge")
  func pace() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 10000           | decided enter · planned 0.2 · intended sell perp 0.05 · done · submit
        fill 0.05 @ 50000    | filled
        +1s ended filled     | ended filled · intended buy spot 0.05 · submit
        fill 0.05 @ 50000    | filled · booked · exposed
        +1s ended filled     | ended filled · wake +58000ms
        wake                 |
        +57s spot 50000      |
        perp 50000           |
        +1s wake             | intended sell perp 0.05 · submit
        fill 0.05 @ 50000    | filled
        ended filled         | ended filled · intended buy spot 0.05 · submit
        """,
      set: {
        $0.execution.clipNotional = "2500"
        $0.execution.ordersPerMinute = 2
      })
  }

  @Test("While nothing may grow, delta is corrected on spot")
  func correctionWithoutGrowth() {
    Scenario.play(
      CarryLifeTests.opened + """
        fill 0.01 @ 50000 | filled · booked · moved reducing -0.1
        pause             | trading paused · done
        status spot halted |
        wake              | intended sell spot 0.01 · submit
        """)
  }
}
