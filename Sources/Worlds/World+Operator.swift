import Core
import FixedPoint
import Simulation
import Trading

/// An operator who does as chance has it, and puts right what was found.
extension World {
  /// Queues a command and wakes the processes.
  mutating func ask(_ request: Command.Request) {
    lastCommand += 1
    database.ask(Command(id: lastCommand, request), expiresAt: now + .minutes(60))
    for place in processes.indices { wake(place) }
  }

  mutating func command(_ storm: Int) {
    guard phase == .storm, storm == self.storm else { return }
    let pair = setting.universe.pairs[operatorChance.below(setting.universe.pairs.count)]
    let carries = processes.first?.engine.state.carries.compactMap { $0?.id } ?? []
    let carry = carries.isEmpty ? CarryID(1) : carries[operatorChance.below(carries.count)]
    let size = Command.Size(
      venue: pair.venue, symbol: pair.symbol,
      notional: Notional(20 + operatorChance.below(12_000)), quantity: nil)
    switch operatorChance.below(12) {
    case 0...3: ask(.open(size, hold: operatorChance.below(2) == 0))
    case 4: ask(.plan(size))
    case 5: ask(.openPlan(Int64(1 + operatorChance.below(3)), hold: false))
    case 6, 7: ask(.unwind(carry, fraction: Rate.basisPoints(1 + operatorChance.below(10_000))))
    case 8: ask(.rebalance(carry, dryRun: false))
    case 9: ask(.pause)
    case 10: ask(.resume)
    default: ask(operatorChance.below(3) == 0 ? .unwindAll : .unwind(carry, fraction: .one))
    }
  }

  /// Adopts every difference in cash that was found, and asks again where a venue is halted.
  mutating func adoptBreaks() {
    guard let state = processes.first?.engine.state else { return }
    for venue in venues.map(\.id) {
      for mismatch in state.differences(at: venue) where mismatch.kind == "balance" {
        ask(
          .adopt(
            Command.Break(
              venue: venue, subject: mismatch.subject, difference: mismatch.difference),
            reason: "withdrawn"))
      }
    }
    ask(.resume)
  }
}
