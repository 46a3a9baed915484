import Foundation
import TestKit
import Testing
import Trading

@testable import Core
@testable import Store

/// The database of the simulated worlds keeps the contract of the real one: the same scripts, the same
/// answers, the same facts stored by the same runs.
@Suite("The virtual database and the real one", .serialized)
struct DifferentialTests {
  /// `SCRIPTS` says how many are played.
  private static let count =
    ProcessInfo.processInfo.environment["SCRIPTS"].flatMap { UInt64($0) } ?? 4

  @Test("play the same scripts alike")
  func alike() throws {
    let server = BooksServer()
    let template = try Books(on: server)
    try Migrator(folder: Program.root + "/migrations").migrate(template.connect())
    for seed in 1...Self.count {
      let script = DatabaseScript(seed: seed)
      let real = try RealBooks(on: server, copyOf: template)
      var model = ModelBooks()
      var heard: [String] = []
      for (number, step) in script.steps.enumerated() {
        let facts = Self.facts(of: step, number)
        let expected = model.play(step, facts: facts)
        heard.append("\(step)")
        let actual: DatabaseScript.Outcome
        do {
          actual = try real.play(step, facts: facts)
        } catch {
          throw TestFailure("seed \(seed): \(error)\n\(heard.joined(separator: "\n"))")
        }
        heard.append("    \(actual)")
        try #require(
          actual == expected, "seed \(seed), step \(number): \(heard.joined(separator: "\n"))")
        if model.isUp { try real.awaitSessions(model.sessions) }
      }
      _ = model.play(.start, facts: [])
      _ = try real.play(.start, facts: [])
      _ = try real.play(.readOnly(false), facts: [])
      for process in 0..<3 { _ = try real.play(.end(process), facts: []) }
      try compare(real.records(), model, seed)
      try real.end()
    }
  }

  /// Numbers of runs leave gaps when a server crashes; only their order is promised.
  private func compare(_ records: [RealBooks.Record], _ model: ModelBooks, _ seed: UInt64) throws {
    let runs = Set(records.map(\.run)).sorted()
    let expected = Set(model.records.map(\.run)).sorted()
    #expect(records.map(\.fact) == model.records.map(\.fact), "seed \(seed)")
    #expect(
      records.map { runs.firstIndex(of: $0.run) }
        == model.records.map { expected.firstIndex(of: $0.run) }, "seed \(seed)")
  }

  private static func facts(of step: DatabaseScript.Step, _ number: Int) -> [Fact] {
    guard case .commit(let process, let count, _) = step else { return [] }
    return (0..<count).map { place in
      Fact(
        at: Timestamp(milliseconds: 1_704_067_200_000 + Int64(number)),
        .tradingChanged(
          TradingChanged(
            change: .paused, venue: nil, reason: "process \(process), fact \(place)")))
    }
  }
}
