import Testing

@testable import Core

/// Orders that rest and clips that are spread over time, told event by event.
@Suite("Patient execution")
struct ExecutionTests {
  private static func resting(
    _ text: String, at place: SourceLocation = #_sourceLocation,
    set: (inout Parameters) -> Void = { _ in }
  ) {
    Scenario.play(CarryLifeTests.begin + text, at: place) {
      $0.execution.makerSeconds = 30
      $0.market.staleSeconds = 60
      set(&$0)
    }
  }

  private static let open = """
    spot 49990 to 50010 |
    perp 49990 to 50010 |
    open 5000           | decided enter · planned 0.1 · intended sell perp 0.1 resting · done · submit
                        | · wake +30000ms
    limit               | 50010
    accepted            | accepted

    """

  @Test(
    "The perpetual rests at the best price of its own side, and spot follows its fill by taking")
  func fills() {
    Self.resting(
      Self.open + """
        fill 0.1 @ 50010 | filled
        ended filled     | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50010 | filled · booked · exposed
        ended filled     | ended filled · moved open -0.1
        wake             |
        """)
  }

  @Test("What does not trade in time is taken back, again and again, and then taken")
  func deadline() {
    Self.resting(
      Self.open + """
        +29999ms wake           | query
        +1ms wake               | cancel · wake +5000ms
        wake                    |
        +5s wake                | cancel · wake +5000ms
        ended cancelled         | ended cancelled · wake +1000ms
        spot 49990 to 50010     |
        perp 49990 to 50010     |
        +1s wake                | intended sell perp 0.1 · submit
        limit                   | 49750
        """)
  }

  @Test("A part that traded takes the rest back and is hedged at once; the next clip rests again")
  func parts() {
    Self.resting(
      Self.open + """
        fill 0.04 @ 50010 | filled
        wake              | cancel · wake +5000ms
        ended cancelled   | ended cancelled · intended buy spot 0.04 · submit
        fill 0.04 @ 50010 | filled · booked · exposed
        ended filled      | ended filled · intended sell perp 0.06 resting · submit · wake +30000ms
        """)
  }

  @Test("Refused because it would trade at once, it takes")
  func refused() {
    Self.resting(
      """
      open 5000                  | decided enter · planned 0.1 · intended sell perp 0.1 resting · done
                                 | · submit · wake +30000ms
      refused wouldTakeLiquidity | ended refused · wake +1000ms
      +1s wake                   | intended sell perp 0.1 · submit
      """)
  }

  @Test("A pause, old prices, the end of the process: what would grow is taken back")
  func unwanted() {
    for (event, answer) in [
      ("pause", "trading paused · done"), ("signal", "trading paused"), ("hold file", ""),
      ("drain", ""), ("+11s wake", "cancel · wake +5000ms"),
    ] {
      let next = event.hasSuffix("wake") ? "" : "wake | cancel · wake +5000ms"
      Self.resting(Self.open + "\(event) | \(answer)\n\(next)") { $0.market.staleSeconds = 10 }
    }
  }

  @Test("What an earlier process left resting is taken back")
  func restart() {
    Self.resting(
      Self.open + """
        start 2                      | started · ask account · ask history · ask history
        account unified USDT 100000  | query
        wake                         | cancel · wake +5000ms
        """)
  }

  @Test("An exit that funding decided rests; what an operator asks for does not wait")
  func pace() {
    let carry = """
      history 24 0.0003 |
      spot 50000        |
      perp 50000        |
      wake              | decided enter · planned 0.2 · intended sell perp 0.1 resting · submit
                        | · wake +30000ms
      fill 0.1 @ 50000  | filled
      ended filled      | ended filled · intended buy spot 0.1 · submit
      fill 0.1 @ 50000  | filled · booked · exposed
      ended filled      | ended filled · intended sell perp 0.1 resting · submit · wake +30000ms
      fill 0.1 @ 50000  | filled
      ended filled      | ended filled · intended buy spot 0.1 · submit
      fill 0.1 @ 50000  | filled · booked · exposed
      ended filled      | ended filled · moved open -0.2

      """
    Self.resting(
      carry + """
        +200h history 24 -0.0003 |
        spot 50000               |
        perp 50000               |
        wake                     | decided exit · moved closing
                                 | · intended buy perp 0.1 reduce-only resting · submit
                                 | · wake +30000ms
        unwind 1                 | moved closing · done
        wake                     | cancel · wake +5000ms
        ended cancelled          | ended cancelled · wake +1000ms
        +1s wake                 | intended buy perp 0.1 reduce-only · submit
        """)
  }

  @Test("Clips are a slice of time apart; spot follows each of them at once")
  func slices() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 10000       | decided enter · planned 0.2 · intended sell perp 0.1 · done · submit
        fill 0.1 @ 50000 | filled
        ended filled     | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000 | filled · booked · exposed
        ended filled     | ended filled · wake +60000ms
        wake             |
        +59s spot 50000  |
        perp 50000       |
        wake             |
        +1s wake         | intended sell perp 0.1 · submit
        """
    ) { $0.execution.sliceSeconds = 60 }
  }

  @Test("No clip is a larger part of the turnover than it may be, and none is too small to trade")
  func participation() {
    for (turnover, clip) in [("1000000000", "0.067"), ("1000000", "0.001"), ("", "0.1")] {
      let told = turnover.isEmpty ? "" : "figures turnover \(turnover) |\n"
      Scenario.play(
        CarryLifeTests.begin + told + """
          open 10000 | decided enter · planned 0.2 · intended sell perp \(clip) · done · submit
          """
      ) {
        $0.execution.sliceSeconds = 60
        $0.execution.participation = "0.005"
        $0.market.minimumTurnover = .zero
      }
    }
  }
}
