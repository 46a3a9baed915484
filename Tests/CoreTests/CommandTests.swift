import Testing

@testable import Core

/// Each command is answered once, and refused for the first reason.
@Suite("Commands")
struct CommandTests {
  @Test("Refusals")
  func refusals() {
    Scenario.play(
      CarryLifeTests.begin + """
        open DOGEUSDT 5000                | refused unknown symbol
        open -5000                        | refused notional must be above zero
        open quantity 0                   | refused quantity must be above zero
        open 1000000.01                   | refused larger than the limit
        open quantity 100000000000000000000 | refused larger than the limit
        open 10                           | refused smaller than both legs can trade
        open quantity 0.0003              | refused smaller than both legs can trade
        unwind 7                          | refused no open carry
        unwind-all                        | done
        rebalance 7                       | refused no open carry
        open-plan 9                       | refused no such plan
        ETH open 5000                     | refused prices are too old
        open 5000                         | decided enter · planned 0.1 · intended sell perp 0.1
                                          | · done · submit
        open 5000                         | refused a carry is open already
        unwind 1 0                        | refused fraction must be above zero
        unwind 1 -1                       | refused fraction must be above zero
        unwind 1 1.1                      | refused larger than the limit
        unwind 1 0.5                      | refused the carry is busy
        rebalance 1                       | refused the carry is busy
        pause                             | trading paused · done
        pause                             | done
        open 5000                         | refused no new exposure is allowed
        ETH spot 2500                     |
        ETH perp 2500                     |
        ETH open 5000                     | refused no new exposure is allowed
        resume                            | trading resumed · done
        """)
  }

  @Test("Not while reconciling, not while stopping")
  func notReady() {
    Scenario.play(
      """
      start 1                     | started · ask account · ask history · ask history
      open 5000                   | refused the process is not ready
      account unified USDT 100000 | booked deposit
      open 5000                   | refused prices are too old
      drain                       |
      pause                       | refused the process is not ready
      """)
  }

  @Test("A plan may be opened for a day near its prices, once, and not while paused")
  func plans() {
    Scenario.play(
      CarryLifeTests.begin + """
        plan 5000        | plan 1 · done
        pause            | trading paused · done
        open-plan 1      | refused no new exposure is allowed
        resume           | trading resumed · done
        spot 50300       |
        perp 50000       |
        open-plan 1      | refused prices left the plan
        +24h spot 50000  |
        perp 50000       |
        +1ms open-plan 1 | refused the plan is too old
        plan 5000        | plan 2 · done
        open-plan 2      | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        open-plan 2      | refused a carry is open already
        """)
  }

  @Test("A plan is weighed again when it is opened: prices have become stale")
  func stalePlan() {
    Scenario.play(
      CarryLifeTests.begin + """
        plan 5000       | plan 1 · done
        +6s open-plan 1 | refused refused by a limit
        spot 50000      |
        perp 50000      |
        open-plan 1     | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        """)
  }

  @Test("A plan is weighed again when it is opened: the limit is used up")
  func usedPlan() {
    Scenario.play(
      CarryLifeTests.begin + """
        ETH spot 2500   |
        ETH perp 2500   |
        plan 5000       | plan 1 · done
        ETH plan 5000   | plan 2 · done
        open-plan 1     | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        ETH open-plan 2 | refused refused by a limit
        """, set: { $0.sizing.maximumGrossNotional = "8000" })
  }
}
