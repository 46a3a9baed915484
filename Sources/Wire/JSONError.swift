/// Why bytes are not a JSON text.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  public enum Reason: String, Sendable {
    /// The bytes end inside a value.
    case incomplete = "the text ends too early"
    /// A byte that cannot stand there, such as the first of `NaN`.
    case unexpected = "unexpected byte"
    /// Bytes follow the value.
    case trailing = "bytes after the value"
    /// Such as `01`, `1.` or `1e`.
    case number = "malformed number"
    /// An escape that JSON does not have, or half of a surrogate pair.
    case escape = "malformed escape"
    /// A string that is not UTF-8, or holds a control character.
    case characters = "a string is not valid UTF-8 without control characters"
    /// Two members of an object have the same name.
    case duplicate = "duplicate name in an object"
    /// More than 64 values inside one another.
    case depth = "nested too deeply"
  }

  /// What is wrong.
  public let reason: Reason
  /// Where: a count of bytes from the beginning.
  public let offset: Int

  /// What is wrong, and where; nothing of the text itself.
  public var description: String { "not JSON: \(reason.rawValue) at byte \(offset)" }
}
