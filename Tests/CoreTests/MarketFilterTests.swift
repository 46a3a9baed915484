import Testing

@testable import Core

/// Which markets are left alone, told event by event.
@Suite("Filters of markets")
struct MarketFilterTests {
  /// A week of funding, and prices before the next settlement.
  private static func market(_ told: String, quotes: String = "spot 50000 |\nperp 50000 |\n")
    -> String
  {
    CarryLifeTests.begin + """
      history 24 0.0003 |
      \(told)
      +8h settled 0.0003 |

      """ + quotes
  }

  private static let enters = "decided enter · planned 0.2 · intended sell perp 0.1 · submit"

  @Test(
    "Figures that a venue tells are weighed",
    arguments: [
      ("turnover 10000000 |\nfigures spot turnover 10000000", enters),
      ("turnover 9999999 |\nfigures spot turnover 10000000", "decided stay_out turnover"),
      ("turnover 10000000 |\nfigures spot turnover 9999999", "decided stay_out turnover"),
      ("turnover 10000000", enters),
      ("listed 30", enters),
      ("listed 29", "decided stay_out listed_days"),
      ("interest 20", enters),
      ("interest 19", "decided stay_out interest_share"),
      ("cap 0.0004", enters),
      ("cap 0.0003", "decided stay_out rate_at_cap"),
    ])
  func figures(told: String, decided: String) {
    Scenario.play(Self.market("figures \(told) |") + "wake | \(decided)")
  }

  @Test("A wide spread, prices apart and an extreme rate keep out")
  func prices() {
    Scenario.play(
      Self.market("figures interest 1000 |", quotes: "spot 49950 to 50050 |\nperp 50000 |\n")
        + "wake | \(Self.enters)")
    Scenario.play(
      Self.market("figures interest 1000 |", quotes: "spot 49949 to 50051 |\nperp 50000 |\n")
        + "wake | decided stay_out spread")
    Scenario.play(
      Self.market("figures interest 1000 |", quotes: "spot 50000 |\nperp 52501 |\n")
        + "wake | decided stay_out price_gap",
      set: { $0.breaker.maximumDislocation = "0.5" })
    Scenario.play(
      CarryLifeTests.begin + """
        history 24 0.0026 |
        wake              | decided stay_out eight_hour_rate
        """)
  }

  @Test("Crowded is what pays and holds more than nearly always before")
  func crowding() {
    // A month of days on which ever more was open, and rates that rose at last.
    let month = (1...30).map { "+1d figures interest \(1000 + $0) |\nwake |" }
      .joined(separator: "\n")
    func months(last rate: String) -> String {
      CarryLifeTests.begin + month + """

        history 40 0.0002 |
        +8h settled \(rate) |
        figures interest 2000 |
        spot 50000 |
        perp 50000 |

        """
    }
    Scenario.play(months(last: "0.0003") + "wake | decided stay_out crowding")
    Scenario.play(months(last: "0.0002") + "wake | \(Self.enters)")
    // What was open is remembered by the books.
    let restart = """
      restart start 2      | started · ask account · ask history · ask history
      account unified USDT 100000 |
      history 40 0.0002    |
      +8h settled 0.0003   |
      figures interest 2000 |
      spot 50000           |
      perp 50000           |
      wake                 | decided stay_out crowding
      """
    Scenario.play(CarryLifeTests.begin + month + "\n" + restart)
  }

  @Test("An operator may enter what the engine would not, but not two different assets")
  func operators() {
    Scenario.play(
      Self.market("figures turnover 1 rank 5 |") + """
        open 5000 | decided enter · planned 0.1 · intended sell perp 0.1 · done · submit
        """)
    Scenario.play(
      Self.market("figures interest 1000 |", quotes: "spot 50000 |\nperp 52501 |\n")
        + "open 5000 | refused refused by a limit",
      set: { $0.breaker.maximumDislocation = "0.5" })
  }

  @Test("A short that may be closed next is warned of once")
  func rank() {
    Scenario.play(
      CarryLifeTests.opened + """
        figures rank 3 |
        figures rank 4 | decided warn
        figures rank 5 |
        figures rank 1 |
        figures rank 5 | decided warn
        """)
    Scenario.play(CarryLifeTests.begin + "figures rank 5 |")
  }
}
