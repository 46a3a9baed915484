/// A key that never shows itself: whatever prints, dumps or reflects it gets "(secret)".
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// Reachable only for signing.
  let bytes: [UInt8]

  /// Keeps bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }
  /// Keeps the UTF-8 of a text.
  public init(_ text: String) { bytes = Array(text.utf8) }

  /// Whether there is nothing to keep.
  public var isEmpty: Bool { bytes.isEmpty }
  /// Always "(secret)".
  public var description: String { "(secret)" }
  /// Always "(secret)".
  public var debugDescription: String { description }
  /// Without children.
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
