import Accounting
import Backtest
import FixedPoint
import Simulation
import Testing
import Trading

@testable import Core

/// Edges of time and size, each in a market of its own.
@Suite("Boundaries")
struct BoundaryTests {
  private static let stamp = Setting.start + .hours(8)

  @Test(
    "A carry earns a stamp only when it was open before it",
    arguments: [(-1, true), (0, false), (1, false)])
  func lookAhead(milliseconds: Int64, earns: Bool) {
    let opensAt = Self.stamp + .milliseconds(milliseconds)
    let settlement = MarketTick.funding(
      InstrumentIndex(1), FundingRate(settlesAt: Self.stamp, intervalHours: 8, rate: "0.001"),
      mark: "50000")
    let moments = Dictionary(
      grouping: [
        (Setting.start, ScriptedFeed.price("50000")), (opensAt, ScriptedFeed.price("50000")),
        (Self.stamp, [settlement]), (Self.stamp + .hours(1), ScriptedFeed.price("50000")),
      ], by: \.0
    ).sorted { $0.key < $1.key }.map { moment in
      // A settlement comes before the prices of its moment.
      (at: moment.key, ticks: moment.value.reversed().flatMap(\.1))
    }
    let world = Self.play(moments, command: "5000", at: opensAt)
    let settled = world.facts.filter { $0.kind == .settled }
    let funding = world.engine.state.carries[0]?.profit.funding
    #expect(world.engine.state.carries[0]?.holdings.perp == "-0.1")
    #expect(settled.count == (earns ? 1 : 0))
    #expect(funding == (earns ? "5" : .zero))
    #expect(world.venues.exchanges[0].payments.count == (earns ? 1 : 0))
  }

  @Test("The history that a decision sees ends before the moments that were not played")
  func historyEnds() {
    // Rates known to the feed in advance are the bait: four years of one percent per settlement.
    let bait = (0..<4000).map {
      FundingRate(
        settlesAt: Setting.start + .hours(8 * $0), intervalHours: 8, rate: "0.01")
    }
    var setting = Setting(seed: 0)
    setting.latency = 0
    setting.symbols = 1
    setting.feed = ScriptedFeed(
      ScriptedFeed.still("50000", from: Setting.start, every: .seconds(1), times: 60),
      history: bait)
    var world = World(setting)
    world.play()
    #expect(!world.facts.contains { $0.kind == .carryPlanned })
  }

  @Test("The first valuation of a new account is what it holds", arguments: [0, 50])
  func firstValuation(latency: Int) {
    var setting = Setting(seed: 1)
    setting.days = 2
    setting.latency = latency
    setting = setting.generated()
    var world = World(setting)
    world.play()
    let first = world.facts.lazy.compactMap { fact in
      if case .valued(let record) = fact.body { record.equity } else { nil }
    }.first
    #expect(first == "100000")
  }

  @Test("A market that ends at a midnight is valued after the trades of that midnight")
  func endAtMidnight() {
    let midnight = Setting.start + .days(1)
    let world = Self.play(
      [(Setting.start, ScriptedFeed.price("50000")), (midnight, ScriptedFeed.price("50000"))],
      command: "5000", at: midnight)
    #expect(world.engine.state.carries[0]?.state == .open)
    #expect(world.closingProblems(Self.setting(pair: 0)) == [])
  }

  @Test(
    "What can be opened can be closed: no leg is left as dust",
    arguments: ["0.6", "0.5", "0.55"] as [Price])
  func smallest(price: Price) {
    let open = Setting.start + .minutes(1)
    let close = open + .minutes(1)
    // The smallest quantity whose value both venues' filters accept.
    let quantity = Notional("5").quantity(at: price, .up).rounded(toMultipleOf: "0.1", .up)
    let world = Self.play(
      ScriptedFeed.still(price, of: 2, from: Setting.start, every: .seconds(1), times: 300),
      commands: [
        (open, .open(Self.size("XRPUSDT", quantity: quantity), hold: true)),
        (close, .unwind(CarryID(1), fraction: .one)),
      ], pair: 2)
    let planned = world.facts.filter { $0.kind == .carryPlanned }
    let refused = world.facts.contains {
      if case .orderEnded(let ended) = $0.body { ended.outcome == .refused } else { false }
    }
    // Either the engine says that it is too small, or it can be built and taken down again.
    #expect(!refused, "the venue refused what the engine thought it accepts")
    #expect(planned.isEmpty || world.engine.state.carries[2] == nil)
    #expect(
      world.engine.state.balance(.dust("test"), "XRP") < "0.2",
      "of a spot leg of \(quantity) this was left as dust")
  }

  @Test("A remainder just above the smallest order is sold or left, not refused for ever")
  func refusedForEver() {
    let close = Setting.start + .minutes(2)
    let prices =
      ScriptedFeed.still("0.6", of: 2, from: Setting.start, every: .seconds(1), times: 120)
      + ScriptedFeed.still("0.563", of: 2, from: close, every: .seconds(1), times: 300)
    let world = Self.play(
      prices,
      commands: [
        (Setting.start + .seconds(5), .open(Self.size("XRPUSDT", quantity: "9"), hold: true)),
        (close, .unwind(CarryID(1), fraction: .one)),
      ], pair: 2)
    let refusals = world.facts.filter {
      if case .orderEnded(let ended) = $0.body { ended.outcome == .refused } else { false }
    }
    #expect(refusals.count < 10)
    #expect(world.engine.state.carries[2] == nil)
  }

  // MARK: - Worlds

  private static func size(_ symbol: Symbol, quantity: Quantity) -> Command.Size {
    Command.Size(venue: "test", symbol: symbol, notional: nil, quantity: quantity)
  }

  private static func setting(pair: Int) -> Setting {
    var setting = Setting(seed: 0)
    setting.latency = 0
    setting.symbols = pair + 1
    setting.parameters.isAutomatic = false
    return setting
  }

  private static func play(
    _ moments: [(at: Timestamp, ticks: [MarketTick])], command notional: Notional, at: Timestamp
  ) -> World {
    let size = Command.Size(venue: "test", symbol: "BTCUSDT", notional: notional, quantity: nil)
    return play(moments, commands: [(at, .open(size, hold: true))], pair: 0)
  }

  private static func play(
    _ moments: [(at: Timestamp, ticks: [MarketTick])],
    commands: [(at: Timestamp, request: Command.Request)], pair: Int
  ) -> World {
    var setting = setting(pair: pair)
    setting.feed = ScriptedFeed(moments)
    var world = World(setting)
    var told = 0
    world.play(desk: { world in
      guard told < commands.count, world.venues.now >= commands[told].at else { return [] }
      told += 1
      return [Command(id: Int64(told), commands[told - 1].request)]
    })
    return world
  }
}
