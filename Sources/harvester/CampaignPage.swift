import FixedPoint
import Foundation
import Worlds

/// A campaign as it is printed.
struct CampaignPage {
  private let campaign: Campaign
  private let isExhaustive: Bool

  init(_ campaign: Campaign, isExhaustive: Bool) {
    self.campaign = campaign
    self.isExhaustive = isExhaustive
  }

  private var daysSimulated: Double {
    Double(campaign.tally.simulated.nanoseconds) / 86_400e9
  }

  private var figures: [(name: String, title: String, value: String)] {
    let tally = campaign.tally
    let speed = daysSimulated / max(campaign.seconds, 1e-9) / Double(campaign.cores)
    return [
      ("lives", isExhaustive ? "drills" : "seeds", "\(campaign.lives)"),
      ("violations", "violations", "\(campaign.violations.count)"),
      ("days_simulated", "days simulated", String(format: "%.1f", daysSimulated)),
      ("seconds", "seconds", String(format: "%.1f", campaign.seconds)),
      ("days_per_core_second", "days a second on each core", String(format: "%.1f", speed)),
      ("steps", "steps", "\(tally.steps)"), ("facts", "facts", "\(tally.facts)"),
      ("requests", "requests to venues", "\(tally.requests)"),
      ("starts", "process starts", "\(tally.starts)"), ("storms", "storms", "\(tally.storms)"),
      ("comparisons", "moments of rest compared", "\(tally.comparisons)"),
      (
        "naked_notional_seconds", "naked notional, quote × seconds",
        tally.nakedNotionalSeconds.rounded(places: 0, .halfEven).description
      ),
      ("digest", "digest", String(format: "%016lx", campaign.digest)),
    ]
  }

  private var faults: [(Fault, Int)] {
    campaign.tally.faults.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Every rare path, those never taken as zero.
  private var paths: [(String, Int)] {
    isExhaustive
      ? [] : Tally.Sometimes.allCases.map { ($0.rawValue, campaign.tally.sometimes[$0] ?? 0) }
  }

  var json: JSONText {
    .object(
      figures.map { ($0.name, .string($0.value)) } + [
        ("faults", .object(faults.map { ($0.0.rawValue, .integer("\($0.1)")) })),
        ("sometimes", .object(paths.map { ($0.0, .integer("\($0.1)")) })),
        ("broken", .array(campaign.violations.map { .string($0.words) })),
      ])
  }

  var table: Table {
    let rows =
      figures.map { ["", $0.title, $0.value] } + faults.map { ["fault", $0.0.rawValue, "\($0.1)"] }
      + paths.map { ["path", $0.0, "\($0.1)"] }
    return Table([Column("kind", .text), Column("what", .text), Column("value", .text)], rows)
  }
}
