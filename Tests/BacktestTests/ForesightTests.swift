import FixedPoint
import Simulation
import Testing
import Trading

@testable import Backtest

@Suite("Perfect foresight")
struct ForesightTests {
  private func stops(seed: UInt64, count: Int) -> [Foresight.Stop] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { step in
      let rate = Rate(Int(random.next() % 41) - 20).divided(by: 10_000, rounding: .halfEven)
      let mark = Price(Int(random.next() % 40) + 80)
      return Foresight.Stop(
        at: Timestamp(milliseconds: 0) + .hours(Int64(8 * step)), rate: step == 0 ? .zero : rate,
        mark: mark)
    }
  }

  /// Every way of being in or out between stops.
  private func exhaustive(_ foresight: Foresight, _ stops: [Foresight.Stop]) -> Notional {
    var best = Notional.zero
    for choice in 0..<(1 << (stops.count - 1)) {
      var gain = Notional.zero
      var quantity = Quantity.zero
      for place in stops.indices {
        let stop = stops[place]
        gain += stop.mark.notional(of: quantity).times(stop.rate)
        let isHeld = place > 0 && choice & (1 << (place - 1)) != 0
        let isWanted = place < stops.count - 1 && choice & (1 << place) != 0
        if isHeld {
          let hours = (stop.at - stops[place - 1].at).hours
          gain -= foresight.idlePerYear.times(hours.divided(by: Rate(8760)))
        }
        if isHeld, !isWanted, place < stops.count - 1 {
          gain -= stop.mark.notional(of: quantity).times(foresight.oneWay)
          quantity = .zero
        } else if !isHeld, isWanted {
          quantity = foresight.notional.quantity(at: stop.mark, .down)
          gain -= foresight.notional.times(foresight.oneWay)
        }
      }
      best = max(best, gain)
    }
    return best
  }

  @Test(arguments: 1...20)
  func isTheBestOfAllWays(seed: UInt64) {
    let stops = stops(seed: seed, count: 12)
    for (oneWay, idle): (Rate, Notional) in [("0.0015", "0"), ("0.0005", "400"), ("0", "0")] {
      let foresight = Foresight(notional: "10000", oneWay: oneWay, idlePerYear: idle)
      let best = foresight.best(stops)
      // An exit and an entry at one stop resize a carry, which the list of ways leaves out.
      let listed = exhaustive(foresight, stops)
      #expect(best >= listed - "0.000001")
      if oneWay == "0.0015" { #expect((best - listed).magnitude <= "0.000001") }
    }
  }

  @Test func nothingToEarnIsZero() {
    let foresight = Foresight(notional: "10000", oneWay: "0.0015", idlePerYear: "600")
    #expect(foresight.best([]) == .zero)
    #expect(foresight.best(stops(seed: 3, count: 1)) == .zero)
  }

  @Test func holdingThroughNeedsNoExit() {
    let hours: [Int64] = [0, 8, 16]
    let stops = hours.map { hour in
      Foresight.Stop(
        at: Timestamp(milliseconds: 0) + .hours(hour), rate: hour == 0 ? .zero : "0.01",
        mark: "100")
    }
    let foresight = Foresight(notional: "10000", oneWay: "0.001")
    #expect(foresight.best(stops) == "190")
  }
}
