import ArgumentParser
import Dispatch
import Foundation
import Service
import Synchronization
import Trading
import Worlds

struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Let the engine live through storms in virtual time, and check what must hold.",
    discussion: """
      Each seed is a world of its own: the engine as it trades, two simulated venues, a network, a \
      database and an operator, in one thread, with faults drawn by the seed. An oracle looks at every \
      step; the names of its invariants are those of docs/FAULTS.md. The same seed gives the same \
      digest. A broken invariant is printed with its seed, step and the last events; \
      --seed repeats it exactly. Needs no database and no network.
      """)
  @Option(help: "The first seed.") var seed: UInt64 = 1
  @Option(help: "How many seeds, one after another, on all cores.") var seeds = 1
  @Option(help: "How long each world lasts, days.") var days = 1
  @Option(help: "default draws for each storm; none; or a file of lines 'fault intensity'.")
  var faults = "default"
  @Option(help: "Go on with further seeds for so many minutes.") var minutes: Int?
  @Flag(
    help:
      "Live the same life of a carry with every message lost and the process killed, everywhere.")
  var exhaustive = false
  @OptionGroup var output: FormatOption

  func validate() throws {
    guard seeds > 0, days > 0, days <= 10_000, (minutes ?? 1) > 0 else {
      throw ValidationError("--seeds, --days and --minutes are whole numbers above zero")
    }
  }

  func run() throws {
    let plan = try plan()
    StopSignal.listen()
    let campaign = exhaustive ? drills() : storms(plan)
    let page = CampaignPage(campaign, isExhaustive: exhaustive)
    switch output.format {
    case .json: print(JSONText.pretty(page.json))
    case .table, .csv: page.table.print(as: output.format)
    }
    guard let first = campaign.violations.first else { return }
    for line in first.lastEvents { Output.note(line) }
    let others = campaign.violations.count - 1
    let repeated =
      exhaustive ? "" : "; repeat it with --seed \(first.seed) --days \(days) --faults \(faults)"
    throw Failure(
      .refused,
      "broken invariant (\(first.words))\(others > 0 ? "; and \(others) more" : "")\(repeated)")
  }

  private func plan() throws -> FaultPlan? {
    switch faults {
    case "default": return nil
    case "none": return FaultPlan.none
    default:
      guard let text = try? String(contentsOfFile: faults, encoding: .utf8) else {
        throw Failure(
          .usage, "not a fault plan (\(faults)); give default, none, or a file that can be read")
      }
      do throws(FaultPlanError) {
        return try FaultPlan(text: text)
      } catch {
        throw Failure(.usage, "\(error)")
      }
    }
  }

  private func storms(_ plan: FaultPlan?) -> Campaign {
    let deadline = minutes.map { ContinuousClock.now + .seconds($0 * 60) }
    return campaign { index in
      guard let deadline else { return index < seeds }
      return ContinuousClock.now < deadline
    } life: { index in
      var world = World(seed: seed &+ UInt64(index), days: days, plan: plan)
      let result = world.run()
      return (result, "")
    }
  }

  private func drills() -> Campaign {
    let drills = Drill.all()
    return campaign {
      $0 < drills.count
    } life: {
      (drills[$0].run(), "\(drills[$0]): ")
    }
  }

  /// Lives one life after another on each core until there are no more or somebody asks to stop.
  private func campaign(
    _ goesOn: @escaping @Sendable (Int) -> Bool,
    life: @escaping @Sendable (Int) -> (WorldResult, String)
  ) -> Campaign {
    let start = ContinuousClock.now
    let next = Atomic<Int>(0)
    let campaign = Mutex(Campaign())
    let cores = ProcessInfo.processInfo.activeProcessorCount
    DispatchQueue.concurrentPerform(iterations: cores) { _ in
      while !StopSignal.isRaised {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard goesOn(index) else { break }
        let (result, words) = life(index)
        let text = campaign.withLock { campaign in
          campaign.add(result, words, at: index)
          return "\(campaign.lives) lives, \(campaign.violations.count) violations"
        }
        // Told at once: a long campaign need not be waited for.
        if let violation = result.violation { Output.note("broken: \(words)\(violation)") }
        Output.status(text)
      }
    }
    Output.status("")
    var result = campaign.withLock { $0 }
    result.seconds = (ContinuousClock.now - start) / .seconds(1)
    result.cores = cores
    return result
  }
}

/// What many lives came to.
struct Campaign: Sendable {
  struct Break: Sendable {
    let index: Int
    let seed: UInt64
    let words: String
    let lastEvents: [String]
  }

  private(set) var lives = 0
  private(set) var tally = Tally()
  /// By the order of their lives, whichever core was faster.
  private(set) var violations: [Break] = []
  /// Of all lives, whatever their order.
  private(set) var digest: UInt64 = 0
  var seconds = 0.0
  var cores = 1

  mutating func add(_ result: WorldResult, _ words: String, at index: Int) {
    lives += 1
    tally.add(result.tally)
    digest ^= result.digest &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    guard let violation = result.violation else { return }
    violations.append(
      Break(
        index: index, seed: result.seed, words: "\(words)\(violation)",
        lastEvents: result.lastEvents))
    violations.sort { $0.index < $1.index }
  }
}
