import Foundation
import Testing

extension EndToEnd {
  /// Bad days against what a process holds.
  @Suite struct StressOfBooks {
    @Test func badDaysArePlayedAgainstWhatIsHeldAndPlanned() throws {
      let desk = try Desk()
      _ = try desk.ask("unwind", "--all", "--yes")
      try desk.waitUntilFlat()
      let nothing = try desk.ask("stress")
      #expect(nothing.code == 1 && nothing.errors.contains("no short is held"))
      let plan = try #require(
        try desk.json("plan", "ETHUSDT", "--notional", "5000") as? [String: Any])
      let number = try #require(plan["plan_id"] as? Int)
      try expectDays(try desk.json("stress", "--plan", "\(number)"))
      let opened = try desk.carry("open", "--plan", "\(number)", "--hold")
      let id = try #require(opened["carry_id"])
      try expectDays(try desk.json("stress", id))
      let table = try desk.ask("stress", "--all")
      #expect(table.code == 0 && table.output.contains("deleveraging"))
      #expect(try desk.ask("stress", "--format", "csv").output.hasPrefix("venue,scenario,"))
      #expect(try desk.ask("stress", id, "--cap", "2").code == 64)
      try desk.close()
    }

    /// All five, each explained to the last digit.
    private func expectDays(_ json: Any) throws {
      let days = try #require(json as? [[String: Any]])
      #expect(
        days.compactMap { $0["scenario"] as? String }
          == ["wick", "halt", "depeg", "deleveraging", "interval"])
      for day in days {
        #expect(day["unexplained"] as? String == "0")
        let limits = try #require(day["limits"] as? [[String: Any]])
        #expect(!limits.isEmpty && limits.allSatisfy { $0["passed"] as? Bool == true })
      }
    }
  }
}
