import Foundation

/// What storms were made of and what came of them.
struct StormTally {
  /// Something that should never be, with all that is needed to look into it.
  struct Violation {
    let seed: UInt64
    let storm: Storm
    /// What differs, or what did not happen.
    let found: [String]
    /// What the processes said since the desk was set up.
    let log: String

    var description: String {
      """
      seed \(seed), \(storm)
      \(found.joined(separator: "\n"))
      --- the processes said:
      \(log)
      """
    }
  }

  /// Storms that were over with books and venues in agreement.
  var storms = 0
  /// How often each kind struck.
  private(set) var strikes: [String: Int] = [:]
  /// How often something came to pass because of it.
  private(set) var passed: [String: Int] = [:]
  private(set) var violations: [Violation] = []
  /// Desks that could not be set up or taken down.
  var failures: [String] = []

  mutating func strike(_ kind: String) { strikes[kind, default: 0] += 1 }

  mutating func pass(_ name: String, _ count: Int = 1) {
    if count > 0 { passed[name, default: 0] += count }
  }

  mutating func violate(_ violation: Violation) { violations.append(violation) }

  mutating func add(_ other: StormTally) {
    storms += other.storms
    strikes.merge(other.strikes, uniquingKeysWith: +)
    passed.merge(other.passed, uniquingKeysWith: +)
    violations += other.violations
    failures += other.failures
  }

  /// Everything as lines of two columns.
  var table: String {
    let rows =
      [("storms", storms), ("violations", violations.count)]
      + strikes.sorted { $0.key < $1.key }.map { ("strike: \($0.key)", $0.value) }
      + passed.sorted { $0.key < $1.key }.map { ("came of it: \($0.key)", $0.value) }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, count in
      name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + "\(count)"
    }.joined(separator: "\n")
  }
}
