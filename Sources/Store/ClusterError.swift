/// Why the private PostgreSQL cannot be run.
public struct ClusterError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong and what to do.
  public let description: String

  /// States a problem.
  init(_ description: String) { self.description = description }

  /// The last line that says something, for an error text.
  static func lastLine(_ output: String) -> String {
    output.split(whereSeparator: \.isNewline).last { !$0.isEmpty }.map(String.init)
      ?? "it gave no reason"
  }
}
