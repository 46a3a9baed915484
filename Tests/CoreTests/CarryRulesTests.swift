import Testing

@testable import Core

/// When a carry is entered, left, corrected and protected, told event by event.
@Suite("Rules of entry, exit and risk")
struct CarryRulesTests {
  @Test("No entry on stale prices")
  func stale() {
    Scenario.play(
      CarryLifeTests.begin + """
        history 21 0.0001  |
        +6s wake           | decided stay_out quote_age
        spot 50000         |
        perp 50000         |
        wake               |
        +8h settled 0.0001 |
        spot 50000         |
        perp 50000         |
        +6s wake           | decided stay_out quote_age
        """)
  }

  @Test("One negative print never exits, nor do two")
  func onePrint() {
    Scenario.play(
      CarryLifeTests.opened + """
        history 42 0.0001  |
        +8d settled -0.002 | settled -10
        spot 50000         |
        perp 50000         |
        wake               | decided hold negative_settlements_in_a_row
        +8h settled -0.002 | settled -10
        spot 50000         |
        perp 50000         |
        wake               | decided hold negative_settlements_in_a_row
        +8h settled -0.002 | settled -10
        spot 50000         |
        perp 50000         |
        wake               | decided exit · moved closing · intended buy perp 0.1 reduce-only
                           | · submit
        """)
  }

  @Test("Nothing but risk ends a young carry")
  func minimumHold() {
    Scenario.play(
      CarryLifeTests.begin + """
        history 40 0.0001      |
        wake                   | decided enter · planned 0.2 · intended sell perp 0.1 · submit
        fill 0.1 @ 50000       | filled
        ended filled           | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000       | filled · booked · exposed
        ended filled           | ended filled · intended sell perp 0.1 · submit
        fill 0.1 @ 50000       | filled
        ended filled           | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000       | filled · booked · exposed
        ended filled           | ended filled · moved open -0.2
        +167h history 40 -0.0002 |
        spot 50000             |
        perp 50000             |
        wake                   | decided hold hours_held
        +1h settled -0.0002    | settled -2
        spot 50000             |
        perp 50000             |
        wake                   | decided exit · moved closing · intended buy perp 0.1 reduce-only
                               | · submit
        """)
  }

