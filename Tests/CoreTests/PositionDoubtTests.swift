import Testing

@testable import Core

/// What a venue says of a position beside what trades make of it.
@Suite("Two sources of delta")
struct PositionDoubtTests {
  @Test("A position that differs for ten seconds has the account read, once a minute")
  func lasting() {
    Scenario.play(
      CarryLifeTests.opened + """
        position -0.1 margin 2500 liquidation 74000  |
        position -0.06 margin 2500 liquidation 90000 |
        +9s wake                                     |
        +1s wake                                     | ask account · ask history
        +30s wake                                    |
        +30s wake                                    | ask account · ask history
        """)
  }

  @Test("One that agrees a moment later asks nothing")
  func passing() {
    Scenario.play(
      CarryLifeTests.opened + """
        position -0.06 margin 2500 liquidation 90000 |
        position -0.1 margin 2500 liquidation 74000  |
        +20s wake                                    |
        """)
  }
}
