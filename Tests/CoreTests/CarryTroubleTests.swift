import Testing

@testable import Core

/// What venues, networks and crashes do to a carry, told event by event.
@Suite("Troubles of a carry")
struct CarryTroubleTests {
  @Test("The short is liquidated: spot is sold")
  func liquidation() {
    Scenario.play(
      CarryLifeTests.opened + """
        liquidated 0.1 @ 74000 | filled · moved closing
        position 0             |
        wake                   | intended sell spot 0.1 · submit
        fill 0.1 @ 74000       | filled · booked · exposed
        ended filled           | ended filled · moved closed
        look                   | nothing
        """)
  }

  @Test("A part of the short is closed by the venue: spot follows")
  func deleveraged() {
    Scenario.play(
      CarryLifeTests.opened + """
        deleveraged 0.04 @ 50000 | filled · moved reducing -0.06
        wake                     | intended sell spot 0.04 · submit
        fill 0.04 @ 50000        | filled · booked · exposed
        ended filled             | ended filled · rebalanced spot -0.04 · moved open -0.06
        look                     | open · spot 0.06 · perp -0.06
        """)
  }

  @Test("A part closed by the venue does not call off an exit")
  func deleveragedWhileClosing() {
    Scenario.play(
      CarryLifeTests.opened + """
        unwind 1                 | moved closing · intended buy perp 0.1 reduce-only · done · submit
        deleveraged 0.04 @ 50000 | filled · moved closing
        refused                  | ended refused · wake +1000ms
        +1s wake                 | intended sell spot 0.04 · submit
        fill 0.04 @ 50000        | filled · booked · exposed
        ended filled             | ended filled · intended buy perp 0.06 reduce-only · submit
        fill 0.06 @ 50000        | filled
        ended filled             | ended filled · intended sell spot 0.06 · submit
        fill 0.06 @ 50000        | filled · booked · exposed
        ended filled             | ended filled · moved closed
        look                     | nothing
        """)
  }

  @Test("A short smaller than a lot is never taken for none")
  func lessThanALot() {
    Scenario.play(
      CarryLifeTests.opened + """
        unwind 1                   | moved closing · intended buy perp 0.1 reduce-only · done · submit
        deleveraged 0.0995 @ 50000 | filled · moved closing
        refused                    | ended refused · wake +1000ms
        +1s wake                   | intended sell spot 0.0995 · submit
        fill 0.0995 @ 50000        | filled · booked · exposed
        ended filled               | ended filled
        look                       | closing · spot 0.0005 · perp -0.0005
        """)
  }

