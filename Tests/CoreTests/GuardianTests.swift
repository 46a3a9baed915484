import FixedPoint
import Testing
import Trading

@testable import Core

/// What guards a carry while it is held, told event by event.
@Suite("The guardian")
struct GuardianTests {
  /// 0.1 BTC on both legs, whose short would be liquidated at 74626.
  private static let held =
    CarryLifeTests.opened + """
      position -0.1 margin 2500 liquidation 74626 |

      """

  @Test("A warning is recorded once, and again after the price was far away")
  func warning() {
    Scenario.play(
      Self.held + """
        spot 60000            |
        perp 60000 mark 60000 |
        wake                  | decided warn
        spot 61000            |
        perp 61000 mark 61000 |
        wake                  |
        spot 54000            |
        perp 54000 mark 54000 |
        wake                  |
        spot 60000            |
        perp 60000 mark 60000 |
        wake                  | decided warn
        """)
  }

  @Test("Where the venue tells no liquidation, what the collateral bears is guarded")
  func untoldLiquidation() {
    // (2500 + 5000) / 0.1 / 1.005 = 74626.87.
    Scenario.play(
      CarryLifeTests.opened + """
        position -0.1 margin 2500 |
        spot 59700            |
        perp 59700 mark 59700 |
        wake                  |
        spot 59702            |
        perp 59702 mark 59702 |
        wake                  | decided warn
        """)
  }

  @Test("No setting lifts leverage five, whatever an order may slip")
  func hardLeverage() {
    // 5 × 0.995 / 1.025 = 4.8537 at the default slippage, 5 × 0.9 / 1.5 = 3 at the largest.
    for (leverage, slippage, answer) in [
      ("4.85", "0.005", "decided enter · planned 0.1 · intended sell perp 0.1 · done · submit"),
      ("4.86", "0.005", "refused refused by a limit"), ("5", "0.005", "refused refused by a limit"),
      ("3.01", "0.1", "refused refused by a limit"),
    ] {
      Scenario.play(
        CarryLifeTests.begin + "open 5000 | \(answer)",
        set: {
          $0.sizing.leverage = Rate(stringLiteral: leverage)
          $0.execution.maximumSlippage = Rate(stringLiteral: slippage)
          $0.execution.unwindSlippage = "0.1"
          $0.margin.actDistance = "0.11"
        })
    }
  }

  @Test("Too near at a jump: one try with cash, then both legs are closed")
  func flatten() {
    Scenario.play(
      Self.held + """
        spot 70000                 |
        perp 70000 mark 70000      |
        wake                       | decided add_margin · margin 1997.25
        margin-refused             |
        +1s spot 70000             |
        perp 70000 mark 70000      |
        wake                       | decided flatten · moved closing
                                   | · intended buy perp 0.1 reduce-only · submit
        """)
  }

  @Test("Too near and no answer to the request: both legs are closed")
  func flattenUnanswered() {
    Scenario.play(
      Self.held + """
        spot 70000                 |
        perp 70000 mark 70000      |
        wake                       | decided add_margin · margin 1997.25
        +4s spot 70000             |
        perp 70000 mark 70000      |
        wake                       |
        +1s spot 70000             |
        perp 70000 mark 70000      |
        wake                       | decided flatten · moved closing
                                   | · intended buy perp 0.1 reduce-only · submit
        """)
  }

  @Test("Collateral is taken back after a fall, once, and a refusal changes nothing else")
  func release() {
    Scenario.play(
      Self.held + """
        spot 38000                 |
        perp 38000 mark 38000      |
        wake                       |
        spot 36000                 |
        perp 36000 mark 36000      |
        wake                       | decided release_margin · margin -664
        margin-refused             |
        spot 36000                 |
        perp 36000 mark 36000      |
        wake                       |
        +1h spot 36000             |
        perp 36000 mark 36000      |
        wake                       | decided release_margin · margin -664
        position -0.1 margin 1836 liquidation 68019 |
        +1h spot 34000             |
        perp 34000 mark 34000      |
        wake                       |
        """)
  }

  @Test("A short whose carry cannot move is given collateral all the same")
  func protectedInMotion() {
    Scenario.play(
      Self.held + """
        unwind 1                   | moved closing · intended buy perp 0.1 reduce-only · done
                                   | · submit
        refused marketHalted       | ended refused · wake +1000ms
        status perp halted         |
        spot 65000                 |
        perp 65000 mark 65000      |
        wake                       | decided add_margin · margin 1318.88
        """)
  }

  @Test("A cascade stops entries on its pair, and nothing that is held")
  func cascade() {
    Scenario.play(
      CarryLifeTests.begin + """
        history 40 0.0001          |
        figures interest 1000              |
        wake                       | decided enter · planned 0.2 · intended sell perp 0.1 · submit
        fill 0.1 @ 50000           | filled
        figures interest 960               |
        +30s spot 48900            |
        perp 48900                 |
        ended filled               | ended filled · intended buy spot 0.1 · submit
        wake                       |
        fill 0.1 @ 48900           | filled · booked · exposed
        ended filled               | ended filled · moved open -0.1
        unwind 1                   | moved closing · intended buy perp 0.1 reduce-only · done
                                   | · submit
        """)
  }

  @Test("Legs far apart stop entries while they are, and for a while after")
  func dislocation() {
    Scenario.play(
      CarryLifeTests.begin + """
        spot 48000       |
        wake             |
        open 5000        | refused refused by a limit
        spot 50000       |
        open 5000        | refused refused by a limit
        +30m spot 50000  |
        perp 50000       |
        open 5000        | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        """)
  }

  @Test("A move beyond three deviations stops entries, once enough moves are known")
  func volatility() {
    // Moves of 10 a quarter of an hour: three deviations are 30, and 60 over an hour.
    let calm = (0..<32).map { place in
      """
      +15m spot \(place.isMultiple(of: 2) ? 50010 : 50000) |
      perp \(place.isMultiple(of: 2) ? 50010 : 50000) |
      wake |

      """
    }
    let passes = "decided enter · planned 0.099 · intended sell perp 0.099 · done · submit"
    for (wait, price, answer) in [
      ("", 50028, passes), ("", 50035, "refused refused by a limit"), ("+1h ", 50055, passes),
      ("+1h ", 50070, "refused refused by a limit"),
    ] {
      Scenario.play(
        CarryLifeTests.begin + "wake |\n" + calm.joined() + """
          \(wait)spot \(price) |
          perp \(price)   |
          wake             |
          open 5000        | \(answer)
          """)
    }
    Scenario.play(
      CarryLifeTests.begin + "wake |\n" + calm.joined() + """
        spot 50020       |
        perp 50020       |
        wake             |
        plan 5000        | plan 1 · done
        open 5000        | decided enter · planned 0.099 · intended sell perp 0.099 · done · submit
        """)
    Scenario.play(
      CarryLifeTests.begin + "wake |\n" + calm.joined() + """
        spot 50100       |
        perp 50100       |
        wake             |
        open 5000        | refused refused by a limit
        """)
  }
}

/// Funding that has gone stale, told event by event.
@Suite("Stale funding")
struct StaleExitTests {
  @Test("A carry that earns next to nothing for long is left, where that is wanted")
  func stale() {
    let market =
      CarryLifeTests.opened + """
        history 42 0.0001      |
        +4d history 4 0.000001 |
        spot 50000             |
        perp 50000             |

        """
    Scenario.play(market + "wake | decided hold hours_held")
    Scenario.play(
      market + "wake | decided exit · moved closing · intended buy perp 0.1 reduce-only · submit",
      set: { $0.exit.staleHours = 24 })
  }
}
