import FixedPoint
import Testing
import Trading

@testable import Core

/// What is done when two assets of the same worth no longer are, told event by event.
@Suite("A quote asset leaves its peg")
struct DepegTests {
  /// One asset priced in two, at one venue.
  private static func play(
    _ text: String, at place: SourceLocation = #_sourceLocation,
    set: (inout Parameters) -> Void = { _ in }
  ) {
    Scenario.play(
      CarryLifeTests.begin + text, bases: ["BTC", "BTC"], quotes: ["USDT", "USDC"], at: place,
      set: set)
  }

  /// A week of funding on the first pair, and prices of it.
  private static let ready = """
    history 24 0.0003 |
    spot 50000        |
    perp 50000        |

    """

  private static let enters = "decided enter · planned 0.2 · intended sell perp 0.1 · submit"

  @Test(
    "What one asset buys, the other must buy too, either way",
    arguments: [
      ("50500", enters), ("50500.1", "decided stay_out breaker"),
      ("49500", enters), ("49499.9", "decided stay_out breaker"),
    ])
  func threshold(price: String, decided: String) {
    Self.play(Self.ready + "USDC spot \(price) |\n" + "wake | \(decided)")
  }

  @Test("Zero watches nothing, and unknown is not entered")
  func unknown() {
    Self.play(Self.ready + "wake | decided stay_out depeg")
    Self.play(Self.ready + "USDC spot 40000 |\n" + "wake | \(Self.enters)") {
      $0.market.maximumDepeg = .zero
    }
    Self.play(
      """
      USDC spot 50000   |
      +6s history 24 0.0003 |
      spot 50000        |
      perp 50000        |
      wake | decided stay_out depeg
      """)
  }

  @Test("The gate carries the number, and an unknown one does not pass")
  func gate() {
    let rules = Parameters().market
    #expect(
      Depeg.gate("0.02", rules).text == "depeg 0.02 must be at most 0.01 of the peg")
    #expect(Depeg.gate(nil, rules).passed == false)
  }

  @Test("What is priced in the other asset does not grow either")
  func both() {
    Self.play(
      """
      USDC history 24 0.0003 |
      USDC spot 51000        |
      USDC perp 51000        |
      spot 50000             |
      perp 50000             |
      wake                   | decided stay_out breaker
      """)
  }

  @Test("An operator may not enter either")
  func operators() {
    Self.play(
      Self.ready + """
        USDC spot 51000 |
        open 5000       | refused refused by a limit
        """)
  }

  @Test("What is held is warned of once, and stays; it is told again after most of the way back")
  func held() {
    let opened = CarryLifeTests.opened.dropFirst(CarryLifeTests.begin.count)
    Self.play(
      "USDC spot 50000 |\n" + opened + """
        USDC spot 45000 |
        wake            | decided warn
        USDC spot 44000 |
        wake            |
        USDC spot 49700 |
        wake            |
        USDC spot 45000 |
        wake            |
        USDC spot 49800 |
        wake            |
        USDC spot 45000 |
        wake            | decided warn
        look            | open · spot 0.1 · perp -0.1
        """)
  }

  @Test("A carry on its way in stops growing, and its legs are brought to match")
  func opening() {
    Self.play(
      Self.ready + """
        USDC spot 50000  |
        wake             | \(Self.enters)
        USDC spot 45000  |
        wake             | decided warn
        fill 0.1 @ 50000 | filled
        ended filled     | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000 | filled · booked · exposed
        ended filled     | ended filled · moved open -0.1
        look             | open · spot 0.1 · perp -0.1
        """)
  }
}

/// Which pairs can tell of a peg.
@Suite("Witnesses of a peg")
struct PegWitnessTests {
  private static func universe(_ pairs: [(VenueID, AssetID, AssetID)]) -> Universe {
    func instrument(_ pair: (VenueID, AssetID, AssetID), _ market: Market) -> Instrument {
      Instrument(
        id: InstrumentID(venue: pair.0, market: market, symbol: Symbol("\(pair.1)\(pair.2)")),
        base: pair.1, quote: pair.2, tick: "0.1", lot: "0.001", minimumQuantity: "0.001",
        minimumNotional: "5",
        fees: FeeSchedule(maker: .zero, taker: .zero, isTakenFromReceivedAsset: false))
    }
    return Universe(pairs: pairs.map { (instrument($0, .spot), instrument($0, .perp)) })
  }

  private static func places(_ universe: Universe, of pair: Int) -> [[Int]] {
    universe.pegWitnesses(of: PairIndex(pair)).map { [$0.own.position, $0.other.position] }
  }

  @Test("One asset in two quotes at one venue, and no more than three of them")
  func found() {
    let universe = Self.universe(
      [("a", "BTC", "USDT"), ("a", "BTC", "USDC"), ("b", "BTC", "USDC"), ("a", "SOL", "USDT")]
        + ["ETH", "XRP", "ADA"].flatMap { base in
          ["USDC", "USDT"].map { ("a", AssetID(base), AssetID($0)) }
        })
    #expect(Self.places(universe, of: 0) == [[0, 1], [5, 4], [7, 6]])
    #expect(Self.places(universe, of: 3) == [[0, 1], [5, 4], [7, 6]])
    #expect(Self.places(universe, of: 1) == [[1, 0], [4, 5], [6, 7]])
    #expect(Self.places(universe, of: 2).isEmpty)
  }

  @Test("With one quote nothing tells")
  func none() {
    let universe = Self.universe([("a", "BTC", "USDT"), ("a", "ETH", "USDT"), ("b", "BTC", "USDC")])
    for pair in 0..<3 { #expect(universe.pegWitnesses(of: PairIndex(pair)).isEmpty) }
  }
}
