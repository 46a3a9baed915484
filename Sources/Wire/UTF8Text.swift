/// UTF-8 from bytes without detours.
enum UTF8Text {
  /// Whether bytes are UTF-8.
  static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    (try? UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span)) != nil
  }

  /// The text of bytes; nil when they are not UTF-8.
  static func string(_ bytes: UnsafeRawBufferPointer) -> String? {
    guard let text = try? UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span)
    else { return nil }
    return String(copying: text)
  }
}
