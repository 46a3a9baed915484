import Testing
@testable import Core
@Suite(.serialized) struct Draft {
  static let begin = begin(account: "unified USDT 100000")
  static func begin(account: String) -> String {
    """
    start 1 | started · ask account · ask history · ask history
    account \(account) | booked deposit
    spot 50000 |
    perp 50000 |

    """
  }
  static let opened =
    begin + """
      open 5000                          | decided enter · planned 0.1 · intended sell perp 0.1
                                         | · done · submit
      fill 0.1 @ 50000                   | filled · booked
      ended filled                       | ended filled · intended buy spot 0.1 · submit
      fill 0.1 @ 50000                   | filled · booked · exposed
      ended filled                       | ended filled · moved open -0.1

      """

  @Test func wholeLife() {
    print("@@@ wholeLife")
    Scenario.play(
      Self.begin + """
        history 20 0.0001 |
        wake |
        +8h settled 0.0001 |
        wake |
        spot 50000 |
        perp 50000 |
        wake |
        +8h settled 0.0001 |
        spot 50000 |
        perp 50000 |
        wake |
        accepted |
        fill 0.06 @ 50000 |
        fill 0.04 @ 50000 |
        ended filled |
        accepted |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        look |
        +8h settled 0.0001 mark 51000 |
        paid 1.02 |
        wake |
        +8h settled 0.0001 mark 51000 |
        spot 50000 |
        perp 50000 |
        wake |
        look |
        +8d history 24 -0.0003 |
        spot 50000 |
        perp 50000 |
        wake |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        look |
        """)
  }

  @Test func partialLeader() {
    print("@@@ partialLeader")
    Scenario.play(
      Self.begin + """
        open 5000 |
        fill 0.03 @ 50000 |
        ended expired |
        fill 0.02 @ 50000 |
        ended expired |
        fill 0.01 @ 50000 |
        ended filled |
        look |
        """)
  }

  @Test func followerRefused() {
    print("@@@ followerRefused")
    Scenario.play(
      Self.begin + """
        open 5000 |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.0405 @ 50000 |
        ended expired |
        refused |
        wake |
        +1s wake |
        refused |
        +1s wake |
        refused |
        +1s wake |
        refused |
        +1s wake |
        refused |
        +1s wake |
        fill 0.06 @ 50000 |
        ended filled |
        fill 0.0005 @ 50000 |
        ended filled |
        look |
        """)
  }

  @Test func leaderRefused() {
    print("@@@ leaderRefused")
    Scenario.play(
      Self.begin + """
        open 5000 |
        refused |
        +1s wake |
        refused |
        +1s wake |
        ended expired |
        +1s wake |
        refused |
        +1s wake |
        refused |
        +1s wake |
        look |
        """)
  }

  @Test func baseFee() {
    print("@@@ baseFee")
    Scenario.play(
      Self.begin + """
        open 5000 |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1001 @ 50000 fee 0.0001001 BTC |
        ended filled |
        look |
        unwind 1 |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.09999 @ 50000 |
        ended filled |
        look |
        """, feeInBase: "0.001")
  }

  @Test func pausedWhileOpening() {
    print("@@@ pausedWhileOpening")
    Scenario.play(
      Self.begin + """
        open 10000 |
        pause |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        look |
        open 5000 |
        ETH open 5000 |
        resume |
        resume |
        """)
  }

  @Test func unwindWhileOpening() {
    print("@@@ unwindWhileOpening")
    Scenario.play(
      Self.begin + """
        open 10000 |
        unwind 1 |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        look |
        """)
  }

  @Test func half() {
    print("@@@ half")
    Scenario.play(
      Self.opened + """
        unwind 1 0.5 |
        unwind 1 0.5 |
        fill 0.05 @ 50000 |
        ended filled |
        fill 0.05 @ 50000 |
        ended filled |
        look |
        unwind 1 |
        unwind 1 |
        fill 0.05 @ 50000 |
        ended filled |
        fill 0.05 @ 50000 |
        ended filled |
        unwind 1 |
        """)
  }

