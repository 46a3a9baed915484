import Accounting
import Backtest
import Core
import FixedPoint
import Simulation
import Testing
import Trading

/// Bad days against a carry of half a BTC, opened at 60000 and held at leverage 2.
@Suite("Stress")
struct StressTests {
  private static let setting: Setting = {
    var setting = Setting(seed: 1)
    setting.symbols = 1
    return setting
  }()

  private static func play(
    _ scenario: StressScenario, cash: Amount = "20000", set: (inout Parameters) -> Void = { _ in }
  ) throws -> StressResult {
    var parameters = Parameters()
    set(&parameters)
    let book = StressBook(
      universe: setting.universe, venue: "test",
      holdings: [
        StressBook.Holding(
          symbol: "BTCUSDT", quantity: "0.5", entry: "60000",
          mids: LegMids(spot: "62000", perp: "62010"), rate: "0.0001", intervalHours: 8)
      ],
      cash: [
        Balance(wallet: .spot, asset: "USDT", total: cash),
        Balance(wallet: .futures, asset: "USDT", total: "16000"),
      ])
    return try StressRun.play(
      scenario, against: book, parameters: parameters, cap: "0.02", models: setting.models)
  }

  @Test("The loss agrees with the ledger, and the limits hold", arguments: StressScenario.allCases)
  func agreement(scenario: StressScenario) throws {
    let result = try Self.play(scenario)
    #expect(result.unexplained.isZero)
    #expect(result.profit.total + result.dust == result.equityChange)
    #expect(result.isWithinLimits, "\(result.limits.filter { !$0.passed }.map(\.text))")
    #expect(result.worst <= min(.zero, result.equityChange))
  }

  @Test("Without cash a wick costs a part of the position, not the short")
  func poor() throws {
    let result = try Self.play(.wick, cash: "100")
    #expect(result.profit.total + result.dust == result.equityChange)
    #expect(result.isWithinLimits, "\(result.limits.filter { !$0.passed }.map(\.text))")
    #expect(result.notional.after < result.notional.before)
  }

  @Test("Deleveraged shorts leave no spot behind")
  func deleveraging() throws {
    let result = try Self.play(.deleveraging)
    #expect(result.notional.after < result.notional.before.times("0.41"))
    #expect(result.notional.after > result.notional.before.times("0.39"))
    #expect(result.profit.directional > "-50")
  }

  @Test("The cap against us every hour is left after one settlement")
  func interval() throws {
    let result = try Self.play(.interval)
    #expect(result.notional.after.isZero)
    #expect(result.profit.funding < "-600")
    #expect(result.profit.funding > "-700")
  }
}
