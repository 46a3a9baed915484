import FixedPoint
import Simulation
import Testing
import Trading

@testable import Core

/// A process may die at any line: the next one goes on from what was stored and from the venue.
@Suite("Crashes")
struct CrashTests {
  /// A run of two days in which an operator opens, halves, corrects and closes.
  private static let script: [(hour: Int64, request: Command.Request)] = [
    (1, .open(size("BTCUSDT", "4000"), hold: true)),
    (2, .open(size("ETHUSDT", "3000"), hold: true)),
    (9, .unwind(CarryID(1), fraction: "0.5")),
    (10, .pause),
    (12, .open(size("ETHUSDT", "3000"), hold: false)),
    (17, .resume),
    (18, .unwind(CarryID(2), fraction: .one)),
    (20, .open(size("ETHUSDT", "5000"), hold: true)),
    (26, .unwindAll),
  ]

  private static func size(_ symbol: Symbol, _ notional: Notional) -> Command.Size {
    Command.Size(venue: "test", symbol: symbol, notional: notional, quantity: nil)
  }

  @Test("One crash, at every point of a short run", arguments: [0, 50])
  func everyPoint(latency: Int) {
    var setting = Setting(seed: 5)
    setting.days = 2
    setting.latency = latency
    setting.depth = "1500"
    setting.parameters.execution.clipNotional = "2000"
    setting.parameters.isAutomatic = false
    setting = setting.generated()
    let steps = Self.play(setting) { _, _ in nil }.steps
    #expect(steps > 60)
    var failures: [String] = []
    for step in 1...steps {
      for cut in [World.Cut.beforeCommit] + (0...2).map({ .afterCommit(requests: $0) }) {
        let (world, problems, _) = Self.play(setting) { count, outcome in
          guard count == step else { return nil }
          if case .afterCommit(let requests) = cut, requests > outcome.actions.count { return nil }
          return cut
        }
        let all = problems + world.closingProblems(setting) + world.unmatched(setting)
        failures += all.map { "step \(step) \(cut): \($0)" }
        let over = world.facts.filter { if case .commandEnded = $0.body { true } else { false } }
        if over.count != Self.script.count { failures.append("step \(step) \(cut): \(over.count)") }
      }
    }
    #expect(failures.prefix(5) == [])
    #expect(failures.count == 0)
  }

  @Test("Many crashes in one run", arguments: 1...8)
  func manyCrashes(seed: Int) {
    var setting = Setting(seed: UInt64(seed))
    setting.depth = seed % 2 == 0 ? nil : "2000"
    setting.layout = seed % 3 == 0 ? .unified : .separate
    setting.parameters.execution.clipNotional = "3000"
    setting = setting.generated()
    var world = World(setting)
    var watch = Watch(setting)
    var desk = RandomDesk(seed: setting.seed, everyHours: 12)
    var chance = SeededRandom(seed: setting.seed)
    world.play(
      desk: { desk.commands($0, setting) },
      cut: { outcome in
        if outcome.facts.isEmpty || chance.below(8) > 0 { return nil }
        return chance.below(3) == 0
          ? .beforeCommit : .afterCommit(requests: chance.below(outcome.actions.count + 1))
      }, observe: { watch.check($0, $1) })
    #expect(watch.problems == [])
    #expect(world.closingProblems(setting) == [])
    #expect(world.unmatched(setting) == [])
    #expect(world.crashes >= 25)
  }

  private static func play(
    _ setting: Setting, cut: (Int, Outcome) -> World.Cut?
  ) -> (world: World, problems: [String], steps: Int) {
    var world = World(setting)
    var watch = Watch(setting)
    var steps = 0
    var told = 0
    world.play(
      desk: { world in
        var commands: [Command] = []
        while told < script.count, world.venues.now >= Setting.start + .hours(script[told].hour) {
          told += 1
          commands.append(Command(id: Int64(told), script[told - 1].request))
        }
        return commands
      },
      cut: {
        steps += 1
        return cut(steps, $0)
      }, observe: { watch.check($0, $1) })
    return (world, watch.problems, steps)
  }
}
