import FixedPoint
import Testing
import Trading

@testable import Core

/// Laws that hold whatever the market, the operator and the venue do.
@Suite("Worlds")
struct WorldTests {
  @Test("Nothing is lost, doubled, unhedged or unexplained", arguments: 0..<40, [0, 50])
  func conservation(seed: Int, latency: Int) {
    let setting = Self.setting(seed: UInt64(seed), latency: latency)
    let (world, problems) = Self.play(setting)
    #expect(problems == [])
    #expect(world.closingProblems(setting) == [])
    #expect(world.unmatched(setting) == [])
  }

  @Test("The same seed gives the same facts", arguments: [3, 17])
  func determinism(seed: UInt64) {
    let setting = Self.setting(seed: seed, latency: 50)
    let (first, second) = (Self.play(setting).world.facts, Self.play(setting).world.facts)
    #expect(first == second)
    #expect(first.count > 100)
  }

  static func setting(seed: UInt64, latency: Int) -> Setting {
    var setting = Setting(seed: seed)
    setting.days = 30
    setting.symbols = 3
    setting.latency = latency
    setting.depth = seed % 4 == 0 ? nil : Notional(1000 * (1 + Int(seed) % 7))
    setting.layout = seed % 5 == 0 ? .unified : .separate
    setting.parameters.execution.clipNotional = "3000"
    return setting.generated()
  }

  static func play(_ setting: Setting) -> (world: World, problems: [String]) {
    var world = World(setting)
    var watch = Watch(setting)
    var desk = RandomDesk(seed: setting.seed, everyHours: 24)
    world.play(
      desk: { desk.commands($0, setting) }, observe: { watch.check($0, $1) })
    return (world, watch.problems)
  }
}
