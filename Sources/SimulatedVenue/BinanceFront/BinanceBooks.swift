import FixedPoint
import Trading
import Wire

/// What changed in a book between two updates.
struct BinanceBookChange {
  /// The first update in it.
  let first: Int64
  /// The last update in it.
  let last: Int64
  /// The last update of the change before.
  let previous: Int64
  /// Levels with what stands there now; nothing stands at zero.
  let bids: [(price: Price, quantity: Quantity)]
  /// The same on the other side.
  let asks: [(price: Price, quantity: Quantity)]
}

/// The books as they were last told, so that the next change continues them without a gap.
struct BinanceBooks {
  /// Levels on each side that are told.
  static let depth = 50

  private var told: [Int: BookView] = [:]

  /// Remembers a book from which changes are told, unless it is remembered already.
  mutating func begin(_ index: InstrumentIndex, at venue: Venue) {
    if told[index.position] == nil {
      told[index.position] = venue.book(index, depth: Self.depth)
    }
  }

  /// What changed since the last time; nil when nothing was published since.
  mutating func change(of index: InstrumentIndex, at venue: Venue) -> BinanceBookChange? {
    guard let now = venue.book(index, depth: Self.depth) else { return nil }
    defer { told[index.position] = now }
    guard let before = told[index.position], before.updateID < now.updateID else { return nil }
    return BinanceBookChange(
      first: before.updateID + 1, last: now.updateID, previous: before.updateID,
      bids: Self.levels(before.bids, now.bids), asks: Self.levels(before.asks, now.asks))
  }

  /// Levels that are other than before, and the best one in any case.
  private static func levels(
    _ before: [BookLevel], _ now: [BookLevel]
  ) -> [(price: Price, quantity: Quantity)] {
    var old: [Price: Quantity] = [:]
    for level in before { old[level.price] = level.quantity }
    var changed: [(price: Price, quantity: Quantity)] = []
    for (place, level) in now.enumerated() {
      if place == 0 || old[level.price] != level.quantity {
        changed.append((level.price, level.quantity))
      }
      old[level.price] = nil
    }
    for level in before where old[level.price] != nil { changed.append((level.price, .zero)) }
    return changed
  }
}
