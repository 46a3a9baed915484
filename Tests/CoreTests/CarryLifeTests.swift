import Testing

@testable import Core

/// The life of one carry, told event by event.
@Suite("Life of a carry")
struct CarryLifeTests {
  /// A process that knows its account, at a mid of 50000 on both legs.
  static let begin = begin(account: "unified USDT 100000")

  static func begin(account: String) -> String {
    """
    start 1            | started · ask account · ask history · ask history
    account \(account) | booked deposit
    spot 50000         |
    perp 50000         |

    """
  }

  /// 0.1 BTC on both legs, opened by an operator in one clip.
  static let opened =
    begin + """
      open 5000        | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
      fill 0.1 @ 50000 | filled
      ended filled     | ended filled · intended buy spot 0.1 · submit
      fill 0.1 @ 50000 | filled · booked · exposed
      ended filled     | ended filled · moved open -0.1

      """

  @Test("From seven days of history to closed, every order on the way")
  func wholeLife() {
    Scenario.play(
      Self.begin + """
        history 20 0.0001             |
        wake                          | decided stay_out funding_history
        +8h settled 0.0001            |
        wake                          | decided stay_out quote_age
        spot 50000                    |
        perp 50000                    |
        wake                          |
        +8h settled 0.0001            |
        spot 50000                    |
        perp 50000                    |
        wake                          | decided enter · planned 0.2 · intended sell perp 0.1
                                      | · submit
        accepted                      | accepted
        fill 0.06 @ 50000             | filled
        fill 0.04 @ 50000             | filled
        ended filled                  | ended filled · intended buy spot 0.1 · submit
        accepted                      | accepted
        fill 0.1 @ 50000              | filled · booked · exposed
        ended filled                  | ended filled · intended sell perp 0.1 · submit
        fill 0.1 @ 50000              | filled
        ended filled                  | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000              | filled · booked · exposed
        ended filled                  | ended filled · moved open -0.2
        look                          | open · spot 0.2 · perp -0.2
        +8h settled 0.0001 mark 51000 | settled 1.02
        paid 1.02                     | received 1.02 · booked
        wake                          | decided hold hours_held
        +8h settled 0.0001 mark 51000 | settled 1.02
        spot 50000                    |
        perp 50000                    |
        wake                          | decided hold hours_held
        look                          | open · spot 0.2 · perp -0.2 · funding 1.02
        +8d history 24 -0.0003        |
        spot 50000                    |
        perp 50000                    |
        wake                          | decided exit · moved closing
                                      | · intended buy perp 0.1 reduce-only · submit
        fill 0.1 @ 50000              | filled
        ended filled                  | ended filled · intended sell spot 0.1 · submit
        fill 0.1 @ 50000              | filled · booked · exposed
        ended filled                  | ended filled · intended buy perp 0.1 reduce-only · submit
        fill 0.1 @ 50000              | filled
        ended filled                  | ended filled · intended sell spot 0.1 · submit
        fill 0.1 @ 50000              | filled · booked · exposed
        ended filled                  | ended filled · moved closed
        look                          | nothing
        """)
  }

  @Test("The hedge follows what the leader filled, not what was intended")
  func partialLeader() {
    Scenario.play(
      Self.begin + """
        open 5000         | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        fill 0.03 @ 50000 | filled
        ended expired     | ended expired · intended buy spot 0.03 · submit
        fill 0.02 @ 50000 | filled · booked
        ended expired     | ended expired · intended buy spot 0.01 · submit
        fill 0.01 @ 50000 | filled · booked · exposed
        ended filled      | ended filled · intended sell perp 0.07 · submit
        look              | opening · spot 0.03 · perp -0.03
        """)
  }

  @Test("Spot refused too often: the short is brought to match")
  func followerRefused() {
    Scenario.play(
      Self.begin + """
        open 5000           | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        fill 0.1 @ 50000    | filled
        ended filled        | ended filled · intended buy spot 0.1 · submit
        fill 0.0405 @ 50000 | filled · booked
        ended expired       | ended expired · intended buy spot 0.0595 · submit
        refused             | ended refused · wake +1000ms
        wake                |
        +1s wake            | intended buy spot 0.0595 · submit
        refused             | ended refused · wake +1000ms
        +1s wake            | intended buy spot 0.0595 · submit
        refused             | ended refused · wake +1000ms
        +1s wake            | intended buy spot 0.0595 · submit
        refused             | ended refused · wake +1000ms
        +1s wake            | intended buy spot 0.0595 · submit
        refused             | ended refused · wake +1000ms
        +1s wake            | moved reducing -0.04 · intended buy perp 0.06 reduce-only · submit
        fill 0.06 @ 50000   | filled · exposed
        ended filled        | ended filled · intended sell spot 0.0005 · submit
        fill 0.0005 @ 50000 | filled · booked · exposed
        ended filled        | ended filled · rebalanced perp 0.06 · rebalanced spot -0.0005
                            | · moved open -0.04
        look                | open · spot 0.04 · perp -0.04
        """)
  }

