import Testing

@testable import Core

/// What the process says about itself: nothing grows, everything else goes on.
@Suite("Holds")
struct HoldTests {
  @Test("Without the database nothing grows until it is back and the account was looked at")
  func database() {
    Scenario.play(
      CarryLifeTests.begin + """
        hold database               |
        open 5000                   | refused no new exposure is allowed
        release database            | ask account
        open 5000                   | refused no new exposure is allowed
        account unified USDT 100000 |
        open 5000                   | decided enter · planned 0.1 · intended sell perp 0.1
                                    | · done · submit
        """)
  }

  @Test("A file holds until it is gone, also when something else ends before")
  func file() {
    Scenario.play(
      CarryLifeTests.begin + """
        hold file                   |
        hold database               |
        release database            | ask account
        account unified USDT 100000 |
        open 5000                   | refused no new exposure is allowed
        release file                |
        open 5000                   | decided enter · planned 0.1 · intended sell perp 0.1
                                    | · done · submit
        """)
  }

  @Test("What is in motion is hedged and stands, and can be closed")
  func inMotion() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 10000       | decided enter · planned 0.2 · intended sell perp 0.1 · done · submit
        fill 0.1 @ 50000 | filled
        hold database    |
        ended filled     | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000 | filled · booked · exposed
        ended filled     | ended filled · moved open -0.1
        unwind 1         | moved closing · intended buy perp 0.1 reduce-only · done · submit
        fill 0.1 @ 50000 | filled
        ended filled     | ended filled · intended sell spot 0.1 · submit
        fill 0.1 @ 50000 | filled · booked · exposed
        ended filled     | ended filled · moved closed
        """)
  }

  @Test("A carry that waits for its next order stands still when a hold begins")
  func waiting() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000     | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        refused       | ended refused · wake +1000ms
        +1s hold file | moved refused
        look          | nothing
        """)
  }

  @Test("After standing still old prices count for nothing, and the account is looked at")
  func stalled() {
    Scenario.play(
      CarryLifeTests.begin + """
        +1s stalled                 | ask account
        open 5000                   | refused no new exposure is allowed
        account unified USDT 100000 |
        open 5000                   | refused refused by a limit
        spot 50000                  |
        open 5000                   | refused refused by a limit
        perp 50000                  |
        open 5000                   | decided enter · planned 0.1 · intended sell perp 0.1
                                    | · done · submit
        """)
  }

  @Test("A signal pauses once, and an operator resumes")
  func signal() {
    Scenario.play(
      CarryLifeTests.begin + """
        signal    | trading paused
        signal    |
        open 5000 | refused no new exposure is allowed
        resume    | trading resumed · done
        open 5000 | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        """)
  }
}