  @Test func refusals() {
    print("@@@ refusals")
    Scenario.play(
      Self.begin + """
        open DOGEUSDT 5000 |
        open -5000 |
        open quantity 0 |
        open 1000000.01 |
        open quantity 100000000000000000000 |
        open 10 |
        open quantity 0.0003 |
        unwind 7 |
        unwind-all |
        rebalance 7 |
        open-plan 9 |
        plan 5000 |
        ETH open 5000 |
        +6s open-plan 1 |
        spot 50000 |
        perp 50000 |
        +10m open-plan 1 |
        plan 5000 |
        spot 50000 |
        perp 50000 |
        pause |
        open-plan 2 |
        resume |
        open-plan 2 |
        open 5000 |
        unwind 1 0 |
        unwind 1 1.1 |
        rebalance 1 |
        """)
  }

  @Test func notReady() {
    print("@@@ notReady")
    Scenario.play(
      """
      start 1 |
      open 5000 |
      account unified USDT 100000 |
      open 5000 |
      drain |
      pause |
      """)
  }

  @Test func liquidation() {
    print("@@@ liquidation")
    Scenario.play(
      Self.opened + """
        liquidated 0.1 @ 74000 |
        position 0 |
        wake |
        fill 0.1 @ 74000 |
        ended filled |
        look |
        """)
  }

  @Test func deleveraged() {
    print("@@@ deleveraged")
    Scenario.play(
      Self.opened + """
        deleveraged 0.04 @ 50000 |
        wake |
        fill 0.04 @ 50000 |
        ended filled |
        look |
        """)
  }

  @Test func deleveragedWhileClosing() {
    print("@@@ deleveragedWhileClosing")
    Scenario.play(
      Self.opened + """
        unwind 1 |
        deleveraged 0.04 @ 50000 |
        refused |
        +1s wake |
        fill 0.06 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        look |
        """)
  }

  @Test func duplicates() {
    print("@@@ duplicates")
    Scenario.play(
      Self.begin + """
        open 5000 |
        fill 0.06 @ 50000 |
        again |
        accepted |
        again |
        fill 0.04 @ 50000 |
        ended filled |
        again |
        fill 0.1 @ 50000 |
        ended filled |
        look |
        settled 0.0001 |
        paid 0.5 |
        again |
        look |
        """)
  }

  @Test func unknown() {
    print("@@@ unknown")
    Scenario.play(
      Self.begin + """
        open 5000 |
        +1s not-found |
        +4s wake |
        not-found |
        +1ms wake |
        not-found |
        wake |
        +1s wake |
        fill 0.1 @ 50000 |
        ended filled |
        look |
        """)
  }

  @Test func restartMidway() {
    print("@@@ restartMidway")
    Scenario.play(
      Self.begin + """
        open 5000 |
        +2s start 2 |
        account unified USDT 100000 |
        spot 50000 |
        perp 50000 |
        wake |
        +4s not-found |
        +1s wake |
        spot 50000 |
        perp 50000 |
        +1s wake |
        """)
  }

  @Test func mismatch() {
    print("@@@ mismatch")
    Scenario.play(
      Self.begin + """
        +1m start 2 |
        account unified USDT 99999 |
        spot 50000 |
        perp 50000 |
        open 5000 |
        resume |
        +1m start 3 |
        account unified USDT 100000 |
        resume |
        """)
  }

  @Test func oldTrades() {
    print("@@@ oldTrades")
    Scenario.play(
      """
      start 1 |
      account unified USDT 95000 unified BTC 0.1 bought 0.1 @ 50000 |
      """)
  }

  @Test func topUp() {
    print("@@@ topUp")
    Scenario.play(
      Self.begin(account: "spot USDT 10000 futures USDT 100") + """
        open 5000 |
        transferred |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        position -0.1 margin 2500 liquidation 74626 |
        perp 64000 mark 64000 |
        wake |
        perp 65000 mark 65000 |
        spot 65000 |
        wake |
        wake |
        transferred |
        position -0.1 margin 3850 liquidation 88000 |
        perp 65100 mark 65100 |
        wake |
        perp 77000 mark 77000 |
        wake |
        transfer-refused |
        margin-refused |
        perp 77000 mark 77000 |
        wake |
        """, layout: .separate)
  }

  @Test func shrink() {
    print("@@@ shrink")
    Scenario.play(
      Self.begin(account: "unified USDT 7600") + """
        open 5000 |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        position -0.1 margin 2500 liquidation 74626 |
        spot 65000 |
        perp 65000 mark 65000 |
        wake |
        fill 0.04 @ 65000 |
        ended filled |
        fill 0.04 @ 65000 |
        ended filled |
        look |
        """)
  }

