import Testing
import Trading
import Transport
import Venues

@Suite struct RateBudgetTests {
  private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 0) + .seconds(seconds) }

  private func budget(limit: Int = 100) -> RateBudget {
    RateBudget(rules: [
      BudgetRule("spot", [.spotREST], limit: limit, window: .seconds(60)),
      BudgetRule("orders", [.spotREST, .futuresREST], .orders, limit: 2, window: .seconds(1)),
      BudgetRule("path", [.futuresREST], paths: ["/few"], limit: 5, window: .seconds(5)),
    ])
  }

  private func call(
    _ weight: Int, _ urgency: Urgency = .normal, _ endpoint: Endpoint = .spotREST,
    path: String = "/x", isMutating: Bool = false
  ) -> Call<Int> {
    Call(
      endpoint, .get, path, weight: weight, urgency: urgency, isMutating: isMutating, purpose: 0)
  }

  @Test func theLastFifthIsForWhatIsUrgent() {
    var budget = budget()
    #expect(budget.admit(call(80), at: at(0)) == .now)
    #expect(budget.admit(call(1), at: at(1)) == .notBefore(at(60)))
    #expect(budget.admit(call(1, .low), at: at(1)) == .notBefore(at(60)))
    #expect(budget.admit(call(20, .high), at: at(1)) == .now)
    #expect(budget.admit(call(1, .high), at: at(2)) == .notBefore(at(60)))
    #expect(budget.admit(call(1), at: at(60)) == .now)
  }

  @Test func historyNeverHasMoreThanHalf() {
    var budget = budget()
    #expect(budget.admit(call(50, .low), at: at(0)) == .now)
    #expect(budget.admit(call(1, .low), at: at(1)) == .notBefore(at(60)))
    #expect(budget.admit(call(30), at: at(1)) == .now)
    #expect(budget.admit(call(20, .high), at: at(1)) == .now)
    // What others spent counts against history first.
    var other = self.budget()
    #expect(other.admit(call(40, .high), at: at(0)) == .now)
    #expect(other.admit(call(11, .low), at: at(1)) == .notBefore(at(60)))
    #expect(other.admit(call(10, .low), at: at(1)) == .now)
    // A limit of one is not none.
    var few = RateBudget(rules: [
      BudgetRule("few", [.spotREST], limit: 1, window: .seconds(1))
    ])
    #expect(few.admit(call(1, .low), at: at(0)) == .now)
  }

  @Test func waitsUntilEnoughHasLeftTheWindow() {
    var budget = budget()
    #expect(budget.admit(call(30), at: at(0)) == .now)
    #expect(budget.admit(call(30), at: at(10)) == .now)
    #expect(budget.admit(call(20), at: at(20)) == .now)
    #expect(budget.admit(call(50), at: at(30)) == .notBefore(at(70)))
    #expect(budget.admit(call(30), at: at(59)) == .notBefore(at(60)))
    #expect(budget.admit(call(30), at: at(60)) == .now)
  }

  @Test func theVenueKnowsBetter() {
    var budget = budget()
    #expect(budget.admit(call(10), at: at(0)) == .now)
    budget.report("spot", used: 5, at: at(1))
    #expect(budget.admit(call(70), at: at(1)) == .now)
    budget.report("spot", used: 100, at: at(2))
    #expect(budget.admit(call(1, .high), at: at(3)) == .notBefore(at(60)))
    budget.report("nobody", used: 1_000_000, at: at(3))
    #expect(budget.admit(call(1), at: at(62)) == .now)
  }

  @Test func silenceIsKeptByAll() {
    var budget = budget()
    budget.pause(until: at(10), isBan: false)
    #expect(!budget.isBanned)
    budget.pause(until: at(5), isBan: true)
    #expect(budget.isBanned)
    for urgency in [Urgency.low, .normal, .high] {
      #expect(budget.admit(call(1, urgency), at: at(9)) == .notBefore(at(10)))
    }
    #expect(budget.admit(call(1), at: at(10)) == .now)
    #expect(!budget.isBanned)
  }

  @Test func ordersAreCountedApart() {
    var budget = budget()
    #expect(budget.admit(call(0, .high, isMutating: true), at: at(0)) == .now)
    #expect(budget.admit(call(0, .high, .futuresREST, isMutating: true), at: at(0)) == .now)
    #expect(budget.admit(call(0, .high, isMutating: true), at: at(0)) == .notBefore(at(1)))
    #expect(budget.admit(call(1), at: at(0)) == .now)
    #expect(budget.admit(call(1, .normal, .socketAPI), at: at(0)) == .now)
  }

  @Test func aPathMayHaveItsOwnRule() {
    var budget = budget()
    #expect(budget.admit(call(4, .normal, .futuresREST, path: "/few"), at: at(0)) == .now)
    #expect(
      budget.admit(call(1, .normal, .futuresREST, path: "/few"), at: at(0)) == .notBefore(at(5)))
    #expect(budget.admit(call(99, .normal, .futuresREST, path: "/many"), at: at(0)) == .now)
  }

  @Test func aCallHeavierThanItsShareWaitsForAnEmptyWindow() {
    var budget = budget()
    #expect(budget.admit(call(1), at: at(0)) == .now)
    #expect(budget.admit(call(500), at: at(1)) == .notBefore(at(60)))
    #expect(budget.admit(call(500), at: at(60)) == .now)
  }
}
