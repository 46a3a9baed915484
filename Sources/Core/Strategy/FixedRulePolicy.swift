public import FixedPoint
public import Trading

/// Plain rules to hold the shipped one against.
public enum FixedRule: Hashable, Sendable {
  /// Enter at once, whatever funding is, and stay.
  case holdThrough
  /// Stay out.
  case cash
  /// Enter above one yearly rate, leave below another.
  case thresholds(enterAbove: Rate, leaveBelow: Rate, signal: Signal)

  /// What is compared with the thresholds.
  public enum Signal: Hashable, Sendable {
    /// The latest settlement, annualised.
    case latest
    /// The moving average.
    case average
  }
}

/// A plain rule as a policy: its own entries and exits, the shipped guardian of margin and delta and the
/// shipped care for the size, so that only the judgement of funding differs.
public struct FixedRulePolicy: Policy {
  /// The rule.
  public let rule: FixedRule
  /// Names the rule.
  public let version: String
  private let shipped: ThresholdPolicy
  private let average: FundingForecast

  /// Makes a policy.
  public init(_ rule: FixedRule, name: String, parameters: Parameters) {
    self.rule = rule
    version = name
    var parameters = parameters
    parameters.entry.cooldownHours = 0
    parameters.entry.minimumHistoryHours = 0
    shipped = ThresholdPolicy(parameters: parameters)
    average = FundingForecast(span: parameters.forecast.span)
  }

  /// Decides: the guardian first, then the rule after each new settlement.
  public func decide(_ view: PairView) -> Decision {
    guard let carry = view.carry else {
      return view.hasNewSettlement ? enter(view) : .none
    }
    if let decision = shipped.guarded(view, carry) { return decision }
    guard view.hasNewSettlement else { return .none }
    guard case .thresholds(_, let leaveBelow, let signal) = rule else {
      return shipped.grow(view, carry, weighsRates: false)
        ?? .keep(view.record(.hold, "the rule stays", [], version: version))
    }
    let gate = Gate("annual_rate", rate(view, signal), .below, leaveBelow, unit: "per year")
    if gate.passed { return .exit(view.record(.exit, gate.name, [gate], version: version)) }
    return shipped.grow(view, carry, weighsRates: false)
      ?? .keep(view.record(.hold, gate.name, [gate], version: version))
  }

  private func enter(_ view: PairView) -> Decision {
    var gates: [Gate] = []
    switch rule {
    case .cash: return .keep(view.record(.stayOut, "the rule stays out", [], version: version))
    case .holdThrough: break
    case .thresholds(let enterAbove, _, let signal):
      gates.append(
        Gate("annual_rate", rate(view, signal), .above, enterAbove, unit: "per year"))
    }
    let assessment = shipped.entryRules.assess(view, wanted: nil, weighsRates: false)
    gates += assessment.gates
    if let failed = gates.first(where: { !$0.passed }) {
      return .keep(view.record(.stayOut, failed.name, gates, version: version))
    }
    return .enter(
      assessment.entry, view.record(.enter, "all gates passed", gates, version: version))
  }

  private func rate(_ view: PairView, _ signal: FixedRule.Signal) -> Rate? {
    switch signal {
    case .latest:
      view.market.funding.last.map {
        Annualising.simple($0.rate, intervalHours: $0.intervalHours)
      }
    case .average: average.annualized(view.market.funding.recent)
    }
  }
}
