import ArgumentParser
import Core
import FixedPoint
import Foundation
import Store
import Trading

/// A pair and a size.
struct SizeArguments: ParsableArguments {
  @Option(help: "The venue.")
  var venue = "binance"

  @Option(parsing: .unconditional, help: "Size in quote units.")
  var notional: String?

  @Option(
    parsing: .unconditional,
    help: "Size in base units of the perpetual leg, instead of --notional.")
  var quantity: String?

  func size(of symbol: String) throws -> Command.Size {
    let name = Symbol(typed: symbol)
    guard name.isWellFormed else {
      throw Failure(.usage, "not a symbol (\(symbol)); write it like BTCUSDT")
    }
    guard (notional == nil) != (quantity == nil) else {
      throw Failure(.usage, "no size, or two; give either --notional or --quantity")
    }
    return Command.Size(
      venue: VenueID(venue), symbol: name,
      notional: try Decimals.read(notional, "notional"),
      quantity: try Decimals.read(quantity, "quantity"))
  }
}

/// Decimals of the command line.
enum Decimals {
  static func read<Unit>(_ text: String?, _ name: String) throws -> Fixed<Unit>? {
    guard let text else { return nil }
    do throws(DecimalError) {
      return try Fixed<Unit>(text[...])
    } catch {
      throw Failure(.usage, "\(name): \(error); write a plain decimal")
    }
  }
}

struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan", abstract: "Rank all pairs by expected net return on capital.",
    discussion: """
      Where a process trades at several venues, spot of one beside the perpetual of another is ranked \
      too, for comparison: the engine opens both legs at one venue only.
      """)
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption
  @OptionGroup var wait: WaitOptions

  func run() throws {
    let dialogue = Dialogue(connection: try common.connectToBooks(as: .operator), options: wait)
    guard let candidates = try dialogue.ask(.scan)?.candidates else { return }
    switch output.format {
    case .json: print(JSONText.pretty(.array(candidates.map { JSONText(encoding: $0) })))
    case .table, .csv: table(candidates).print(as: output.format)
    }
  }

  private func table(_ candidates: [Candidate]) -> Table {
    let columns = [
      Column("symbol", .text), Column("venue", .text), Column("spot_venue", .text, "spot at"),
      Column("expected_annual_rate", .percent, "expected"),
      Column("latest_annual_rate", .percent, "latest"),
      Column("round_trip", .percent, "round trip"),
      Column("break_even_settlements", .integer, "break-even"),
      Column("break_even_probability", .percent, "chance"),
      Column("expected_net_annual_rate_on_capital", .percent, "net on capital"),
      Column("expected_excess", .percent, "over cash"),
      Column("expected_resizes", .number, "resizes", isShown: false),
      Column("carry_id", .integer, "carry"), Column("verdict", .text),
    ]
    let rows = candidates.map { candidate -> [String?] in
      let failed = candidate.gates.first { !$0.passed }
      let verdict =
        candidate.carry != nil ? "open" : candidate.isEligible ? "eligible" : failed?.text ?? ""
      return [
        candidate.symbol.rawValue, candidate.venue.rawValue,
        (candidate.spotVenue ?? candidate.venue).rawValue,
        candidate.expectedAnnualRate?.description, candidate.latestAnnualRate?.description,
        candidate.roundTrip?.description, candidate.breakEvenSettlements.map(String.init),
        candidate.breakEvenProbability?.description,
        candidate.expectedNetAnnualRateOnCapital?.description,
        candidate.expectedExcess?.description, candidate.expectedResizes?.description,
        candidate.carry?.description, verdict,
      ]
    }
    return Table(columns, rows)
  }
}

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Say what opening a carry would do, and keep the plan.",
    discussion: """
      A plan may be opened with 'harvester open --plan <id>' for a day, as long as prices stay within \
      execution.maximum_slippage of it.
      """)
  @Argument(help: "The pair.") var symbol: String
  @OptionGroup var size: SizeArguments
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption
  @OptionGroup var wait: WaitOptions

  func run() throws {
    let request = Command.Request.plan(try size.size(of: symbol))
    let dialogue = Dialogue(connection: try common.connectToBooks(as: .operator), options: wait)
    guard let plan = try dialogue.ask(request)?.plan else { return }
    PlanPage(plan: plan).print(as: output.format)
  }
}

struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open a carry through the running process.",
    discussion: """
      Give a plan, or a pair and a size. The operator overrides the judgement of the funding rate, \
      never a limit. With --hold only an operator closes it again; the margin guard still works.
      """)
  @Argument(help: "The pair, unless --plan is given.") var symbol: String?
  @Option(help: "The plan to open.") var plan: Int64?
  @OptionGroup var size: SizeArguments
  @Flag(help: "Only an operator may close it.") var hold = false
  @Flag(name: .customLong("dry-run"), help: "Print the plan and do nothing.") var dryRun = false
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption
  @OptionGroup var wait: WaitOptions

  func run() throws {
    let request: Command.Request
    switch (plan, symbol) {
    case (let plan?, nil): request = .openPlan(plan, hold: hold)
    case (nil, let symbol?): request = .open(try size.size(of: symbol), hold: hold)
    default: throw Failure(.usage, "what to open is not clear; give a symbol or --plan")
    }
    let connection = try common.connectToBooks(as: .operator)
    let dialogue = Dialogue(connection: connection, options: wait)
    if dryRun {
      guard let symbol else { throw Failure(.usage, "a plan is a dry run already; read it again") }
      if let plan = try dialogue.ask(.plan(try size.size(of: symbol)))?.plan {
        PlanPage(plan: plan).print(as: output.format)
      }
      return
    }
    guard let carry = try dialogue.ask(request)?.carry else { return }
    try CarryWatch(connection: connection, timeout: wait.timeout).follow(
      carry, while: ["opening"], as: output.format)
  }
}

struct UnwindCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unwind", abstract: "Close a carry, or a fraction of it: perpetual first.")
  @Argument(help: "The carry's number.") var carry: Int64?
  @Flag(help: "Close all carries.") var all = false
  @Option(parsing: .unconditional, help: "The fraction to close.") var fraction = "1"
  @Flag(help: "Do not ask.") var yes = false
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption
  @OptionGroup var wait: WaitOptions

  func run() throws {
    guard (carry != nil) != all else {
      throw Failure(.usage, "what to unwind is not clear; give a carry or --all")
    }
    let part: Rate = try Decimals.read(fraction, "fraction") ?? .one
    guard part.isPositive, part <= .one else {
      throw Failure(.usage, "not a fraction to close (\(part)); give one above 0, at most 1")
    }
    try Confirmation.require(
      yes, carry.map { "Unwind carry \($0), fraction \(part)?" } ?? "Unwind every carry?")
    let connection = try common.connectToBooks(as: .operator)
    let dialogue = Dialogue(connection: connection, options: wait)
    let request = carry.map { Command.Request.unwind(CarryID($0), fraction: part) } ?? .unwindAll
    guard let reply = try dialogue.ask(request) else { return }
    if let carry = reply.carry {
      try CarryWatch(connection: connection, timeout: wait.timeout).follow(
        carry, while: ["closing", "rebalancing", "opening"], as: output.format)
    } else {
      Output.note(reply.message)
    }
  }
}

struct RebalanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebalance", abstract: "Correct the delta of a carry now.")
  @Argument(help: "The carry's number.") var carry: Int64
  @Flag(name: .customLong("dry-run"), help: "Say what would be done.") var dryRun = false
  @OptionGroup var common: CommonOptions
  @OptionGroup var wait: WaitOptions

  func run() throws {
    let dialogue = Dialogue(connection: try common.connectToBooks(as: .operator), options: wait)
    if let reply = try dialogue.ask(.rebalance(CarryID(carry), dryRun: dryRun)) {
      print(reply.message)
    }
  }
}

struct PauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Allow no new exposure; exits and hedges go on.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var wait: WaitOptions

  func run() throws {
    let dialogue = Dialogue(connection: try common.connectToBooks(as: .operator), options: wait)
    if let reply = try dialogue.ask(.pause) { print(reply.message) }
  }
}

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Allow new exposure again.")
  @OptionGroup var common: CommonOptions
  @OptionGroup var wait: WaitOptions

  func run() throws {
    let dialogue = Dialogue(connection: try common.connectToBooks(as: .operator), options: wait)
    if let reply = try dialogue.ask(.resume) { print(reply.message) }
  }
}
