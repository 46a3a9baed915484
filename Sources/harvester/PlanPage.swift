import Core
import FixedPoint
import Trading

/// A plan for people and for programs.
struct PlanPage {
  let plan: Plan

  func print(as format: Format) {
    switch format {
    case .json: Swift.print(JSONText.pretty(json))
    case .csv: legs.print(as: .csv)
    case .table: Swift.print(text)
    }
  }

  private var json: JSONText {
    .object([
      ("plan_id", .integer(String(plan.id))), ("plan", JSONText(encoding: plan)),
    ])
  }

  private var legs: Table {
    Table(
      [
        Column("market", .text), Column("side", .text), Column("quantity", .number),
        Column("largest_order", .number, "largest order"), Column("mid", .number),
        Column("fee", .money),
      ],
      plan.legs.map { leg in
        [
          leg.market.rawValue, leg.side.rawValue, leg.quantity.description, leg.clip.description,
          leg.mid.description, leg.fee.description,
        ]
      })
  }

  private var text: String {
    var lines = ["plan \(plan.id): \(plan.symbol) on \(plan.venue), \(plan.at)", ""]
    lines.append(tableText(legs))
    let cost = plan.cost
    lines += [
      row("quantity", "\(plan.quantity), a multiple of the joint lot \(plan.jointLot)"),
      row("notional", money(plan.notional)),
      row("capital", "\(money(plan.capital)) at leverage \(plan.leverage)"),
      row(
        "cost, one way",
        "fees \(percent(cost.spotFee)) spot + \(percent(cost.perpFee)) perp, "
          + "spread \(percent(cost.spread)), slippage \(percent(cost.slippage))"),
      row("execution", execution),
      row("cost, in and out", "\(money(plan.roundTripCost)), \(percent(cost.roundTrip))"),
      row("expected funding", known(plan.expectedAnnualRate.map { "\(percent($0)) a year" })),
      row("break-even", breakEven),
      row(
        "net on capital",
        known(plan.expectedNetAnnualRateOnCapital.map { "\(percent($0)) a year" })),
      row(
        "liquidation",
        "mark \(plan.liquidationPrice.rounded(places: 8, .down)), "
          + "\(percent(plan.liquidationDistance)) away"),
      "",
    ]
    lines += plan.gates.map { "  \($0.passed ? "✓" : "✗") \($0.text)" }
    return lines.joined(separator: "\n")
  }

  private var execution: String {
    let name = plan.execution == .combo ? "combo, both legs or none" : "legs, perpetual first"
    return plan.executionReason.map { "\(name): \($0)" } ?? name
  }

  private var breakEven: String {
    guard let count = plan.breakEvenSettlements, let hours = plan.intervalHours else {
      return "never at this rate, or the rate is unknown"
    }
    let days = Rate(count * hours).divided(by: 24, rounding: .up).rounded(places: 1, .up)
    let chance = plan.breakEvenProbability.map { ", within the horizon at \(percent($0))" } ?? ""
    return "\(count) settlements, \(days) days\(chance)"
  }

  private func tableText(_ table: Table) -> String {
    var copy = table
    copy.total = nil
    return copy.text
  }

  private func row(_ name: String, _ value: String) -> String {
    name + String(repeating: " ", count: max(1, 20 - name.count)) + value
  }

  private func known(_ text: String?) -> String { text ?? "unknown" }

  private func money(_ amount: Notional) -> String {
    amount.rounded(places: 2, .halfEven).text(minimumPlaces: 2)
  }

  private func percent(_ rate: Rate) -> String {
    rate.times(100).rounded(places: 3, .halfEven).description + " %"
  }
}
