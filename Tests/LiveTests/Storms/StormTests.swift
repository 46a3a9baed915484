import Foundation
import Synchronization
import TestKit
import Testing

extension LiveRuns {
  /// Both binaries, a real server and real sockets, with faults of every kind drawn from a seed.
  ///
  /// `STORMS` says how many there are, `STORM_SEED` where the seeds begin.
  @Suite struct Storms {
    private static let environment = ProcessInfo.processInfo.environment
    private static let count = environment["STORMS"].flatMap { Int($0) } ?? 12
    private static let firstSeed = environment["STORM_SEED"].flatMap { UInt64($0) } ?? 1
    /// Most of the time is spent waiting, so several desks stand side by side.
    private static let desks = environment["STORM_DESKS"].flatMap { Int($0) } ?? 4
    /// So many storms pass over a desk before another one is set up.
    private static let stormsOfADesk = 20

    @Test func booksAndVenuesAgreeAfterEachStorm() throws {
      let lanes = min(Self.desks, Self.count)
      let perDesk = min(Self.stormsOfADesk, (Self.count + lanes - 1) / lanes)
      let plan = Mutex((next: 0, left: Self.count))
      let result = Mutex(StormTally())
      let group = DispatchGroup()
      for _ in 0..<lanes {
        group.enter()
        Thread.detachNewThread {
          while let (number, storms) = plan.withLock({ plan -> (Int, Int)? in
            guard plan.left > 0 else { return nil }
            defer { plan = (plan.next + 1, plan.left - min(perDesk, plan.left)) }
            return (plan.next, min(perDesk, plan.left))
          }) {
            Self.play(Self.firstSeed + UInt64(number), storms: storms, into: result)
          }
          group.leave()
        }
      }
      group.wait()
      let tally = result.withLock { $0 }
      for text in tally.violations.map(\.description) + tally.failures { Issue.record("\(text)") }
      #expect(tally.storms == Self.count)
      if Self.count > 12 { FileHandle.standardError.write(Data("\n\(tally.table)\n".utf8)) }
    }

    /// Lets storms pass over a desk, until one leaves something that should not be.
    private static func play(_ seed: UInt64, storms: Int, into result: borrowing Mutex<StormTally>)
    {
      do {
        let desk = try StormDesk(seed: seed)
        for number in 1...storms {
          let storm = Storm(seed: seed, number: number, on: desk.climate)
          desk.strike(storm)
          do {
            try desk.heal()
            desk.found += try desk.disagreements()
          } catch {
            desk.found.append("\(error)")
            desk.found += (try? desk.motion()) ?? []
          }
          if desk.found.isEmpty {
            desk.tally.storms += 1
          } else {
            desk.tally.violate(
              StormTally.Violation(
                seed: seed, storm: storm, found: desk.found, log: desk.said))
          }
          let (isBroken, tally) = (!desk.found.isEmpty, desk.tally)
          desk.tally = StormTally()
          result.withLock {
            $0.add(tally)
            progress($0)
          }
          if isBroken { return }
        }
        try desk.close()
        result.withLock { $0.add(desk.tally) }
      } catch {
        result.withLock { $0.failures.append("seed \(seed): \(error)") }
      }
    }

    private static func progress(_ tally: StormTally) {
      guard count > 12, isatty(STDERR_FILENO) == 1 else { return }
      let text = "\r\(tally.storms) of \(count) storms, \(tally.violations.count) violations"
      FileHandle.standardError.write(Data(text.utf8))
    }
  }
}
