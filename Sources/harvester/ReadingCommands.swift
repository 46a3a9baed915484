import ArgumentParser
import Foundation
import Service
import Store
import Trading

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show the process and every open carry.",
    discussion: """
      accrued: the last settled rate for the part of the interval that has passed, an estimate. \
      margin: how far the mark may rise until the short would be liquidated. break-even: settlements \
      at the last payment until funding has paid the costs so far. Below the carries stand the alerts, if there are any.
      """)
  @Flag(help: "Show it again every two seconds until Ctrl-C.") var watch = false
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption

  private static let columns = [
    Column("carry_id", .integer, "carry"), Column("venue", .text), Column("symbol", .text),
    Column("state", .text), Column("opened_at", .time, "opened"),
    Column("days_held", .number, "days"), Column("spot_quantity", .number, "spot"),
    Column("perp_quantity", .number, "perp"), Column("delta", .number),
    Column("received_funding", .money, "funding"), Column("accrued_funding", .money, "accrued"),
    Column("total", .money, "P&L"), Column("margin_distance", .percent, "margin"),
    Column("break_even_settlements", .integer, "break-even"), Column("marked_at", .time, "as of"),
    Column("reason", .text, "last decision"),
  ]

  func run() throws {
    let connection = try common.connectToBooks(as: .reader)
    if watch { StopSignal.listen() }
    repeat {
      if watch { print("\u{1b}[H\u{1b}[2J", terminator: "") }
      try show(connection)
      if watch { usleep(2_000_000) }
    } while watch && !StopSignal.isRaised
  }

  private func show(_ connection: PostgresConnection) throws {
    let (rows, process) = try withDatabase { () throws(PostgresError) -> (Rows, String) in
      let names = Self.columns.map { $0.name == "days_held" ? "round(days_held, 2)" : $0.name }
      let rows = try connection.execute(
        "SELECT \(names.joined(separator: ", ")) FROM report.status ORDER BY carry_id")
      return (rows, try self.process(connection))
    }
    let table = Table(Self.columns, rows)
    if output.format == .table { print(process) }
    table.print(as: output.format)
    // One document is one document; report alerts prints them in every format.
    if output.format == .table { try showAlerts(connection) }
  }

  private func showAlerts(_ connection: PostgresConnection) throws {
    let query = ReportQuery.alerts
    let rows = try withDatabase { () throws(PostgresError) in
      try connection.execute(query.sql, [.null, .null])
    }
    guard !rows.isEmpty else { return }
    print("\nalerts")
    Table(query.columns, rows).print(as: .table)
  }

  private func process(_ connection: PostgresConnection) throws(PostgresError) -> String {
    let isHeld = try Database.isHeld(connection)
    let rows = try connection.execute(
      "SELECT run_id, mode, pid, host, state, to_char(heartbeat_at, 'YYYY-MM-DD HH24:MI:SS') "
        + "FROM report.daemon ORDER BY run_id DESC LIMIT 1")
    guard let row = rows.first else { return "no process has run here" }
    let values = (0..<6).map { row[$0] ?? "" }
    let state = isHeld ? values[4] : values[4] == "stopped" ? "stopped" : "gone (was \(values[4]))"
    return "run \(values[0]), \(values[1]), process \(values[2]) on \(values[3]): \(state), "
      + "last heartbeat \(values[5])"
  }
}

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say why it did, or did not, act: every gate with value and threshold.",
    discussion: "Newest first. Give a carry's number or a symbol.")
  @Argument(help: "A carry's number or a symbol.") var subject: String
  @Option(help: "How many decisions.") var limit = 3
  @OptionGroup var common: CommonOptions
  @OptionGroup var output: FormatOption

  func run() throws {
    guard (1...100_000).contains(limit) else {
      throw Failure(.usage, "not a number of decisions (\(limit)); give 1 … 100000")
    }
    let connection = try common.connectToBooks(as: .reader)
    let isCarry = Int64(subject) != nil
    let rows = try withDatabase { () throws(PostgresError) in
      try connection.execute(
        """
        SELECT at, carry_id, venue, symbol, action, reason, inputs, policy_version
        FROM report.decision WHERE \(isCarry ? "carry_id = $1::bigint" : "symbol = $1")
        ORDER BY at DESC LIMIT $2
        """, [.text(isCarry ? subject : Symbol(typed: subject).rawValue), .integer(Int64(limit))])
    }
    guard !rows.isEmpty else {
      throw Failure(.refused, "no decision is known (\(subject)); see harvester status and scan")
    }
    let table = Table(
      [
        Column("at", .time), Column("carry_id", .integer), Column("venue", .text),
        Column("symbol", .text), Column("action", .text), Column("reason", .text),
        Column("inputs", .json), Column("policy_version", .text),
      ], rows)
    if output.format != .table { return table.print(as: output.format) }
    for row in table.rows { try printDecision(row) }
  }

  private struct GateRow: Decodable {
    let name: String
    let value: String?
    let relation: String
    let threshold: String?
    let unit: String
    let passed: Bool
  }

  private func printDecision(_ row: [String?]) throws {
    let carry = row[1].map { ", carry \($0)" } ?? ""
    print("\(row[0] ?? "")  \(row[3] ?? "")\(carry): \(row[4] ?? "") because \(row[5] ?? "")")
    let gates = try JSONDecoder().decode([GateRow].self, from: Data((row[6] ?? "[]").utf8))
    let table = Table(
      [
        Column("", .text), Column("gate", .text), Column("value", .number),
        Column("must be", .text),
        Column("threshold", .number), Column("unit", .text),
      ],
      gates.map { gate in
        [
          gate.passed ? "✓" : "✗", gate.name, gate.value ?? "unknown",
          gate.relation.replacingOccurrences(of: "_", with: " "), gate.threshold, gate.unit,
        ]
      })
    table.print(as: .table)
    print()
  }
}
