import FixedPoint
import Testing
import Trading

@testable import Simulation

@Suite("Chance that repeats")
struct SeededRandomTests {
  @Test("The published sequence of the generator")
  func sequence() {
    var random = SeededRandom(seed: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect(random.next() == 9_817_491_932_198_370_423)
  }

  @Test("Choices are within bounds and even")
  func below() {
    var random = SeededRandom(seed: 9)
    var counts = [0, 0, 0, 0, 0]
    for _ in 0..<10_000 { counts[random.below(5)] += 1 }
    #expect(counts.allSatisfy { (1800...2200).contains($0) })
    #expect(random.below(1) == 0)
  }

  @Test("The bell has mean 0 and deviation 1")
  func bell() {
    var random = SeededRandom(seed: 10)
    var sum = Rate.zero
    var squares = Rate.zero
    for _ in 0..<10_000 {
      let value = random.bell()
      #expect(value.magnitude <= "6")
      sum += value
      squares += value.squared()
    }
    #expect(sum.divided(by: 10_000, rounding: .halfEven).magnitude < "0.04")
    #expect((squares.divided(by: 10_000, rounding: .halfEven) - .one).magnitude < "0.05")
  }

  @Test("Streams of one seed differ")
  func streams() {
    var drawn: Set<UInt64> = []
    for stream in 0..<100 {
      var random = SeededRandom(seed: 3, stream: stream)
      drawn.insert(random.next())
      drawn.insert(random.next())
    }
    #expect(drawn.count == 200)
  }
}
