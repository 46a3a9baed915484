import Simulation

/// Which faults a world has, and how often.
public struct FaultPlan: Hashable, Sendable {
  /// By fault, basis points of strikes or a hundred times the count a day; absent is never.
  public var intensities: [Fault: Int]

  /// Nothing goes wrong.
  public static let none = FaultPlan(intensities: [:])

  /// States a plan.
  public init(intensities: [Fault: Int]) { self.intensities = intensities }

  /// Draws a plan: a random half of all faults, each as often as chance has it.
  ///
  /// A plan with everything in it would hide what only some of it finds.
  static func swarm(_ chance: inout SeededRandom) -> FaultPlan {
    var plan = FaultPlan.none
    for fault in Fault.allCases where chance.below(2) == 0 {
      plan.intensities[fault] = 1 + chance.below(fault.most)
    }
    return plan
  }

  subscript(fault: Fault) -> Int { intensities[fault] ?? 0 }

  /// Reads lines of `fault intensity`; `#` begins a comment.
  ///
  /// - Throws: `FaultPlanError` for an unknown fault or an intensity that is no whole number of
  ///   0 … 100000.
  public init(text: String) throws(FaultPlanError) {
    self = .none
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
      if words.isEmpty { continue }
      guard words.count == 2, let fault = Fault(rawValue: String(words[0])),
        let intensity = Int(words[1]), (0...100_000).contains(intensity)
      else { throw FaultPlanError(line: number + 1, text: String(line)) }
      intensities[fault] = intensity
    }
  }
}

/// A line of a fault plan that cannot be read.
public struct FaultPlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Counted from 1.
  public let line: Int
  /// The line.
  public let text: String

  /// What is wrong, and the faults there are.
  public var description: String {
    let names = Fault.allCases.map(\.rawValue).sorted().joined(separator: ", ")
    return "not a fault and an intensity of 0 … 100000 (line \(line): \(text)); faults are \(names)"
  }
}
