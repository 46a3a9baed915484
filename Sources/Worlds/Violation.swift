public import Trading

/// A broken invariant.
public struct Violation: Hashable, Sendable, CustomStringConvertible {
  /// The invariant's name in the failure catalogue.
  public let invariant: String
  /// The seed of the world.
  public let seed: UInt64
  /// The step.
  public let step: Int
  /// The world's time.
  public let at: Timestamp
  /// What was found.
  public let text: String

  /// Invariant, seed, step, time and what was found.
  public var description: String { "\(invariant) seed \(seed) step \(step) \(at): \(text)" }
}
