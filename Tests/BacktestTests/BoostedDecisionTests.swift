import FixedPoint
import Testing
import Trading

@testable import Core

/// What decisions tell of a boosted forecast, from the first day of a window to its use.
@Suite("Decisions on a boosted forecast")
struct BoostedDecisionTests {
  /// Far below the average wherever a basis is known, the average itself where not.
  private static let model = {
    var model = BoostedForecast(
      horizon: 21, base: .zero,
      trees: [
        BoostedTree(nodes: [
          .split(feature: 8, below: "500", left: 1, right: 2, missing: 2), .leaf("-100"),
          .leaf(.zero),
        ])
      ])
    model.name = "0123456789ab"
    return model
  }()

  private static func decisions(_ set: (inout Parameters) -> Void = { _ in }) -> [DecisionRecord] {
    var setting = Setting(seed: 3)
    setting.days = 60
    setting.symbols = 1
    setting.parameters.forecast.model = .boosting
    setting.parameters.forecast.boosting = model
    setting.parameters.forecast.windowDays = 120
    set(&setting.parameters)
    var world = World(setting.generated())
    world.play()
    return world.facts.compactMap { fact in
      guard case .decided(let decision) = fact.body else { return nil }
      return decision
    }
  }

  private static func value(_ name: String, _ decision: DecisionRecord) -> Gate.Value? {
    decision.gates.first { $0.name == name }?.value
  }

  @Test func theModelIsNamedAndItsPricesAreKnown() throws {
    let decisions = Self.decisions()
    #expect(decisions.allSatisfy { $0.policyVersion.hasSuffix("boosting 0123456789ab") })
    let told = decisions.compactMap { decision in
      Self.value("forecast_model", decision).map { (decision, $0) }
    }
    let used = told.filter { $0.1 == .text("boosting 0123456789ab") }
    let short = told.filter {
      $0.1 == .text("ewma, the window is too short for boosting 0123456789ab")
    }
    #expect(short.count > 50 && used.count > 30 && short.count + used.count == told.count)
    for (decision, _) in used {
      guard case .number(let expected) = Self.value("expected_annual_rate", decision) else {
        Issue.record("no expected rate")
        continue
      }
      #expect(expected.isNegative)
      if decision.action == .stayOut {
        #expect(Self.value("forecast_confidence", decision) == .number("0.5"))
      }
    }
  }

  @Test func whoAsksForConfidenceDoesNotEnterWithoutIt() {
    #expect(Self.decisions().contains { $0.action == .enter })
    let careful = Self.decisions { $0.forecast.minimumConfidence = "0.6" }
    #expect(!careful.contains { $0.action == .enter })
  }
}
