import Testing

@testable import Core

/// How much is entered, and when nothing is, told event by event.
@Suite("Sizes and allocation")
struct AllocationTests {
  @Test("One asset, one venue and one cluster hold no more than they may")
  func caps() {
    let market =
      CarryLifeTests.opened + """
        ETH spot 2500 |
        ETH perp 2500 |

        """
    Scenario.play(
      market + "ETH open 5000 | refused refused by a limit",
      set: { $0.sizing.maximumVenueNotional = "9000" })
    Scenario.play(
      market + "ETH open 5000 | refused refused by a limit",
      set: {
        $0.sizing.clusters = "DOGE+SHIB, BTC + ETH"
        $0.sizing.maximumClusterNotional = "9000"
      })
    let opens =
      "ETH open 5000 | decided enter · planned 2 · intended sell perp 2 · done · submit"
    Scenario.play(
      market + opens,
      set: {
        $0.sizing.clusters = "BTC+DOGE"
        $0.sizing.maximumClusterNotional = "9000"
      })
    Scenario.play(
      CarryLifeTests.begin + "open 5000 | refused refused by a limit",
      set: { $0.sizing.maximumAssetNotional = "4000" })
  }

  @Test("After a day's loss nothing is entered until the next")
  func dailyLoss() {
    Scenario.play(
      CarryLifeTests.begin(account: "unified USDT 10000") + """
        open 5000          | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        fill 0.1 @ 50000   | filled
        ended filled       | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 56000   | filled · booked · exposed
        ended filled       | ended filled · moved open -0.1
        ETH spot 2500      |
        ETH perp 2500      |
        ETH open 500       | refused refused by a limit
        +1d wake           |
        ETH spot 2500      |
        ETH perp 2500      |
        spot 50000         |
        perp 50000         |
        ETH open 500       | decided enter · planned 0.2 · intended sell perp 0.2 · done · submit
        """)
  }

  @Test("Below its floor an account enters nothing")
  func floor() {
    Scenario.play(
      CarryLifeTests.begin(account: "unified USDT 10000")
        + "open 5000 | refused refused by a limit",
      set: { $0.sizing.accountFloor = "10001" })
  }

  @Test(
    "A carry that prices made too large is brought back to what was meant, an operator's is not")
  func drift() {
    let risen = """
      position -0.1 margin 6000 liquidation 110000 |
      spot 74000       |
      perp 74000       |
      wake             |
      spot 76000       |
      perp 76000       |

      """
    Scenario.play(
      CarryLifeTests.opened + risen + """
        wake             | decided shrink · moved reducing -0.065
                         | · intended buy perp 0.035 reduce-only · submit
        fill 0.035 @ 76000 | filled
        ended filled     | ended filled · intended sell spot 0.035 · submit
        fill 0.035 @ 76000 | filled · booked · exposed
        ended filled     | ended filled · rebalanced perp 0.035 · rebalanced spot -0.035
                         | · moved open -0.065
        wake             |
        """, set: { $0.sizing.band = "0.5" })
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000 hold   | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        fill 0.1 @ 50000 | filled
        ended filled     | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000 | filled · booked · exposed
        ended filled     | ended filled · moved open -0.1

        """ + risen + "wake |", set: { $0.sizing.band = "0.5" })
  }

  @Test("Sized by volatility or by Kelly, never above the configured notional")
  func methods() {
    Scenario.play(
      CarryLifeTests.begin + """
        history 40 0.0001 |
        wake              | decided stay_out quantity
        """, set: { $0.sizing.method = .volatility })
    Scenario.play(
      CarryLifeTests.begin(account: "unified USDT 10000") + """
        history 40 0.0001 |
        wake              | decided enter · planned 0.114 · intended sell perp 0.057 · submit
        """,
      set: {
        $0.sizing.method = .kelly
        $0.sizing.leverage = "3"
      })
  }
}