  @Test("A repeated fill is ignored, a fill may come before its order is accepted")
  func duplicates() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000         | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        fill 0.06 @ 50000 | filled
        again             |
        accepted          | accepted
        again             |
        fill 0.04 @ 50000 | filled
        ended filled      | ended filled · intended buy spot 0.1 · submit
        again             |
        fill 0.1 @ 50000  | filled · booked · exposed
        ended filled      | ended filled · moved open -0.1
        look              | open · spot 0.1 · perp -0.1
        +1s settled 0.0001 | settled 0.5
        again             |
        paid 0.5          | received 0.5 · booked
        again             |
        look              | open · spot 0.1 · perp -0.1 · funding 0.5
        """)
  }

  /// Found by storm 4 of seed 4000: events of a close were lost, and a settlement came before the
  /// orders had been asked for.
  @Test("What was held at a settlement is known only when no earlier order is open")
  func settlementDuringAnOrder() {
    for (fill, settled) in [("fill 0.1 @ 50000", "settled 0.5"), ("fill 0.1 @ 50000 earlier", "")] {
      Scenario.play(
        CarryLifeTests.opened + """
          unwind 1           | moved closing · intended buy perp 0.1 reduce-only · done · submit
          +5s settled 0.0001 |
          again              |
          +1s \(fill)       | filled
          ended filled       | ended filled · intended sell spot 0.1 · submit
          wake               | \(settled)
          wake               |
          """)
    }
  }

  /// Found by seed 90000546 of `harvester simulate`: the message of a forced trade was lost.
  @Test("A forced trade that is heard of after a settlement corrects what was held at it")
  func forcedBeforeSettlement() {
    Scenario.play(
      CarryLifeTests.opened + """
        +5s settled 0.0001                   | settled 0.5
        +1s deleveraged 0.04 @ 50000 earlier | filled · corrected 0.3 · moved reducing -0.06
        """)
    Scenario.play(
      CarryLifeTests.opened + """
        +5s settled 0.0001                  | settled 0.5
        +1s deleveraged 0.1 @ 50000 earlier | filled · corrected 0 · moved closing
        """)
  }

  /// Found by seed 100004395 of `harvester simulate`: the aim became a long perpetual.
  @Test("A forced trade heard of before the fill it undid leads to no long position")
  func forcedBeforeItsFill() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000                | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        deleveraged 0.06 @ 50000 | filled · moved closing
        fill 0.1 @ 50000         | filled
        ended filled             | ended filled · intended buy perp 0.04 reduce-only · submit
        fill 0.04 @ 50000        | filled · exposed
        ended filled             | ended filled · moved closed
        look                     | nothing
        """)
  }

  @Test("A trade heard of late changes what stood after the trades that followed it")
  func forcedBeforeAnother() {
    Scenario.play(
      CarryLifeTests.opened + """
        +5s deleveraged 0.02 @ 50000         | filled · moved reducing -0.08
        +1s settled 0.0001                   | settled 0.4
        +1s deleveraged 0.04 @ 50000 earlier | filled · corrected 0.2 · moved reducing -0.04
        """)
  }

  @Test("A fill that comes after its order's end still belongs to the carry, and is hedged")
  func lateFill() {
    Scenario.play(
      CarryLifeTests.opened + """
        fill 0.01 @ 50000 | filled · booked · moved reducing -0.1
        look              | reducing · spot 0.11 · perp -0.1
        wake              | intended sell spot 0.01 · submit
        fill 0.01 @ 50000 | filled · booked · exposed
        ended filled      | ended filled · rebalanced spot -0.01 · moved open -0.1
        look              | open · spot 0.1 · perp -0.1
        """)
  }

  @Test("An order that says nothing is asked about, again and again")
  func silence() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000        | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        +15s wake        |
        +1ms wake        | query
        +10s wake        |
        +1ms wake        | query
        not-found        | ended voided · wake +1000ms
        """)
  }

  /// As seeds 600009853 and 600012028 once did: an answer of before the deadline was read after it.
  @Test("What a venue did not know when it was asked early says nothing later")
  func standstill() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000        | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        +60s not-found   | wake +0ms
        wake             | query · query
        not-found        | ended voided · wake +1000ms
        """)
  }

  @Test("An unknown order is asked for until its deadline, then voided")
  func unknown() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000        | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        +1s not-found    | wake +4001ms
        +4000ms wake     |
        +1ms wake        | query
        not-found        | ended voided · wake +1000ms
        +1s wake         | moved refused
        fill 0.1 @ 50000 | filled nobody · trading halted · ask account
        look             | nothing
        """)
  }

  @Test("A restart asks for what it does not know and goes on")
  func restart() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000                   | decided enter · planned 0.1 · intended sell perp 0.1 · done
                                    | · submit
        +2s start 2                 | started · ask account · ask history · ask history
        account unified USDT 100000 | query
        spot 50000                  |
        perp 50000                  |
        wake                        |
        accepted                    | accepted
        fill 0.06 @ 50000           | filled
        again                       |
        ended expired               | ended expired · intended buy spot 0.06 · submit
        fill 0.06 @ 50000           | filled · booked · exposed
        ended filled                | ended filled · intended sell perp 0.04 · submit
        look                        | opening · spot 0.06 · perp -0.06
        """)
  }

  @Test("Books and venue disagree: halted until they agree")
  func mismatch() {
    Scenario.play(
      CarryLifeTests.begin + """
        +1m start 2                 | started · ask account · ask history · ask history
        account unified USDT 99999  | mismatch unified:USDT · trading halted
        spot 50000                  |
        perp 50000                  |
        open 5000                   | refused no new exposure is allowed
        resume                      | done · ask account
        account unified USDT 99999  |
        account unified USDT 99998  | mismatch unified:USDT
        open 5000                   | refused no new exposure is allowed
        +1m start 3                 | started · ask account · ask history · ask history
        account unified USDT 100000 | trading released
        """)
  }

  @Test("A pause does not end a halt")
  func pausedWhileHalted() {
    Scenario.play(
      CarryLifeTests.begin + """
        +1m start 2                 | started · ask account · ask history · ask history
        account unified USDT 99999  | mismatch unified:USDT · trading halted
        pause                       | trading paused · done
        resume                      | trading resumed · done · ask account
        spot 50000                  |
        perp 50000                  |
        open 5000                   | refused no new exposure is allowed
        account unified USDT 100000 | trading released
        """)
  }

  @Test("A halt does not end a pause")
  func haltedWhilePaused() {
    Scenario.play(
      CarryLifeTests.begin + """
        pause                       | trading paused · done
        +1m start 2                 | started · ask account · ask history · ask history
        account unified USDT 99999  | mismatch unified:USDT · trading halted
        +1m start 3                 | started · ask account · ask history · ask history
        account unified USDT 100000 | trading released
        spot 50000                  |
        perp 50000                  |
        open 5000                   | refused no new exposure is allowed
        """)
  }

  @Test("The balance found at the first start contains the trades before it")
  func tradesBeforeTheFirstStart() {
    Scenario.play(
      """
      start 1                           | started · ask account · ask history · ask history
      account unified USDT 95000 unified BTC 0.1 bought 0.1 @ 50000 | booked deposit
      """)
  }

  /// Found by seed 5397 of `harvester simulate`: spot stood alone for the rest of an hour's pause.
  @Test("A leg that trades again is traded at once, whatever the pause")
  func marketIsBack() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000           | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        fill 0.1 @ 50000    | filled
        ended filled        | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000    | filled · booked · exposed
        ended filled        | ended filled · moved open -0.1
        unwind 1            | moved closing · intended buy perp 0.1 reduce-only · done · submit
        fill 0.1 @ 50000    | filled
        ended filled        | ended filled · intended sell spot 0.1 · submit
        status spot halted  |
        refused             | ended refused · wake +1000ms
        wake                |
        status spot trading |
        wake                | intended sell spot 0.1 · submit
        """)
  }

  @Test("A leg that stands alone is tried again within a minute, however often it failed")
  func loneLeg() {
    let failures = (1...14).map { count in
      let seconds = min(60, 1 << max(0, count - 6))
      return "refused | ended refused · wake +\(seconds)000ms\n"
        + "+\(seconds)s wake | intended sell spot 0.1 · submit"
    }
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000        | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        fill 0.1 @ 50000 | filled
        ended filled     | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000 | filled · booked · exposed
        ended filled     | ended filled · moved open -0.1
        unwind 1         | moved closing · intended buy perp 0.1 reduce-only · done · submit
        fill 0.1 @ 50000 | filled
        ended filled     | ended filled · intended sell spot 0.1 · submit

        """ + failures.joined(separator: "\n"),
      set: { $0.execution.unhedgedBudget = "1000000000" })
  }
}
