import Testing

@testable import Core

/// A carry of which less is held than was meant grows back, told event by event.
@Suite("Growth of carries")
struct GrowthTests {
  /// 0.2 BTC on both legs, entered by the engine in one clip of at most 10,000.
  static let entered = """
    history 24 0.0003        |
    spot 50000               |
    perp 50000               |
    wake                     | decided enter · planned 0.2 · intended sell perp 0.2 · submit
    fill 0.2 @ 50000         | filled
    ended filled             | ended filled · intended buy spot 0.2 · submit
    fill 0.2 @ 50000         | filled · booked · exposed
    ended filled             | ended filled · moved open -0.2

    """

  private static func play(_ text: String) {
    Scenario.play(CarryLifeTests.begin + entered + text) {
      $0.margin.releaseDistance = "50"
      $0.execution.clipNotional = "10000"
    }
  }

  private static func fallen(rate: String, to price: Int = 24000) -> String {
    """
    position -0.2 margin 5000 liquidation 74000 |
    +8h history 24 \(rate)   |
    spot \(price)            |
    perp \(price)            |

    """
  }

  /// Growth that has its first of two clips on the perpetual.
  private static let firstClip =
    fallen(rate: "0.0003") + """
      wake                     | decided grow · moved opening -0.416
                               | · intended sell perp 0.108 · submit
      fill 0.108 @ 24000       | filled
      ended filled             | ended filled · intended buy spot 0.108 · submit

      """

  @Test("A carry that prices made too small is brought back, if it would be entered")
  func fallenPrice() {
    Self.play(
      Self.firstClip + """
        fill 0.108 @ 24000       | filled · booked · exposed
        ended filled             | ended filled · intended sell perp 0.108 · submit
        fill 0.108 @ 24000       | filled
        ended filled             | ended filled · intended buy spot 0.108 · submit
        fill 0.108 @ 24000       | filled · booked · exposed
        ended filled             | ended filled · rebalanced perp -0.216 · rebalanced spot 0.216
                                 | · moved open -0.416
        look                     | open · spot 0.416 · perp -0.416
        """)
    Self.play(Self.fallen(rate: "0.00003") + "wake | decided hold hours_held")
    Self.play(Self.fallen(rate: "0.0003", to: 26000) + "wake | decided hold hours_held")
    Self.play(
      Self.fallen(rate: "0.0003") + """
        figures rank 4           | decided warn
        wake                     | decided hold hours_held
        """)
  }

  @Test("What was done is recorded, also when the rest is called off")
  func calledOff() {
    // Prices are too old for the second clip.
    Self.play(
      Self.firstClip + """
        +6s fill 0.108 @ 24000   | filled · booked · exposed
        ended filled             | ended filled · rebalanced perp -0.108 · rebalanced spot 0.108
                                 | · moved open -0.308
        """)
    Self.play(
      Self.firstClip + """
        unwind 1                 | rebalanced perp -0.108 · moved closing · done
        fill 0.108 @ 24000       | filled · booked · exposed
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
    Self.play(
      """
      deleveraged 0.12 @ 50000 | filled · moved reducing -0.08
      wake                     | intended sell spot 0.12 · submit
      fill 0.12 @ 50000        | filled · booked · exposed
      ended filled             | ended filled · rebalanced spot -0.12 · moved open -0.08
      position -0.08 margin \(margin) liquidation 74000 |
      +8h history 24 0.0003    |
      spot 50000               |
      perp 50000               |
      wake                     | \(decided)
      """)
  }
}
