import ArgumentParser
import Backtest
import Core
import FixedPoint
import Service
import Trading

struct StressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stress",
    abstract: "Play bad days against what is held and say what would be lost.",
    discussion: """
      The same engine, exchange and settings as a backtest, from the books' quantities, entry prices, \
      cash and newest prices; nothing is sent or stored. Each day is played by itself: \
      \(StressScenario.allCases.map { "\($0.rawValue) (\($0.text))" }.joined(separator: ", ")). \
      worst is the deepest fall on the way; limits names the hard limits that would break. \
      Exit code 1 when one would.
      """)
  @Argument(help: "A carry's number; without it, or with --all, all that are held.")
  var carry: Int64?
  @Flag(help: "All carries, those of one venue together.") var all = false
  @Option(help: "A plan's number, instead of what is held.") var plan: Int64?
  @Option(help: "The largest rate of one settlement, a fraction.") var cap = "0.02"
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption

  func validate() throws {
    if [carry != nil, all, plan != nil].filter(\.self).count > 1 {
      throw ValidationError("give one of a carry's number, --all and --plan")
    }
  }

  func run() throws {
    guard let cap: Rate = try Decimals.read(cap, "cap"), cap.isPositive, cap <= .one else {
      throw Failure(.usage, "not a cap (\(self.cap)); give a fraction above 0, at most 1")
    }
    let loaded = try common.configuration()
    let books = StressBooks(
      connection: try common.connectToBooks(as: .reader),
      instruments: try common.instruments(loaded),
      configuration: loaded.configuration)
    let held = try plan.map { try books.planned($0) } ?? books.held(carry)
    var results: [(venue: VenueID, result: StressResult)] = []
    for book in held {
      for scenario in StressScenario.allCases {
        results.append((book.venue, try play(scenario, book, loaded.configuration, cap: cap)))
      }
    }
    print(results)
    if let broken = results.first(where: { !$0.result.isWithinLimits }) {
      let gate = broken.result.limits.first { !$0.passed }
      throw Failure(
        .refused,
        "a limit would break (\(broken.result.scenario.rawValue): \(gate?.text ?? "")); "
          + "lower the leverage, hold more cash, or unwind a part")
    }
  }

  private func play(
    _ scenario: StressScenario, _ book: StressBook, _ configuration: Configuration, cap: Rate
  ) throws -> StressResult {
    do throws(StressFailure) {
      return try StressRun.play(
        scenario, against: book, parameters: configuration.parameters, cap: cap,
        models: configuration.paper.models)
    } catch {
      throw Failure(.refused, "cannot be played (\(scenario.rawValue)): \(error.reason)")
    }
  }

  private static let columns = [
    Column("venue", .text), Column("scenario", .text), Column("equity_change", .money, "change"),
    Column("worst", .money), Column("funding", .money), Column("basis_pnl", .money, "basis"),
    Column("directional_pnl", .money, "directional"), Column("fees", .money),
    Column("slippage", .money), Column("other", .money),
    Column("notional_before", .money, "held before"), Column("notional_after", .money, "after"),
    Column("unexplained", .number), Column("limits", .text),
  ]

  private func print(_ results: [(venue: VenueID, result: StressResult)]) {
    if output.format == .json {
      Swift.print(JSONText.pretty(.array(results.map { Self.json($0.venue, $0.result) })))
    } else {
      Table(Self.columns, results.map { Self.row($0.venue, $0.result) }).print(as: output.format)
    }
  }

  private static func row(_ venue: VenueID, _ result: StressResult) -> [String?] {
    let profit = result.profit
    let broken = result.limits.filter { !$0.passed }.map(\.text)
    return [
      venue.rawValue, result.scenario.rawValue, result.equityChange.description,
      result.worst.description, profit.funding.description, profit.basis.description,
      profit.directional.description, (profit.spotFees + profit.perpFees).description,
      profit.slippage.description, (profit.other + result.dust).description,
      result.notional.before.description, result.notional.after.description,
      result.unexplained.description, broken.isEmpty ? "held" : broken.joined(separator: "; "),
    ]
  }

  private static func json(_ venue: VenueID, _ result: StressResult) -> JSONText {
    .object(
      zip(columns, row(venue, result)).map { ($0.name, JSONText($1, $0.kind)) }.dropLast()
        + [("limits", .array(result.limits.map { JSONText(encoding: $0) }))])
  }
}
