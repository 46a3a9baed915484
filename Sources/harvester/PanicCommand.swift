import ArgumentParser
import Foundation
import Service
import Store

struct PanicCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panic",
    abstract: "Flatten both legs of everything at once, without process and database.",
    discussion: """
      Reads the accounts themselves, takes back every order of ours and all others of the pairs \
      traded, closes every perpetual position with reduce-only market orders and then sells the spot \
      that the account holds of the configured pairs, all of it; of other pairs only what hedged their \
      shorts. Spot that a short still needs, because it could not be closed, is kept. Stop the process \
      first, or pause it: it would see its positions gone. Afterwards the books are brought up to date \
      by the next start.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption
  @Flag(name: .customLong("dry-run"), help: "Only say what would be done.") var dryRun = false
  @Flag(help: "Do not ask.") var yes = false

  func run() throws {
    let loaded = try common.configuration()
    let sessions = try LiveSetup.sessions(loaded.configuration)
    defer { for session in sessions { session.close() } }
    warnOfProcess()
    var emergency = Emergency(sessions, loaded.configuration)
    let sight = emergency.look()
    for problem in sight.problems { Output.note("warning: \(problem)") }
    if dryRun || sight.isFlat {
      for order in sight.orders { Output.note("order \(order.venueOrder) of \(order.instrument)") }
      table(sight.steps).print(as: output.format)
      return try conclude(sight.problems)
    }
    for order in sight.orders {
      Output.note("take back order \(order.venueOrder) of \(order.instrument)")
    }
    for step in sight.steps {
      Output.note("\(step.side.rawValue) \(step.quantity) \(step.instrument)")
    }
    try Confirmation.require(yes, "Trade all of this away at market prices?")
    var done: [Emergency.Step] = []
    let end = emergency.flatten { step in
      done.append(step)
      Output.note("\(step.instrument): \(step.side.rawValue) \(step.quantity), \(step.result)")
    }
    table(done).print(as: output.format)
    try conclude(
      end.problems + end.orders.map { "order \($0.venueOrder) of \($0.instrument) still works" }
        + end.steps.map {
          "still open (\($0.quantity) \($0.instrument)); run harvester panic again"
        })
  }

  /// A process that trades on would open again what is closed here; without its database nobody
  /// knows whether there is one.
  private func warnOfProcess() {
    guard let connection = try? common.connect(), (try? Database.isHeld(connection)) == true else {
      return
    }
    Output.note(
      "warning: a process runs on the database and may trade against this; stop or pause it")
  }

  private func table(_ steps: [Emergency.Step]) -> Table {
    let columns = [
      Column("venue", .text), Column("market", .text), Column("symbol", .text),
      Column("side", .text), Column("quantity", .number), Column("result", .text),
    ]
    return Table(
      columns,
      steps.map { step in
        [
          step.instrument.venue.rawValue, step.instrument.market.rawValue,
          step.instrument.symbol.rawValue, step.side.rawValue, step.quantity.description,
          step.result,
        ]
      })
  }

  private func conclude(_ problems: [String]) throws {
    guard problems.isEmpty else {
      throw Failure(.refused, problems.joined(separator: "\n"))
    }
    if !dryRun { Output.note("nothing is open") }
  }
}