  @Test("The leader refused too often: the carry is refused")
  func leaderRefused() {
    Scenario.play(
      Self.begin + """
        open 5000     | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        refused       | ended refused · wake +1000ms
        +1s wake      | intended sell perp 0.1 · submit
        refused       | ended refused · wake +1000ms
        +1s wake      | intended sell perp 0.1 · submit
        ended expired | ended expired · wake +1000ms
        +1s wake      | intended sell perp 0.1 · submit
        refused       | ended refused · wake +1000ms
        +1s wake      | intended sell perp 0.1 · submit
        refused       | ended refused · wake +1000ms
        +1s wake      | moved refused
        look          | nothing
        """)
  }

  @Test("A fee taken in base: hedged net of it, and what is left is dust")
  func baseFee() {
    Scenario.play(
      Self.begin + """
        open 5000                         | decided enter · planned 0.1 · intended sell perp 0.1
                                          | · done · submit
        fill 0.1 @ 50000                  | filled
        ended filled                      | ended filled · intended buy spot 0.1001 · submit
        fill 0.1001 @ 50000 fee 0.0001001 BTC | filled · booked · exposed
        ended filled                      | ended filled · moved open -0.1
        look                              | open · spot 0.0999999 · perp -0.1
        unwind 1                          | moved closing · intended buy perp 0.1 reduce-only · done
                                          | · submit
        fill 0.1 @ 50000                  | filled
        ended filled                      | ended filled · intended sell spot 0.09999 · submit
        fill 0.09999 @ 50000              | filled · booked · exposed
        ended filled                      | ended filled · booked dust · adjusted · moved closed
        look                              | nothing
        """, feeInBase: "0.001")
  }

  @Test("Unwound while it is being built")
  func unwindWhileOpening() {
    Scenario.play(
      Self.begin + """
        open 10000       | decided enter · planned 0.2 · intended sell perp 0.1 · done · submit
        unwind 1         | moved closing · done
        fill 0.1 @ 50000 | filled
        ended filled     | ended filled · intended buy perp 0.1 reduce-only · submit
        fill 0.1 @ 50000 | filled · exposed
        ended filled     | ended filled · moved closed
        look             | nothing
        """)
  }

  @Test("Half of it, then the rest")
  func half() {
    Scenario.play(
      Self.opened + """
        unwind 1 0.5      | moved reducing -0.05 · intended buy perp 0.05 reduce-only · done
                          | · submit
        unwind 1 0.5      | refused the carry is busy
        fill 0.05 @ 50000 | filled
        ended filled      | ended filled · intended sell spot 0.05 · submit
        fill 0.05 @ 50000 | filled · booked · exposed
        ended filled      | ended filled · rebalanced perp 0.05 · rebalanced spot -0.05
                          | · moved open -0.05
        look              | open · spot 0.05 · perp -0.05
        unwind 1          | moved closing · intended buy perp 0.05 reduce-only · done · submit
        unwind 1          | done
        fill 0.05 @ 50000 | filled
        ended filled      | ended filled · intended sell spot 0.05 · submit
        fill 0.05 @ 50000 | filled · booked · exposed
        ended filled      | ended filled · moved closed
        unwind 1          | refused no open carry
        """)
  }

  @Test("Left alone for a day after an exit")
  func cooldown() {
    Scenario.play(
      Self.opened + """
        unwind 1               | moved closing · intended buy perp 0.1 reduce-only · done · submit
        fill 0.1 @ 50000       | filled
        ended filled           | ended filled · intended sell spot 0.1 · submit
        fill 0.1 @ 50000       | filled · booked · exposed
        ended filled           | ended filled · moved closed
        +23h history 40 0.0003 |
        spot 50000             |
        perp 50000             |
        wake                   | decided stay_out since_last_exit
        +1h settled 0.0003     |
        spot 50000             |
        perp 50000             |
        wake                   | decided enter · planned 0.2 · intended sell perp 0.1 · submit
        """)
  }
}
