/// Finds the place of a name by its bytes, without making a string of them.
struct BinanceNameTable: Sendable {
  private let names: [[UInt8]]
  /// Places by hash, -1 where there is none; a power of two, at most half full.
  private var slots: [Int32]

  init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
    var size = 4
    while size < names.count * 2 { size *= 2 }
    slots = Array(repeating: -1, count: size)
    for (place, name) in self.names.enumerated() {
      var slot = name.withUnsafeBytes { Self.hash($0) } & (size - 1)
      while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
      slots[slot] = Int32(place)
    }
  }

  /// The place of a name; nil when it is not in the table.
  func place(of name: UnsafeRawBufferPointer) -> Int? {
    var slot = Self.hash(name) & (slots.count - 1)
    while slots[slot] >= 0 {
      let place = Int(slots[slot])
      if names[place].elementsEqual(name) { return place }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// FNV-1a.
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(truncatingIfNeeded: hash >> 1)
  }
}
