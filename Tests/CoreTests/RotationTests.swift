import Testing

@testable import Core

/// Room that is short goes to what earns most for its risk.
@Suite("Rotation and order of entries")
struct RotationTests {
  /// So many quarter hours of both markets, so that it is known how they move.
  private static func quarters(_ count: Int, btc: Int = 10, eth: Int = 1) -> String {
    (0..<count).map { place in
      let sign = place.isMultiple(of: 2) ? 0 : 1
      return """
        +15m spot \(50000 + sign * btc) |
        perp \(50000 + sign * btc) |
        ETH spot \(2500 + sign * eth) |
        ETH perp \(2500 + sign * eth) |
        wake |
        """
    }.joined(separator: "\n") + "\n"
  }

  @Test("Of two that may be entered at once the better for its risk gets the room")
  func order() {
    func both(btc: Int) -> String {
      CarryLifeTests.begin + "ETH spot 2500 |\nETH perp 2500 |\n" + Self.quarters(40, btc: btc)
        + """
        history 24 0.0003 |
        ETH history 24 0.0004 |
        spot 50000 |
        perp 50000 |
        ETH spot 2500 |
        ETH perp 2500 |

        """
    }
    Scenario.play(
      both(btc: 10) + """
        wake | decided enter · planned 0.2 · intended sell perp 0.1
             | · decided stay_out gross_notional · submit
        """, set: { $0.sizing.maximumGrossNotional = "15000" })
    Scenario.play(
      both(btc: 100) + """
        wake | decided enter · planned 4 · intended sell perp 2
             | · decided stay_out gross_notional · submit
        """, set: { $0.sizing.maximumGrossNotional = "15000" })
  }

  @Test("The weakest makes way for what earns two round trips more, but not for less")
  func rotation() {
    func market(eth: String) -> String {
      CarryLifeTests.begin + "ETH spot 2500 |\nETH perp 2500 |\n"
        + Self.quarters(40) + """
          history 24 0.0003  |
          spot 50000         |
          perp 50000         |
          wake               | decided enter · planned 0.2 · intended sell perp 0.1 · submit
          fill 0.1 @ 50000   | filled
          ended filled       | ended filled · intended buy spot 0.1 · submit
          fill 0.1 @ 50000   | filled · booked · exposed
          ended filled       | ended filled · intended sell perp 0.1 · submit
          fill 0.1 @ 50000   | filled
          ended filled       | ended filled · intended buy spot 0.1 · submit
          fill 0.1 @ 50000   | filled · booked · exposed
          ended filled       | ended filled · moved open -0.2
          +8d history 24 0.0001 |
          ETH history 24 \(eth) |
          spot 50000         |
          perp 50000         |
          ETH spot 2500      |
          ETH perp 2500      |

          """
    }
    Scenario.play(
      market(eth: "0.0004") + """
        wake | decided exit · moved closing · decided stay_out gross_notional
             | · intended buy perp 0.1 reduce-only · submit
        """,
      set: {
        $0.sizing.maximumGrossNotional = "15000"
        $0.sizing.rotationRoundTrips = "2"
      })
    Scenario.play(
      market(eth: "0.00015") + """
        wake | decided hold expected_annual_rate · decided stay_out gross_notional
        """,
      set: {
        $0.sizing.maximumGrossNotional = "15000"
        $0.sizing.rotationRoundTrips = "2"
      })
    // What needs no room is entered beside it.
    Scenario.play(
      market(eth: "0.0004") + """
        wake | decided hold expected_annual_rate · decided enter · planned 4
             | · intended sell perp 2 · submit
        """)
  }

  @Test("A carry that prices made too small is brought back, if it would be entered")
  func growth() {
    func fallen(rate: String, to price: Int = 24000) -> String {
      CarryLifeTests.begin + """
        history 24 0.0003  |
        spot 50000         |
        perp 50000         |
        wake               | decided enter · planned 0.2 · intended sell perp 0.2 · submit
        fill 0.2 @ 50000   | filled
        ended filled       | ended filled · intended buy spot 0.2 · submit
        fill 0.2 @ 50000   | filled · booked · exposed
        ended filled       | ended filled · moved open -0.2
        position -0.2 margin 5000 liquidation 74000 |
        +8h history 24 \(rate) |
        spot \(price)      |
        perp \(price)      |

        """
    }
    func play(_ text: String) {
      Scenario.play(text) {
        $0.margin.releaseDistance = "50"
        $0.execution.clipNotional = "20000"
      }
    }
    play(
      fallen(rate: "0.0003") + """
        wake               | decided grow · moved opening -0.416 · intended sell perp 0.216 · submit
        fill 0.216 @ 24000 | filled
        ended filled       | ended filled · intended buy spot 0.216 · submit
        fill 0.216 @ 24000 | filled · booked · exposed
        ended filled       | ended filled · rebalanced perp -0.216 · rebalanced spot 0.216
                           | · moved open -0.416
        look               | open · spot 0.416 · perp -0.416
        """)
    play(fallen(rate: "0.00003") + "wake | decided hold hours_held")
    play(fallen(rate: "0.0003", to: 26000) + "wake | decided hold hours_held")
    play(
      fallen(rate: "0.0003") + """
        figures rank 4     | decided warn
        wake               | decided hold hours_held
        """)
  }

  @Test(
    "What was taken from a carry grows back, but not on a margin that has become thin",
    arguments: [
      ("2000", "decided grow · moved opening -0.2 · intended sell perp 0.12 · submit"),
      ("1800", "decided hold hours_held"),
    ])
  func marginOfGrowth(margin: String, decided: String) {
    // As in a world of seed 50001966.
    Scenario.play(
      CarryLifeTests.begin + """
        history 24 0.0003        |
        spot 50000               |
        perp 50000               |
        wake                     | decided enter · planned 0.2 · intended sell perp 0.2 · submit
        fill 0.2 @ 50000         | filled
        ended filled             | ended filled · intended buy spot 0.2 · submit
        fill 0.2 @ 50000         | filled · booked · exposed
        ended filled             | ended filled · moved open -0.2
        deleveraged 0.12 @ 50000 | filled · moved reducing -0.08
        wake                     | intended sell spot 0.12 · submit
        fill 0.12 @ 50000        | filled · booked · exposed
        ended filled             | ended filled · rebalanced spot -0.12 · moved open -0.08
        position -0.08 margin \(margin) liquidation 74000 |
        +8h history 24 0.0003    |
        spot 50000               |
        perp 50000               |
        wake                     | \(decided)
        """, set: { $0.execution.clipNotional = "20000" })
  }
}