  @Test func band() {
    print("@@@ band")
    Scenario.play(
      Self.begin + """
        open 5000 |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.0996 @ 50000 fee 0.0001 BTC |
        ended expired |
        look |
        rebalance 1 dry |
        rebalance 1 |
        fill 0.0005 @ 50000 |
        ended filled |
        look |
        """)
  }

  @Test func stale() {
    print("@@@ stale")
    Scenario.play(
      Self.begin + """
        history 21 0.0001 |
        +6s wake |
        spot 50000 |
        perp 50000 |
        wake |
        +8h settled 0.0001 |
        spot 50000 |
        perp 50000 |
        +6s wake |
        """)
  }

  @Test func onePrint() {
    print("@@@ onePrint")
    Scenario.play(
      Self.opened + """
        history 42 0.0001 |
        +4d settled -0.005 |
        spot 50000 |
        perp 50000 |
        wake |
        +8h settled -0.005 |
        spot 50000 |
        perp 50000 |
        wake |
        +8h settled -0.005 |
        spot 50000 |
        perp 50000 |
        wake |
        """)
  }

  @Test func minimumHold() {
    print("@@@ minimumHold")
    Scenario.play(
      Self.begin + """
        history 40 0.0001 |
        wake |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        +71h history 40 -0.001 |
        spot 50000 |
        perp 50000 |
        wake |
        +1h settled -0.001 |
        spot 50000 |
        perp 50000 |
        wake |
        """)
  }

  @Test func heldByOperator() {
    print("@@@ heldByOperator")
    Scenario.play(
      Self.begin + """
        open 5000 hold |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        +30d history 40 -0.001 |
        spot 50000 |
        perp 50000 |
        wake |
        unwind-all |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        look |
        """)
  }

  @Test func drain() {
    print("@@@ drain")
    Scenario.play(
      Self.begin + """
        open 10000 |
        drain |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        look |
        history 40 0.0001 |
        ETH history 40 0.0001 |
        ETH spot 3000 |
        ETH perp 3000 |
        wake |
        finish |
        """)
  }

  @Test func cooldown() {
    print("@@@ cooldown")
    Scenario.play(
      Self.opened + """
        unwind 1 |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.1 @ 50000 |
        ended filled |
        +23h history 40 0.0003 |
        spot 50000 |
        perp 50000 |
        wake |
        +1h settled 0.0003 |
        spot 50000 |
        perp 50000 |
        wake |
        """)
  }

  @Test func growBandPaused() {
    print("@@@ growBandPaused")
    Scenario.play(
      Self.begin + """
        open 5000 |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.10101 @ 50000 |
        ended filled |
        look |
        pause |
        spot 50000 |
        perp 50000 |
        wake |
        wake |
        look |
        position -0.1 margin 2500 liquidation 74626 |
        spot 65000 |
        perp 65000 mark 65000 |
        wake |
        """, feeInBase: "0.01")
  }

  @Test func growBandDraining() {
    print("@@@ growBandDraining")
    Scenario.play(
      Self.begin + """
        open 5000 |
        fill 0.1 @ 50000 |
        ended filled |
        fill 0.10101 @ 50000 |
        ended filled |
        rebalance 1 |
        drain |
        ended expired |
        +1s wake |
        +1s wake |
        look |
        """, feeInBase: "0.01")
  }

  @Test func gross() {
    print("@@@ gross")
    Scenario.play(
      Self.begin + """
        history 40 0.0001 |
        ETH history 40 0.0001 |
        ETH spot 2500 |
        ETH perp 2500 |
        wake |
        """, set: { $0.sizing.maximumGrossNotional = "15000" })
  }

  @Test func capital() {
    print("@@@ capital")
    Scenario.play(
      Self.begin(account: "unified USDT 16000") + """
        history 40 0.0001 |
        ETH history 40 0.0001 |
        ETH spot 2500 |
        ETH perp 2500 |
        wake |
        """)
  }

  @Test func plansGross() {
    print("@@@ plansGross")
    Scenario.play(
      Self.begin + """
        ETH spot 2500 |
        ETH perp 2500 |
        plan 5000 |
        ETH plan 5000 |
        open-plan 1 |
        ETH open-plan 2 |
        """, set: { $0.sizing.maximumGrossNotional = "8000" })
  }
}
