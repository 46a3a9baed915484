import Backtest
import FixedPoint
import Foundation
import Testing
import Trading

@testable import Core

/// Recovery is the same fold over the same facts, so it must give the same state.
@Suite("Recovery")
struct RecoveryTests {
  @Test("State folded from stored facts equals the live state after every step", arguments: 1...3)
  func fold(seed: Int) {
    let setting = Self.setting(seed: UInt64(seed))
    var world = World(setting)
    var desk = RandomDesk(seed: setting.seed, everyHours: 36)
    var shadow = setting.engine
    var kinds: Set<Fact.Kind> = []
    var problems: [String] = []
    world.play(
      desk: { desk.commands($0, setting) },
      observe: { world, outcome in
        for fact in outcome.facts {
          kinds.insert(fact.kind)
          do {
            let stored = try StoredFact.read(StoredFact.write(fact))
            if stored != fact { problems.append("\(fact.kind) changed: \(fact) became \(stored)") }
            shadow.recover([stored])
          } catch {
            problems.append("\(fact.kind) cannot be read: \(error)")
            shadow.recover([fact])
          }
        }
        if shadow.state != world.engine.state { problems.append("differs at \(world.venues.now)") }
      })
    #expect(problems.prefix(3) == [])
    // What the run must have gone through for the law to mean something.
    let lived: Set<Fact.Kind> = [
      .started, .decided, .carryPlanned, .carryMoved, .intended, .accepted, .filled, .orderEnded,
      .transferIntended, .transferEnded, .settled, .fundingReceived, .booked, .adjusted,
      .rebalanced, .exposed, .marked, .valued, .planned, .commandEnded, .tradingChanged,
    ]
    #expect(kinds.isSuperset(of: lived), "never happened: \(lived.subtracting(kinds))")
  }

  @Test("The kinds that no run gives survive storing too")
  func rareKinds() throws {
    let bodies: [Fact.Body] = [
      .mismatched(
        Mismatch(
          venue: "test", kind: "balance", subject: "spot:USDT", books: "1", venueValue: "0.9",
          difference: "-0.1")),
      .interestNoted(
        InterestRecord(
          venue: "test", open: [OpenInterest(symbol: "BTCUSDT", quantity: "0.000001")])),
    ]
    for fact in bodies.map({ Fact(at: Setting.start, $0) }) {
      #expect(try StoredFact.read(StoredFact.write(fact)) == fact)
    }
  }

  private static func setting(seed: UInt64) -> Setting {
    var setting = Setting(seed: seed)
    setting.days = 60
    setting.depth = "2000"
    setting.parameters.exit.minimumHoldHours = 24
    return setting.generated()
  }
}

/// A fact as a row: kind, version and body beside each other.
private enum StoredFact {
  static func write(_ fact: Fact) throws -> (at: Timestamp, kind: String, body: Data) {
    (fact.at, fact.kind.rawValue, try JSONEncoder().encode(fact.body))
  }

  static func read(_ row: (at: Timestamp, kind: String, body: Data)) throws -> Fact {
    let kind = try #require(Fact.Kind(rawValue: row.kind))
    return Fact(
      at: row.at,
      try JSONDecoder().decode(Body.self, from: row.body, configuration: kind).body)
  }

  private struct Body: DecodableWithConfiguration {
    let body: Fact.Body

    init(from decoder: any Decoder, configuration kind: Fact.Kind) throws {
      body = try Fact.Body(kind: kind, from: decoder)
    }
  }
}
