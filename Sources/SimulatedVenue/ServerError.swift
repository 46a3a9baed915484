/// Why the server cannot do what it was asked to.
public struct ServerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What, and what to do about it.
  public let description: String

  /// States an error.
  public init(_ description: String) { self.description = description }
}
