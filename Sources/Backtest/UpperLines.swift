import FixedPoint
import Trading

/// base + slope × x.
struct Line {
  let base: Notional
  let slope: Quantity

  func value(at x: Price) -> Notional { base + x.notional(of: slope) }
}

/// The highest of a growing set of lines, at places that are known beforehand (Li Chao's tree).
struct UpperLines {
  private let places: [Price]
  private let rank: [Int]
  private var lines: [Line?]

  /// - Parameter positions: in any order; asked for by index.
  init(at positions: [Price]) {
    let order = positions.indices.sorted { (positions[$0], $0) < (positions[$1], $1) }
    places = order.map { positions[$0] }
    var rank = [Int](repeating: 0, count: positions.count)
    for (place, index) in order.enumerated() { rank[index] = place }
    self.rank = rank
    lines = [Line?](repeating: nil, count: 4 * max(1, positions.count))
  }

  mutating func insert(_ line: Line) {
    var new = line
    var (node, low, high) = (1, 0, places.count)
    while low < high {
      guard let old = lines[node] else {
        lines[node] = new
        return
      }
      let middle = (low + high) / 2
      if new.value(at: places[middle]) > old.value(at: places[middle]) {
        lines[node] = new
        new = old
      }
      guard let kept = lines[node], high - low > 1 else { return }
      // The loser can still win on the side where its slope helps.
      if new.slope > kept.slope {
        (node, low) = (2 * node + 1, middle)
      } else {
        (node, high) = (2 * node, middle)
      }
    }
  }

  /// The highest value at a position; nil before the first line.
  func top(at index: Int) -> Notional? {
    let target = rank[index]
    var best: Notional?
    var (node, low, high) = (1, 0, places.count)
    while low < high {
      if let line = lines[node] {
        let value = line.value(at: places[target])
        best = best.map { max($0, value) } ?? value
      }
      let middle = (low + high) / 2
      guard high - low > 1 else { break }
      if target < middle {
        (node, high) = (2 * node, middle)
      } else {
        (node, low) = (2 * node + 1, middle)
      }
    }
    return best
  }
}
