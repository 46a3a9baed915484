import FixedPoint
import Testing
import Trading

@testable import Core

/// Thresholds under switching cost against a table that was computed elsewhere in binary floating
/// point: AR(1), deviation 1 bp per eight hours, discount 0.99995, grid step 0.04 bp.
@Suite("Two thresholds with switching cost")
struct SwitchingRuleTests {
  struct Case: CustomTestStringConvertible {
    let persistence: Rate
    let mean: Rate
    let cost: Int
    /// Percent a year; nil: never.
    let enter: Rate?
    let leave: Rate?

    var testDescription: String { "φ \(persistence) μ \(mean) cost \(cost) bp" }
  }

  static let cases = [
    Case(persistence: "0.8", mean: "0.2", cost: 8, enter: "10.1", leave: "-21"),
    Case(persistence: "0.8", mean: "0.2", cost: 30, enter: "11", leave: nil),
    Case(persistence: "0.8", mean: "0.5", cost: 8, enter: "5", leave: "-28"),
    Case(persistence: "0.967", mean: "0.2", cost: 8, enter: "6.6", leave: "-7.4"),
    Case(persistence: "0.967", mean: "0.5", cost: 20, enter: "7.7", leave: "-13.8"),
    Case(persistence: "0.967", mean: "1", cost: 8, enter: "4.4", leave: "-10.1"),
    Case(persistence: "0.967", mean: "1", cost: 30, enter: "5.7", leave: "-21.5"),
  ]

  @Test(arguments: cases)
  func agreesWithTheTable(row: Case) {
    let scale: Rate = "0.0001"
    let rule = SwitchingRule(
      funding: Autoregression(
        mean: row.mean.times(scale), persistence: row.persistence, deviation: scale),
      roundTrip: .basisPoints(row.cost), points: 181)
    let found = rule.annualized(stepHours: 8)
    // The table stands on a grid of 0.44 % a year, this solution on one of 0.73 %.
    for (value, expected) in [(found.enterAbove, row.enter), (found.leaveBelow, row.leave)] {
      #expect((value == nil) == (expected == nil))
      if let value, let expected {
        #expect((value.times(100) - expected).magnitude <= "0.9", "\(value)")
      }
    }
  }

  @Test func withoutCostThereIsOneThreshold() throws {
    let process = Autoregression(mean: "0.00005", persistence: "0.9", deviation: "0.0001")
    let rule = SwitchingRule(funding: process, roundTrip: .zero, points: 181)
    let enter = try #require(rule.enterAbove)
    let leave = try #require(rule.leaveBelow)
    // Where the next settlement is expected to be zero: μ − μ/φ.
    #expect((enter - leave).magnitude <= "0.000015")
    #expect((enter - "-0.0000056").magnitude <= "0.00001")
  }

  @Test func whatAlwaysPaysIsAlwaysEntered() throws {
    // Far above its cost, and far below what capital earns elsewhere.
    let rich = Autoregression(mean: "0.002", persistence: "0.9", deviation: "0.0001")
    let poor = Autoregression(mean: "-0.002", persistence: "0.9", deviation: "0.0001")
    let always = SwitchingRule(funding: rich, roundTrip: "0.003", points: 121)
    #expect(try #require(always.enterAbove) < "0.0015" && always.leaveBelow == nil)
    let never = SwitchingRule(funding: poor, roundTrip: "0.003", points: 121)
    #expect(try #require(never.leaveBelow) > "-0.0015" && never.enterAbove == nil)
  }

  @Test func whatCapitalEarnsElsewhereRaisesBoth() throws {
    let process = Autoregression(mean: "0.00005", persistence: "0.967", deviation: "0.0001")
    let free = SwitchingRule(funding: process, roundTrip: "0.003", points: 121)
    let dear = SwitchingRule(
      funding: process, roundTrip: "0.003", outsideRate: "0.00005", points: 121)
    #expect(try #require(dear.enterAbove) > (try #require(free.enterAbove)))
    #expect(try #require(dear.leaveBelow) > (try #require(free.leaveBelow)))
  }
}

@Suite("The normal law in exact decimals")
struct NormalLawTests {
  /// Φ to eighteen places, from tables.
  static let known: [(Rate, Rate)] = [
    ("0", "0.5"), ("1", "0.841344746068542949"), ("-1", "0.158655253931457051"),
    ("2", "0.977249868051820793"), ("3", "0.998650101968369905"),
    ("4", "0.999968328758166880"), ("6", "0.999999999013412355"),
  ]

  @Test(arguments: known)
  func cumulative(point: Rate, expected: Rate) {
    #expect((NormalLaw.cumulative(point) - expected).magnitude <= Rate(raw: 100))
  }

  @Test func quantileInverts() {
    for probability: Rate in ["0.001", "0.025", "0.5", "0.8", "0.975", "0.9999"] {
      let point = NormalLaw.quantile(probability)
      #expect((NormalLaw.cumulative(point) - probability).magnitude <= Rate(raw: 1000))
    }
    #expect((NormalLaw.quantile("0.975") - "1.959963984540054").magnitude <= "0.000000000000001")
  }

  @Test func exponential() {
    #expect((NormalLaw.exponential(.one) - "2.718281828459045235").magnitude <= Rate(raw: 1000))
    #expect((NormalLaw.exponential("-2") - "0.135335283236612692").magnitude <= Rate(raw: 100))
    #expect(NormalLaw.exponential(.zero) == .one)
  }

  @Test func risesEverywhere() {
    var before = Rate.zero
    for tenth in -80...80 {
      let now = NormalLaw.cumulative(Rate(tenth).divided(by: 10, rounding: .halfEven))
      #expect(now >= before)
      before = now
    }
  }
}
