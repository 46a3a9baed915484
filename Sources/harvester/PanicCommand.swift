import ArgumentParser
import Foundation
import Service

struct PanicCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panic",
    abstract: "Flatten both legs of everything at once, without process and database.",
    discussion: """
      Reads the accounts themselves, takes back every order of ours, closes every perpetual position \
      of the configured pairs with reduce-only market orders and sells the spot that the account \
      holds of them, all of it. Stop the process first, or pause it: it would see its positions gone. \
      Afterwards the books are brought up to date by the next start.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption
  @Flag(name: .customLong("dry-run"), help: "Only say what would be done.") var dryRun = false
  @Flag(help: "Do not ask.") var yes = false

  func run() throws {
    let loaded = try common.configuration()
    var venues = LiveVenues(try LiveSetup.sessions(loaded.configuration), loaded.configuration)
    venues.survey()
    var emergency = Emergency(venues)
    let (steps, problems) = emergency.look()
    for problem in problems { Output.note("warning: \(problem)") }
    if dryRun || steps.isEmpty {
      table(steps).print(as: output.format)
      return try conclude(problems, left: [])
    }
    for step in steps { Output.note("\(step.side.rawValue) \(step.quantity) \(step.instrument)") }
    try Confirmation.require(yes, "Trade all of this away at market prices?")
    var done: [Emergency.Step] = []
    let end = emergency.flatten(rounds: 3) { step in
      done.append(step)
      Output.note("\(step.instrument): \(step.side.rawValue) \(step.quantity), \(step.result)")
    }
    for session in venues.sessions { session.close() }
    table(done).print(as: output.format)
    try conclude(end.problems, left: end.left)
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

  private func conclude(_ problems: [String], left: [Emergency.Step]) throws {
    let open = left.map { "\($0.quantity) \($0.instrument)" }
    guard problems.isEmpty, left.isEmpty else {
      throw Failure(
        .refused,
        (problems + open.map { "still open (\($0)); run harvester panic again" })
          .joined(separator: "\n"))
    }
    if !dryRun { Output.note("nothing is open") }
  }
}