  @Test("An operator's carry is left to the operator")
  func heldByOperator() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000 hold         | decided enter · planned 0.1 · intended sell perp 0.1 · done
                               | · submit
        fill 0.1 @ 50000       | filled
        ended filled           | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000       | filled · booked · exposed
        ended filled           | ended filled · moved open -0.1
        +30d history 40 -0.001 |
        spot 50000             |
        perp 50000             |
        wake                   | decided hold held_by_operator
        unwind-all             | moved closing · intended buy perp 0.1 reduce-only · done · submit
        fill 0.1 @ 50000       | filled
        ended filled           | ended filled · intended sell spot 0.1 · submit
        fill 0.1 @ 50000       | filled · booked · exposed
        ended filled           | ended filled · moved closed
        look                   | nothing
        """)
  }

  @Test("Paused while opening: growth stops, the hedge goes on")
  func pausedWhileOpening() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 10000            | decided enter · planned 0.2 · intended sell perp 0.1 · done · submit
        pause                 | trading paused · done
        fill 0.1 @ 50000      | filled
        ended filled          | ended filled · intended buy spot 0.1 · submit
        fill 0.04 @ 50000     | filled · booked
        ended expired         | ended expired · intended buy spot 0.06 · submit
        fill 0.06 @ 50000     | filled · booked · exposed
        ended filled          | ended filled · moved open -0.1
        look                  | open · spot 0.1 · perp -0.1
        ETH history 40 0.0001 |
        ETH spot 2500         |
        ETH perp 2500         |
        wake                  | decided stay_out trading_state
        """)
  }

  @Test("Draining: what is in motion is finished, nothing begins")
  func drain() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 10000            | decided enter · planned 0.2 · intended sell perp 0.1 · done · submit
        drain                 |
        fill 0.1 @ 50000      | filled
        ended filled          | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000      | filled · booked · exposed
        ended filled          | ended filled · moved open -0.1
        look                  | open · spot 0.1 · perp -0.1
        history 40 0.0001     |
        ETH history 40 0.0001 |
        ETH spot 3000         |
        ETH perp 3000         |
        wake                  |
        finish                |
        """)
  }

  @Test("Inside the band nothing happens but by command")
  func insideBand() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000                        | decided enter · planned 0.1 · intended sell perp 0.1
                                         | · done · submit
        fill 0.1 @ 50000                 | filled
        ended filled                     | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000 fee 0.00009 BTC | filled · booked · exposed
        ended filled                     | ended filled · moved open -0.1
        look                             | open · spot 0.09991 · perp -0.1
        wake                             |
        rebalance 1                      | refused nothing to correct
        spot 60000                       |
        perp 60000                       |
        wake                             |
        rebalance 1 dry                  | done
        rebalance 1                      | moved rebalancing -0.1 · intended buy spot 0.00009 · done
                                         | · submit
        rebalance 1                      | refused the carry is busy
        fill 0.00009 @ 60000             | filled · booked · exposed
        ended filled                     | ended filled · rebalanced spot 0.00009 · moved open -0.1
        look                             | open · spot 0.1 · perp -0.1
        """)
  }

  @Test("Outside the band delta is corrected on the perpetual")
  func outsideBand() {
    Scenario.play(
      CarryLifeTests.begin + """
        spot 2000                    |
        perp 2000                    |
        open 2000                    | decided enter · planned 1 · intended sell perp 1 · done
                                     | · submit
        fill 1 @ 2000                | filled
        ended filled                 | ended filled · intended buy spot 1 · submit
        fill 1 @ 2000 fee 0.0024 BTC | filled · booked
        ended filled                 | ended filled · exposed · moved open -1
        spot 2000                    |
        wake                         | decided rebalance · moved rebalancing -0.998
                                     | · intended buy perp 0.002 reduce-only · submit
        fill 0.002 @ 2000            | filled · exposed
        ended filled                 | ended filled · rebalanced perp 0.002 · moved open -0.998
        look                         | open · spot 0.9976 · perp -0.998
        spot 2000                    |
        wake                         |
        """, set: { $0.rebalance.bandFraction = "0.0001" })
  }

  @Test("Cash that a venue refuses to move is not waited for: both legs are made smaller")
  func stuckCash() {
    Scenario.play(
      CarryLifeTests.begin(account: "spot USDT 20000 futures USDT 2600") + """
        open 5000                         | decided enter · planned 0.1 · intended sell perp 0.1
                                          | · done · submit
        fill 0.1 @ 50000                  | filled
        ended filled                      | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000                  | filled · booked · exposed
        ended filled                      | ended filled · moved open -0.1
        position -0.1 margin 2500 liquidation 74626 |
        spot 65000                        |
        perp 65000 mark 65000             |
        wake                              | decided add_margin · transfer 1218.880001 to futures
                                          | · move cash
        transfer-refused                  | transfer failed
        +1s perp 65000 mark 65000         |
        spot 65000                        |
        wake                              | decided add_margin · transfer 1218.880002 to futures
                                          | · move cash
        transfer-refused                  | transfer failed
        +2s perp 65000 mark 65000         |
        spot 65000                        |
        wake                              | decided add_margin · transfer 1218.880003 to futures
                                          | · move cash
        transfer-refused                  | transfer failed
        +4s perp 65000 mark 65000         |
        spot 65000                        |
        wake                              | decided shrink · moved reducing -0.084
                                          | · intended buy perp 0.016 reduce-only · submit
        """, layout: .separate)
  }

  @Test("Margin is topped up, with a transfer where wallets are separate")
  func topUp() {
    Scenario.play(
      CarryLifeTests.begin(account: "spot USDT 20000 futures USDT 100") + """
        open 5000                         | decided enter · planned 0.1 · transfer 2405.000001 to futures
                                          | · intended sell perp 0.1 · done · move cash · submit
        transferred                       | booked · transfer ended
        fill 0.1 @ 50000                  | filled
        ended filled                      | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000                  | filled · booked · exposed
        ended filled                      | ended filled · moved open -0.1
        position -0.1 margin 2500 liquidation 74626 |
        spot 64000                        |
        perp 64000 mark 64000             |
        wake                              | decided warn
        spot 65000                        |
        perp 65000 mark 65000             |
        wake                              | decided add_margin · transfer 1313.880002 to futures
                                          | · move cash
        perp 65000 mark 65000             |
        wake                              |
        transfer-refused                  | transfer failed
        wake                              |
        +1s perp 65000 mark 65000         |
        spot 65000                        |
        wake                              | decided add_margin · transfer 1313.880003 to futures
                                          | · move cash
        transferred                       | booked · transfer ended
        wake                              | decided add_margin · margin 1318.88
        position -0.1 margin 3819 liquidation 87751 |
        perp 65100 mark 65100             |
        wake                              |
        """, layout: .separate)
  }

  @Test("Without cash to add, both legs are made smaller")
  func shrink() {
    Scenario.play(
      CarryLifeTests.begin(account: "unified USDT 7600") + """
        open 5000                         | decided enter · planned 0.1 · intended sell perp 0.1
                                          | · done · submit
        fill 0.1 @ 50000                  | filled
        ended filled                      | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000                  | filled · booked · exposed
        ended filled                      | ended filled · moved open -0.1
        position -0.1 margin 2500 liquidation 74626 |
        spot 65000                        |
        perp 65000 mark 65000             |
        wake                              | decided shrink · moved reducing -0.086
                                          | · intended buy perp 0.014 reduce-only · submit
        fill 0.014 @ 65000                | filled
        position -0.086 margin 2150 liquidation 74626 |
        ended filled                      | ended filled · intended sell spot 0.014 · submit
        fill 0.014 @ 65000                | filled · booked · exposed
        ended filled                      | ended filled · rebalanced perp 0.014
                                          | · rebalanced spot -0.014 · moved open -0.086
        look                              | open · spot 0.086 · perp -0.086
        """)
  }

  @Test("An action of the margin guard does not use up the exit of its settlement")
  func guardThenExit() {
    Scenario.play(
      CarryLifeTests.opened + """
        position -0.1 margin 2500 liquidation 74626 |
        +30d history 40 -0.001            |
        spot 65000                        |
        perp 65000 mark 65000             |
        wake                              | decided add_margin · margin 1318.88
        position -0.1 margin 3819 liquidation 87751 |
        wake                              | decided exit · moved closing
                                          | · intended buy perp 0.1 reduce-only · submit
        """)
  }

  @Test("Two entries of one moment keep the gross limit")
  func grossLimit() {
    Scenario.play(
      CarryLifeTests.begin + """
        history 40 0.0001     |
        ETH history 40 0.0001 |
        ETH spot 2500         |
        ETH perp 2500         |
        wake                  | decided enter · planned 0.2 · intended sell perp 0.1
                              | · decided stay_out gross_notional · submit
        """, set: { $0.sizing.maximumGrossNotional = "15000" })
  }

  @Test("Two entries of one moment do not spend the same cash")
  func sharedCash() {
    Scenario.play(
      CarryLifeTests.begin(account: "unified USDT 16000") + """
        history 40 0.0001     |
        ETH history 40 0.0001 |
        ETH spot 2500         |
        ETH perp 2500         |
        wake                  | decided enter · planned 0.2 · intended sell perp 0.1
                              | · decided stay_out free_capital · submit
        """)
  }
}
