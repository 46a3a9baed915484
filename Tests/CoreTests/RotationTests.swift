import Testing

@testable import Core

/// Room that is short goes to what earns most for its risk.
@Suite("Rotation and order of entries")
struct RotationTests {
  /// So many quarter hours, so that it is known how each pair moves: by so much from its price.
  private static func quarters(
    _ pairs: [(prefix: String, price: Int, move: Int)]
  ) -> String {
    (0..<40).map { place in
      let prices = pairs.map { pair in
        let price = pair.price + (place.isMultiple(of: 2) ? 0 : pair.move)
        return "\(pair.prefix) spot \(price) |\n\(pair.prefix) perp \(price) |\n"
      }
      return "+15m " + prices.joined().drop { $0 == " " } + "wake |\n"
    }.joined()
  }

  private static func twoMarkets(btcMove: Int = 10) -> String {
    CarryLifeTests.begin + quarters([("", 50000, btcMove), ("ETH", 2500, 1)])
  }

  /// Room for one carry, or two of three pairs.
  private static func room(_ notional: Int) -> (inout Parameters) -> Void {
    {
      $0.sizing.maximumGrossNotional = .init(notional)
      $0.sizing.rotationRoundTrips = "2"
      $0.execution.clipNotional = "10000"
    }
  }

  @Test(
    "Of two that may be entered at once the better for its risk gets the room",
    arguments: [
      (10, "decided enter · planned 0.2 · intended sell perp 0.2"),
      (100, "decided enter · planned 4 · intended sell perp 4"),
    ])
  func order(btcMove: Int, entered: String) {
    Scenario.play(
      Self.twoMarkets(btcMove: btcMove) + """
        history 24 0.0003 |
        ETH history 24 0.0004 |
        spot 50000 |
        perp 50000 |
        ETH spot 2500 |
        ETH perp 2500 |
        wake | \(entered) · decided stay_out gross_notional · submit
        """, set: Self.room(15000))
  }

  @Test(
    "The weakest makes way for what earns two round trips more, but not for less",
    arguments: [
      (
        "0.0004", 15000,
        "decided exit · moved closing · decided stay_out gross_notional "
          + "· intended buy perp 0.2 reduce-only · submit"
      ),
      (
        "0.00015", 15000,
        "decided hold expected_annual_rate · decided stay_out gross_notional"
      ),
      // What needs no room is entered beside it.
      (
        "0.0004", 1_000_000,
        "decided hold expected_annual_rate · decided enter · planned 4 · intended sell perp 4 "
          + "· submit"
      ),
    ])
  func rotation(rate: String, room: Int, decided: String) {
    Scenario.play(
      Self.twoMarkets() + GrowthTests.entered + """
        +8d history 24 0.0001    |
        ETH history 24 \(rate)   |
        spot 50000               |
        perp 50000               |
        ETH spot 2500            |
        ETH perp 2500            |
        wake                     | \(decided)
        """, set: Self.room(room))
  }

  @Test("Of two as weak only one makes way for the same pair")
  func oneAtATime() {
    Scenario.play(
      """
      start 1            | started · ask account · ask history · ask history · ask history
      account unified USDT 100000 | booked deposit
      spot 50000         |
      perp 50000         |

      """
        + Self.quarters([("", 50000, 10), ("ETH", 2500, 1), ("XRP", 2500, 1)])
        + GrowthTests.entered + """
          ETH history 24 0.0003 |
          ETH spot 2500         |
          ETH perp 2500         |
          wake                  | decided enter · planned 4 · intended sell perp 4 · submit
          fill 4 @ 2500         | filled
          ended filled          | ended filled · intended buy spot 4 · submit
          fill 4 @ 2500         | filled · booked · exposed
          ended filled          | ended filled · moved open -4
          +8d history 24 0.0001 |
          ETH history 24 0.0001 |
          XRP history 24 0.0004 |
          spot 50000            |
          perp 50000            |
          ETH spot 2500         |
          ETH perp 2500         |
          XRP spot 2500         |
          XRP perp 2500         |
          wake                  | decided exit · moved closing · decided hold expected_annual_rate
                                | · decided stay_out gross_notional
                                | · intended buy perp 0.2 reduce-only · submit
          """, bases: ["BTC", "ETH", "XRP"], set: Self.room(25000))
  }
}
