import FixedPoint
import Testing
import Trading

@testable import Core

/// Orders that trade both legs or neither.
@Suite("Combos")
struct ComboTests {
  private let combo = Combo(
    name: "BTCUSDT_BTC/USDT", tick: "0.5", lot: "0.001", minimumQuantity: "0.001",
    maximumQuantity: "0.08", feeShare: "0.5")

  @Test("Both legs go up and down together, in sizes the combo takes")
  func together() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000             | decided enter · planned 0.1 · intended sell perp 0.08 · done · submit
        fill 0.08 @ 50000     | filled
        fill-spot 0.08 @ 50000 | filled · booked · exposed
        ended filled          | ended filled · intended sell perp 0.02 · submit
        fill 0.02 @ 50000     | filled
        fill-spot 0.02 @ 50000 | filled · booked · exposed
        ended filled          | ended filled · moved open -0.1
        look                  | open · spot 0.1 · perp -0.1
        unwind 1              | moved closing · intended buy perp 0.08 · done · submit
        fill 0.08 @ 50000     | filled
        fill-spot 0.08 @ 50000 | filled · booked · exposed
        ended filled          | ended filled · intended buy perp 0.02 · submit
        fill 0.02 @ 50000     | filled
        fill-spot 0.02 @ 50000 | filled · booked · exposed
        ended filled          | ended filled · moved closed
        """, combo: combo)
  }

  @Test("A combo that finds nobody gives way to the legs")
  func fallback() {
    Scenario.play(
      CarryLifeTests.begin + """
        open 5000         | decided enter · planned 0.1 · intended sell perp 0.08 · done · submit
        ended expired     | ended expired · wake +1000ms
        +1s wake          | intended sell perp 0.1 · submit
        fill 0.1 @ 50000  | filled
        ended filled      | ended filled · intended buy spot 0.1 · submit
        fill 0.1 @ 50000  | filled · booked · exposed
        ended filled      | ended filled · moved open -0.1
        """, combo: combo)
  }

  @Test("The cheaper way is chosen, with both figures")
  func choice() {
    let legs = CarryCost(spotFee: "0.001", perpFee: "0.0005", spread: "0.0001", slippage: "0.0002")
    let chosen = ExecutionChoice(
      legs: legs, combo: combo, quantity: "0.1", traits: VenueTraits())
    #expect(chosen.execution == .combo)
    #expect(chosen.cost.roundTrip == "0.0019")
    #expect(chosen.reason == "0.19 % in and out by BTCUSDT_BTC/USDT, 0.36 % by legs")
    let tooSmall = ExecutionChoice(
      legs: legs, combo: combo, quantity: "0.0005", traits: VenueTraits())
    #expect(tooSmall.execution == .legs && tooSmall.cost == legs)
    var dear = combo
    dear.feeShare = "3"
    #expect(
      ExecutionChoice(
        legs: legs, combo: dear, quantity: "0.1", traits: VenueTraits()
      ).execution
        == .legs)
  }
}
