import Foundation
import TestKit
import Wire

extension StormDesk {
  /// Ends every fault, and waits until one process trades at both venues and nothing moves.
  func heal() throws {
    proxy.calm()
    proxy.isOpen = true
    disk?.isFull = false
    removeHaltFile()
    try desk.simulator.clearFaults()
    for venue in LiveDesk.venues {
      try desk.simulator.fault(["kind": "clock-skew", "venue": .string(venue), "seconds": 0])
      try desk.simulator.fault(["kind": "status", "venue": .string(venue), "status": "trading"])
    }
    try server.start()
    try server.setReadOnly(false)
    awaken()
    try recover()
    awaitCommands()
    try recover()
    try desk.quote()
    // Whoever looks after it lets it go on after so many ends.
    try patiently("resume is answered", seconds: 60) { try desk.ask("resume").code == 0 }
    try patiently("nothing moves", seconds: 120) { try motion().isEmpty }
  }

  /// Waits until one process trades at both venues and no other one is left.
  func recover() throws {
    var starts = 0
    try patiently("one process trades at both venues", seconds: 120) {
      bury()
      if processes.isEmpty {
        starts += 1
        guard starts < 6 else { throw TestFailure("no process stays") }
        try start()
      }
      guard
        let number = try? desk.books.value(
          "SELECT pid FROM report.daemon ORDER BY run_id DESC LIMIT 1"),
        let leader = processes.first(where: { "\($0.number)" == number }), trades(leader)
      else { return false }
      lead(leader)
      for other in processes.dropFirst() { dismiss(other) }
      return processes.count == 1
    }
  }

  /// Whether a process said last that it hears both venues.
  private func trades(_ process: Program) -> Bool {
    let lines = process.errors.split(separator: "\n")
    return LiveDesk.venues.allSatisfy { venue in
      lines.last { $0.hasSuffix(" \(venue): live") || $0.hasSuffix(" \(venue): offline") }?
        .hasSuffix("live") == true
    }
  }

  /// What is still in motion, in words; empty when all has come to rest.
  func motion() throws -> [String] {
    bury()
    guard processes.count == 1, let leader = processes.first else {
      return ["\(processes.count) processes"]
    }
    var result = trades(leader) ? [] : ["a venue is offline"]
    let facts = try desk.books.facts()
    result += try desk.books.rows(
      """
      SELECT format('carry %s at %s is %s', carry_id, venue, state) FROM report.carry
        WHERE state NOT IN ('open', 'closed', 'refused')
      UNION ALL
      SELECT format('order %s is alive', client_order_id) FROM report.execution
        WHERE outcome IS NULL
      UNION ALL
      SELECT format('command %s waits', command_id) FROM control.command WHERE status = 'queued'
      """
    ).map { $0[0] }
    Thread.sleep(forTimeInterval: 0.5)
    return result + (try desk.books.facts() == facts ? [] : ["facts are being stored"])
  }

  /// Waits, with breath between two looks.
  private func patiently(_ what: String, seconds: Int, _ isSo: () throws -> Bool) throws {
    try until(what, seconds: seconds) {
      if try isSo() { return true }
      Thread.sleep(forTimeInterval: 0.1)
      return false
    }
  }

  /// What is wrong with the books, at rest; empty when all is well.
  func violations() throws -> [String] {
    try Self.checks.flatMap { name, sql in
      try desk.books.rows(sql).map { "\(name): \($0.joined(separator: " "))" }
    } + desk.differences() + strayOrders()
  }

  private static let checks = [
    ("verify", "SELECT check_name, detail FROM report.verify() WHERE NOT ok"),
    ("funding gap", "SELECT venue, symbol, settled_at, reason FROM report.funding_gap"),
    (
      "difference not resolved",
      """
      SELECT venue, kind, asset_or_symbol, difference FROM report.reconciliation_break
      WHERE resolved_at IS NULL
      """
    ),
    ("unexplained", "SELECT carry_id, unexplained FROM report.carry_pnl WHERE unexplained <> 0"),
    (
      "payment not as expected",
      """
      SELECT venue_payment_id, difference FROM report.funding_payment
      WHERE abs(difference) > 0.000000005
      """
    ),
    (
      // What lots and the smallest orders leave.
      "legs do not match",
      """
      SELECT carry_id, venue, state, spot_quantity, perp_quantity FROM report.carry
      WHERE abs(delta) > CASE WHEN state IN ('closed', 'refused') THEN 0
        WHEN symbol = 'BTCUSDT' THEN 0.0025 ELSE 0.025 END
      """
    ),
    (
      // What its asker gave up may be answered in the same moment.
      "command not answered once",
      """
      SELECT command_id, kind, status, answers FROM control.command LEFT JOIN (
        SELECT (body ->> 'command')::bigint AS command_id, count(*) AS answers
        FROM journal.record WHERE kind = 'command_ended' GROUP BY 1) AS a USING (command_id)
      WHERE coalesce(answers, 0) NOT BETWEEN CASE WHEN status = 'expired' THEN 0 ELSE 1 END AND 1
      """
    ),
  ]

  /// Orders that reached a venue without being intended, or twice.
  private func strayOrders() throws -> [String] {
    let intended = Set(
      try desk.books.rows("SELECT client_order_id FROM book.order_intent").map { $0[0] })
    return try LiveDesk.venues.flatMap { venue in
      var seen: Set<String> = []
      return (try desk.simulator.truth(venue)["orders"]?.elements ?? [])
        .filter { $0["origin"]?.text == "client" && $0["state"]?.text != "rejected" }
        .compactMap { $0["client_id"]?.text }
        .compactMap { id in
          !intended.contains(id)
            ? "order without intent: \(id)" : seen.insert(id).inserted ? nil : "order twice: \(id)"
        }
    }
  }

  /// Waits until books and venues agree; some things are found only when an account is read again.
  ///
  /// - Returns: what they do not agree on.
  func disagreements() throws -> [String] {
    var found = try violations()
    for round in 0..<40 where !found.isEmpty {
      if round == 10 {
        tally.pass("agreed only after accounts were read again")
        try desk.simulator.fault(["kind": "disconnect"])
      }
      Thread.sleep(forTimeInterval: 1)
      found = try violations()
    }
    return found
  }
}
